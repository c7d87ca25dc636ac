"""What the tests of the workflows' steps need: a GitHub and programs that are none, and an environment of a job."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import REPOSITORY, TOKEN, FakeGithub, Programs

from ci.github import Github


@pytest.fixture
def fake() -> Iterator[FakeGithub]:
    with FakeGithub() as found:
        yield found


@pytest.fixture
def github(fake: FakeGithub) -> Github:
    return Github(REPOSITORY, TOKEN, fake.url)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    found = Programs(tmp_path / "programs")
    monkeypatch.setenv("PATH", str(found.folder))
    return found


@pytest.fixture(autouse=True)
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the job that may run it."""
    for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_EVENT_PATH", "GITHUB_TOKEN", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)
