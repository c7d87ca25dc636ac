"""`preflight check`: what the policies have against a stack."""
# ruff: noqa: PLC0415 - what a refused stack file need not wait for is imported where it is used

import json
import os
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from preflight.cli import AsJson, Overrides, Recorded, Stacks, app, record_stacks, refused

if TYPE_CHECKING:
    from policies.judge import Finding


class FailOn(StrEnum):
    """The least severe finding that makes the command fail."""

    low = "low"
    medium = "medium"
    high = "high"
    critical = "critical"


@app.command()
def check(
    stacks: Stacks = None,
    overrides: Overrides = None,
    fail_on: Annotated[
        FailOn, typer.Option(help="Exit with 1 on a finding of this severity or a worse one that nobody has waived.")
    ] = FailOn.medium,
    waived: Annotated[bool, typer.Option("--waived", help="Also show what is waived, and why.")] = False,
    as_json: AsJson = False,
) -> None:
    """What the policies have against the stack: what is wrong, where, how to mend it, and what is waived."""
    recorded = record_stacks(stacks, overrides)
    found = [_findings(each) for each in recorded]
    if as_json:
        from preflight.document import document
        from preflight.findings import as_data

        documents = [
            document(each.recording, each.topology) | {"findings": as_data(mine)}
            for each, mine in zip(recorded, found, strict=True)
        ]
        alone = documents[0] if len(stacks or ()) == 1 else documents
        typer.echo(json.dumps(alone, indent=2, ensure_ascii=False))
    else:
        from rich.console import Console

        from preflight.findings_view import show_findings

        console = Console(highlight=False, color_system=None if os.environ.get("NO_COLOR") else "auto")
        for number, (each, mine) in enumerate(zip(recorded, found, strict=True)):
            if number:
                console.print()
            show_findings(each.recording.stack, each.topology, mine, date.today(), console, waived=waived)
    if any(_counts(mine, fail_on) for mine in found):
        raise typer.Exit(1)


def _findings(recorded: Recorded) -> "list[Finding]":
    from policies.waivers import WaiverError
    from preflight.findings import findings

    try:
        return findings(recorded.recording)
    except WaiverError as error:
        raise refused([str(error)]) from None


def _counts(found: "list[Finding]", fail_on: FailOn) -> bool:
    from policies.judge import at_least

    return bool(at_least(fail_on.value, found))
