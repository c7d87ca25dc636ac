"""`preflight report`: everything about stacks as one page, and as a comment for a pull request."""
# ruff: noqa: PLC0415

import re
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from preflight.cli import Overrides, Recorded, Stacks, app, find_root, patience, record_stacks, refused
from preflight.diff_command import misfit
from preflight.pricing import Requests, UsageFile, assumptions, refuse_misfits
from preflight.stackfile import StackFileError, load, stack_names

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
    complaints = [complaint] if (complaint := misfit(base, changed)) else []
    if url and not re.fullmatch(r"https?://[\w.~:/?#@!$&*+,;=%-]+", url):
        complaints.append(f"--url {url}: must be an address such as https://example.com/{PAGE}")
    if complaints:
        raise refused(complaints)
    stacks = list(dict.fromkeys(stacks or ())) or None
    usage, _ = assumptions(requests, "730", usage_file)
    if changed:
        before = record_stacks(stacks, overrides)
        after = record_stacks(stacks, overrides, changed)
        sides = [Sides(now=now, before=_itself(was, changed)) for was, now in zip(before, after, strict=True)]
        remarks: tuple[str, ...] = ()
    else:
        sides, remarks = _against_base(stacks, base, tuple(overrides or ()))
    refuse_misfits(usage, [each.now for each in sides], usage_file)

    from policies.waivers import WaiverError
    from preflight.report.assemble import assemble

    settings = [*(overrides or ()), *(changed or ())]
    try:
        reports = [assemble(each.now, each.before, settings, usage, uncompared=each.why_not) for each in sides]
    except WaiverError as error:
        raise refused([str(error)]) from None
    with patience("drawing and writing"):
        _write(reports, remarks, out, url)
    typer.echo(f"{out / PAGE}\n{out / COMMENT}")


@dataclass(frozen=True, kw_only=True)
class Sides:
    """A stack, and what it is compared with."""

    now: Recorded
    before: "Before | None" = None
    why_not: str = ""
    """Why it is compared with nothing."""


def _write(reports: "list[StackReport]", remarks: tuple[str, ...], out: Path, url: str | None) -> None:
    from preflight.drawing.d2 import D2Error
    from preflight.report.comment import comment
    from preflight.report.page import page

    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / PAGE).write_text(page(reports, remarks), encoding="utf-8")
        (out / COMMENT).write_text(comment(reports, url, remarks), encoding="utf-8")
    except OSError as error:
        raise refused([f"--out {out}: {error.strerror or error}"]) from None
    except D2Error as error:
        raise refused([str(error)]) from None


def _itself(recorded: Recorded, changed: list[str]) -> "Before":
    from preflight.report.assemble import Before

    against = f"{recorded.file.stack} as it is"
    return Before(against=against, recorded=recorded, is_same_tree=True, changed=tuple(changed))


def _against_base(
    stacks: list[str] | None, ref: str | None, overrides: tuple[str, ...]
) -> tuple[list[Sides], tuple[str, ...]]:
    """The stacks beside what they were at another commit, and what is to be said of all of them."""
    from preflight import git
    from preflight.base import elsewhere, record_base

    is_asked_for = ref is not None
    with elsewhere() as process:
        bases: dict[str, Future[Base]] = {}
        why_not, remarks = "", ()
        try:
            root = find_root(Path.cwd())
            known = stack_names(root)
            ref = ref or git.merge_base(root)
            for name in stacks or known:
                config = load(root, name, overrides).config
                bases[name] = process.submit(record_base, root, name, ref, overrides, config)
            if not stacks:
                remarks = tuple(_GONE.format(each) for each in git.stacks_at(root, ref) if each not in known)
        except StackFileError as error:  # one about the stack files is said again, and better, when they are recorded
            why_not = str(error)
        after = record_stacks(stacks, list(overrides))
        return [_sides(each, bases.get(each.file.stack), why_not, is_asked_for=is_asked_for) for each in after], remarks


_GONE = (
    "{} has no file any more. What it deployed stays, and costs, until somebody takes its last file and runs "
    "pulumi destroy."
)


def _sides(now: Recorded, found: "Future[Base] | None", why_not: str, *, is_asked_for: bool) -> Sides:
    from preflight.report.assemble import Before

    if not found:
        return Sides(now=now, why_not=why_not)
    try:
        with patience(f"recording {now.file.stack} as it was"):
            was = found.result()
    except StackFileError as error:
        if is_asked_for:
            raise refused([str(error)]) from None
        typer.echo(f"warning: {now.file.stack} is compared with nothing: {error}", err=True)
        return Sides(now=now, why_not=str(error))
    recorded = Recorded(file=replace(now.file, config=was.config), recording=was.recording)
    return Sides(now=now, before=Before(against=was.ref, recorded=recorded, switched=was.switched, notes=was.notes))
