"""`record`: run a program as preflight would, and return what it registered, to assert on outside any `apply`.

`sources`: recordings say where in the code each resource was made.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pulumi
import pytest
from pulumi.runtime.proto import source_pb2

from preflight.recorder import record_program
from preflight.recording import Recording

HERE = Path(__file__).parent
pytest_plugins = ["require_all"]

# pytest's stack is deep, and the SDK would walk it for each resource. Who asks where one was made has `sources`.
_stack_trace = pulumi.runtime.resource._get_stack_trace
pulumi.runtime.resource._get_stack_trace = source_pb2.StackTrace


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, the engine's and then those of the whole: at the end no process is left alone with one."""
    items.sort(key=lambda each: ("engine" not in each.path.parts, each.path.parent != HERE))


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: what waits for a server or a browser leaves its core to another."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture
def record() -> Callable[..., Recording]:
    return record_program


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recordings say where in the code each resource was made."""
    monkeypatch.setattr(pulumi.runtime.resource, "_get_stack_trace", _stack_trace)
