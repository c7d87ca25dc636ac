"""The terminal views of costs: an estimate, what would be cheaper, a break-even."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from preflight.advice import Advice
from preflight.breakeven import CPU_SPAN, PEAK_SPAN, Breakeven, Crossing
from preflight.cost.estimate import Estimate, Gap
from preflight.cost.meter import Line
from preflight.cost.rule import FREE
from preflight.prices import LONGEST_AGE, Price
from preflight.usage import Workload

_CENT = Decimal("0.01")
_TABLE_AT = tuple(Decimal(10) ** n * m for n in range(4, 10) for m in (1, 3))


def print_parts(parts: Iterator[RenderableType], console: Console) -> None:
    """Print without the blanks that rich fills every line up with."""
    with console.capture() as captured:
        for part in parts:
            console.print(part)
    console.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def usd(amount: Decimal) -> str:
    """To the cent, half a cent up."""
    return f"{amount.quantize(_CENT, ROUND_HALF_UP):,}"


def quantity(number: Decimal) -> str:
    """A quantity as a person reads it: three digits behind the point at most, no trailing zeros."""
    text = f"{round(number, 3 if number < 1000 else 0):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def estimate_parts(found: Estimate, workload: Workload, topology: str | None, today: date, *, free_tier: bool):
    """One stack's costs: what is paid for by resource, the total, its range, and what is not in it."""
    yield Rule(_title(found.stack, topology), align="left", style="cyan")
    yield Text(
        f"{found.region}, {quantity(found.hours)} hours, {quantity(workload.requests)} requests a month, "
        f"list prices without taxes, free tier {'counted' if free_tier else 'not counted'}",
        style="dim",
    )
    yield ""
    yield _lines(found)
    if usd(found.least) != usd(found.total):
        yield Text(f"at least {usd(found.least)}, with Spot at its best", style="dim")
    if usd(found.most) != usd(found.total):
        yield Text(
            f"at most {usd(found.most)}, with every task the autoscaler may start, none at a discount", style="dim"
        )
    for note in found.notes:
        yield Text(f"! {note}", style="yellow")
    idle = Counter(line.what for line in found.lines if not line.quantity)
    if idle:
        yield from _section("Paid for by use, of which nothing is counted", _list(idle))
    free = Counter(line.what.removeprefix(f"{FREE}: ") for line in found.lines if line.unit == "resource")
    if free:
        yield from _section("Free", _list(free))
    if found.unpriced:
        yield from _section("Not in the total", _gaps(found.unpriced, found.region))
    doubts = list(_doubts(found, today))
    if doubts:
        yield from _section("Doubtful prices", Group(*doubts))


def _title(stack: str, topology: str | None) -> Text:
    title = Text(stack, style="bold cyan")
    return title.append(f"  {topology}", style="bold") if topology else title


def _section(title: str, body: RenderableType) -> Iterator[RenderableType]:
    yield ""
    yield Text(title, style="bold")
    yield Padding(body, (0, 0, 0, 2))


