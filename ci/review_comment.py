"""say: where the environment of a pull request is, or that it is gone, in one comment of its own."""

import os
import re
from collections.abc import Mapping

from ci.github import Github
from ci.post import post

MARKER = "<!-- switchyard review -->"
_URL = re.compile(r"https://[a-z0-9.-]{1,253}")
_SAYS: Mapping[str, str] = {
    "up": "This pull request runs at {url}. Every push updates it; it goes when the pull request is closed.",
    "down": "The environment of this pull request is gone.",
    "expired": "The environment of this pull request is gone: the pull request was closed, has lost its label, or was "
    "not updated for days. While it is open and labelled, a push makes it anew.",
}
_FAILED: Mapping[str, str] = {
    "up": "This pull request could not be deployed to an environment of its own: {run}.",
    "down": "Something is left of the environment of this pull request: {run}. It is tried again at night.",
}


def say(github: Github, number: int, action: str, result: str, url: str) -> None:
    """Post or update the comment. What is no plain address is told as a failure: the URL is the program's output."""
    is_done = result == "success" and (action != "up" or bool(_URL.fullmatch(url)))
    text = _SAYS[action] if is_done else _FAILED["up" if action == "up" else "down"]
    post(github, number, f"{MARKER}\n{text.format(url=url, run=_run())}\n")


def _run() -> str:
    server, repository, run = (os.environ.get(f"GITHUB_{each}", "") for each in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    return f"[the run says why]({server}/{repository}/actions/runs/{run})"
