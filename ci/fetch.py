"""fetch: for which pull request a run was, and what its runs left for the comment. With a token, and without trust."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ci import artefact
from ci.github import Github
from ci.pull_request import latest_run, of_run

REPORT, REPORT_FILE = "report", "report.json"
PLAN = "plan-"
ENDED = "ended"
"""Ending of the file that says how a plan ended, in one of these words."""
PLANNED, FAILED, MISSING = "planned", "failed", "missing"
FACTS = "fetched.json"
_REPORT_BYTES = 16 * 1024 * 1024
_PLAN_BYTES = 512 * 1024
STACK_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
MOST_PLANS = 10


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """What is known, every word of it GitHub's. What the runs wrote lies beside it, in files."""

    pull_request: int
    sha: str
    is_fork: bool
    verify_url: str
    verify: str
    """How `verify` ended: success, failure ...; empty while it runs."""
    preview_url: str
    preview: str
    """The same of `preview`; empty too where it has no business."""

    @classmethod
    def read(cls, folder: Path) -> "Fetched":
        return cls(**json.loads((folder / FACTS).read_text(encoding="utf-8")))


def fetch(github: Github, event: Mapping[str, Any], folder: Path) -> str:
    """The number of the pull request, with all about it in `folder`; empty if there is none to tell."""
    run, repository = event["workflow_run"], event["repository"]
    number = of_run(github, run, repository)
    if number is None:
        return ""
    folder.mkdir(parents=True, exist_ok=True)
    is_fork = run["head_repository"]["id"] != repository["id"]
    verify = latest_run(github, "verify.yml", run) or {}
    # A fork can change the workflow that it runs, so only what a branch of this repository ran had a role.
    preview = {} if is_fork else latest_run(github, "preview.yml", run) or {}
    if verify:
        for name, archive in artefact.named(github, verify["id"], REPORT):
            content = artefact.member(archive, REPORT_FILE, _REPORT_BYTES) if name == REPORT else None
            if content is not None:
                (folder / REPORT_FILE).write_bytes(content)
    if preview:
        _plans(github, preview["id"], folder)
    facts = Fetched(
        pull_request=number,
        sha=run["head_sha"],
        is_fork=is_fork,
        verify_url=verify.get("html_url", ""),
        verify=verify.get("conclusion") or "",
        preview_url=preview.get("html_url", ""),
        preview=preview.get("conclusion") or "",
    )
    (folder / FACTS).write_text(json.dumps(asdict(facts)), encoding="utf-8")
    return str(number)


def _plans(github: Github, run: int, folder: Path) -> None:
    """Each `plan-<stack>.txt`. The name becomes a file's here, so it must be one a stack can have."""
    taken = 0
    for name, archive in artefact.named(github, run, PLAN):
        stack = name.removeprefix(PLAN)
        content = artefact.member(archive, f"{name}.txt", _PLAN_BYTES)
        if content is not None and stack and set(stack) <= STACK_CHARACTERS and taken < MOST_PLANS:
            taken += 1
            (folder / f"{name}.txt").write_bytes(content)
            ended = (artefact.member(archive, f"{name}.{ENDED}", len(PLANNED)) or b"").decode(errors="replace")
            # It writes that first: whatever else there is, the plan did not end.
            known = ended if ended in (PLANNED, FAILED, MISSING) else FAILED
            (folder / f"{name}.{ENDED}").write_text(known, encoding="utf-8")
