"""`record`: run a program as preflight would, and return what it registered, to assert on outside any `apply`."""

import gc
from collections.abc import Callable

import pytest

from preflight.recorder import record_program
from preflight.recording import Recording

pytest_plugins = ["require_all"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, so that at the end no process is left alone with one."""
    items.sort(key=lambda each: "engine" not in each.path.parts)


@pytest.fixture
def record() -> Callable[..., Recording]:
    return record_program


def pytest_collection_finish() -> None:
    """What is imported by now stays: the collector need not look through all of it again and again."""
    gc.collect()
    gc.freeze()
