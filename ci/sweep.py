"""sweep: which environments of pull requests have outlived their time."""

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ci.command import ask
from ci.decide import LABEL
from ci.github import Github, Refused
from ci.problem import Problem

_BUCKET = re.compile(r"s3://(?P<name>[a-z0-9.-]{3,63})(?:\?.*)?")
_PROJECT = re.compile(r"^name: *([A-Za-z0-9._-]+) *$", re.MULTILINE)
_NOT_FOUND = 404


def sweep(github: Github, days: int, root: Path, now: datetime | None = None) -> list[int]:
    """Numbers of the pull requests whose environment is to be destroyed. Nothing but `pr-<number>` is ever named."""
    oldest = (now or datetime.now(UTC)) - timedelta(days=days)
    return sorted(number for number, updated in _stacks(root) if updated < oldest or not _is_wanted(github, number))


def _stacks(root: Path) -> Iterator[tuple[int, datetime]]:
    """Each environment's number, and when its state was last written.

    Read from the names of the bucket's objects: `pulumi stack ls` reads the state of each stack, also dev's and prod's.
    """
    found = _BUCKET.fullmatch(os.environ.get("PULUMI_BACKEND_URL", ""))
    if not found:
        raise Problem("PULUMI_BACKEND_URL must be s3://<bucket>, as python -m bootstrap.connect says")
    project = _PROJECT.search((root / "Pulumi.yaml").read_text(encoding="utf-8"))
    prefix = f".pulumi/stacks/{project[1] if project else ''}/"
    query = ("--query", "Contents[].[Key, LastModified]", "--output", "json")
    listed = ask(
        "aws", "s3api", "list-objects-v2", "--bucket", found["name"], "--prefix", f"{prefix}pr-", *query, root=root
    )
    for key, modified in json.loads(listed) or ():
        named = re.fullmatch(re.escape(prefix) + r"pr-([1-9]\d{0,8})\.json", key)
        if named:
            yield int(named[1]), datetime.fromisoformat(modified)


def _is_wanted(github: Github, number: int) -> bool:
    """Whether the pull request is open and carries the label."""
    try:
        found = github.get(f"pulls/{number}")
    except Refused as refused:
        if refused.status == _NOT_FOUND:
            return False
        raise
    return found["state"] == "open" and LABEL in {each["name"] for each in found["labels"]}
