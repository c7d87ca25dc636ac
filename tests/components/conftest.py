"""What several components' tests need: pauses that pass at once."""

import pulumi
import pytest

from components import _waits


@pytest.fixture
def slept(monkeypatch) -> list[float]:
    """The seconds of each pause, which nobody waits for and nothing says."""
    seconds: list[float] = []

    async def sleep(duration: float) -> None:
        seconds.append(duration)

    monkeypatch.setattr(_waits, "sleep", sleep)
    monkeypatch.setattr(pulumi.log, "info", lambda text: None)
    return seconds
