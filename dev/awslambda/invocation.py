"""Invocation: one event on its way through one environment, and what came of it."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

# Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (6 MB each way, 200 MB streamed).
# An answer may be 100 bytes longer than an event, as Lambda's own refusal says.
MAX_EVENT_BYTES = 6 * 1024 * 1024
MAX_ANSWER_BYTES = 6_291_556
MAX_STREAMED_BYTES = 200 * 1024 * 1024


class Refused(Exception):
    """Lambda did not run the function."""


class Throttled(Refused):
    """Every environment that there may be is busy."""


class TooLarge(Refused):
    """The event is larger than Lambda takes."""


class FunctionFailed(Exception):
    """The function ran, and did not answer; the message is what its log would say."""


@dataclass(frozen=True, kw_only=True)
class Buffered:
    """An answer that came as a whole."""

    payload: bytes


@dataclass(frozen=True, kw_only=True)
class Streamed:
    """An answer that comes in parts."""

    prelude: Mapping[str, Any]
    """Status, headers and cookies."""
    parts: AsyncIterator[bytes]
    """Raises FunctionFailed where it is cut off."""


Answer = Buffered | Streamed


@dataclass(kw_only=True, eq=False)
class Invocation:
    """What the runtime is told of one event, and the places for what it says."""

    event: bytes
    deadline: float
    """In seconds since 1970."""
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    trace_id: str = field(default_factory=lambda: f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Sampled=0")
    answer: asyncio.Future[Answer] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    complete: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when all of the answer has come, or none ever will."""
    handed_over: float | None = None
    """When the runtime got it, by the performance counter."""
    answered: float | None = None
    """When the runtime had said what it had to say, or begun to."""

    def succeed(self, answer: Answer) -> None:
        self.answered = time.perf_counter()
        if not self.answer.done():
            self.answer.set_result(answer)
        if isinstance(answer, Buffered):
            self.complete.set()

    def fail(self, problem: str) -> None:
        if not self.answer.done():
            self.answer.set_exception(FunctionFailed(problem))
        self.complete.set()
