"""The terminal view of findings: what is wrong first, the worst on top, then what is waived."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby

from rich.console import Console, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from policies.judge import Finding
from policies.registry import POLICIES, SEVERITIES

STYLES = {"critical": "bold white on red", "high": "bold red", "medium": "yellow", "low": "dim"}


def show_findings(
    stack: str, topology: str | None, found: Sequence[Finding], today: date, console: Console, *, waived: bool
) -> None:
    """Print one stack's findings, with those that are waived if asked for."""
    with console.capture() as captured:
        for part in _parts(stack, topology, found, today, waived):
            console.print(part)
    console.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def _parts(
    stack: str, topology: str | None, found: Sequence[Finding], today: date, waived: bool
) -> Iterator[RenderableType]:
    title = Text(stack, style="bold cyan")
    yield Rule(title.append(f"  {topology}", style="bold") if topology else title, align="left", style="cyan")
    yield Text(summary(found), style="dim")
    for each in (each for each in found if not each.waiver):
        yield ""
        yield _told(each)
    if waived:
        for reason, group in _by_reason(found):
            yield ""
            yield _told_waived(reason, group)
    for line in overdue(found, today):
        yield ""
        yield Text(line, style="yellow")


def summary(found: Sequence[Finding]) -> str:
    """How many findings of which severity, and how many are waived."""
    open_ = Counter(each.policy.severity for each in found if not each.waiver)
    counts = ", ".join(f"{open_[severity]} {severity}" for severity in reversed(SEVERITIES) if open_[severity])
    waived = sum(1 for each in found if each.waiver)
    return f"{len(POLICIES)} policies: {counts or 'nothing found'}; {waived} waived"


def overdue(found: Sequence[Finding], today: date) -> list[str]:
    """The waivers in use that somebody was to look at again by now."""
    late = {each.waiver for each in found if each.waiver and each.waiver.revisit < today}
    return sorted(
        f"The waiver of {each.control} for {each.resource} was to be looked at again by {each.revisit}: {each.who}"
        for each in late
    )


def _told(each: Finding) -> RenderableType:
    text = Text(each.name, style="bold").append(f": {each.message}", style="not bold")
    text.append(f"\n{each.policy.what}", style="dim")
    text.append(f"\n{each.policy.fix}", style="green")
    text.append(f"\n{', '.join(each.policy.controls)}  {each.policy.name}\n{each.policy.link}", style="dim")
    return _marked(each.policy.severity, text)


def _by_reason(found: Sequence[Finding]) -> Iterator[tuple[str, list[Finding]]]:
    held = [each for each in found if each.waiver]
    for reason, group in groupby(sorted(held, key=_reason), key=_reason):
        yield reason, list(group)


def _reason(each: Finding) -> str:
    return each.waiver.reason if each.waiver else ""


def _told_waived(reason: str, group: list[Finding]) -> RenderableType:
    names = ", ".join(dict.fromkeys(each.name for each in group))
    about = dict.fromkeys(each.policy.name for each in group)
    return _marked("waived", Text(f"{names}: {', '.join(about)}").append(f"\n{reason}", style="dim"))


def _marked(word: str, text: Text) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    table.add_column(width=8)
    table.add_column(overflow="fold")
    table.add_row(Text(word, STYLES.get(word, "dim")), text)
    return table
