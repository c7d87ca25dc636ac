"""The terminal view of a difference: danger first, then what is replaced, removed, added and updated."""

import json
from collections.abc import Iterator
from difflib import unified_diff
from itertools import groupby
from typing import Any

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from preflight.difference import ABSENT, KINDS, RENEWED, Change, Difference, PropertyChange
from preflight.plan import short_type
from preflight.recording import SECRET, UNKNOWN

SIGNS = {"replaced": "±", "removed": "-", "added": "+", "updated": "~", "renamed": ">", "moved": ">"}
STYLES = {"replaced": "bold red", "removed": "red", "added": "green", "updated": "yellow"}
_MOST_LINES = 12
"""Lines of a longer text, such as a function's code, that are shown."""
_LONGEST = 100
"""Characters of a value before it is cut; a document's leaves are rarely longer."""


def show_difference(
    stack: str, against: str, found: Difference, dangers: tuple[str, ...], notes: tuple[str, ...], console: Console
) -> None:
    """Print what changes, and how sure that is."""
    with console.capture() as captured:
        for part in _parts(stack, against, found, dangers, notes):
            console.print(part)
    console.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def _parts(
    stack: str, against: str, found: Difference, dangers: tuple[str, ...], notes: tuple[str, ...]
) -> Iterator[RenderableType]:
    yield Rule(Text(stack, style="bold cyan").append(f"  against {against}", style="bold"), align="left", style="cyan")
    yield Text(summary(found), style="dim")
    for line in dangers:
        yield _marked("!!", "bold red", line)
    for line in notes:
        yield _marked("!", "yellow", line)
    for component, changes in groupby(found.changes, lambda each: each.components):
        yield Text(f"\n{' > '.join(component) or 'The stack itself'}", "bold")
        for change in changes:
            sign = Text(f"  {SIGNS[change.kind]} ", STYLES.get(change.kind, ""))
            yield sign.append(_headline(change), "not bold")
            for each in change.properties:
                yield Padding(_property(each), (0, 0, 0, 6))
    if found.outputs:
        yield Text("\nOutputs", "bold")
        for each in found.outputs:
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


def _property(change: PropertyChange) -> Text:
    text = Text(change.path, "cyan")
    if lines := changed_lines(change.before, change.after):
        return text.append(":").append("".join(f"\n  {line}" for line in lines), "")
    if change.before == ABSENT:
        return text.append(f" = {value(change.after)}", "green")
    if change.after == ABSENT:
        return text.append(f" (was {value(change.before)}) is left out", "red")
    return text.append(f": {value(change.before)} -> {value(change.after)}", "")


def changed_lines(before: Any, after: Any) -> list[str]:
    """Of two texts of several lines: the lines that go and come. Empty for any other values."""
    if not (isinstance(before, str) and isinstance(after, str) and "\n" in before and "\n" in after):
        return []
    compared = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    lines = [line for line in compared if not line.startswith(("---", "+++", "@@"))]
    rest = len(lines) - _MOST_LINES
    return lines if rest <= 0 else [*lines[:_MOST_LINES], f"... and {rest} more lines"]


def value(what: Any) -> str:
    """A value for a person: markers in words, documents as JSON, long ones cut in the middle."""
    found = _in_words(what)
    if found != what and isinstance(found, str):
        return found
    text = json.dumps(found, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]} … {text[-_LONGEST // 3 :]}"


def _in_words(what: Any) -> Any:
    """The value, markers inside of it in words too."""
    for marker, words in ((SECRET, "[secret]"), (UNKNOWN, "[known only to AWS]"), (RENEWED, "[new]")):
        if what == marker:
            return words
    if isinstance(what, dict):
        return {key: _in_words(each) for key, each in what.items()}
    return [_in_words(each) for each in what] if isinstance(what, list) else what
