"""The terminal view of a difference: danger first, then what is replaced, removed, added and updated."""

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from preflight.difference import KINDS, Change, Difference
from preflight.plan import short_type
from preflight.values import Shown, shown

if TYPE_CHECKING:
    from preflight.diff_command import Told

SIGNS = {"replaced": "±", "removed": "-", "added": "+", "updated": "~", "renamed": ">", "moved": ">"}
MADE_UP = "Ids and addresses that only AWS knows are made up."
STYLES = {"replaced": "bold red", "removed": "red", "added": "green", "updated": "yellow"}


def show_difference(stack: str, told: "Told", console: Console) -> None:
    """Print what changes, and how sure that is."""
    with console.capture() as captured:
        for part in _parts(stack, told):
            console.print(part)
    console.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def _parts(stack: str, told: "Told") -> Iterator[RenderableType]:
    found = told.found
    title = Text(stack, style="bold cyan").append(f"  against {told.against}", style="bold")
    yield Rule(title, align="left", style="cyan")
    yield Text(summary(found), style="dim")
    for line in told.dangers:
        yield _marked("!!", "bold red", line)
    for line in told.goes_along:
        yield _marked("-", "red", f"Goes with it: {line}.")
    for line in told.notes:
        yield _marked("!", "yellow", line)
    if found:
        yield Text(MADE_UP, style="dim")
    for component, changes in groupby(found.changes, lambda each: each.components):
        yield Text(f"\n{' > '.join(component) or 'The stack itself'}", "bold")
        for change in changes:
            sign = Text(f"  {SIGNS[change.kind]} ", STYLES.get(change.kind, ""))
            yield sign.append(_headline(change), "not bold")
            for each in shown(change.properties):
                yield Padding(_property(each), (0, 0, 0, 6))
    if found.outputs:
        yield Text("\nOutputs", "bold")
        for each in shown(found.outputs):
            yield Padding(_property(each), (0, 0, 0, 4))


def summary(found: Difference) -> str:
    """How many of each kind, on one line."""
    counts = [f"{len(found.of_kind(kind))} {kind}" for kind in KINDS if found.of_kind(kind)]
    return ", ".join(counts) or ("only outputs change" if found.outputs else "nothing changes")


def _marked(sign: str, style: str, line: str) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    table.add_row(Text(sign, style), Text(line))
    return table


def _headline(change: Change) -> str:
    words = f"{short_type(change.type)} {change.name}"
    if change.kind == "replaced":
        words += f"  replaced, for {', '.join(change.forced_by)}"
    elif change.kind in ("renamed", "moved"):
        words += f"  was {change.old_urn.rpartition('::')[2]}"
    return words


def _property(change: Shown) -> Text:
    text = Text(change.path, "cyan")
    if change.lines:
        return text.append(":").append("".join(f"\n  {line}" for line in change.lines), "")
    if change.is_list:
        words = [f"{word} {what}" for word, what in (("without", change.was), ("with", change.now)) if what]
        return text.append(f": {'; '.join(words)}", "")
    if change.was is None:
        return text.append(f" = {change.now}", "green")
    if change.now is None:
        return text.append(f" (was {change.was}) is left out", "red")
    return text.append(f": {change.was} -> {change.now}", "")
