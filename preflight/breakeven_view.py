"""The terminal view of a break-even."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from rich.console import RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from preflight.breakeven import CPU_SPAN, PEAK_SPAN, Breakeven
from preflight.cost_view import assumed, quantity, title, usd
from preflight.usage import Workload

_ROWS = tuple(Decimal(10) ** n * m for n in range(10) for m in (1, 3))


def breakeven_parts(found: Breakeven, workload: Workload, notes: Sequence[str] = ()) -> Iterator[RenderableType]:
    """Where the topologies cost the same, how far that moves, and a table."""
    yield Rule(title(found.stack, None), align="left", style="cyan")
    yield Text(where_equal(found), style="bold")
    yield Text(how_sure(found))
    yield Text(
        f"Uncertain are the CPU of a request, {CPU_SPAN[0]} to {CPU_SPAN[-1]} times the {quantity(workload.cpu_ms)} ms "
        f"assumed, and the tasks kept for peaks, {PEAK_SPAN[0]} to {PEAK_SPAN[-1]} times what the mean load takes "
        f"({quantity(workload.peak_factor)} assumed). Measure both before you decide.\n{assumed(workload)}",
        style="dim",
    )
    for note in notes:
        yield Text(f"! {note}", style="yellow")
    yield ""
    yield _table(found)
    if found.capacity is not None and found.capacity < found.requests[-1]:
        yield Text(
            f"* above {many(found.capacity)} requests a month the load takes more tasks than container.maxTasks "
            "allows: it is the cost of as many as it takes",
            style="yellow",
        )


def where_equal(found: Breakeven) -> str:
    """Where the topologies cost the same, in a sentence."""
    if not found.crossings:
        return f"They do not cost the same at any load {_range_of(found)}: {found.cheaper_at_rest} costs less."
    changes = "; ".join(f"from {many(each.requests)} requests a month, {each.cheaper} does" for each in found.crossings)
    return f"At rest {found.cheaper_at_rest} costs less; {changes}."


def how_sure(found: Breakeven) -> str:
    """How far that may move, in a sentence."""
    if found.span is None:
        return "Nor do they anywhere within what is uncertain."
    first, last = found.span
    if not found.crossings:
        return f"Within what is uncertain they may, from {many(first)} upwards."
    if last is None:
        return f"It may be anywhere from {many(first)} upwards, or nowhere {_range_of(found)}."
    if many(first) == many(last):
        return "It stays there whatever is uncertain."
    return f"It may be anywhere from {many(first)} to {many(last)}."


def _range_of(found: Breakeven) -> str:
    return f"up to {many(found.requests[-1])}"


def many(number: Decimal) -> str:
    """`2.4 million`, `950,000`: a number of requests."""
    for size, word in ((10**9, "billion"), (10**6, "million")):
        if number >= size:
            return f"{number / size:.1f} {word}"
    return quantity(number.quantize(Decimal(1)))


def _amount(amount: Decimal, most_with_cents: int) -> str:
    return usd(amount) if amount < most_with_cents else f"{amount:,.0f}"


def _range(low: Decimal, high: Decimal) -> str:
    """Empty where both ends read the same."""
    most_with_cents = 100 if high < 100 else 0
    first, last = (_amount(each, most_with_cents) for each in (low, high))
    return "" if first == last else f"{first}-{last}"


def _table(found: Breakeven) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
    table.add_column("requests", justify="right", header_style="dim", no_wrap=True)
    for topology in found.curves:
        table.add_column(topology, justify="right", header_style="dim")
        table.add_column("range", justify="right", header_style="dim", style="dim")
    table.add_column("cheaper", header_style="dim")
    for n in found.shown:
        at = found.requests[n]
        if at not in _ROWS and n not in (found.shown[0], found.shown[-1]):
            continue
        cells = []
        for curve in found.curves.values():
            cells += [_amount(curve.expected[n], 10_000), _range(curve.low[n], curve.high[n])]
        cheaper = min(found.curves, key=lambda topology: found.curves[topology].expected[n])
        is_beyond = found.capacity is not None and at > found.capacity
        table.add_row(many(at), *cells, Text(f"{cheaper}{' *' if is_beyond else ''}", "green"))
    return table
