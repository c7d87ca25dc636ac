"""The table of jobs in docs/delivery.md: what each may do on GitHub, as whom in AWS, and what it runs."""

from collections.abc import Iterator, Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any

import yaml

_HEAD = "| workflow | job | rights on GitHub | environment, and so role | runs |\n|---|---|---|---|---|\n"


def jobs_table(root: Path) -> str:
    """Every job of every workflow."""
    return _HEAD + "".join(_rows(root))


def _rows(root: Path) -> Iterator[str]:
    for path in sorted((root / ".github" / "workflows").glob("*.yml")):
        for name, job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].items():
            rights = ", ".join(f"{key}: {each}" for key, each in job["permissions"].items()) or "none"
            yield f"| {path.stem} | {name} | {rights} | {_environment(job)} | {_runs(job)} |\n"


def _environment(job: Mapping[str, Any]) -> str:
    name = job.get("environment", {}).get("name")
    if not name:
        return ""
    return f"`{name.replace('${{ ', '<').replace(' }}', '>').replace('matrix.', '').replace('inputs.', '')}`"


def _runs(job: Mapping[str, Any]) -> str:
    """The first words of each command, without what is given to it."""
    if called := job.get("uses"):
        return f"the jobs of {Path(called).stem}"
    return ", ".join(f"`{_command(step['run'])}`" for step in job["steps"] if "run" in step)


def _command(script: str) -> str:
    """`ci deploy`, `make test`: what is called, without what is given to it."""
    if script.startswith("cat "):
        return "cat comment.md"
    words = script.partition(" -m ")[2].split() or script.split()
    return " ".join(takewhile(lambda word: word.replace("-", "").isalpha() and word[0] != "-", words))
