"""Advice: what would make a stack cheaper. Each lever is tried: the stack is recorded again with it, and priced."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from preflight.cost.estimate import Estimate
from preflight.levers import Lever, levers
from preflight.recording import Recording
from preflight.usage import Usage
from settings import Settings

_WORTH_SAYING = Decimal("0.005")


@dataclass(frozen=True, kw_only=True)
class Saving:
    """What a lever saves, USD a month."""

    lever: Lever
    saving: Decimal
    is_least: bool = False
    """Whether it also saves on something that has no price here."""


@dataclass(frozen=True, kw_only=True)
class Advice:
    """The levers that save, the largest saving first, and the others with the reason."""

    now: Decimal
    savings: tuple[Saving, ...]
    unknown: tuple[tuple[Lever, str], ...]
    """Those of which nobody can say whether they save: a price is missing."""
    refused: tuple[tuple[Lever, str], ...]
    """Those that this stack can't pull."""


class RefusedError(Exception):
    """The stack can't be recorded with a lever's settings; the message says why."""


Record = Callable[[tuple[str, ...]], Recording]
"""The stack with these settings changed. Raises RefusedError."""
Price = Callable[[Recording, Usage], Estimate]


def advise(recording: Recording, settings: Settings, usage: Usage, record: Record, price: Price) -> Advice:
    """Try every lever that fits these settings, each by itself."""
    now = price(recording, usage)
    savings, unknown, refused = [], [], []
    for lever in levers(settings, recording):
        try:
            changed = record(lever.overrides) if lever.overrides else recording
        except RefusedError as error:
            refused.append((lever, str(error)))
            continue
        changed = lever.recording(changed) if lever.recording else changed
        then = price(changed, lever.usage(usage) if lever.usage else usage)
        saving = now.total - then.total
        more, less = _unpriced(now, then)
        if more or (less and saving < _WORTH_SAYING):
            unknown.append((lever, f"no price of {', '.join(sorted(more | less))}"))
        elif saving >= _WORTH_SAYING:
            savings.append(Saving(lever=lever, saving=saving, is_least=bool(less)))
    savings.sort(key=lambda each: (-each.saving, each.lever.title))
    return Advice(now=now.total, savings=tuple(savings), unknown=tuple(unknown), refused=tuple(refused))


def _unpriced(now: Estimate, then: Estimate) -> tuple[set[str], set[str]]:
    """Of what has no price, that of which there would be more, and that of which there would be less."""
    before, after = _missing(now), _missing(then)
    more = {what for what in after if after[what] > before.get(what, 0)}
    less = {what for what in before if before[what] > after.get(what, 0)}
    return more, less


def _missing(found: Estimate) -> dict[str, Decimal]:
    quantities: dict[str, Decimal] = {}
    for gap in found.unpriced:
        what = gap.price or gap.what
        quantities[what] = quantities.get(what, Decimal(0)) + gap.quantity
    return quantities
