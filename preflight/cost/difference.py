"""What a change costs: two estimates, line by line."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from preflight.cost.estimate import Estimate
from preflight.cost.meter import FREE_TIER


@dataclass(frozen=True, kw_only=True)
class LineChange:
    """One thing of one resource, before and after; 0 where it is not there."""

    urn: str
    what: str
    unit: str
    quantity_before: Decimal
    quantity_after: Decimal
    before: Decimal
    """USD a month."""
    after: Decimal
    """USD a month."""

    @property
    def change(self) -> Decimal:
        """USD a month; negative for a saving."""
        return self.after - self.before


def difference(
    before: Estimate, after: Estimate, old_urns: Mapping[str, str] = MappingProxyType({})
) -> tuple[LineChange, ...]:
    """The lines whose amount or quantity differs, the largest change first.

    Their changes sum to the difference of the totals. Tiers and the free tier of one thing are one line here; what is
    free and stays free is left out. Resources are told apart by what follows the stack's name in their URN, so two
    stacks can be compared too. `old_urns` are the URNs before of those that an alias carries over, by the URN now.
    """
    old, new = _by_thing(before, {}), _by_thing(after, old_urns)
    changes = []
    for key in {**old, **new}:
        (quantity_before, amount_before), (quantity_after, amount_after) = old[key], new[key]
        if (quantity_before, amount_before) == (quantity_after, amount_after) or not (
            amount_before or amount_after or key.unit != "resource"
        ):
            continue
        changes.append(
            LineChange(
                urn=new.urns.get(key) or old.urns[key],
                what=key.what,
                unit=key.unit,
                quantity_before=quantity_before,
                quantity_after=quantity_after,
                before=amount_before,
                after=amount_after,
            )
        )
    return tuple(sorted(changes, key=lambda each: (-abs(each.change), each.urn, each.what)))


@dataclass(frozen=True)
class _Thing:
    resource: str
    what: str
    unit: str


class _Amounts(defaultdict[_Thing, tuple[Decimal, Decimal]]):
    def __init__(self) -> None:
        super().__init__(lambda: (Decimal(0), Decimal(0)))
        self.urns: dict[_Thing, str] = {}


def _by_thing(estimate: Estimate, old_urns: Mapping[str, str]) -> _Amounts:
    found = _Amounts()
    for line in estimate.lines:
        thing = _Thing(
            old_urns.get(line.urn, line.urn).partition("::")[2],  # without `urn:pulumi:<stack>`
            line.what.removesuffix(f", {FREE_TIER}"),
            line.unit,
        )
        quantity, amount = found[thing]
        found[thing] = (quantity + line.quantity, amount + line.monthly)
        found.urns[thing] = line.urn
    return found
