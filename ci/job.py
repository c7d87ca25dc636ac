"""What a job is told, and tells the next, by the files whose paths GitHub puts into the environment.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

import json
import os
import secrets
from pathlib import Path
from typing import Any

from ci.problem import Problem


def event() -> dict[str, Any]:
    """What set off the workflow, as GitHub tells it."""
    path = os.environ.get("GITHUB_EVENT_PATH")
    if not path:
        raise Problem("GITHUB_EVENT_PATH is not set: this runs in a workflow")
    return json.loads(Path(path).read_text(encoding="utf-8"))


def tell(name: str, value: object) -> None:
    """An output of the step; elsewhere than in a workflow it is printed.

    The value stands between two lines that nobody can guess, so whatever is in it can't become another output.
    """
    text = value if isinstance(value, str) else json.dumps(value)
    path = os.environ.get("GITHUB_OUTPUT")
    if not path:
        print(text)  # noqa: T201
        return
    fence = secrets.token_hex(16)
    with Path(path).open("a", encoding="utf-8") as file:
        file.write(f"{name}<<{fence}\n{text}\n{fence}\n")


def summarize(markdown: str) -> None:
    """On the page of the run; elsewhere nothing."""
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(f"{markdown}\n")
