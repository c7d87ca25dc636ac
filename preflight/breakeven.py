"""Break-even: at how many requests a month two ways to run the same service cost the same, if at any.

Costs are functions of requests; what they are made of is the estimator's affair. The curves have kinks (free tiers,
tiers of prices, whole tasks), so every crossing on a grid is looked for, not one.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from itertools import pairwise, product

from preflight.usage import Workload

Cost = Callable[[Decimal], Decimal]
"""USD a month for so many requests a month."""

FEWEST, MOST = Decimal(10**4), Decimal(2 * 10**9)
"""From the fewest on, costs are compared closely; crossings are looked for from none at all to the most."""
STEPS = tuple(map(Decimal, ("1", "1.3", "1.8", "2.4", "3", "4.2", "5.6", "7.5")))
"""Points of a decade, about evenly on a log axis. Two crossings between the same two hide each other."""
_FEW = tuple(map(Decimal, (0, 1, 3, 10, 30, 100, 300, 1000, 3000)))
_CLOSE = Decimal("0.0005")
_HALF = Decimal("0.5")

CPU_SPAN = tuple(map(Decimal, ("0.5", "1", "2", "4")))
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
class Case:
    """One of the things that may turn out, and where the curves cross then."""

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
    cases: tuple[Case, ...]
    capacity: Decimal | None = None
    """Requests a month above which the load takes more tasks than the container may start; None: no limit is known."""

    @property
    def shown(self) -> range:
        """The points worth a look: from FEWEST on, or from below the first crossing."""
        start = min([FEWEST, *(each.requests for each in self.crossings)])
        return range(max(1, bisect_right(self.requests, start) - 1), len(self.requests))

    @property
    def span(self) -> tuple[Decimal, Decimal | None] | None:
        """Fewest and most requests at which the curves may cross; None for the most if they may not cross at all."""
        found = [each.requests for case in self.cases for each in case.crossings]
        if not found:
            return None
        return min(found), max(found) if all(case.crossings for case in self.cases) else None


def grid() -> tuple[Decimal, ...]:
    """Requests a month to compare at: none, a few, then about evenly on a log axis up to the most."""
    decades = (FEWEST * 10**n for n in range(MOST.adjusted() - FEWEST.adjusted() + 1))
    points = (decade * step for decade in decades for step in STEPS)
    return (*_FEW, *(point for point in points if point < MOST), MOST)


def crossings(first: tuple[str, Cost], second: tuple[str, Cost], requests: tuple[Decimal, ...]) -> tuple[Crossing, ...]:
    """Where the cheaper one changes, in ascending order, to within 0.05 percent or half a request.

    Equal costs are no change.
    """

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
    while right - left > max(right * _CLOSE, _HALF):
        middle = (left * right).sqrt() if left else right / 2
        if (lead(middle) > 0) == is_ahead:
            left = middle
        else:
            right = middle
    return (left + right) / 2


def cases(workload: Workload) -> list[Workload]:
    """The workload with CPU time and peak at what they may turn out to be; as it is, it is one of them."""
    likely = (
        replace(workload, cpu_ms=workload.cpu_ms * cpu, peak_factor=max(workload.peak_factor, peak))
        for cpu, peak in product(CPU_SPAN, PEAK_SPAN)
    )
    return list(dict.fromkeys(likely))


def breakeven(
    stack: str,
    workload: Workload,
    costs: Mapping[str, Callable[[Workload], Decimal]],
    requests: tuple[Decimal, ...],
    capacity: Decimal | None = None,
) -> Breakeven:
    """Compare two topologies, each given as its cost for a workload."""

    @cache
    def priced(topology: str, assumed: Workload) -> Decimal:
        return costs[topology](assumed)

    def cost(topology: str, assumed: Workload) -> Cost:
        return lambda many: priced(topology, replace(assumed, requests=many))

    def crossed(assumed: Workload) -> tuple[Crossing, ...]:
        first, second = ((topology, cost(topology, assumed)) for topology in costs)
        return crossings(first, second, requests)

    likely = cases(workload)
    curves = {}
    for topology in costs:
        spans = [[cost(topology, case)(many) for case in likely] for many in requests]
        curves[topology] = Curve(
            expected=tuple(cost(topology, workload)(many) for many in requests),
            low=tuple(map(min, spans)),
            high=tuple(map(max, spans)),
        )
    expected = {topology: curve.expected for topology, curve in curves.items()}
    apart = next((n for n, amounts in enumerate(zip(*expected.values(), strict=True)) if len(set(amounts)) > 1), 0)
    return Breakeven(
        stack=stack,
        requests=requests,
        curves=curves,
        cheaper_at_rest=min(costs, key=lambda topology: expected[topology][apart]),
        crossings=crossed(workload),
        cases=tuple(Case(cpu_ms=case.cpu_ms, peak_factor=case.peak_factor, crossings=crossed(case)) for case in likely),
        capacity=capacity,
    )
