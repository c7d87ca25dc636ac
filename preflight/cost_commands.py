"""`preflight cost`."""
# ruff: noqa: PLC0415 - what a refused stack file need not wait for is imported where it is used

import json
import os
import sys
from contextlib import redirect_stdout
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from preflight.cli import AsJson, Overrides, Recorded, Stacks, app, explain, patience, record_stacks, refused
from preflight.pricing import (
    FreeTier,
    Hours,
    Requests,
    UsageFile,
    assumptions,
    estimate_with_notes,
    once,
    price_of,
    refuse_misfits,
    region_of,
    total_of,
    usage_of,
)
from preflight.stackfile import StackFileError, load

if TYPE_CHECKING:
    from rich.console import Console

    from preflight.advice import Advice
    from preflight.cost.estimate import Estimate
    from preflight.recording import Recording
    from preflight.usage import Usage


@app.command()
def cost(
    stacks: Stacks = None,
    overrides: Overrides = None,
    requests: Requests = None,
    hours: Hours = "730",
    usage_file: UsageFile = None,
    free_tier: FreeTier = True,
    advice: Annotated[
        bool, typer.Option("--advice", help="Also what would cost less, and what is lost by it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """What the stack costs a month, line by line, from the list prices in preflight/prices.yaml."""
    if advice and as_json:
        raise refused(["--advice has no JSON form: leave out --json"])
    usage, period = assumptions(requests, hours, usage_file)
    recorded = record_stacks(once(stacks), overrides)
    refuse_misfits(usage, recorded, usage_file)
    usages = [usage_of(each, usage) for each in recorded]
    found = [
        estimate_with_notes(each, mine, period, free_tier=free_tier)
        for each, mine in zip(recorded, usages, strict=True)
    ]
    if as_json:
        from preflight.cost_document import cost_document

        parts = [{"cost": cost_document(each, date.today())} for each in found]
        print_json(recorded, parts, alone=len(stacks or ()) == 1)
        return
    from preflight import cost_view

    screen = console()
    for number, (each, mine, estimate) in enumerate(zip(recorded, usages, found, strict=True)):
        if number:
            screen.print()
        parts = cost_view.estimate_parts(estimate, mine.workload, each.topology, date.today(), free_tier=free_tier)
        cost_view.print_parts(parts, screen)
        if advice:
            from preflight.advice_view import advice_parts

            tried = _advice(each, mine, period, overrides, free_tier=free_tier)
            cost_view.print_parts(advice_parts(tried), screen)
    if len(recorded) > 1:
        together = total_of(recorded, usages, period, free_tier=free_tier)
        gaps = sum(len(each.unpriced) for each in found)
        cost_view.print_parts(cost_view.total_parts(together, len(recorded), gaps, free_tier=free_tier), screen)


def _advice(
    recorded: Recorded, usage: "Usage", hours: Decimal, overrides: list[str] | None, *, free_tier: bool
) -> "Advice":
    from preflight.advice import RefusedError, advise
    from preflight.recorder import record_stack
    from settings import parse

    file = recorded.file
    settings, _ = parse(file.config)
    if settings is None:
        raise refused([f"{file.stack}: --advice needs settings that can be read"])

    def record(changes: tuple[str, ...]) -> "Recording":
        try:
            with redirect_stdout(sys.stderr):
                return record_stack(load(file.root, file.stack, (*(overrides or ()), *changes)))
        except StackFileError as error:
            raise RefusedError(str(error)) from None
        except (Exception, SystemExit) as error:  # whatever the program may raise
            raise RefusedError(explain(error, file.root)) from None

    def price(recording: "Recording", assumed: "Usage") -> "Estimate":
        return price_of(recording, region_of(recorded), assumed, hours, free_tier=free_tier)

    with patience(f"trying what would make {file.stack} cheaper"):
        return advise(recorded.recording, settings, usage, record, price)


def print_json(recorded: list[Recorded], parts: list[dict[str, Any]], *, alone: bool) -> None:
    """The stacks' documents, each with its part of them."""
    from preflight.document import document

    documents = [
        {**document(each.recording, each.topology), **part} for each, part in zip(recorded, parts, strict=True)
    ]
    typer.echo(json.dumps(documents[0] if alone else documents, indent=2, ensure_ascii=False))


def console() -> "Console":
    """Where tables go: rich alone would leave bold and dim where NO_COLOR is set."""
    from rich.console import Console

    return Console(highlight=False, color_system=None if os.environ.get("NO_COLOR") else "auto")
