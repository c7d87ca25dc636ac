"""The promise: at every moment, also after a failure, each origin that a viewer may be sent to is there and answers.

Every move between two settings runs on the genuine engine, and the promise is checked after each single operation. Then
each operation that could break it fails once; the update is run again, and, from the same failure, taken back.
"""

import re
from collections.abc import Callable, Iterator
from itertools import product

import pytest
from engine.arrangement import EDGE_TYPES
from engine.conftest import Tally
from engine.double.cloud import Operation
from engine.double.faults import How
from engine.edges import DISTRIBUTION, FUNCTION
from engine.needs import SERVICE, named_by_nobody, needs, unordered
from engine.recovering import recover
from engine.walk import (
    BALANCERS,
    CLOSED,
    FRONT_DOORS,
    NATS,
    SETTINGS,
    SITES,
    TRANSITIONS,
    Build,
    Walker,
    breaks_of,
    builds,
    one_at_a_time,
    settings_of,
    transitions_of,
    walker,
)

from components._waits import POLL_SECONDS

pytestmark = pytest.mark.needs_cli

LONGEST_REQUEST = 29
EVERY_WAY = [(number, *each) for number in range(len(builds())) for each in transitions_of(number)]
A_FEW = [
    ("serverless None", "container None"),
    ("container None", "serverless None"),
    ("serverless None", "serverless 30"),
    ("serverless 30", "container None"),
]


@pytest.fixture(scope="module")
def walkers() -> Iterator[Callable[[int], Walker]]:
    with one_at_a_time(lambda number: walker(builds()[number])) as get:
        yield get


@pytest.fixture(scope="module")
def everywhere(request: pytest.FixtureRequest, walkers: Callable[[int], Walker]) -> Walker:
    return walkers(request.param)


@pytest.fixture(scope="module")
def a_few() -> Iterator[Walker]:
    with walker(
        Build("httpApi", "internal", "none", "no site"), *sorted({each for pair in A_FEW for each in pair})
    ) as it:
        yield it


def test_the_builds_have_every_two_choices_together():
    found = {(each.front_door, each.balancer, each.site) for each in builds()}
    by_nat = {
        (each.nat, choice) for each in builds() for choice in (each.front_door, each.balancer.split()[0], each.site)
    }
    assert {(front_door, balancer) for front_door, balancer, _ in found} == set(product(FRONT_DOORS, BALANCERS))
    assert {(balancer, site) for _, balancer, site in found} == set(product(BALANCERS, SITES))
    assert {(front_door, site) for front_door, _, site in found} == set(product(FRONT_DOORS, SITES))
    assert by_nat == set(product(NATS, (*FRONT_DOORS, "internal", "public", *SITES)))


def test_every_transition_is_walked_with_every_front_door_balancer_and_kind_of_nat():
    assert len(TRANSITIONS) == len(SETTINGS) * (len(SETTINGS) - 1) == 72
    walked: dict[tuple[str, str], set[str]] = {}
    for number, build in enumerate(builds()):
        for each in transitions_of(number):
            walked.setdefault(each, set()).update((build.front_door, build.balancer.split()[0], build.nat))
    assert all(found == {*FRONT_DOORS, "internal", "public", *NATS} for found in walked.values())
    assert set(walked) == set(TRANSITIONS)


def walk(walker: Walker, before: str, after: str) -> list[Operation]:
    """Move between two settings, all going well. What happens on the way, in order."""
    walker.start_at(before)
    walker.set(after)
    moved = walker.up().must_succeed()
    walker.must_be_at(after)
    assert walker.bench.cloud.refusals == []
    assert {each.type for each in walker.edges.changes} <= EDGE_TYPES, "something else changes what can be picked"
    assert walker.up().must_succeed().changes == []
    return list(moved.operations)


@pytest.mark.parametrize(("before", "after"), A_FEW, ids=str)
def test_viewers_are_only_ever_sent_where_an_answer_comes_from(a_few: Walker, before: str, after: str, tally: Tally):
    walk(a_few, before, after)
    tally("transitions", 1)


