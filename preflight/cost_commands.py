"""`preflight cost` and `preflight breakeven`."""
# ruff: noqa: PLC0415 - what a refused stack file need not wait for is imported where it is used

import json
import os
import sys
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from preflight.cli import AsJson, Overrides, Recorded, Stacks, app, explain, patience, record_stacks, refused
from preflight.stackfile import NAMESPACE, StackFileError, load

if TYPE_CHECKING:
    from rich.console import Console

    from preflight.advice import Advice
    from preflight.breakeven import Breakeven
    from preflight.cost.estimate import Estimate
    from preflight.prices import PriceList
    from preflight.recording import Recording
    from preflight.usage import Usage, Workload

Requests = Annotated[str | None, typer.Option(metavar="N", help="Requests to the service a month: 100000, 24.5M.")]
Hours = Annotated[str, typer.Option(metavar="N", help="Hours of the month, at most 744.")]
UsageFile = Annotated[
    Path | None,
    typer.Option("--usage", metavar="FILE", help="How much the stack is used, in Infracost's usage-file format."),
]
FreeTier = Annotated[bool, typer.Option(help="Take off what is free each month for every account.")]
MOST_REQUESTS = Decimal(10**12)
"""Above it is a slip of the finger: no service of one container image has more a month."""
_MULTIPLES = {"k": 10**3, "m": 10**6, "b": 10**9}


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
    recorded = record_stacks(stacks, overrides)
    refuse_misfits(usage, recorded, usage_file)
    workloads = [usage_of(each, usage) for each in recorded]
    found = [
        estimate_of(each, mine, period, free_tier=free_tier) for each, mine in zip(recorded, workloads, strict=True)
    ]
    if as_json:
        from preflight.cost.estimate import cost_document

        parts = [{"cost": cost_document(each)} for each in found]
        _print_json(recorded, parts, alone=len(stacks or ()) == 1)
        return
    from preflight import cost_view

    console = _console()
    for number, (each, mine, estimate) in enumerate(zip(recorded, workloads, found, strict=True)):
        if number:
            console.print()
        parts = cost_view.estimate_parts(estimate, mine.workload, each.topology, date.today(), free_tier=free_tier)
        cost_view.print_parts(parts, console)
        if advice:
            tried = _advice(each, mine, period, overrides, free_tier=free_tier)
            cost_view.print_parts(cost_view.advice_parts(tried), console)


@app.command()
def breakeven(
    stacks: Stacks = None,
    overrides: Overrides = None,
    hours: Hours = "730",
    usage_file: UsageFile = None,
    free_tier: FreeTier = True,
    plot: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Also draw it there, as SVG and PNG.")] = None,
    as_json: AsJson = False,
) -> None:
    """At how many requests a month both topologies of this stack cost the same, from its own settings."""
    usage, period = assumptions(None, hours, usage_file)
    recorded = record_stacks(stacks, overrides)
    names = [each.file.stack for each in recorded]
    both = {
        topology: record_stacks(
            names, [*(overrides or ()), f"topology={topology}", "standby=false", "standbyTraffic=0"]
        )
        for topology in ("serverless", "container")
    }
    empty = [each.file.stack for each in both["container"] if not each.recording.of_type("switchyard:index:Container")]
    if empty:
        raise refused([f"{name}: with image none there is no topology to compare; name an image" for name in empty])
    refuse_misfits(usage, [each for side in both.values() for each in side], usage_file)
    found = [
        _breakeven({topology: side[n] for topology, side in both.items()}, usage, period, free_tier=free_tier)
        for n in range(len(recorded))
    ]
    drawn = [path for each in found for path in _draw(each, plot)] if plot else []
    if as_json:
        from preflight.breakeven import breakeven_document

        parts = [{"breakeven": breakeven_document(each)} for each in found]
        _print_json(recorded, parts, alone=len(stacks or ()) == 1)
        return
    from preflight import cost_view

    console = _console()
    for number, each in enumerate(found):
        if number:
            console.print()
        cost_view.print_parts(cost_view.breakeven_parts(each, usage.workload), console)
    for path in drawn:
        console.print(f"drawn: {path}")


def number(text: str, option: str, most: Decimal, complaints: list[str]) -> Decimal:
    """A number as typed: 100000, 100k, 24.5M. Adds a complaint if it is none, negative or above the most."""
    plain = text.strip().lower()
    multiple = _MULTIPLES.get(plain[-1:], 1)
    try:
        value = Decimal(plain.rstrip("kmb") if multiple > 1 else plain) * multiple
    except InvalidOperation:
        value = Decimal("nan")
    if not value.is_finite() or not 0 <= value <= most:
        complaints.append(f"{option} {text}: must be a number from 0 to {most:,f}, such as 100000, 100k or 24.5M")
        return Decimal(0)
    return value


