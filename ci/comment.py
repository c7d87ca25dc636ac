"""comment: the one comment of a pull request, worded by this project's own code from data that may be hostile.

With a token that may write nothing. What the pull request's code wrote is either data of known types, from which the
report is made anew, or text that stands in a block of code, where GitHub reads nothing into it.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from ci.fetch import ENDED, FAILED, MISSING, PLAN, PLANNED, REPORT_FILE, Fetched
from preflight.cli import Recorded
from preflight.report.assemble import assemble
from preflight.report.comment import MARKER, comment
from preflight.report.markdown import block, summary
from preflight.report.parcel import ParcelError, unpack
from preflight.stackfile import StackFile, StackFileError
from preflight.usage import Usage

# Source: https://github.com/orgs/community/discussions/27190: 65,536 characters; the rest is for the words between.
MOST_BYTES = 64_000
_PLAN_CHARACTERS = 12_000
_PLANS_CHARACTERS = 30_000
"""Of all plans together; what is left is the report's."""
_COUNTED = re.compile(r"^ +[+~-]{1,2} *(\d{1,6}) to (create|update|replace|delete)$", re.MULTILINE)


def render(folder: Path) -> None:
    """Write `comment.md` into the folder that `fetch` filled."""
    fetched = Fetched.read(folder)
    plans = "\n\n".join(_plans(folder))
    told = _report(folder / REPORT_FILE, fetched, MOST_BYTES - len(plans.encode()) - 2_000)
    parts = [MARKER, _head(fetched), told, plans]
    (folder / "comment.md").write_text("\n\n".join(filter(None, parts)) + "\n", encoding="utf-8")


def _head(fetched: Fetched) -> str:
    """What is told, of which commit, by whom, and how far that can be believed."""
    verify = f"[verify]({fetched.verify_url}): {fetched.verify or 'running'}" if fetched.verify_url else ""
    preview = f"[preview]({fetched.preview_url}): {fetched.preview or 'running'}" if fetched.preview_url else ""
    lines = [f"At `{fetched.sha[:7]}`. {', '.join(filter(None, (verify, preview)))}."]
    lines.append("This is what the pull request's own code says it would do, without credentials.")
    if fetched.is_fork:
        lines.append("It comes from a fork, so Pulumi was not asked: a maintainer who trusts it pushes it to a branch.")
    elif fetched.preview == "success":
        lines.append("What Pulumi says, with the state and AWS before it, is below.")
    return "\n".join(f"_{each}_  " for each in lines)


def _report(path: Path, fetched: Fetched, most_bytes: int) -> str:
    if not path.exists():
        return "There is no report: the run above says why." if fetched.verify else "The report is being made."
    try:
        stacks, remarks = unpack(path.read_bytes())
        reports = [
            assemble(now, before, (), Usage(), record=_run, uncompared=why_not) for now, before, why_not in stacks
        ]
        told = comment(reports, fetched.verify_url or None, remarks, most_bytes)
        return _plain(told.removeprefix(MARKER).strip())
    except ParcelError:
        return "The report of this run is none that could be read."
    except Exception:  # whoever wrote the data wanted it to go wrong, or wrote it with other code
        return "The report of this run could not be told."


def _run(file: StackFile) -> Recorded:
    """Nothing of the pull request is: there is no program where its recordings say they are from."""
    raise StackFileError(f"{file.stack} is only told of")


def _plans(folder: Path) -> Iterator[str]:
    left = _PLANS_CHARACTERS
    for path in sorted(folder.glob(f"{PLAN}*.txt")):
        text = _clipped(path.read_text(encoding="utf-8", errors="replace"), min(_PLAN_CHARACTERS, left))
        left -= len(text)
        stack = path.stem.removeprefix(PLAN)
        title = f"Pulumi's own plan of {summary(stack)}: {_counts(path)}"
        yield f"<details><summary>{title}</summary>\n\n{block(text, 'text')}\n\n</details>"


def _counts(path: Path) -> str:
    """`2 to create, 1 to update`: numbers and known words, whatever else is in the text."""
    ended = path.with_suffix(f".{ENDED}")
    how = ended.read_text(encoding="utf-8") if ended.exists() else FAILED
    if how != PLANNED:
        return "there is no such stack yet, so all is to create" if how == MISSING else "it failed"
    found = _COUNTED.findall(path.read_text(encoding="utf-8", errors="replace"))
    return ", ".join(f"{int(number)} to {word}" for number, word in found[:4]) or "no changes"


def _plain(text: str) -> str:
    """Without what can't be seen: colours of a terminal, and marks that turn the direction of writing."""
    return "".join(each for each in text if each in "\n\t" or each.isprintable())


def _clipped(text: str, most: int) -> str:
    """Begin and end of a text that is too long: the end has the sums."""
    plain = _plain(text.replace("\r\n", "\n"))
    if len(plain) <= most:
        return plain
    half = max(most // 2 - 40, 0)
    return f"{plain[:half]}\n... {len(plain) - 2 * half} characters left out ...\n{plain[len(plain) - half :]}"