@pytest.mark.engine_all
@pytest.mark.parametrize(("everywhere", "before", "after"), EVERY_WAY, indirect=["everywhere"], ids=str)
def test_so_it_is_between_any_two_settings_however_the_stack_is_built(
    everywhere: Walker, before: str, after: str, tally: Tally
):
    walk(everywhere, before, after)
    tally("transitions", 1)


# What comes late

_NAT = "aws:ec2/natGateway:NatGateway"
WAYS_OUT = {
    "none": "aws:ec2/internetGateway:InternetGateway",
    "endpoints": "aws:ec2/vpcEndpoint:VpcEndpoint",
    "instance": "aws:ec2/instance:Instance",
    **dict.fromkeys(("single", "perZone", "regional"), _NAT),
}
"""What no task starts without, by the kind of NAT."""


def must_be_ordered(walker: Walker) -> None:
    """Wherever the stack is, nothing has begun before what it can't do without, whatever the timing was."""
    for each in walker.moments.values():
        walker.bench.return_to(each)
        assert unordered(walker.bench.cloud, walker.bench.state()) == []


def test_nothing_begins_before_what_it_cannot_do_without(a_few: Walker):
    must_be_ordered(a_few)


@pytest.mark.parametrize(
    ("what", "need"),
    [
        ("container", "container-start-policy"),
        ("container", "container-task-policy"),
        ("container", "container-vpc-public-ipv4"),
        ("serverless-api-route", "serverless-api-invoke"),
        ("cdn", "serverless-api-stage"),
    ],
)
def test_what_nobody_waits_for_is_seen(a_few: Walker, what: str, need: str):
    a_few.bench.return_to(a_few.moments["serverless 30"])
    forgetful = [
        {**each, "dependencies": [one for one in each.get("dependencies", ()) if not one.endswith(f"::{need}")]}
        for each in a_few.bench.state()
    ]
    assert f"{what} does not wait for {need}" in unordered(a_few.bench.cloud, forgetful)


@pytest.mark.engine_all
@pytest.mark.parametrize("everywhere", range(len(builds())), indirect=True)
def test_nor_does_it_however_the_stack_is_built(everywhere: Walker):
    must_be_ordered(everywhere)
    everywhere.bench.return_to(everywhere.moments["container None"])
    needed = {need.type for thing, need in needs(everywhere.bench.cloud) if thing.type == SERVICE}
    assert WAYS_OUT[everywhere.build.nat] in needed


@pytest.mark.engine_all
def test_whatever_comes_last_when_all_takes_its_time_is_waited_for():
    """Each in its turn, of what the engine can't know by itself to be needed."""
    with walker(Build("httpApi", "internal", "none", "no site"), "none", "serverless 30") as stack:
        for each in named_by_nobody(stack.bench.cloud):
            stack.start_at("none")
            stack.set("serverless 30")
            stack.bench.cloud.faults.slow("create .*", 0.01)
            stack.bench.cloud.faults.come_last(f"^create {re.escape(each.urn)}$")
            stack.up().must_succeed()
            assert stack.bench.cloud.refusals == []


# What goes wrong on the way

TOUCHES_THE_EDGE = (
    "aws:cloudfront/",
    "aws:lambda/permission:Permission",
    "random:index/randomId:RandomId",
)
"""The function, the store and its value, the epoch, the VPC origin, the distribution, and permissions."""
HALVES = ("switchyard:index:Serverless$", "switchyard:index:Container$")
EVERY_BREAK = [(number, *each) for number in range(len(builds())) for each in breaks_of(number)]


def test_every_transition_is_broken_once_and_every_build_has_its_share():
    assert sorted((before, after) for _, before, after in EVERY_BREAK) == sorted(TRANSITIONS)
    shares = [len(breaks_of(number)) for number in range(len(builds()))]
    assert min(shares) >= 5
    (protected,) = (number for number, each in enumerate(builds()) if each.protect)
    assert not CLOSED & {*breaks_of(protected), *(each[::-1] for each in breaks_of(protected))}


