"""Committed: a stack's settings as they were last committed, read from git without running anything."""

import tempfile
from pathlib import Path

from preflight import git
from preflight.pulumi_yaml import parse_yaml
from preflight.stackfile import StackFileError, load


def committed(root: Path, stack: str) -> dict[str, str] | None:
    """Its configuration at HEAD; None if that can't be told: no git, no commit, not in it, or not readable."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            project = _show(root, "Pulumi.yaml", Path(folder))
            place = (parse_yaml(project) or {}).get("stackConfigDir") or "."
            _show(root, f"{place}/Pulumi.{stack}.yaml", Path(folder))
            return load(Path(folder), stack).config
        except (OSError, ValueError, AttributeError, StackFileError):
            return None


def _show(root: Path, name: str, folder: Path) -> str:
    """A file as it is at HEAD, put into this folder under the same name."""
    text = git.show(root, "HEAD", name)
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return text
