"""The lines of an estimate as a reader wants them: by resource, the dearest first, what is free on its own."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from preflight.cost.estimate import Estimate
from preflight.cost.meter import Line
from preflight.cost.rule import FREE

_LEAST_SHOWN = Decimal("0.005")


@dataclass(frozen=True, kw_only=True)
class CostGroup:
    """What one resource costs a month."""

    name: str
    total: Decimal
    lines: tuple[Line, ...]


def cost_groups(found: Estimate) -> list[CostGroup]:
    """The resources that cost at least half a cent a month, each with its lines."""
    by_urn: dict[str, list[Line]] = {}
    for line in found.lines:
        if line.monthly >= _LEAST_SHOWN:
            by_urn.setdefault(line.urn, []).append(line)
    groups = [
        CostGroup(
            name=urn.rpartition("::")[2],
            total=sum((line.monthly for line in lines), Decimal(0)),
            lines=tuple(lines),
        )
        for urn, lines in by_urn.items()
    ]
    return sorted(groups, key=lambda each: (-each.total, each.name))


def free_lines(found: Estimate) -> list[str]:
    """What costs nothing here, each with how often: free for good, or paid for by a use that is not counted."""
    said = Counter(
        line.what.removeprefix(f"{FREE}: ") for line in found.lines if line.monthly < _LEAST_SHOWN and line.what
    )
    return [f"{what} x{count}" if count > 1 else what for what, count in said.items()]
