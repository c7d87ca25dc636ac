"""Which pull request a run was for, by what GitHub says alone."""

from collections.abc import Mapping
from typing import Any

from ci.github import Github


def of_run(github: Github, run: Mapping[str, Any], repository: Mapping[str, Any]) -> int | None:
    """The open pull request into the default branch whose head is still what was run; None if there isn't just one.

    GitHub leaves the run's own list empty for forks. Head repository, branch and commit are GitHub's words about the
    run, and so about the pull request; nothing that the run itself wrote is asked.
    """
    head = run["head_repository"]
    if not head:  # the fork is gone
        return None
    branch = f"{head['owner']['login']}:{run['head_branch']}"
    found = [
        each["number"]
        for each in github.pages("pulls", state="open", head=branch, base=repository["default_branch"])
        if each["head"]["repo"]
        and each["head"]["repo"]["id"] == head["id"]
        and each["head"]["ref"] == run["head_branch"]
        and each["head"]["sha"] == run["head_sha"]
        and each["base"]["repo"]["id"] == repository["id"]
        and each["base"]["ref"] == repository["default_branch"]
    ]
    return found[0] if len(found) == 1 else None


def latest_run(github: Github, workflow: str, run: Mapping[str, Any]) -> dict[str, Any] | None:
    """The newest run of a workflow, by its file, for the same commit of the same branch of the same repository."""
    found = [
        each
        for each in github.pages(
            f"actions/workflows/{workflow}/runs", "workflow_runs", head_sha=run["head_sha"], event="pull_request"
        )
        if each["head_repository"]
        and each["head_repository"]["id"] == run["head_repository"]["id"]
        and each["head_branch"] == run["head_branch"]
    ]
    return max(found, key=lambda each: (each["run_number"], each["run_attempt"]), default=None)
