"""The terminal view of an estimate."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from preflight.cost.estimate import Estimate, Gap
from preflight.cost.meter import FREE_TIER, Line
from preflight.cost.rule import FREE
from preflight.prices import LONGEST_AGE, Price
from preflight.refresh.regions import how_to_ask
from preflight.usage import DEFAULT_MS, Workload

_CENT = Decimal("0.01")
_SMALL = "free tier, or under a cent"
# Source: https://aws.amazon.com/free/ ($100 at sign-up, and up to $100 more)
_CREDITS = "not taken off: a new account's credits, $100 to $200 in its first 12 months"


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


def assumed(workload: Workload) -> str:
    """What is assumed of each request, in a sentence."""
    wall = DEFAULT_MS if workload.duration_ms is None else workload.duration_ms
    return (
        f"Assumed of each: {quantity(wall)} ms in Lambda, or what {quantity(workload.cpu_ms)} ms of CPU take there, "
        f"{quantity(workload.request_kb)} KB in, {quantity(workload.response_kb)} KB out, {quantity(workload.log_kb)} "
        f"KB of log, {quantity(workload.cold_share * 100)} % cold starts of {quantity(workload.init_ms)} ms; and "
        f"{quantity(workload.image_gb)} GB of images. Say otherwise with --usage."
    )


def estimate_parts(found: Estimate, workload: Workload, topology: str | None, today: date, *, free_tier: bool):
    """One stack's costs: what is paid for by resource, the total, its range, and what is not in it."""
    yield Rule(title(found.stack, topology), align="left", style="cyan")
    yield Text(
        f"{found.region}, {quantity(found.hours)} hours, list prices, no taxes; "
        f"{'free tier of an account of its own' if free_tier else 'free tier not counted'}\n"
        f"{quantity(workload.requests)} requests a month. {assumed(workload)}",
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
    yield Text(_CREDITS, style="dim")
    for note in found.notes:
        yield Text(f"! {note}", style="yellow")
    small = Counter(line.what.removesuffix(f", {FREE_TIER}") for line in _small(found))
    if small:
        yield from section(_SMALL.capitalize(), _list(small))
    idle = Counter(line.what for line in found.lines if not line.quantity)
    if idle:
        yield from section("Paid for by use, of which nothing is counted", _list(idle))
    free = Counter(line.what.removeprefix(f"{FREE}: ") for line in found.lines if line.unit == "resource")
    if free:
        yield from section("Free", _list(free))
    if found.unpriced:
        yield from section("Not in the total", _gaps(found.unpriced, found.region))
    doubts = list(_doubts(found, today))
    if doubts:
        yield from section("Doubtful prices", Group(*doubts))


def total_parts(total: Decimal, stacks: int, gaps: int, *, free_tier: bool) -> Iterator[RenderableType]:
    """What several stacks cost together."""
    yield ""
    counted = " with one free tier" if free_tier else ""
    yield _total(f"total of {stacks} stacks in one account{counted}", gaps).append(f"  {usd(total)}")


def title(stack: str, topology: str | None) -> Text:
    """A stack's name, and its topology if it has one."""
    text = Text(stack, style="bold cyan")
    return text.append(f"  {topology}", style="bold") if topology else text


def section(heading: str, body: RenderableType) -> Iterator[RenderableType]:
    """A part with a heading, a blank line before it."""
    yield ""
    yield Text(heading, style="bold")
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
        if line.monthly >= _CENT / 2:
            by_urn.setdefault(line.urn, []).append(line)
    for urn, lines in sorted(by_urn.items(), key=lambda item: -sum(line.monthly for line in item[1])):
        table.add_row(_resource(urn), "", "")
        for line in lines:
            each = f"{quantity(line.quantity)} {line.unit} x {_price(line.price)}"
            table.add_row(Text(f"  {line.what}"), Text(each, "dim"), Text(usd(line.monthly), "cyan"))
    small = _small(found)
    if small:
        table.add_row(Text(_SMALL, "dim"), "", usd(sum((line.monthly for line in small), Decimal(0))))
    style = "bold yellow" if found.unpriced else "bold green"
    table.add_row(_total("total a month", len(found.unpriced)), "", Text(usd(found.total), style))
    return table


def _small(found: Estimate) -> list[Line]:
    return [line for line in found.lines if line.quantity and line.unit != "resource" and line.monthly < _CENT / 2]


def _resource(urn: str) -> Text:
    """Its name, and what it is: a gateway and its address have the same name."""
    *_, types, name = urn.split("::")
    return Text(name, "bold").append(f"  {types.rpartition(':')[2]}", "dim not bold")


def _total(label: str, gaps: int) -> Text:
    return Text(f"{label}, without {gaps} that have no price" if gaps else label, "bold")


def _price(price: Decimal) -> str:
    text = f"{price:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _list(counts: Counter[str]) -> Text:
    return Text("; ".join(f"{name} x{n}" if n > 1 else name for name, n in counts.items()), style="dim")


def _gaps(gaps: Sequence[Gap], region: str) -> Group:
    rows = Counter((gap.what, gap.reason) for gap in gaps)
    texts = [Text(f"{what}{f' x{n}' if n > 1 else ''}: {reason}") for (what, reason), n in rows.items()]
    if any(gap.can_be_asked for gap in gaps):
        texts.append(Text(f"For the prices: {how_to_ask(region)}", style="bold"))
    by_hand = dict.fromkeys(gap.price for gap in gaps if gap.price and not gap.can_be_asked)
    if by_hand:
        texts.append(Text(f"To add to preflight/prices.yaml by hand: {', '.join(by_hand)}", style="bold"))
    return Group(*texts)


def _doubts(found: Estimate, today: date) -> Iterator[Text]:
    old, guessed = found.old_prices(today), found.guessed_prices()
    if old:
        yield Text(f"older than {LONGEST_AGE.days} days, or undated: {_names(old)}", style="yellow")
    if guessed:
        yield Text(f"from memory, no source: {_names(guessed)}", style="yellow")
    if any(each.sku for each in (*old, *guessed)):
        yield Text(f"For those that AWS lists: {how_to_ask(found.region)}", style="bold")


def _names(prices: Sequence[Price]) -> str:
    return ", ".join(f"{each.id} ({each.date})" if each.date else each.id for each in prices)
