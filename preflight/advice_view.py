"""The terminal view of what would be cheaper."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from preflight.advice import Advice
from preflight.cost_view import section, usd


def advice_parts(found: Advice) -> Iterator[RenderableType]:
    """What would cost less, the largest saving first, with what is lost by it."""
    if found.savings:
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(justify="right", no_wrap=True)
        table.add_column(overflow="fold", ratio=2)
        table.add_column(overflow="fold", ratio=3)
        table.add_row(Text("saves", "dim"), Text("with", "dim"), Text("and loses", "dim"))
        for each in found.savings:
            saving = f"{'at least ' if each.is_least else ''}{usd(each.saving)}"
            table.add_row(Text(saving, "green"), Text(each.lever.title), Text(each.lever.lost, "dim"))
        body: RenderableType = table
    else:
        body = Text("nothing that is known here would cost less", style="dim")
    yield from section(f"Cheaper than {usd(found.now)} a month, each by itself", body)
    for heading, levers in (("Not known, for want of prices", found.unknown), ("Not possible here", found.refused)):
        if levers:
            rows = [Text(f"{lever.title}: {reason}", style="dim") for lever, reason in levers]
            yield from section(heading, Group(*rows))
