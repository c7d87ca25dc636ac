"""Amounts and durations as a person reads them."""

from decimal import Decimal

from preflight.breakeven import Breakeven
from preflight.cost_view import quantity, usd


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


def unit_price(price: Decimal) -> str:
    """A price without trailing zeros: `0.0225`."""
    text = f"{price:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def many(number: Decimal) -> str:
    """`2.4 million`, `950,000`: a number of requests."""
    for size, word in ((10**9, "billion"), (10**6, "million")):
        if number >= size:
            return f"{number / size:.1f} {word}"
    return quantity(number.quantize(Decimal(1)))


def where_equal(found: Breakeven) -> str:
    """Where the topologies cost the same, in a sentence."""
    if not found.crossings:
        return f"{found.cheaper_at_rest} costs less at any load."
    changes = "; ".join(f"{each.cheaper} from {many(each.requests)} requests a month" for each in found.crossings)
    return f"{found.cheaper_at_rest} costs less at rest, {changes}."