def assumptions(requests: str | None, hours: str, usage_file: Path | None) -> tuple["Usage", Decimal]:
    """Usage and hours as asked for; all that is wrong with them is said at once."""
    from preflight.cost.graph import LONGEST_MONTH
    from preflight.usage import Usage, UsageError, read

    complaints: list[str] = []
    usage = Usage()
    if usage_file:
        try:
            usage = read(usage_file)
        except UsageError as error:
            complaints += error.complaints
    if requests is not None:
        asked = number(requests, "--requests", MOST_REQUESTS, complaints)
        usage = replace(usage, workload=replace(usage.workload, requests=asked))
    period = number(hours, "--hours", LONGEST_MONTH, complaints)
    if not complaints and not period:
        complaints.append("--hours 0: must be more than 0")
    if complaints:
        raise refused(complaints)
    return usage, period


def refuse_misfits(usage: "Usage", recorded: list[Recorded], usage_file: Path | None) -> None:
    """What no stack's resources fit is a slip of the pen: an unknown address, a duration that can't be."""
    from preflight.cost.graph import Graph
    from preflight.cost.rules import names_by_type
    from preflight.cost.serverless import duration_problems
    from preflight.usage import DATA_TRANSFER, matches

    known = names_by_type(each.recording for each in recorded)
    complaints = [
        f"--usage {usage_file}: {problem}"
        for each in recorded
        for problem in duration_problems(Graph(each.recording, region_of(each), usage, listed_prices()))
    ]
    for address in usage.by_address:
        type_ = address.partition(".")[0]
        names = sorted(known.get(type_, ()))
        if type_ != DATA_TRANSFER and not any(matches(address, type_, name) for name in names):
            there = ", ".join(names) or "none"
            complaints.append(f"--usage {usage_file}: resource_usage.{address}: no such resource; there is {there}")
    if complaints:
        raise refused(complaints)


def usage_of(recorded: Recorded, usage: "Usage") -> "Usage":
    """The usage with this stack's share of the standby, unless the file says another."""
    percent = recorded.file.config.get(f"{NAMESPACE}:standbyTraffic") or "0"
    if usage.workload.standby_share or not percent.isdigit():
        return usage
    return replace(usage, workload=replace(usage.workload, standby_share=Decimal(percent) / 100))


def estimate_of(recorded: Recorded, usage: "Usage", hours: Decimal, *, free_tier: bool) -> "Estimate":
    return price_of(recorded.recording, region_of(recorded), usage, hours, free_tier=free_tier)


def region_of(recorded: Recorded) -> str:
    return recorded.file.config.get("aws:region", "us-east-1")


def price_of(recording: "Recording", region: str, usage: "Usage", hours: Decimal, *, free_tier: bool) -> "Estimate":
    from preflight.cost.estimate import estimate

    return estimate(recording, region=region, prices=listed_prices(), usage=usage, hours=hours, free_tier=free_tier)


def listed_prices() -> "PriceList":
    from preflight import prices

    try:
        return prices.load()
    except prices.PriceError as error:
        raise refused([str(error)]) from None


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

    def price(recording: "Recording", assumed: "Usage") -> Decimal:
        return price_of(recording, region_of(recorded), assumed, hours, free_tier=free_tier).total

    with patience(f"trying what would make {file.stack} cheaper"):
        return advise(recorded.recording, settings, usage, usage.workload.requests, record, price)


def _breakeven(sides: dict[str, Recorded], usage: "Usage", hours: Decimal, *, free_tier: bool) -> "Breakeven":
    for recorded in sides.values():
        missing = prices_missing(recorded, usage, hours, free_tier=free_tier)
        if missing:
            raise refused([missing])
    stack = next(iter(sides.values())).file.stack
    with patience(f"comparing both topologies of {stack}"):
        return compare(stack, sides, usage, hours, free_tier=free_tier)


def prices_missing(recorded: Recorded, usage: "Usage", hours: Decimal, *, free_tier: bool) -> str:
    """Which prices there are none of, and how to get them; empty if none is missing."""
    gaps = estimate_of(recorded, usage, hours, free_tier=free_tier).unpriced
    missing = ", ".join(sorted({gap.price for gap in gaps if gap.price}))
    where = region_of(recorded)
    return f'{recorded.file.stack}: no price of {missing} in {where}: make prices ARGS="--region {where}"' * bool(
        missing
    )


def compare(stack: str, sides: dict[str, Recorded], usage: "Usage", hours: Decimal, *, free_tier: bool) -> "Breakeven":
    """The break-even of a stack recorded in both topologies."""
    from preflight import breakeven as model

    def cost_of(recorded: Recorded) -> Any:
        def cost_at(workload: "Workload") -> Decimal:
            return estimate_of(recorded, replace(usage, workload=workload), hours, free_tier=free_tier).total

        return cost_at

    costs = {topology: cost_of(each) for topology, each in sides.items()}
    return model.breakeven(stack, usage.workload, costs, model.grid())


def _draw(found: "Breakeven", folder: Path) -> list[Path]:
    from preflight.plot import plot

    with patience("drawing"):
        return plot(found, folder)


def _print_json(recorded: list[Recorded], parts: list[dict[str, Any]], *, alone: bool) -> None:
    from preflight.document import document

    documents = [
        {**document(each.recording, each.topology), **part} for each, part in zip(recorded, parts, strict=True)
    ]
    typer.echo(json.dumps(documents[0] if alone else documents, indent=2, ensure_ascii=False))


def _console() -> "Console":
    from rich.console import Console

    return Console(highlight=False, color_system=None if os.environ.get("NO_COLOR") else "auto")
