"""Break-even: crossings of made-up curves, and the documented figure from the code that prices a stack."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from costs import REGION, priced
from hypothesis import given, settings
from hypothesis import strategies as st
from stacks import recorded

from preflight import prices
from preflight.breakeven import (
    CPU_SPAN,
    FEWEST,
    MOST,
    PEAK_SPAN,
    STEPS,
    breakeven,
    cases,
    crossings,
    grid,
)
from preflight.cost.graph import Graph
from preflight.cost.tasks import capacity
from preflight.cost_document import breakeven_document
from preflight.usage import Usage, Workload

SHARED = (
    "serverless.memoryMb=512",
    "container.cpu=256",
    "container.memoryMb=1024",
    "container.minTasks=1",
    "container.spot=false",
    "container.scaling.cpuPercent=50",
    "container.loadBalancer=internal",
    "network.nat=none",
    "network.flowLogs=false",
    "waf.mode=block",
)
MANY = Workload(duration_ms=Decimal(50))


def line(rest: int, each: str):
    return lambda requests: Decimal(rest) + requests * Decimal(each)


def found(first, second) -> list[tuple[int, str]]:
    return [(round(each.requests), each.cheaper) for each in crossings(("a", first), ("b", second), grid())]


def cost(topology: str, *overrides: str, free_tier: bool = True):
    """One topology's cost for a workload, as the command makes it."""
    recording = recorded("dev", *SHARED, *overrides, f"topology={topology}")
    return lambda workload: priced(recording, usage=Usage(workload=workload), free_tier=free_tier).total


def first_crossing(workload: Workload = MANY, *, free_tier: bool = True, **overrides: str) -> float | None:
    """Millions of requests where the container becomes the cheaper one; None for never. Overrides by topology."""
    serverless, container = (
        cost(each, *filter(None, overrides.get(each, "").split()), free_tier=free_tier)
        for each in ("serverless", "container")
    )
    changes = crossings(
        ("serverless", lambda many: serverless(replace(workload, requests=many))),
        ("container", lambda many: container(replace(workload, requests=many))),
        grid(),
    )
    return float(changes[0].requests) / 1e6 if changes else None


def both() -> dict:
    return {each: cost(each) for each in ("serverless", "container")}


def test_the_documented_case_breaks_even_at_24_5_million_requests_a_month():
    assert first_crossing() == pytest.approx(24.5, rel=0.02)


@pytest.mark.parametrize(
    ("workload", "millions"),
    [
        ({"cpu_ms": Decimal(4)}, 24.5),
        ({"cpu_ms": Decimal(15)}, 26.2),
        ({"response_kb": Decimal(1)}, 22.2),
        ({"response_kb": Decimal(100)}, 45.2),
        ({"response_kb": Decimal(600)}, None),
    ],
)
def test_the_documented_sensitivities_come_out_too(workload, millions):
    crossing = first_crossing(replace(MANY, **workload))
    assert crossing == (pytest.approx(millions, rel=0.03) if millions else None)


def test_without_the_free_tier_it_comes_earlier():
    assert first_crossing(free_tier=False) == pytest.approx(20.5, rel=0.03)


def test_without_an_autoscaler_a_peak_of_two_times_moves_it_out():
    workload = replace(MANY, peak_factor=Decimal(2))
    assert first_crossing(workload, container="container.maxTasks=1") == pytest.approx(33.2, rel=0.03)


def test_the_closed_form_agrees_with_the_solver():
    fixed = Decimal(730) * (Decimal("0.0225") + Decimal("0.005")) + Decimal(730) * (
        Decimal("0.25") * Decimal("0.03238") + Decimal("0.00356")
    )
    free = Decimal("0.20") + Decimal(400_000) * Decimal("0.0000133334")
    serverless = Decimal("0.0000002") + Decimal("0.054") / 2 * Decimal("0.0000133334") + Decimal("0.000001")
    container = Decimal(22) / 2**20 * Decimal("0.008")
    assert float((fixed + free) / (serverless - container)) / 1e6 == pytest.approx(first_crossing(), rel=0.005)


def test_the_stacks_own_settings_move_it():
    ours = first_crossing()
    assert first_crossing(container="container.minTasks=2") > ours
    assert first_crossing(container="network.nat=single") > ours
    assert first_crossing(container="container.spot=true") < ours
    assert first_crossing(serverless="serverless.memoryMb=1024") < ours
    assert first_crossing(serverless="serverless.frontDoor=functionUrl service.clientsHashBodies=true") > ours


def test_a_crossing_of_two_straight_lines_is_where_they_meet():
    assert found(line(0, "0.00001"), line(100, "0.000001")) == [(pytest.approx(100 / 0.000009, rel=0.0005), "b")]


@pytest.mark.parametrize("at", [0.4, 7, 5_000, 9_999])
def test_a_crossing_below_what_the_table_shows_is_found_too(at):
    few = (line(0, "1"), lambda _: Decimal(str(at)))
    assert found(*few) == [(pytest.approx(at, rel=0.001, abs=1), "b")]
    compared = breakeven(
        "dev", Workload(), dict(zip("ab", (lambda w, f=f: f(w.requests) for f in few), strict=True)), grid()
    )
    assert compared.cheaper_at_rest == "a"
    assert compared.requests[compared.shown[0]] <= max(at, 1)


