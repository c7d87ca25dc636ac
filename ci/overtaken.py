"""overtaken: no merge into a stack that runs a newer one: builds end, and approvals come, in any order."""

from typing import Any

from ci.github import Github, Refused
from ci.problem import Problem

_NEWEST = 30
_NOT_FOUND = 404


def must_not_be_overtaken(github: Github, stack: str, commit: str) -> None:
    """Raises Problem if the commit is an ancestor of the one whose deployment to the stack succeeded last.

    A way back counts as one of the commit that main was at: what waited before it must not undo it.
    Source: https://docs.github.com/en/rest/deployments/deployments (the newest come first)
    """
    deployed = next((each["sha"] for each in _deployments(github, stack) if _succeeded(github, each)), commit)
    if deployed != commit and _is_before(github, commit, deployed):
        raise Problem(
            f"{stack} was deployed from {deployed[:7]}, which is newer than {commit[:7]}: nothing is done. To have an "
            "older image, run deploy by hand with its digest"
        )


def _deployments(github: Github, stack: str) -> list[dict[str, Any]]:
    return github.get("deployments", environment=stack, per_page=_NEWEST)


def _succeeded(github: Github, deployment: dict[str, Any]) -> bool:
    """Also one that a later one took the place of."""
    return any(each["state"] == "success" for each in github.pages(f"deployments/{deployment['id']}/statuses"))


def _is_before(github: Github, commit: str, deployed: str) -> bool:
    try:
        return github.get(f"compare/{deployed}...{commit}")["status"] == "behind"
    except Refused as refused:
        if refused.status == _NOT_FOUND:  # main was written anew
            return False
        raise
