"""`preflight report`: everything about stacks as one page, and as a comment for a pull request."""
# ruff: noqa: PLC0415

import re
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from preflight.cli import Overrides, Recorded, Stacks, app, find_root, patience, record_stacks, refused
from preflight.pricing import Requests, UsageFile, assumptions, refuse_misfits
from preflight.stackfile import StackFileError, stack_names

if TYPE_CHECKING:
    from preflight.base import Base
    from preflight.report.assemble import Before
    from preflight.report.stack_report import StackReport

PAGE, COMMENT = "report.html", "comment.md"


@app.command()
def report(
    out: Annotated[Path, typer.Option(metavar="DIR", help=f"Where {PAGE} and {COMMENT} go; made if need be.")],
    stacks: Stacks = None,
    base: Annotated[
        str | None,
        typer.Option(metavar="REF", help="Compare with this commit; default: where this branch left main, if it did."),
    ] = None,
    changed: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="KEY=VALUE", help="Compare this tree with itself, these settings changed."),
    ] = None,
    overrides: Overrides = None,
    requests: Requests = None,
    usage_file: UsageFile = None,
    url: Annotated[str | None, typer.Option(help="Where the page will be, for the comment to point to.")] = None,
) -> None:
    """Architecture, plan, difference, cost, findings, duration: one page that needs no network, and a comment."""
    complaints = []
    if base and changed:
        complaints.append("--base and --with exclude each other: one compares commits, the other settings")
    if url and not re.fullmatch(r"https?://[\w.~:/?#@!$&*+,;=%-]+", url):
        complaints.append(f"--url {url}: must be an address such as https://example.com/{PAGE}")
    if complaints:
        raise refused(complaints)
    usage, _ = assumptions(requests, "730", usage_file)
    if changed:
        before = record_stacks(stacks, overrides)
        after = record_stacks(stacks, [*(overrides or ()), *changed])
        befores = [_itself(each) for each in before]
    else:
        with ThreadPoolExecutor(max_workers=1) as elsewhere:  # git makes one worktree at a time
            bases = _bases(stacks, base, tuple(overrides or ()), elsewhere)
            after = record_stacks(stacks, overrides)
            befores = [_base(each, bases.get(each.file.stack), is_asked_for=bool(base)) for each in after]
    refuse_misfits(usage, after, usage_file)

    from policies.waivers import WaiverError
    from preflight.report.assemble import assemble

    settings = [*(overrides or ()), *(changed or ())]
    try:
        reports = [assemble(now, was, settings, usage) for now, was in zip(after, befores, strict=True)]
    except WaiverError as error:
        raise refused([str(error)]) from None
    with patience("drawing and writing"):
        _write(reports, out, url)
    typer.echo(f"{out / PAGE}\n{out / COMMENT}")


def _write(reports: "list[StackReport]", out: Path, url: str | None) -> None:
    from preflight.drawing.d2 import D2Error
    from preflight.report.comment import comment
    from preflight.report.page import page

    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / PAGE).write_text(page(reports), encoding="utf-8")
        (out / COMMENT).write_text(comment(reports, url), encoding="utf-8")
    except OSError as error:
        raise refused([f"--out {out}: {error.strerror or error}"]) from None
    except D2Error as error:
        raise refused([str(error)]) from None


def _itself(recorded: Recorded) -> "Before":
    from preflight.report.assemble import Before

    return Before(against=f"{recorded.file.stack} as it is", recorded=recorded, is_same_tree=True)


def _bases(
    stacks: list[str] | None, ref: str | None, overrides: tuple[str, ...], elsewhere: ThreadPoolExecutor
) -> dict[str, "Future[Base]"]:
    """The stacks at another commit, recorded in processes of their own while this one records them as they are."""
    from preflight.base import merge_base, record_base

    try:
        root = find_root(Path.cwd())
        names = stacks or stack_names(root)
        ref = ref or merge_base(root)
    except StackFileError:  # said again, and better, when the stacks are recorded; without a main there is no base
        return {}
    return {name: elsewhere.submit(record_base, root, name, ref, overrides) for name in names}


def _base(now: Recorded, found: "Future[Base] | None", *, is_asked_for: bool) -> "Before | None":
    from preflight.report.assemble import Before

    if not found:
        return None
    try:
        with patience(f"recording {now.file.stack} as it was"):
            was = found.result()
    except StackFileError as error:
        if is_asked_for:
            raise refused([str(error)]) from None
        typer.echo(f"warning: {now.file.stack} is compared with nothing: {error}", err=True)
        return None
    recorded = Recorded(file=replace(now.file, config=was.config), recording=was.recording)
    return Before(against=was.ref, recorded=recorded, notes=was.notes)
