"""The engine dies on the way, at a moment that a test chooses; `pulumi cancel` and another update put things right.

What AWS was just creating when the engine died is nobody's then: an orphan, which the state knows of only as an
operation that was under way. It does no harm to viewers, and it is all that may be left over.
"""

import re
from collections.abc import Callable, Iterator

import pytest
from engine.bench import Outcome, Running
from engine.conftest import Tally
from engine.double.cloud import Thing
from engine.edges import DISTRIBUTION, FUNCTION, STORED
from engine.recovering import publish_as_told
from engine.walk import Build, Walker, one_at_a_time, walker

pytestmark = pytest.mark.needs_cli

SERVICE, BALANCER = "aws:ecs/service:Service", "aws:lb/loadBalancer:LoadBalancer"
VPC_ORIGIN, CLUSTER = "aws:cloudfront/vpcOrigin:VpcOrigin", "aws:ecs/cluster:Cluster"
LAMBDA, ALIAS = "aws:lambda/function:Function", "aws:lambda/alias:Alias"
URL, PERMISSION = "aws:lambda/functionUrl:FunctionUrl", "aws:lambda/permission:Permission"
STORE = "aws:cloudfront/keyValueStore:KeyValueStore"

BUILDS = {
    "plain": Build("httpApi", "internal", "none", "no site"),
    "other": Build("functionUrl", "public", "instance", "site"),
}
FIRST = {"plain": "serverless None", "other": "none"}
"""Where each stack begins. It goes to other settings as they are needed."""

TO_CONTAINER = ("plain", "serverless None", "container None")
TO_SERVERLESS = ("plain", "container None", "serverless None")
EXPAND = ("plain", "serverless None", "serverless 30")
CONTRACT = ("plain", "serverless 30", "container None")
FROM_NONE = ("other", "none", "serverless 30")
FLIP = ("other", "serverless 30", "container 30")
"""Of the active half and of the share: 30 % of viewers on the container before, 70 % after."""
ALONE = ("other", "container 30", "container None")
TO_NONE = ("other", "container None", "none")

ON, BACK = False, True
"""Whether the settings are set back before the next update."""
INSIDE = [
    (*TO_CONTAINER, ON, "create", BALANCER),
    (*TO_CONTAINER, ON, "create", SERVICE),
    (*TO_CONTAINER, ON, "create", VPC_ORIGIN),
    (*TO_CONTAINER, BACK, "update", DISTRIBUTION),
    (*TO_SERVERLESS, ON, "create", ALIAS),
    (*TO_SERVERLESS, ON, "create", PERMISSION),
    (*EXPAND, ON, "create", STORED),
    (*CONTRACT, ON, "update", FUNCTION),
    (*FROM_NONE, ON, "create", URL),
    (*FLIP, BACK, "update", DISTRIBUTION),
    (*FLIP, BACK, "update", STORED),
    (*ALONE, ON, "delete", STORED),
    (*TO_NONE, ON, "delete", SERVICE),
]
"""While AWS does it: it is done, and nobody hears of it."""
BETWEEN = [
    (*TO_CONTAINER, ON, "delete", LAMBDA),
    (*EXPAND, BACK, "create", STORE),
    (*CONTRACT, BACK, "update", DISTRIBUTION),
    (*FROM_NONE, BACK, "update", DISTRIBUTION),
    (*TO_NONE, ON, "delete", CLUSTER),
]
"""Before AWS is asked for it; all that came before has been written down."""
WAITS = [(*CONTRACT, ON, 60), (*FLIP, BACK, 29)]
"""While the program waits for so many seconds."""
INTERRUPTS = [
    (*TO_CONTAINER, ON, "update", DISTRIBUTION),
    (*CONTRACT, BACK, "update", FUNCTION),
    (*FLIP, BACK, "update", STORED),
    (*TO_NONE, ON, "delete", SERVICE),
]
"""Ctrl-C while AWS does it."""
HALF_WAY = [(*CONTRACT, ON), (*CONTRACT, BACK)]
"""When the function is updated, and is yet to be published."""
PLACE = ("stack", "before", "after", "back")


def a_few_by_default(points: list, *fast: int) -> list:
    """The points as parameters; all but a few are only for the long run."""
    return [
        pytest.param(*each, marks=() if number in fast else pytest.mark.engine_all, id=" ".join(map(str, each)))
        for number, each in enumerate(points)
    ]


def test_the_engine_is_killed_at_twenty_points():
    assert len([*INSIDE, *BETWEEN, *WAITS]) == 20


@pytest.fixture(scope="module")
def walkers() -> Iterator[Callable[[str], Walker]]:
    with one_at_a_time(lambda build: walker(BUILDS[build], FIRST[build], checkpoints=True)) as get:
        yield get


@pytest.fixture(scope="module")
def stack(request: pytest.FixtureRequest, walkers: Callable[[str], Walker]) -> Walker:
    return walkers(request.param)


def inside(walker: Walker, kind: str, type_: str, stop: Callable[[], None]) -> None:
    def watch(operation, _cloud):
        if operation.kind == kind and operation.type == type_ and operation.end is None:
            stop()

    walker.bench.cloud.watchers.append(watch)


def between(walker: Walker, kind: str, type_: str, stop: Callable[[], None]) -> None:
    walker.bench.cloud.faults.strike(f"^{kind} .*{re.escape(type_)}::", times=1, then=stop)


def unpublished(walker: Walker, stop: Callable[[], None]) -> None:
    walker.bench.cloud.faults.strike(f"^update .*{re.escape(FUNCTION)}::", "unpublished", times=1, then=stop)


