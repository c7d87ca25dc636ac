"""Other programs, run from the project's folder."""

import os
import subprocess
from pathlib import Path

from ci.problem import Problem

# The file of a pull request's stack is written anew for each push, without what opens the stack's secrets: Pulumi's CLI
# then takes that from the state, where it is too, instead of making another up.
_OWN = {"PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true"}


def run(*command: str, root: Path, stdin: str | None = None) -> bool:
    """Whether it succeeded; what it prints goes to the log."""
    return _started(command, root, stdin=stdin).returncode == 0


def ask(*command: str, root: Path) -> str:
    """What it prints. Raises Problem with its last words if it fails."""
    done = _started(command, root, capture=True)
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise Problem(f"{' '.join(command[:3])}: {said[-1]}")
    return done.stdout


def listen(*command: str, root: Path) -> tuple[int, str]:
    """Its exit status, and all that it prints."""
    done = _started(command, root, capture=True, together=True)
    return done.returncode, done.stdout


def _started(
    command: tuple[str, ...], root: Path, *, stdin: str | None = None, capture: bool = False, together: bool = False
) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(  # noqa: S603
            command,
            cwd=root,
            env={**_OWN, **os.environ},
            input=stdin,
            stdout=subprocess.PIPE if capture else None,
            stderr=subprocess.STDOUT if together else subprocess.PIPE if capture else None,
            text=True,
            check=False,
        )
    except OSError as error:
        raise Problem(f"{command[0]} can't be run: {error.strerror}") from None