def _lines(found: Estimate) -> Table:
    """By resource, the dearest first; what comes to less than a cent in one row."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(overflow="fold")
    table.add_column(justify="right", overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    table.add_row(Text("resource", "dim"), Text("quantity x price", "dim"), Text("USD", "dim"))
    by_urn: dict[str, list[Line]] = {}
    for line in found.lines:
        if line.quantity and line.unit != "resource":
            by_urn.setdefault(line.urn, []).append(line)
    small: list[Line] = []
    for urn, lines in sorted(by_urn.items(), key=lambda item: -sum(line.monthly for line in item[1])):
        shown = [line for line in lines if line.monthly >= _CENT / 2]
        small += [line for line in lines if line.monthly < _CENT / 2]
        for number, line in enumerate(shown):
            if not number:
                table.add_row(Text(urn.rpartition("::")[2], "bold"), "", "")
            each = f"{quantity(line.quantity)} {line.unit} x {_price(line.price)}"
            table.add_row(Text(f"  {line.what}"), Text(each, "dim"), Text(usd(line.monthly), "cyan"))
    if small:
        names = ", ".join(dict.fromkeys(line.what for line in small))
        table.add_row(Text(f"under a cent each: {names}", "dim"), "", usd(sum((x.monthly for x in small), Decimal(0))))
    table.add_row(Text("total a month", "bold"), "", Text(usd(found.total), "bold green"))
    return table


def _price(price: Decimal) -> str:
    text = f"{price:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _list(counts: Counter[str]) -> Text:
    return Text("; ".join(f"{name} x{n}" if n > 1 else name for name, n in counts.items()), style="dim")


def _gaps(gaps: Sequence[Gap], region: str) -> Group:
    rows = Counter((gap.what, gap.reason) for gap in gaps)
    texts = [Text(f"{what}{f' x{n}' if n > 1 else ''}: {reason}") for (what, reason), n in rows.items()]
    if any(gap.price for gap in gaps):
        texts.append(Text(f'Ask AWS for the prices: make prices ARGS="--region {region}"', style="bold"))
    return Group(*texts)


def _doubts(found: Estimate, today: date) -> Iterator[Text]:
    old, guessed = found.old_prices(today), found.guessed_prices()
    if old:
        yield Text(f"older than {LONGEST_AGE.days} days, or undated: {_names(old)}", style="yellow")
    if guessed:
        yield Text(f"from memory, no source: {_names(guessed)}", style="yellow")
    if old or guessed:
        yield Text(f'Ask AWS for them: make prices ARGS="--region {found.region}"', style="bold")


def _names(prices: Sequence[Price]) -> str:
    return ", ".join(f"{each.id} ({each.date})" if each.date else each.id for each in prices)


def advice_parts(found: Advice) -> Iterator[RenderableType]:
    """What would cost less, the largest saving first, with what is lost by it."""
    if found.savings:
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(justify="right", no_wrap=True)
        table.add_column(overflow="fold", ratio=2)
        table.add_column(overflow="fold", ratio=3)
        table.add_row(Text("saves", "dim"), Text("with", "dim"), Text("and loses", "dim"))
        for each in found.savings:
            table.add_row(Text(usd(each.saving), "green"), Text(each.lever.title), Text(each.lever.lost, "dim"))
        body: RenderableType = table
    else:
        body = Text("nothing that is known here would cost less", style="dim")
    yield from _section(f"Cheaper than {usd(found.now)} a month, each by itself", body)
    if found.refused:
        rows = [Text(f"{lever.title}: {reason}", style="dim") for lever, reason in found.refused]
        yield from _section("Not possible here", Group(*rows))


def breakeven_parts(found: Breakeven, workload: Workload) -> Iterator[RenderableType]:
    """Where the topologies cost the same, how far that moves, and a table."""
    yield Rule(_title(found.stack, None), align="left", style="cyan")
    yield Text(_where(found.crossings, found.cheaper_at_rest), style="bold")
    moved = [each for corner in found.corners for each in corner.crossings]
    if moved:
        low, high = min(each.requests for each in moved), max(each.requests for each in moved)
        never = any(not corner.crossings for corner in found.corners)
        yield Text(f"It may be anywhere from {_short(low)} to {_short(high)}{', or nowhere' if never else ''}:")
    yield Text(
        f"assumed are {quantity(workload.cpu_ms)} ms of CPU per request and tasks for {quantity(workload.peak_factor)} "
        f"times the mean load;\nthe range is CPU x {CPU_SPAN[0]} to {CPU_SPAN[1]} and tasks for {PEAK_SPAN[0]} to "
        f"{PEAK_SPAN[1]} times. Measure both before you decide.",
        style="dim",
    )
    yield ""
    yield _breakeven_table(found)


def _where(crossings: Sequence[Crossing], at_rest: str) -> str:
    if not crossings:
        return f"They never cost the same: {at_rest} costs less at any load."
    changes = "; ".join(f"{each.cheaper} from {_short(each.requests)} requests a month" for each in crossings)
    return f"{at_rest} costs less at rest; {changes}."


def _short(number: Decimal) -> str:
    for size, word in ((10**9, "billion"), (10**6, "million")):
        if number >= size:
            return f"{number / size:.1f} {word}"
    return quantity(number.quantize(Decimal(1)))


def _range(low: Decimal, high: Decimal) -> str:
    return f"{usd(low)}-{usd(high)}" if high < 100 else f"{low:,.0f}-{high:,.0f}"


def _breakeven_table(found: Breakeven) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
    table.add_column("requests", justify="right", header_style="dim")
    for topology in found.curves:
        table.add_column(topology, justify="right", header_style="dim")
        table.add_column("range", justify="right", header_style="dim", style="dim")
    table.add_column("cheaper", header_style="dim")
    for n, many in enumerate(found.requests):
        if many not in _TABLE_AT and n not in (0, len(found.requests) - 1):
            continue
        cells = []
        for curve in found.curves.values():
            cells += [usd(curve.expected[n]), _range(curve.low[n], curve.high[n])]
        cheaper = min(found.curves, key=lambda topology: found.curves[topology].expected[n])
        table.add_row(_short(many), *cells, Text(cheaper, "green"))
    return table
