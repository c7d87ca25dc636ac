"""A repository of git for a test: commands in it as somebody, and all of it committed."""

import subprocess
from pathlib import Path

# A submodule in a folder beside it is one of this machine's, which git takes from nobody unasked.
AS_SOMEBODY = ("user.name=t", "user.email=t@example.com", "commit.gpgsign=false", "protocol.file.allow=always")


def git(folder: Path, *arguments: str) -> str:
    """What it says."""
    settings = [word for each in AS_SOMEBODY for word in ("-c", each)]
    done = subprocess.run(["git", "-C", folder, *settings, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(folder: Path, message: str = "a step") -> str:
    """The commit."""
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "HEAD")
