"""`preflight diff`: this tree against a commit, or against itself with settings changed."""
# ruff: noqa: PLC0415

import json
import os
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from preflight.cli import AsJson, Overrides, app, find_root, patience, record_stacks, refused
from preflight.stackfile import StackFileError

if TYPE_CHECKING:
    from preflight.base import Base
    from preflight.difference import Difference, PropertyChange


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
    if base and changed:
        raise refused(["--base and --with exclude each other: one compares commits, the other settings"])
    from preflight.danger import dangers
    from preflight.difference import difference

    if changed:
        (now,) = record_stacks([stack], overrides)
        (after,) = record_stacks([stack], [*(overrides or ()), *changed])
        pair, configs, notes = (now.recording, after.recording), (now.file.config, after.file.config), ()
        against = f"itself with {', '.join(changed)}"
    else:
        with ThreadPoolExecutor(max_workers=1) as elsewhere:  # its process records while this one does
            base_recorded = elsewhere.submit(_base, stack, base, tuple(overrides or ()))
            (now,) = record_stacks([stack], overrides)
            try:
                with patience(f"recording {stack} at {base or 'the merge base'}"):
                    was = base_recorded.result()
            except StackFileError as error:
                raise refused([str(error)]) from None
        pair, configs, notes = (was.recording, now.recording), (was.config, now.file.config), was.notes
        against = was.ref
    found = difference(*pair)
    notes = (*notes, *found.doubts)
    danger = dangers(found, *pair, configs=configs)
    if as_json:
        from preflight.document import document

        told = document(pair[1], now.topology) | {"diff": as_data(against, found, danger, notes)}
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        from rich.console import Console

        from preflight.diff_view import show_difference

        console = Console(highlight=False, color_system=None if os.environ.get("NO_COLOR") else "auto")
        show_difference(stack, against, found, danger, notes, console)
    if (exit_code and found) or (fail_on and danger):
        raise typer.Exit(1)


def _base(stack: str, ref: str | None, overrides: tuple[str, ...]) -> "Base":
    from preflight.base import merge_base, record_base

    root = find_root(Path.cwd())
    return record_base(root, stack, ref or merge_base(root), overrides)


def as_data(against: str, found: "Difference", danger: tuple[str, ...], notes: tuple[str, ...]) -> dict[str, Any]:
    """The `diff` of the JSON document."""

    def properties(changes: "tuple[PropertyChange, ...]") -> list[dict[str, Any]]:
        return [{"path": each.path, "before": each.before, "after": each.after} for each in changes]

    return {
        "against": against,
        "danger": list(danger),
        "notes": list(notes),
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
            for each in found.changes
        ],
        "outputs": properties(found.outputs),
    }
