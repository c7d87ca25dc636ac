"""How long a switch takes, with AWS's typical durations played by the cloud, at a pace that can be waited for.

The engine decides what runs beside what. It can't be faster than the critical path that preflight draws.
"""

import re
from collections.abc import Callable, Iterator, Sequence

import pytest
from engine.bench import Outcome
from engine.double.cloud import Operation
from engine.edges import DISTRIBUTION
from engine.walk import Build, Walker, walker

from preflight.recording import Recording
from preflight.schedule import update
from preflight.timeline import update_timeline

pytestmark = [pytest.mark.needs_cli, pytest.mark.engine_all]

PACE = 1 / 20
"""Seconds that pass for each of AWS's."""
QUICK = ("serverless None", "container None")
CAUTIOUS = (
    "serverless None",
    "serverless 0",
    "serverless 30",
    "serverless 50",
    "container 50",
    "container 0",
    QUICK[1],
)
DELETE_FIRST = ("serverless None", "none", "container None")


@pytest.fixture(scope="module")
def stack() -> Iterator[Walker]:
    names = dict.fromkeys((*QUICK, *CAUTIOUS, *DELETE_FIRST))
    with walker(Build("httpApi", "internal", "none", "no site"), *names) as found:
        found.bench.host.pace = PACE
        yield found


def move(walker: Walker, before: Recording, after: str) -> tuple[Recording, Outcome, float]:
    """One update at AWS's pace: the plan it leads to, its outcome, and how long preflight says it takes."""
    walker.set(after)
    plan = walker.bench.plan()
    faults = walker.bench.cloud.faults
    faults.clear()
    for task in update(before, plan).values():
        faults.slow(f"^{task.action} {re.escape(task.resource.urn)}$", task.duration.typical * PACE)
    return plan, walker.bench.up().must_succeed(), update_timeline(before, plan).typical_seconds


def travel(walker: Walker, names: Sequence[str]) -> tuple[float, float, list[Operation]]:
    """AWS's seconds from the first to the last setting, as they passed and as preflight says, and what was done."""
    walker.start_at(names[0])
    walker.set(names[0])
    plan, passed, said, operations = walker.bench.plan(), 0.0, 0.0, []
    for name in names[1:]:
        plan, outcome, typical = move(walker, plan, name)
        done = outcome.operations
        passed += (max(each.end or 0 for each in done) - min(each.begin for each in done)) / PACE
        said += typical
        operations += done
    return passed, said, operations


WAYS = {"quick": QUICK, "cautious": CAUTIOUS, "deleting first": DELETE_FIRST}


@pytest.mark.parametrize("way", WAYS)
def test_no_way_to_switch_is_faster_than_its_critical_path(stack: Walker, way: str, figure: Callable[[str], None]):
    passed, said, operations = travel(stack, WAYS[way])
    silent = without_a_distribution(operations) / PACE
    figure(f"switch, {way}: {passed:.0f} s on the engine, {said:.0f} s by preflight, {silent:.0f} s without any origin")
    assert passed >= said * 0.97
    assert stack.edges.problems == []
    assert (silent > 0) == (way == "deleting first")


def without_a_distribution(operations: list[Operation]) -> float:
    """Seconds from when it began to go until it was back; 0 if it never went."""
    gone = [each.begin for each in operations if (each.type, each.kind) == (DISTRIBUTION, "delete")]
    back = [each.end or 0 for each in operations if (each.type, each.kind) == (DISTRIBUTION, "create")]
    return max(back) - min(gone) if gone else 0.0