def test_which_is_cheaper_at_rest_is_told_by_the_first_difference():
    even = {"a": lambda workload: max(workload.requests, Decimal(5)), "b": lambda _: Decimal(5)}
    compared = breakeven("dev", Workload(), even, grid())
    assert (compared.cheaper_at_rest, compared.crossings) == ("b", ())


def test_lines_that_never_meet_have_no_crossing():
    assert found(line(0, "0.000001"), line(5, "0.000002")) == []
    assert found(line(3, "0"), line(3, "0")) == []


def test_all_crossings_are_found_in_order():
    stairs = lambda requests: Decimal(10 if requests < 1_000_000 else 300)  # noqa: E731
    assert found(stairs, line(50, "0.00001")) == [
        (pytest.approx(1_000_000, rel=0.001), "b"),
        (pytest.approx(25_000_000, rel=0.001), "a"),
    ]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 1000), st.integers(0, 1000), st.integers(1, 1000))
def test_on_both_sides_of_a_crossing_the_other_one_is_cheaper(rest_a, slope_a, rest_b, slope_b):
    a, b = line(rest_a, f"{slope_a}e-6"), line(rest_b, f"{slope_b}e-6")
    for crossing in crossings(("a", a), ("b", b), grid()):
        before, after = crossing.requests * Decimal("0.99"), crossing.requests * Decimal("1.01")
        cheaper, other = (a, b) if crossing.cheaper == "a" else (b, a)
        assert cheaper(after) <= other(after)
        assert other(before) <= cheaper(before)


def test_the_grid_begins_with_nothing_and_ascends_evenly_to_the_most():
    points = grid()
    assert (points[0], points[-1]) == (0, MOST)
    assert list(points) == sorted(set(points))
    close = points[points.index(FEWEST) :]
    assert max(right / left for left, right in pairwise(close)) < Decimal("1.5")
    assert close[: len(STEPS)] == tuple(FEWEST * step for step in STEPS)


def test_the_cases_are_all_of_cpu_time_and_peak_and_what_is_assumed_is_one():
    found = {(each.cpu_ms, each.peak_factor) for each in cases(Workload())}
    assert found == {(8 * cpu, peak) for cpu in CPU_SPAN for peak in PEAK_SPAN}
    high = cases(Workload(peak_factor=Decimal(9)))
    assert [each.peak_factor for each in high] == [9] * len(CPU_SPAN)
    assert Workload() in cases(Workload())
    assert Workload(peak_factor=Decimal(9)) in high


def test_the_band_holds_the_curve_and_every_case():
    compared = breakeven("dev", MANY, both(), grid()[::8])
    for topology, curve in compared.curves.items():
        for n, many in enumerate(compared.requests):
            assert curve.low[n] <= curve.expected[n] <= curve.high[n]
            for case in cases(MANY):
                assert curve.low[n] <= both()[topology](replace(case, requests=many)) <= curve.high[n]


def test_cpu_time_and_peak_decide_and_may_leave_no_break_even_at_all():
    compared = breakeven("dev", replace(MANY, duration_ms=None), both(), grid())
    assert compared.cheaper_at_rest == "serverless"
    assert [each.cheaper for each in compared.crossings] == ["container"]
    assert () in [case.crossings for case in compared.cases]
    first, last = compared.span
    assert first <= compared.crossings[0].requests
    assert last is None


@pytest.mark.parametrize(
    ("each", "span"),
    [
        (lambda workload: workload.cpu_ms, (pytest.approx(4, abs=1), pytest.approx(32, abs=1))),
        (lambda workload: workload.cpu_ms if workload.cpu_ms < 30 else 10**10, (pytest.approx(4, abs=1), None)),
        (lambda workload: 10**10, None),
    ],
)
def test_the_span_has_both_ends_unless_the_curves_may_never_cross(each, span):
    compared = breakeven("dev", Workload(), {"a": lambda workload: workload.requests, "b": each}, grid())
    assert compared.span == span


def test_the_capacity_is_where_the_load_takes_more_tasks_than_the_stack_allows():
    recording = recorded("dev", *SHARED, "topology=container")  # at most 2 tasks of a quarter vCPU held at 50 percent
    found = capacity(Graph(recording, REGION, Usage(), prices.load()))
    assert found == 2 * Decimal("0.25") * Decimal("0.5") * 1000 / 8 * 3600 * 730
    assert priced(recording, int(found)).notes == ()
    assert priced(recording, int(found) + 10**6).notes != ()
    assert capacity(Graph(recorded("dev"), REGION, Usage(), prices.load())) is None


def test_the_document_has_points_and_crossings_as_plain_numbers():
    costs_ = {"serverless": lambda workload: workload.requests / 10**6, "container": lambda _: Decimal(20)}
    document = breakeven_document(breakeven("dev", Workload(), costs_, grid(), Decimal(10**8)))
    assert document["crossings"] == [{"requests": pytest.approx(20e6, rel=0.001), "cheaper": "container"}]
    assert document["cheaperAtRest"] == "serverless"
    assert len(document["points"]) == len(grid())
    assert (document["lookedUpTo"], document["capacity"]) == (2 * 10**9, 10**8)
    at_10k = document["points"][grid().index(FEWEST)]
    assert at_10k == {
        "requests": 10000,
        "serverless": {"expected": 0.01, "low": 0.01, "high": 0.01},
        "container": {"expected": 20.0, "low": 20.0, "high": 20.0},
    }
    assert len(document["cases"]) == len(CPU_SPAN) * len(PEAK_SPAN)