def while_waiting(walker: Walker, seconds: float, stop: Callable[[], None]) -> None:
    walker.bench.host.on_wait.append(lambda waited: stop() if waited == seconds else None)


def stop(
    walker: Walker,
    before: str,
    after: str,
    arrange: Callable[[Callable[[], None]], None],
    how: Callable[[Running], None] = Running.kill,
) -> Outcome:
    """Begin the transition, and stop the engine when the time has come."""
    for each in (before, after):
        if each not in walker.moments:
            walker.bench.return_to(next(iter(walker.moments.values())))
            walker.visit(each)
    walker.start_at(before)
    walker.set(after)
    running: list[Running] = []
    arrange(lambda: how(running[0]))
    running.append(walker.bench.start("up", "--parallel", "1"))
    stopped = running[0].wait()
    assert not stopped.ok, stopped.output
    assert walker.edges.problems == []
    del walker.bench.cloud.watchers[1:], walker.bench.host.on_wait[1:]
    return stopped


def orphans(walker: Walker) -> list[Thing]:
    """What is in the cloud and not in the state, as one finds it in the console by its tags."""
    known = {each.get("id") for each in walker.bench.state()}
    return [each for each in walker.bench.cloud.things.values() if each.id not in known]


def must_recover(walker: Walker, wanted: str, *, back: bool) -> list[str]:
    """Do what the README says, and end where it was meant to end. Returns the names of the orphans on the way."""
    bench = walker.bench
    assert "locked" in bench.up().output
    bench.cancel()
    creating = {each["resource"]["urn"] for each in bench.pending() if each["type"] == "creating"}
    left = orphans(walker)
    assert {each.urn for each in left} <= creating

    walker.set(wanted)
    again = walker.up()
    # The state takes what was interrupted for not begun; and AWS takes no update that was planned without that.
    if back or "PreconditionFailed" in again.output:
        assert again.ok or "pulumi up --refresh" in again.output or "PreconditionFailed" in again.output
        again = walker.up("--refresh")
        if "aws cloudfront publish-function" in again.output:
            publish_as_told(bench.cloud, again.output)
            again = walker.up()
        again.must_succeed()
    if again.ok:
        beside = [f"{each.type} {each.name}" for each in orphans(walker)]
        assert walker.inventory() == sorted([*walker.inventories[wanted], *beside])
    else:  # there is no second one of that name; whatever refuses it, it is an orphan that is in the way
        assert any("interrupted while creating" in again.output and each.urn in again.output for each in left)
        assert {each.partition(":")[0] for each in bench.cloud.refusals} == {f"create {each.name}" for each in left}

    if bench.pending():
        for each in orphans(walker):
            bench.cloud.remove(each)
        bench.refresh("--clear-pending-creates").must_succeed()
        walker.up().must_succeed()
    walker.must_be_at(wanted)
    assert walker.up().must_succeed().changes == []
    return [each.name for each in left]


@pytest.mark.parametrize((*PLACE, "kind", "type_"), a_few_by_default(INSIDE, 1), indirect=["stack"])
def test_the_engine_dies_while_aws_works(stack: Walker, before, after, back, kind, type_, tally: Tally):
    stop(stack, before, after, lambda kill: inside(stack, kind, type_, kill))
    tally("faults injected", 1)
    left = must_recover(stack, before if back else after, back=back)
    assert bool(left) == (kind == "create")
    tally("survived", 1)


@pytest.mark.parametrize(PLACE, a_few_by_default(HALF_WAY), indirect=["stack"])
def test_the_engine_dies_before_the_function_is_published(stack: Walker, before, after, back, tally: Tally):
    stop(stack, before, after, lambda kill: unpublished(stack, kill))
    tally("faults injected", 1)
    assert must_recover(stack, before if back else after, back=back) == []
    tally("survived", 1)


@pytest.mark.parametrize((*PLACE, "kind", "type_"), a_few_by_default(BETWEEN), indirect=["stack"])
def test_the_engine_dies_between_two_operations(stack: Walker, before, after, back, kind, type_, tally: Tally):
    stop(stack, before, after, lambda kill: between(stack, kind, type_, kill))
    tally("faults injected", 1)
    assert must_recover(stack, before if back else after, back=back) == []
    tally("survived", 1)


@pytest.mark.parametrize((*PLACE, "seconds"), a_few_by_default(WAITS), indirect=["stack"])
def test_the_engine_dies_while_the_program_waits(stack: Walker, before, after, back, seconds, tally: Tally):
    stop(stack, before, after, lambda kill: while_waiting(stack, seconds, kill))
    tally("faults injected", 1)
    assert must_recover(stack, before if back else after, back=back) == []
    tally("survived", 1)


@pytest.mark.parametrize((*PLACE, "kind", "type_"), a_few_by_default(INTERRUPTS), indirect=["stack"])
def test_an_update_that_a_person_stops_leaves_nothing_to_clear_up(
    stack: Walker, before, after, back, kind, type_, tally: Tally
):
    stop(stack, before, after, lambda ctrl_c: lingering(stack, kind, type_, ctrl_c), Running.interrupt)
    tally("faults injected", 1)
    stack.bench.cloud.faults.clear()
    assert stack.bench.pending() == []
    wanted = before if back else after
    stack.set(wanted)
    stack.arrive(wanted)
    assert stack.up().must_succeed().changes == []
    tally("survived", 1)


def lingering(walker: Walker, kind: str, type_: str, stop: Callable[[], None]) -> None:
    """Inside an operation that takes long enough for the engine to hear of it."""
    walker.bench.cloud.faults.slow(f"^{kind} .*{re.escape(type_)}::", 1)
    inside(walker, kind, type_, stop)
