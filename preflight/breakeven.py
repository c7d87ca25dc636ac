"""Break-even: at how many requests a month two ways to run the same service cost the same, if at any.

Costs are functions of requests; what they are made of is the estimator's affair. The curves have kinks (free tiers,
tiers of prices, whole tasks), so every crossing on a grid is looked for, not one.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise, product
from typing import Any

from preflight.usage import Workload

Cost = Callable[[Decimal], Decimal]
"""USD a month for so many requests a month."""

FEWEST, MOST = Decimal(10**4), Decimal(2 * 10**9)
"""Between them crossings are looked for; none below the most is reported as none."""
STEPS = tuple(map(Decimal, ("1", "1.3", "1.8", "2.4", "3", "4.2", "5.6", "7.5")))
"""Points of a decade, about evenly on a log axis. Two crossings between the same two hide each other."""
_CLOSE = Decimal("1.0005")

CPU_SPAN = (Decimal("0.5"), Decimal(4))
"""CPU time of a request, as a multiple of what is assumed: nobody knows it before it is measured."""
PEAK_SPAN = (Decimal(1), Decimal(4))
"""Tasks provisioned over what the mean load needs: 1 follows the load exactly, 4 is ready for a peak of four times."""


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """From this many requests a month on, `cheaper` costs less."""

    requests: Decimal
    cheaper: str


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One topology's cost at each of the break-even's points: as assumed, and what the band spans."""

    expected: tuple[Decimal, ...]
    low: tuple[Decimal, ...]
    high: tuple[Decimal, ...]


@dataclass(frozen=True, kw_only=True)
class Corner:
    """One extreme of what is uncertain, and where the curves cross then."""

    cpu_ms: Decimal
    peak_factor: Decimal
    crossings: tuple[Crossing, ...]


@dataclass(frozen=True, kw_only=True)
class Breakeven:
    """Two curves over requests a month, and where they cross."""

    stack: str
    requests: tuple[Decimal, ...]
    curves: Mapping[str, Curve]
    """By topology."""
    cheaper_at_rest: str
    crossings: tuple[Crossing, ...]
    corners: tuple[Corner, ...]


def grid() -> tuple[Decimal, ...]:
    """Requests a month to compare at: about evenly on a log axis, with both ends."""
    decades = (FEWEST * 10**n for n in range(MOST.adjusted() - FEWEST.adjusted() + 1))
    points = (decade * step for decade in decades for step in STEPS)
    return (*(point for point in points if point < MOST), MOST)


def crossings(first: tuple[str, Cost], second: tuple[str, Cost], requests: tuple[Decimal, ...]) -> tuple[Crossing, ...]:
    """Where the cheaper one changes, in ascending order, to within 0.05 percent. Equal costs are no change."""

    def lead(at: Decimal) -> Decimal:
        return second[1](at) - first[1](at)

    found = []
    leads = [(at, lead(at)) for at in requests]
    apart = [(at, by) for at, by in leads if by != 0]
    for (left, by), (right, other) in pairwise(apart):
        if (by > 0) != (other > 0):
            cheaper = first[0] if other > 0 else second[0]
            found.append(Crossing(requests=_bisect(lead, left, right), cheaper=cheaper))
    return tuple(found)


def _bisect(lead: Cost, left: Decimal, right: Decimal) -> Decimal:
    is_ahead = lead(left) > 0
    while right / left > _CLOSE:
        middle = (left * right).sqrt()
        if (lead(middle) > 0) == is_ahead:
            left = middle
        else:
            right = middle
    return (left * right).sqrt()


def corners(workload: Workload) -> Iterator[Workload]:
    """The workload with CPU time and peak at each end of what they may be."""
    for cpu, peak in product(CPU_SPAN, PEAK_SPAN):
        yield replace(workload, cpu_ms=workload.cpu_ms * cpu, peak_factor=max(workload.peak_factor, peak))


def breakeven(
    stack: str, workload: Workload, costs: Mapping[str, Callable[[Workload], Decimal]], requests: tuple[Decimal, ...]
) -> Breakeven:
    """Compare two topologies, each given as its cost for a workload."""

    def at(topology: str, assumed: Workload) -> tuple[str, Cost]:
        known: dict[Decimal, Decimal] = {}

        def cost(many: Decimal) -> Decimal:
            if many not in known:
                known[many] = costs[topology](replace(assumed, requests=many))
            return known[many]

        return topology, cost

    first, second = costs
    expected = {topology: at(topology, workload) for topology in costs}
    extremes = [(each, {topology: at(topology, each) for topology in costs}) for each in corners(workload)]
    curves = {}
    for topology in costs:
        spans = [[cost[topology][1](many) for _, cost in extremes] for many in requests]
        middle = tuple(expected[topology][1](many) for many in requests)
        curves[topology] = Curve(
            expected=middle,
            low=tuple(min(middle[n], *span) for n, span in enumerate(spans)),
            high=tuple(max(middle[n], *span) for n, span in enumerate(spans)),
        )
    return Breakeven(
        stack=stack,
        requests=requests,
        curves=curves,
        cheaper_at_rest=min(costs, key=lambda topology: expected[topology][1](Decimal(0))),
        crossings=crossings(expected[first], expected[second], requests),
        corners=tuple(
            Corner(
                cpu_ms=each.cpu_ms,
                peak_factor=each.peak_factor,
                crossings=crossings(cost[first], cost[second], requests),
            )
            for each, cost in extremes
        ),
    )


def breakeven_document(found: Breakeven) -> dict[str, Any]:
    """The `breakeven` part of a stack's JSON document."""
    return {
        "currency": "USD",
        "cheaperAtRest": found.cheaper_at_rest,
        "crossings": [_crossing(each) for each in found.crossings],
        "corners": [
            {
                "cpuMs": float(each.cpu_ms),
                "peakFactor": float(each.peak_factor),
                "crossings": [_crossing(crossing) for crossing in each.crossings],
            }
            for each in found.corners
        ],
        "points": [
            {
                "requests": int(many),
                **{
                    topology: {
                        "expected": float(curve.expected[n]),
                        "low": float(curve.low[n]),
                        "high": float(curve.high[n]),
                    }
                    for topology, curve in found.curves.items()
                },
            }
            for n, many in enumerate(found.requests)
        ],
    }


def _crossing(crossing: Crossing) -> dict[str, Any]:
    return {"requests": round(crossing.requests), "cheaper": crossing.cheaper}
