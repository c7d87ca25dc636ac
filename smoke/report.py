"""How a trial is told: a table for people, a document for machines."""

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from smoke.trial import Result, Trial


def show(stack: str, url: str, trial: Trial, console: Console) -> None:
    """A row for each check, a column for each side, and what is wrong below."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=f"Smoke of {stack}, {url}", title_justify="left")
    table.add_column("check")
    for side in trial.sides:
        table.add_column(side, justify="right")
    rows: dict[str, dict[str, Result]] = {}
    for each in trial.results:
        rows.setdefault(each.check, {})[each.side] = each
    for check, by_side in rows.items():
        table.add_row(check, *(_cell(by_side[side]) for side in trial.sides))
    console.print(table)
    for problem in trial.problems:
        console.print(Text(f"  {problem}", style="red"), soft_wrap=True)
    console.print(_verdict(trial), highlight=False)


def _verdict(trial: Trial) -> str:
    if trial.problems:
        count = len(trial.problems)
        return f"{count} {'problem' if count == 1 else 'problems'}: don't move traffic."
    if len(trial.sides) > 1:
        return f"{' and '.join(trial.sides)} answer alike."
    return "It answers. There is no standby to compare it with."


def _cell(result: Result) -> Text:
    style = "red" if result.problem else ""
    if result.answer is None:
        return Text("no answer", style=style)
    return Text(f"{result.answer.status} {result.answer.seconds * 1000:7.0f} ms", style=style)


def document(stack: str, url: str, trial: Trial) -> Mapping[str, Any]:
    """The same for machines. Times are in seconds; null where no answer came."""
    return {
        "schema": 1,
        "stack": stack,
        "url": url,
        "sides": list(trial.sides),
        "results": [
            {
                "check": each.check,
                "side": each.side,
                "status": each.answer.status if each.answer else None,
                "seconds": round(each.answer.seconds, 4) if each.answer else None,
                "problem": each.problem,
            }
            for each in trial.results
        ],
        "problems": trial.problems,
    }
