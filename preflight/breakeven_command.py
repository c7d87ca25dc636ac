"""`preflight breakeven`."""
# ruff: noqa: PLC0415 - what a refused stack file need not wait for is imported where it is used

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from preflight.cli import AsJson, Overrides, Recorded, Stacks, app, patience, record_stacks, refused
from preflight.cost_commands import console, print_json
from preflight.pricing import (
    FreeTier,
    Hours,
    UsageFile,
    assumptions,
    estimate_of,
    in_vain,
    listed_prices,
    once,
    refuse_misfits,
    region_of,
)
from preflight.stackfile import NAMESPACE

if TYPE_CHECKING:
    from preflight.breakeven import Breakeven
    from preflight.usage import Usage, Workload


@app.command()
def breakeven(
    stacks: Stacks = None,
    overrides: Overrides = None,
    hours: Hours = "730",
    usage_file: UsageFile = None,
    free_tier: FreeTier = True,
    plot: Annotated[str | None, typer.Option(metavar="FOLDER", help="Also draw it there, as SVG and PNG.")] = None,
    as_json: AsJson = False,
) -> None:
    """At how many requests a month both topologies of this stack cost the same, from its own settings."""
    if plot is not None and not plot.strip():
        raise refused(["--plot: must name a folder"])
    usage, period = assumptions(None, hours, usage_file)
    alone = ("standby=false", "standbyTraffic=0")
    both = {
        topology: record_stacks(once(stacks), [*(overrides or ()), f"topology={topology}", *alone])
        for topology in ("serverless", "container")
    }
    _refuse_without_halves(both["container"])
    refuse_misfits(usage, [each for side in both.values() for each in side], usage_file)
    found = [
        _breakeven(dict(zip(both, sides, strict=True)), usage, period, free_tier=free_tier)
        for sides in zip(*both.values(), strict=True)
    ]
    drawn = [path for each in found for path in _draw(each, plot)] if plot else []
    if as_json:
        from preflight.cost_document import breakeven_document

        parts = [{"breakeven": breakeven_document(each)} for each in found]
        print_json(record_stacks(once(stacks), overrides), parts, alone=len(stacks or ()) == 1)
        return
    from preflight.breakeven_view import breakeven_parts
    from preflight.cost_view import print_parts

    screen = console()
    for number, (each, *sides) in enumerate(zip(found, *both.values(), strict=True)):
        if number:
            screen.print()
        print_parts(breakeven_parts(each, usage.workload, in_vain(sides, usage)), screen)
    for path in drawn:
        screen.print(f"drawn: {path}")


def _refuse_without_halves(recorded: list[Recorded]) -> None:
    complaints = []
    for each in recorded:
        if not each.recording.of_type("switchyard:index:Container"):
            is_empty = each.file.config.get(f"{NAMESPACE}:image") == "none"
            why = "with image none there is no topology to compare; name an image"
            complaints.append(f"{each.file.stack}: {why if is_empty else 'its program has no topologies to compare'}")
    if complaints:
        raise refused(complaints)


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
    from preflight.refresh.regions import how_to_ask

    gaps = estimate_of(recorded, usage, hours, free_tier=free_tier).unpriced
    missing = ", ".join(sorted({gap.price for gap in gaps if gap.price}))
    region = region_of(recorded)
    return f"{recorded.file.stack}: no price of {missing} in {region}: {how_to_ask(region)}" if missing else ""


def compare(stack: str, sides: dict[str, Recorded], usage: "Usage", hours: Decimal, *, free_tier: bool) -> "Breakeven":
    """The break-even of a stack recorded in both topologies."""
    from preflight import breakeven as model
    from preflight.cost.graph import Graph
    from preflight.cost.tasks import capacity

    def cost_of(recorded: Recorded) -> Any:
        def cost_at(workload: "Workload") -> Decimal:
            return estimate_of(recorded, replace(usage, workload=workload), hours, free_tier=free_tier).total

        return cost_at

    costs = {topology: cost_of(each) for topology, each in sides.items()}
    container = sides["container"]
    carried = capacity(Graph(container.recording, region_of(container), usage, listed_prices(), hours))
    return model.breakeven(stack, usage.workload, costs, model.grid(), carried)


def _draw(found: "Breakeven", folder: str) -> list[Path]:
    from preflight.plot import plot

    with patience("drawing"):
        try:
            return plot(found, Path(folder))
        except OSError as error:
            raise refused([f"--plot {folder}: can't be written to: {error.strerror}"]) from None
