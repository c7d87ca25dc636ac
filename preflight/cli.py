"""The command line: `python -m preflight <command>`.

A command is a function under `@app.command()`; one in a module of its own takes `Stacks`, `Overrides` and `AsJson`
from here, calls `record_stacks`, and is imported by `__main__.py`. rich and pulumi are imported where they are used,
so that a refused stack file, or JSON, does not wait for them.
"""
# ruff: noqa: PLC0415

import json
import os
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from traceback import walk_tb
from typing import TYPE_CHECKING, Annotated

import typer

from preflight.stackfile import NAMESPACE, StackFile, StackFileError, load, stack_names

if TYPE_CHECKING:
    from preflight.recording import Recording

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

Stacks = Annotated[list[str] | None, typer.Argument(metavar="STACK", help="All that have a file, if none is named.")]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Override the stack file: container.cpu=512, aws:region=eu-west-1, site=null (removes it). Repeatable.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One document for one named stack, else a list.")]


@app.callback()
def main() -> None:
    """All that can be said about a stack before it touches AWS: no account, no login, no Pulumi CLI."""


@app.command()
def preview(stacks: Stacks = None, overrides: Overrides = None, as_json: AsJson = False) -> None:
    """The plan: resources by type, the component tree, what deserves attention, outputs, the next step."""
    recorded = record_stacks(stacks, overrides)
    if as_json:
        from preflight.document import document

        documents = [document(each.recording, each.topology) for each in recorded]
        alone = documents[0] if len(stacks or ()) == 1 else documents
        typer.echo(json.dumps(alone, indent=2, ensure_ascii=False))
        return
    from rich.console import Console

    from preflight.plan import plan
    from preflight.terminal import show

    # rich alone would leave bold and dim where NO_COLOR is set.
    console = Console(highlight=False, color_system=None if os.environ.get("NO_COLOR") else "auto")
    for number, each in enumerate(recorded):
        if number:
            console.print()
        show(plan(each.recording, each.topology), console)


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A stack's configuration, and what the program made of it."""

    file: StackFile
    recording: "Recording"

    @property
    def topology(self) -> str | None:
        return self.file.config.get(f"{NAMESPACE}:topology")


def record_stacks(
    stacks: list[str] | None, overrides: list[str] | None, changed: list[str] | None = None
) -> list[Recorded]:
    """Record the stacks named, or all there are; `changed` are what `--with` changes.

    One that can't be recorded: exit with 2, every complaint on stderr.
    """
    try:
        root = find_root(Path.cwd())
        names = stacks or stack_names(root)
        if not names:
            raise StackFileError(f"no stack in {root}: there is no Pulumi.<stack>.yaml")
    except StackFileError as error:
        raise refused([str(error)]) from None
    recorded, complaints = [], []
    for name in names:
        try:
            recorded.append(record(load(root, name, tuple(overrides or ()), tuple(changed or ()))))
        except StackFileError as error:
            complaints.append(str(error))
        except (Exception, SystemExit) as error:  # whatever the program may raise
            complaints.append(f"{name}: {explain(error, root)}")
    if complaints:
        raise refused(complaints)
    return recorded


def refused(complaints: list[str]) -> typer.Exit:
    """Say what is wrong on stderr, each complaint once; raise what this returns."""
    for each in dict.fromkeys(complaints):
        typer.echo(f"error: {each}", err=True)
    return typer.Exit(2)


def find_root(folder: Path) -> Path:
    """The project: this folder, or the nearest above it, that holds a Pulumi.yaml."""
    for each in (folder, *folder.parents):
        if (each / "Pulumi.yaml").is_file():
            return each
    raise StackFileError(f"no Pulumi.yaml in {folder} or in any folder above it")


def explain(error: BaseException, root: Path) -> str:
    """What went wrong in the program, for a person: a refusal as it is worded, else one line with its place."""
    from pulumi import RunError

    if isinstance(error, RunError):
        return str(error)
    message = " ".join(str(error.msg if isinstance(error, SyntaxError) else error).split())
    place = _place(error, root)
    return f"{type(error).__name__}{': ' if message else ''}{message}{f' ({place})' if place else ''}"


def _place(error: BaseException, root: Path) -> str:
    """Where in the program's own files, as `path:line`; empty if it was in none of them."""
    found = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
    if isinstance(error, SyntaxError):
        found.append((error.filename or "", error.lineno or 0))
    ours = str(Path(__file__).parent)
    for file, line in reversed(found):
        if file.startswith(f"{root}/") and "site-packages" not in file and not file.startswith(f"{ours}/"):
            return f"{Path(file).relative_to(root)}:{line}"
    return ""


def record(file: StackFile) -> Recorded:
    """Run the program with a configuration. Raises what the program may raise."""
    with patience(f"running the program for {file.stack}"):
        from preflight.recorder import record_stack

        # What the program prints must not end up between the lines of the answer.
        with redirect_stdout(sys.stderr):
            return Recorded(file=file, recording=record_stack(file))


@contextmanager
def patience(doing: str) -> Generator[None, None, None]:
    """Say on stderr, if it is a terminal, what takes longer than a second."""
    stderr = sys.stderr
    if not stderr.isatty():
        yield
        return
    done = threading.Event()

    def spin() -> None:
        if done.wait(1):
            return
        for dot in cycle("|/-\\"):
            stderr.write(f"\r{dot} {doing}")
            stderr.flush()
            if done.wait(0.1):
                break
        stderr.write(f"\r{' ' * (len(doing) + 2)}\r")
        stderr.flush()

    thread = threading.Thread(target=spin, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
