"""sweep: which environments of pull requests have outlived their time."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ci.decide import LABEL
from ci.github import Github, Refused
from ci.pulumi import stacks

_STACK = re.compile(r"pr-([1-9]\d{0,8})")
_NOT_FOUND = 404


def sweep(github: Github, days: int, root: Path, now: datetime | None = None) -> list[int]:
    """Numbers of the pull requests whose environment is to be destroyed. Nothing but `pr-<number>` is ever named."""
    oldest = (now or datetime.now(UTC)) - timedelta(days=days)
    return sorted(
        int(named[1])
        for each in stacks(root)
        if (named := _STACK.fullmatch(each["name"])) and (_is_old(each, oldest) or not _is_wanted(github, named[1]))
    )


def _is_old(stack: Mapping[str, Any], oldest: datetime) -> bool:
    """Whether it was last updated before that; one that never was is as old as can be."""
    text = stack.get("lastUpdate")
    return text is None or datetime.fromisoformat(text) < oldest


def _is_wanted(github: Github, number: str) -> bool:
    """Whether the pull request is open and carries the label."""
    try:
        found = github.get(f"pulls/{number}")
    except Refused as refused:
        if refused.status == _NOT_FOUND:
            return False
        raise
    return found["state"] == "open" and LABEL in {each["name"] for each in found["labels"]}
