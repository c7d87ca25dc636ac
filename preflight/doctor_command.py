"""`preflight doctor FOLDER`: what would break in which topology, before an image is built."""
# ruff: noqa: PLC0415

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from preflight.cli import AsJson, Overrides, app, find_root, refused
from preflight.stackfile import StackFileError, load, stack_names

if TYPE_CHECKING:
    from rich.console import RenderableType

    from preflight.doctor_finding import Finding


@app.command()
def doctor(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="With the Dockerfile: the build context.")],
    stack: Annotated[str, typer.Option(help="Whose settings count; default: the first.")] = "",
    overrides: Overrides = None,
    as_json: AsJson = False,
) -> None:
    """What would break in which topology: port, health path, user, writable paths, base, entry point, adapter."""
    from preflight.dockerfile import DockerfileError, read_image
    from preflight.doctor import examine
    from preflight.doctor_finding import Patient
    from settings import parse

    try:
        root = find_root(Path.cwd())
        name = stack or next(iter(stack_names(root)), "")
        settings, refusals = parse(load(root, name, tuple(overrides or ())).config)
        if refusals:
            raise refused([f"{name}: {each}" for each in refusals])
        image = read_image(folder / "Dockerfile")
    except (StackFileError, DockerfileError) as error:
        raise refused([str(error)]) from None
    found = examine(Patient(image=image, folder=folder, settings=settings))
    if as_json:
        typer.echo(json.dumps({"schema": 1, "stack": name, "findings": [asdict(each) for each in found]}, indent=2))
    else:
        _show(found, folder)
    sys.exit(1 if any(each.breaks for each in found) else 0)


def _show(found: list["Finding"], folder: Path) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for each in found:
        console.print(_told(each, folder), soft_wrap=True)
    breaking = sum(bool(each.breaks) for each in found)
    if breaking:
        console.print(Text(f"{breaking} of {len(found)} break a topology.", style="bold red"))
    elif found:
        console.print(Text(f"Nothing breaks; {len(found)} to look at.", style="bold yellow"))
    else:
        console.print(Text("It runs in both topologies, as far as its Dockerfile tells.", style="bold green"))


def _told(finding: "Finding", folder: Path) -> "RenderableType":
    from rich.text import Text

    where = f"{folder / 'Dockerfile'}:{finding.line}" if finding.line else str(folder / "Dockerfile")
    what = f"breaks {' and '.join(finding.breaks)}" if finding.breaks else "look at it"
    text = Text(f"{where}  ", style="bold")
    text.append(f"{finding.check}: ")
    text.append(what, style="bold red" if finding.breaks else "yellow")
    text.append(f"\n  {finding.message}\n")
    text.append(f"  {finding.fix}\n", style="dim")
    return text
