"""`preflight switch`: whether a stack can move to the other topology, and the exact steps."""
# ruff: noqa: PLC0415

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from preflight.cli import AsJson, Overrides, Recorded, app, patience, record_stacks
from preflight.stackfile import NAMESPACE, StackFile, load

if TYPE_CHECKING:
    from rich.console import RenderableType

    from preflight.difference import Difference
    from preflight.switch import Route, State, Step

KINDS = {"created": "added", "replaced": "replaced", "updated": "updated", "deleted": "removed"}


class To(StrEnum):
    """The topologies."""

    serverless = "serverless"
    container = "container"


@dataclass(frozen=True, kw_only=True)
class Told:
    """A step with what it changes, and what the stack costs a month once it is done, without any load."""

    step: "Step"
    found: "Difference"
    monthly: float


@app.command()
def switch(
    stack: Annotated[str, typer.Argument(metavar="STACK")],
    to: Annotated[To | None, typer.Option(help="The topology to end in; default: the other one.")] = None,
    overrides: Overrides = None,
    as_json: AsJson = False,
) -> None:
    """Parity, and the exact steps to the other topology: what each changes, what it costs, how to go back."""
    from preflight.switch import OTHER, route, state_of

    (now,) = record_stacks([stack], overrides)
    start = state_of(now.file.config)
    target = to.value if to else OTHER[start.topology]
    found = route(start, target, protect=_setting(now, "protect") == "true")
    refusals = [*_without_image(now), *_combined(now), *_parity(now, found, overrides)]
    told: dict[str, list[Told]] = {}
    if not refusals:
        told = {way.name: _tell(now, way.steps, overrides) for way in found.ways}
    if as_json:
        from preflight.document import document

        part = {"switch": as_data(found, told, refusals)}
        typer.echo(json.dumps(document(now.recording, now.topology) | part, indent=2, ensure_ascii=False))
    else:
        from rich.console import Console

        console = Console(highlight=False, color_system=None if os.environ.get("NO_COLOR") else "auto")
        with console.capture() as captured:
            for part in _parts(stack, found, told, refusals):
                console.print(part)
        # rich fills lines up with blanks, which only get in the way in a file.
        console.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))
    if refusals:
        raise typer.Exit(1)


def _setting(recorded: Recorded, key: str) -> str:
    return recorded.file.config.get(f"{NAMESPACE}:{key}", "")


def _without_image(now: Recorded) -> list[str]:
    if _setting(now, "image") != "none":
        return []
    return ["image is none: nothing runs yet that could switch. Set topology to what the first image is to run in"]


def _combined(now: Recorded) -> list[str]:
    """Settings changed beside the switch that must not change with it: by --set, or in the file since its commit."""
    from preflight.committed import committed

    file = load(now.file.root, now.file.stack).config
    at_head = committed(now.file.root, now.file.stack)
    return [
        *(
            f"{each} changes too (--set): change it in an update of its own, before the switch or after"
            for each in _never_together(file, now.file.config)
        ),
        *(
            f"{each} is not as it was committed: change it in an update of its own, and commit it once that is done"
            for each in _never_together(file if at_head is None else at_head, file)
        ),
    ]


