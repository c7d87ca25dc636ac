"""tell: one issue for each stack that is not as it was deployed; opened, kept up to date, closed. Without a role."""

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ci.drift import Look
from ci.github import BOT, Github
from preflight.report.markdown import block

_MARKER = "<!-- switchyard drift: {} -->"
_MOST_CHARACTERS = 50_000
_UNDER_WAY = ("in_progress", "queued", "requested", "pending")


def tell(github: Github, stack: str, found: Path) -> None:
    """Open, update or close the issue, unless the stack was being deployed meanwhile: then it differs rightly.

    Of a stack that is not there nothing is known: what was said of it stays until somebody closes it.
    """
    seen = Look.read(found)
    if seen.differs is None:
        return
    issue = _issue(github, stack)
    if not seen.differs:
        if issue:
            github.send("PATCH", f"issues/{issue['number']}", {"state": "closed", "state_reason": "completed"})
        return
    if _was_deployed_since(github, seen.began):
        return
    body = _body(stack, seen)
    if issue:
        github.send("PATCH", f"issues/{issue['number']}", {"body": body})
    else:
        github.send("POST", "issues", {"title": f"{stack} is not as it was deployed", "body": body})


def _issue(github: Github, stack: str) -> Mapping[str, Any] | None:
    marker = _MARKER.format(stack)
    for each in github.pages("issues", state="open", creator=BOT):
        if each["user"]["login"] == BOT and (each["body"] or "").startswith(marker) and "pull_request" not in each:
            return each
    return None


def _was_deployed_since(github: Github, began: str) -> bool:
    """Whether a deployment was under way at some time since; the runs come newest first.

    One that waits, for the approval of prod, may have deployed dev a moment ago, or days ago.
    """
    newest = github.get("actions/workflows/deploy.yml/runs", per_page=20)["workflow_runs"]
    since = datetime.fromisoformat(began)
    return any(
        each["status"] in _UNDER_WAY
        or (each["status"] in ("completed", "waiting") and datetime.fromisoformat(each["updated_at"]) >= since)
        for each in newest
    )


def _body(stack: str, seen: Look) -> str:
    run = "/".join(os.environ.get(f"GITHUB_{each}", "") for each in ("SERVER_URL", "REPOSITORY"))
    text = seen.said if len(seen.said) <= _MOST_CHARACTERS else seen.said[-_MOST_CHARACTERS:]
    return "\n\n".join(
        [
            _MARKER.format(stack),
            f"Somebody changed what AWS has of `{stack}`, or deleted it. Seen at `{seen.began}` by "
            f"[this run]({run}/actions/runs/{os.environ.get('GITHUB_RUN_ID', '')}).",
            block(text, "text"),
            f"`pulumi up -s {stack}`, or the next deployment, puts it right. To keep it, change the program or the "
            "stack's file. This issue is closed by itself once nothing differs.",
        ]
    )
