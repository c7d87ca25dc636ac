"""`record`: run a program as preflight would, and return what it registered, to assert on outside any `apply`."""

from collections.abc import Callable

import pytest

from preflight.recorder import record_program
from preflight.recording import Recording

pytest_plugins = ["require_all"]


@pytest.fixture
def record() -> Callable[..., Recording]:
    return record_program