def breakable(operations: list[Operation]) -> list[tuple[str, How]]:
    """What to let go wrong, and how: each operation at the edge, the first and the last of each half."""
    chosen = [each for each in operations if each.type.startswith(TOUCHES_THE_EDGE)]
    for half in HALVES:
        within = [each for each in operations if half in each.urn]
        chosen += [within[0], within[-1]] if within else []
    named = {f"^{each.kind} {re.escape(each.urn)}$": each for each in chosen}
    # A distribution that is changed, but doesn't say in time that it is deployed.
    slow = [name for name, each in named.items() if each.type == DISTRIBUTION and each.kind == "update"]
    # A function that is updated, and then not published.
    halves = [name for name, each in named.items() if each.type == FUNCTION and each.kind != "delete"]
    return [
        *((name, "refused") for name in named),
        *((name, "unready") for name in slow),
        *((name, "unpublished") for name in halves),
    ]


def break_and_mend(walker: Walker, before: str, after: str, operation: str, how: How) -> None:
    """One operation fails on the way; then the update is run again, and from the same failure also taken back."""
    walker.start_at(before)
    walker.set(after)
    fault = walker.bench.cloud.faults.strike(operation, how, times=1)
    assert not walker.up().ok
    assert fault.struck == 1
    broken, seen = walker.bench.moment(), walker.edges

    for wanted in (after, before):
        walker.bench.return_to(broken)
        walker.watch(seen.copy())
        walker.set(wanted)
        took = recover(walker, wanted)
        if how == "unpublished" and wanted == after:
            assert took == ["publish"]
        elif how == "unpublished" and operation.startswith("^update"):
            assert took == ["refresh"]  # the state has the version from before, with which AWS takes no other update
        else:
            assert took == []


def break_all(walker: Walker, before: str, after: str, tally: Tally) -> None:
    """Every operation that matters fails, one at a time."""
    for operation, how in breakable(walk(walker, before, after)):
        tally("faults injected", 1)
        break_and_mend(walker, before, after, operation, how)
        tally("survived", 1)


@pytest.mark.parametrize(("before", "after"), A_FEW[:1], ids=str)
def test_a_failure_leaves_viewers_alone_and_the_next_update_or_the_way_back_ends_well(
    a_few: Walker, before: str, after: str, tally: Tally
):
    for operation, how in breakable(walk(a_few, before, after)):
        if "cdn" in operation:
            tally("faults injected", 1)
            break_and_mend(a_few, before, after, operation, how)
            tally("survived", 1)


@pytest.mark.engine_all
@pytest.mark.parametrize(("before", "after"), [A_FEW[0], A_FEW[2]], ids=str)
def test_a_distribution_that_still_deploys_is_waited_for_although_a_refresh_finds_nothing_to_update(
    a_few: Walker, before: str, after: str, tally: Tally
):
    a_few.start_at(before)
    a_few.set(after)
    a_few.bench.cloud.faults.strike("update .*Distribution::cdn$", "unready", times=1)
    assert not a_few.up().ok
    tally("faults injected", 1)
    again = a_few.bench.up("--refresh").must_succeed()
    assert a_few.edges.problems == []
    assert "update cdn" not in again.changes
    assert again.waits == (POLL_SECONDS, LONGEST_REQUEST)
    a_few.must_be_at(after)
    tally("survived", 1)


@pytest.mark.engine_all
@pytest.mark.parametrize(("everywhere", "before", "after"), EVERY_BREAK, indirect=["everywhere"], ids=str)
def test_so_does_every_failure_between_any_two_settings(everywhere: Walker, before: str, after: str, tally: Tally):
    break_all(everywhere, before, after, tally)


@pytest.mark.engine_all
@pytest.mark.parametrize("everywhere", [0, 1], indirect=True)
@pytest.mark.parametrize("serving", ["serverless None", "container None", "serverless 30"])
def test_the_secret_that_the_distribution_sends_is_accepted_at_every_moment_of_a_rotation(
    everywhere: Walker, serving: str, tally: Tally
):
    everywhere.start_at(serving)
    for generation in (2, 3):
        everywhere.bench.set(*everywhere.build.overrides, *settings_of(serving), f"originSecret={generation}")
        assert everywhere.up().must_succeed().done("create") == [f"origin-secret-{generation}"]
    assert everywhere.up().must_succeed().changes == []
    tally("transitions", 2)
