"""`project`: a small Pulumi project in a folder of its own, which is also where the test stands."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from preflight import stackfile
from preflight.recorder import record_stack
from preflight.recording import Recording


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """`project({"__main__.py": "...", ...})` writes the files over a Pulumi.yaml and a stack called dev."""

    def write(files: dict[str, str]) -> Path:
        given = {"Pulumi.yaml": "name: shop\nruntime: python\n", "Pulumi.dev.yaml": "", "__main__.py": "", **files}
        for name, text in given.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        return tmp_path

    return write


@pytest.fixture
def record_dev() -> Callable[[Path], Recording]:
    """Record the stack dev of a project."""
    return lambda root: record_stack(stackfile.load(root, "dev"))
