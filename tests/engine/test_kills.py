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
from engine.walk import Build, Walker, walker

pytestmark = pytest.mark.needs_cli

SERVICE, BALANCER = "aws:ecs/service:Service", "aws:lb/loadBalancer:LoadBalancer"
VPC_ORIGIN, CLUSTER = "aws:cloudfront/vpcOrigin:VpcOrigin", "aws:ecs/cluster:Cluster"
LAMBDA, ALIAS = "aws:lambda/function:Function", "aws:lambda/alias:Alias"
API, PERMISSION = "aws:apigatewayv2/api:Api", "aws:lambda/permission:Permission"
STORE = "aws:cloudfront/keyValueStore:KeyValueStore"

TO_CONTAINER = ("serverless None", "container None")
TO_SERVERLESS = ("container None", "serverless None")
EXPAND = ("serverless None", "serverless 30")
CONTRACT = ("serverless 30", "container None")

INSIDE = [
    (TO_CONTAINER, "create", BALANCER),
    (TO_CONTAINER, "create", SERVICE),
    (TO_CONTAINER, "create", VPC_ORIGIN),
    (TO_CONTAINER, "update", DISTRIBUTION),
    (TO_CONTAINER, "delete", API),
    (TO_SERVERLESS, "create", ALIAS),
    (TO_SERVERLESS, "create", PERMISSION),
    (TO_SERVERLESS, "delete", SERVICE),
    (EXPAND, "update", FUNCTION),
    (EXPAND, "create", STORED),
    (CONTRACT, "update", FUNCTION),
    (CONTRACT, "delete", STORED),
]
"""While AWS does it: it is done, and nobody hears of it."""
BETWEEN = [
    (TO_CONTAINER, "update", DISTRIBUTION),
    (TO_CONTAINER, "delete", LAMBDA),
    (TO_SERVERLESS, "create", LAMBDA),
    (TO_SERVERLESS, "delete", CLUSTER),
    (EXPAND, "create", STORE),
    (CONTRACT, "update", DISTRIBUTION),
]
"""Before AWS is asked for it; all that came before has been written down."""
WAITS = [(CONTRACT, 60), (TO_CONTAINER, 29)]
"""While the program waits for so many seconds."""
START_AND_END = dict.fromkeys((*TO_CONTAINER, *EXPAND))
BUILD = Build("httpApi", "internal", "none", "no site")


def a_few_by_default(points: list, *fast: int) -> list:
    """The points as parameters; all but a few are only for the long run."""
    return [
        pytest.param(*each, marks=() if number in fast else pytest.mark.engine_all, id=" ".join(map(str, each)))
        for number, each in enumerate(points)
    ]


@pytest.fixture(scope="module")
def stack() -> Iterator[Walker]:
    with walker(BUILD, *START_AND_END) as found:
        yield found


def inside(walker: Walker, kind: str, type_: str, kill: Callable[[], None]) -> None:
    def watch(operation, _cloud):
        if operation.kind == kind and operation.type == type_ and operation.end is None:
            kill()

    walker.bench.cloud.watchers.append(watch)


def between(walker: Walker, kind: str, type_: str, kill: Callable[[], None]) -> None:
    walker.bench.cloud.faults.strike(f"^{kind} .*{re.escape(type_)}::", times=1, then=kill)


def while_waiting(walker: Walker, seconds: float, kill: Callable[[], None]) -> None:
    walker.bench.host.on_wait.append(lambda waited: kill() if waited == seconds else None)


def die(walker: Walker, transition: tuple[str, str], arrange: Callable[[Callable[[], None]], None]) -> Outcome:
    """Begin the transition, and kill the engine when the time has come."""
    before, after = transition
    walker.start_at(before)
    walker.set(after)
    running: list[Running] = []
    arrange(lambda: running[0].kill())  # noqa: PLW0108 - it is not running yet
    running.append(walker.bench.start("up", "--parallel", "1"))
    died = running[0].wait()
    assert died.code < 0, died.output
    assert walker.edges.problems == []
    del walker.bench.cloud.watchers[1:], walker.bench.host.on_wait[1:]
    return died


def orphans(walker: Walker) -> list[Thing]:
    """What is in the cloud and not in the state, as one finds it in the console by its tags."""
    known = {each.get("id") for each in walker.bench.state()}
    return [each for each in walker.bench.cloud.things.values() if each.id not in known]


def must_recover(walker: Walker, wanted: str) -> list[str]:
    """Do what the README says, and end where it was meant to end. Returns the names of the orphans on the way."""
    bench = walker.bench
    assert "locked" in bench.up().output
    bench.cancel()
    creating = {each["resource"]["urn"] for each in bench.pending() if each["type"] == "creating"}
    left = orphans(walker)
    assert {each.urn for each in left} <= creating

    again = walker.up()
    if again.ok:
        beside = [f"{each.type} {each.name}" for each in orphans(walker)]
        assert walker.inventory() == sorted([*walker.inventories[wanted], *beside])
    else:  # there is no second one of that name; whatever refuses it, it is an orphan that is in the way
        assert any("interrupted while creating" in again.output and each.urn in again.output for each in left)
        assert {each.partition(":")[0] for each in bench.cloud.refusals} == {f"create {each.name}" for each in left}

    for each in orphans(walker):
        bench.cloud.remove(each)
    bench.refresh("--clear-pending-creates").must_succeed()
    walker.arrive(wanted)
    assert walker.up().must_succeed().changes == []
    return [each.name for each in left]


@pytest.mark.parametrize(("transition", "kind", "type_"), a_few_by_default(INSIDE, 1))
def test_the_engine_dies_while_aws_works(stack: Walker, transition, kind, type_, tally: Tally):
    die(stack, transition, lambda kill: inside(stack, kind, type_, kill))
    tally("faults injected", 1)
    left = must_recover(stack, transition[1])
    assert bool(left) == (kind == "create")
    tally("survived", 1)


@pytest.mark.parametrize(("transition", "kind", "type_"), a_few_by_default(BETWEEN))
def test_the_engine_dies_between_two_operations(stack: Walker, transition, kind, type_, tally: Tally):
    die(stack, transition, lambda kill: between(stack, kind, type_, kill))
    tally("faults injected", 1)
    assert must_recover(stack, transition[1]) == []
    tally("survived", 1)


@pytest.mark.parametrize(("transition", "seconds"), a_few_by_default(WAITS))
def test_the_engine_dies_while_the_program_waits(stack: Walker, transition, seconds, tally: Tally):
    die(stack, transition, lambda kill: while_waiting(stack, seconds, kill))
    tally("faults injected", 1)
    assert must_recover(stack, transition[1]) == []
    tally("survived", 1)