def _never_together(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """What differs of the settings that must not change with a switch."""
    from preflight.switch import NEVER_WITH_A_SWITCH

    was, now = _flat(before), _flat(after)
    changed = {key for key in {*was, *now} if was.get(key) != now.get(key)}
    return [each for each in NEVER_WITH_A_SWITCH if any(f"{key}.".startswith(f"{each}.") for key in changed)]


def _flat(config: Mapping[str, str]) -> dict[str, Any]:
    """Our settings by the path of their leaves, one object deep."""
    found: dict[str, Any] = {}
    for key, text in config.items():
        name = key.removeprefix(f"{NAMESPACE}:")
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        found |= (
            {f"{name}.{inner}": each for inner, each in value.items()} if isinstance(value, dict) else {name: value}
        )
    return found


def _parity(now: Recorded, found: "Route", overrides: list[str] | None) -> list[str]:
    """What keeps the stack from running both ways, in the words of its settings."""
    from settings import parse

    states = dict.fromkeys(step.after for way in found.ways for step in way.steps)
    refusals = [str(each) for state in states for each in parse(_file(now, state, overrides).config)[1]]
    return list(dict.fromkeys(refusals))


def _file(now: Recorded, state: "State", overrides: list[str] | None) -> StackFile:
    """The stack file with the settings of a step."""
    changes = [*(overrides or ()), *(f"{key}={value}" for key, value in state.settings().items())]
    return load(now.file.root, now.file.stack, tuple(changes))


def _tell(now: Recorded, steps: "Sequence[Step]", overrides: list[str] | None) -> list[Told]:
    from preflight.difference import difference
    from preflight.recorder import record_stack

    told, recordings = [], {}
    with patience(f"recording {now.file.stack} on its way"), redirect_stdout(sys.stderr):
        for state in dict.fromkeys(state for step in steps for state in (step.before, step.after)):
            file = _file(now, state, overrides)
            recordings[state] = Recorded(file=file, recording=record_stack(file))
    for step in steps:
        before, after = recordings[step.before], recordings[step.after]
        told.append(Told(step=step, found=difference(before.recording, after.recording), monthly=_monthly(after)))
    return told


def _monthly(recorded: Recorded) -> float:
    """USD a month with no request at all: what the step costs whatever the load."""
    from decimal import Decimal

    from preflight.cost.estimate import estimate
    from preflight.prices import load as load_prices
    from preflight.usage import Usage, Workload

    idle = Usage(workload=Workload(requests=Decimal(0)))
    region = recorded.file.config["aws:region"]
    return float(estimate(recorded.recording, region=region, prices=load_prices(), usage=idle).total)


def commands(stack: str, settings: Mapping[str, str]) -> list[str]:
    """What to type to change these settings."""
    return [
        *(f"pulumi config set {NAMESPACE}:{key} {value} -s {stack}" for key, value in settings.items()),
        f"pulumi up -s {stack}",
    ]


def as_data(found: "Route", told: Mapping[str, list[Told]], refusals: list[str]) -> dict[str, Any]:
    """The `switch` of the JSON document."""
    return {
        "from": found.start.settings(),
        "to": found.to,
        "refused": refusals,
        "ways": [
            {
                "name": way.name,
                "refused": way.refused,
                "steps": [
                    {
                        "title": each.step.title,
                        "set": each.step.changed,
                        "back": each.step.way_back,
                        "then": each.step.then,
                        "changes": _counts(each.found),
                        "monthly": each.monthly,
                    }
                    for each in told.get(way.name, ())
                ],
            }
            for way in found.ways
        ],
    }


def _counts(found: "Difference") -> dict[str, int]:
    return {word: sum(each.kind == kind for each in found.changes) for word, kind in KINDS.items()}


def _parts(
    stack: str, found: "Route", told: Mapping[str, list[Told]], refusals: list[str]
) -> "Iterator[RenderableType]":
    from rich.padding import Padding
    from rich.rule import Rule
    from rich.text import Text

    title = Text(stack, "bold cyan").append(f"  {found.start.topology} to {found.to}", "bold")
    yield Rule(title, align="left", style="cyan")
    if refusals:
        yield Text(f"{stack} can't switch to {found.to}:", "bold red")
        yield from (Padding(Text(each), (0, 0, 0, 2)) for each in refusals)
        return
    if not any(way.steps or way.refused for way in found.ways):
        yield Text(f"{stack} is there already: {found.to} serves, and nothing stands by.")
        return
    for way in found.ways:
        yield Text(f"\n{_WAYS[way.name]}", "bold")
        if way.refused:
            yield Padding(Text(f"Not open: {way.refused}.", "yellow"), (0, 0, 0, 2))
        for number, each in enumerate(told.get(way.name, ()), 1):
            yield from _step(stack, number, each)


_WAYS = {"cautious": "Cautious, viewers moved in parts", "quick": "Quick, all viewers at once"}


def _step(stack: str, number: int, told: Told) -> "Iterator[RenderableType]":
    from rich.padding import Padding
    from rich.text import Text

    updated = ", ".join(each.name for each in told.found.of_kind("updated"))
    counts = [f"{count} {word}" for word, count in _counts(told.found).items() if count]
    changes = ", ".join(f"{each} ({updated})" if "updated" in each else each for each in counts) or "nothing changes"
    yield Text(f"  {number}. {told.step.title}", "bold green")
    for line in commands(stack, told.step.changed):
        yield Padding(Text(f"$ {line}", overflow="fold"), (0, 0, 0, 5))
    yield Padding(Text(changes, "dim"), (0, 0, 0, 5))
    yield Padding(Text(f"from then on ${told.monthly:,.2f} a month before any request", "dim"), (0, 0, 0, 5))
    back = ", ".join(f"{key} {value}" for key, value in told.step.way_back.items())
    yield Padding(Text(f"back: set {back}, and pulumi up", "dim"), (0, 0, 0, 5))
    if told.step.then:
        yield Padding(Text(told.step.then), (0, 0, 0, 5))
