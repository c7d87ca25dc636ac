"""Words: amounts, durations, findings and changes as a person reads them."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from preflight.breakeven_view import how_sure, many, where_equal
from preflight.cost.difference import LineChange
from preflight.cost_view import quantity, usd
from preflight.difference import KINDS, Change, Kind
from preflight.durations import Duration
from preflight.timeline import Timeline
from preflight.values import value

__all__ = ["how_sure", "many", "quantity", "usd", "where_equal"]  # the terminal's own words, for the template

Finding = Mapping[str, Any]


def change_of(amount: Decimal) -> str:
    """A change in USD, with its sign: `+35.90`, `-0.05`, `0.00`."""
    text = usd(abs(amount))
    if text == usd(Decimal(0)):
        return text
    return f"{'+' if amount > 0 else '-'}{text}"


def duration(seconds: float) -> str:
    """`45 s`, `9 min`, `1 h 20 min`: as exact as an estimate deserves."""
    if seconds < 60:
        return f"{round(seconds)} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def span(found: Duration | Timeline) -> str:
    """`3 to 15 min`: from the shortest to the longest likely."""
    low, high = (found.low, found.high) if isinstance(found, Duration) else (found.low_seconds, found.high_seconds)
    shortest, longest = duration(low), duration(high)
    if shortest == longest:
        return longest
    (number, _, unit), (_, _, other) = shortest.partition(" "), longest.partition(" ")
    return f"{number if unit == other else shortest} to {longest}"


@dataclass(frozen=True, kw_only=True)
class Cited:
    """A source, and the kinds of resources whose times are from it."""

    kinds: tuple[str, ...]
    says: str
    url: str


def sources(timeline: Timeline) -> list[Cited]:
    """Where a timeline's durations come from."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for step in timeline.steps:
        kind = "waits" if step.action == "wait" else f"{step.kind} ({step.action})"
        found.setdefault((step.source.says, step.source.url), {})[kind] = None
    return [Cited(kinds=tuple(sorted(kinds)), says=says, url=url) for (says, url), kinds in sorted(found.items())]


def counts(changes: Iterable[Change]) -> list[tuple[Kind, int]]:
    """How many of each kind, the gravest first."""
    found = Counter(each.kind for each in changes)
    return [(kind, found[kind]) for kind in KINDS if found[kind]]


def is_worth_a_line(change: LineChange) -> bool:
    """Whether it shows at two digits behind the point."""
    return usd(abs(change.change)) != usd(Decimal(0))


def standing(findings: Sequence[Finding]) -> list[Finding]:
    """Those that nobody has waived."""
    return [each for each in findings if not each["waived"]]


def waived(findings: Sequence[Finding]) -> list[Finding]:
    """Those that somebody has, with a reason."""
    return [each for each in findings if each["waived"]]


def reason(waiver: Any) -> str:
    """Why a finding is waived: the waiver's own words."""
    return str(waiver.get("reason", "")) if isinstance(waiver, Mapping) else str(waiver)


def output(what: Any) -> str:
    """An output's whole value, secrets in words."""
    return what if isinstance(what, str) else value(what) if isinstance(what, dict) else json.dumps(what)


def unit_price(price: Decimal) -> str:
    """A price without trailing zeros: `0.0225`."""
    text = f"{price:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
