"""`preflight diff`: this tree against a commit, or against itself with settings changed."""
# ruff: noqa: PLC0415

import json
import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from preflight.cli import AsJson, Overrides, Recorded, app, find_root, patience, record, record_stacks, refused
from preflight.stackfile import StackFileError, load

if TYPE_CHECKING:
    from preflight.base import Base
    from preflight.difference import Difference, PropertyChange
    from preflight.recording import Recording


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is said of a difference."""

    against: str
    found: "Difference"
    dangers: tuple[str, ...]
    goes_along: tuple[str, ...] = ()
    """What is lost with it, without being a danger by itself."""
    notes: tuple[str, ...] = ()
    """How far it can be believed."""


class FailOn(StrEnum):
    """What makes the command fail."""

    danger = "danger"


@app.command()
def diff(
    stack: Annotated[str, typer.Argument(metavar="STACK")],
    base: Annotated[
        str | None, typer.Option(metavar="REF", help="Compare with this commit; default: where this branch left main.")
    ] = None,
    changed: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="KEY=VALUE", help="Compare with this tree, these settings changed. Repeatable."),
    ] = None,
    overrides: Overrides = None,
    as_json: AsJson = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 if anything changes.")] = False,
    fail_on: Annotated[FailOn | None, typer.Option(help="Exit with 1 on danger.")] = None,
) -> None:
    """What is added, removed, replaced and updated, property by property, the dangerous first."""
    if complaint := misfit(base, changed):
        raise refused([complaint])
    from preflight.danger import dangers
    from preflight.danger_of_loss import goes_along
    from preflight.difference import difference
    from preflight.discreet import discreet_override

    if changed:
        before, after, switched, notes = _with(stack, overrides, changed)
        configs, against = (
            (before.file.config, after.file.config),
            f"itself with {', '.join(map(discreet_override, changed))}",
        )
        pair = before.recording, after.recording
    else:
        was, after = _against_base(stack, base, overrides)
        configs, against, switched, notes = (was.config, after.file.config), was.ref, was.switched, was.notes
        pair = was.recording, after.recording
    found = difference(*pair)
    told = Told(
        against=against,
        found=found,
        dangers=dangers(found, *pair, switched=switched, configs=configs),
        goes_along=goes_along(found, pair[0]),
        notes=(*notes, *found.doubts),
    )
    if as_json:
        from preflight.document import document

        whole = document(after.recording, after.topology) | {"diff": as_data(told)}
        typer.echo(json.dumps(whole, indent=2, ensure_ascii=False))
    else:
        from rich.console import Console

        from preflight.diff_view import show_difference

        console = Console(highlight=False, color_system=None if os.environ.get("NO_COLOR") else "auto")
        show_difference(stack, told, console)
    if (exit_code and found) or (fail_on and told.dangers):
        raise typer.Exit(1)


def misfit(base: str | None, changed: list[str] | None) -> str:
    """What is wrong with these two options; empty if nothing is."""
    if base is not None and changed:
        return "--base and --with exclude each other: one compares commits, the other settings"
    return "--base is empty: name a commit, or leave it out" if base is not None and not base.strip() else ""


def _with(
    stack: str, overrides: list[str] | None, changed: list[str]
) -> "tuple[Recorded, Recorded, Recording | None, tuple[str, ...]]":
    from preflight.switched import switched

    (before,) = record_stacks([stack], overrides)
    (after,) = record_stacks([stack], overrides, changed)
    return before, after, *switched(before, after, overrides or (), record)


def _against_base(stack: str, ref: str | None, overrides: list[str] | None) -> "tuple[Base, Recorded]":
    from preflight import git
    from preflight.base import elsewhere, record_base

    def base() -> "Base":
        root = find_root(Path.cwd())
        given = tuple(overrides or ())
        return record_base(root, stack, ref or git.merge_base(root), given, load(root, stack, given).config)

    with elsewhere() as process:
        recorded = process.submit(base)
        (now,) = record_stacks([stack], overrides)
        try:
            with patience(f"recording {stack} at {ref or 'the merge base'}"):
                return recorded.result(), now
        except StackFileError as error:
            raise refused([str(error)]) from None


def as_data(told: "Told") -> dict[str, Any]:
    """The `diff` of the JSON document."""

    def properties(changes: "tuple[PropertyChange, ...]") -> list[dict[str, Any]]:
        return [{"path": each.path, "before": each.before, "after": each.after} for each in changes]

    return {
        "against": told.against,
        "danger": list(told.dangers),
        "goesAlong": list(told.goes_along),
        "notes": list(told.notes),
        "changes": [
            {
                "kind": each.kind,
                "urn": each.urn,
                "oldUrn": each.old_urn,
                "type": each.type,
                "name": each.name,
                "forcedBy": list(each.forced_by),
                "properties": properties(each.properties),
            }
            for each in told.found.changes
        ],
        "outputs": properties(told.found.outputs),
    }
