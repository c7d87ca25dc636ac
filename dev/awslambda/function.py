"""Function: as many environments as there are requests at once, up to a limit, each started when there is none idle."""

import asyncio
import time
from dataclasses import dataclass, field

from dev.awslambda.environment import Environment, Program
from dev.awslambda.invocation import MAX_EVENT_BYTES, Answer, FunctionFailed, Invocation, Throttled, TooLarge

# Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (a new account's quota)
CONCURRENCY = 10


@dataclass(kw_only=True)
class Statistics:
    """What happened so far."""

    init_ms: list[float] = field(default_factory=list)
    """Of each cold start."""
    run_ms: list[float] = field(default_factory=list)
    """Of each invocation: from the event being handed over to the answer, adapter and service together."""


class Function:
    """A published version. Everything that is raised is Refused or FunctionFailed."""

    def __init__(
        self,
        program: Program,
        *,
        memory_mb: int = 1024,
        timeout_seconds: float = 29,
        concurrency: int = CONCURRENCY,
        idle_seconds: float = 300,
    ) -> None:
        """`idle_seconds`: how long an environment is kept without a request. AWS does not say; minutes are usual."""
        self._program, self._memory_mb, self._timeout = program, memory_mb, timeout_seconds
        self._concurrency, self._idle_seconds = concurrency, idle_seconds
        self._idle: list[Environment] = []
        self._busy: set[Invocation] = set()
        self._changed = asyncio.Condition()
        self._running: set[asyncio.Task[None]] = set()
        self._generation = 0
        self.statistics = Statistics()

    @property
    def idle(self) -> list[Environment]:
        """Those that wait, frozen, for a request."""
        return list(self._idle)

    @property
    def environments(self) -> int:
        return len(self._idle) + len(self._busy)

    async def provision(self, count: int, at_once: int = 2) -> None:
        """Start environments until there are so many, a few at a time, as provisioned concurrency does beforehand."""

        async def start() -> None:
            environment, _ = await self._started()
            async with self._changed:
                self._idle.append(environment)

        while (missing := count - self.environments) > 0:
            await asyncio.gather(*(start() for _ in range(min(missing, at_once))))

    async def invoke(self, event: bytes) -> Answer:
        """The answer, or the beginning of one."""
        if len(event) > MAX_EVENT_BYTES:
            raise TooLarge(f"Request must be smaller than {MAX_EVENT_BYTES} bytes for the InvokeFunction operation")
        async with self._changed:  # who has just answered, and is about to be idle, is waited for
            await self._changed.wait_for(lambda: self._idle or not any(each.complete.is_set() for each in self._busy))
        await self._expire()
        if not self._idle and len(self._busy) >= self._concurrency:
            raise Throttled("Rate Exceeded.")
        environment = self._idle.pop() if self._idle else None
        invocation = Invocation(event=event, deadline=time.time() + self._timeout)
        self._busy.add(invocation)
        task = asyncio.create_task(self._run(environment, invocation, self._generation))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(invocation.answer)  # who asked may give up; the function answers all the same

    async def _run(self, environment: Environment | None, invocation: Invocation, generation: int) -> None:
        try:
            if environment is None:
                environment, since = await self._started()
                invocation.deadline = since + self._timeout
            await environment.invoke(invocation)
        except FunctionFailed as problem:
            invocation.fail(str(problem))
        if invocation.answer.done() and (failure := invocation.answer.exception()):
            self._program.say(str(failure))  # as its log would; who asked is told nothing
        if invocation.handed_over and invocation.answered:
            self.statistics.run_ms.append((invocation.answered - invocation.handed_over) * 1000)
        is_current = generation == self._generation
        async with self._changed:
            self._busy.discard(invocation)
            if environment and environment.is_alive and is_current:
                self._idle.append(environment)
            self._changed.notify_all()
        if environment and environment.is_alive and not is_current:
            await environment.shut_down()

    async def _started(self) -> tuple[Environment, float]:
        """A cold start, and when the function's own time began: after it. One that takes over 10 seconds is broken off
        and tried again within that time."""
        environment, since = Environment(self._program, self._memory_mb), None
        try:
            await environment.start()
        except FunctionFailed as problem:
            if "Timedout" not in str(problem):
                raise
            environment, since = Environment(self._program, self._memory_mb), time.time()
            await environment.start(self._timeout)
        self.statistics.init_ms.append(environment.init_ms)
        return environment, since or time.time()

    async def _expire(self) -> None:
        """Let go of those that died, or have been idle for long. The one that was used last is the next to be used, so
        the others grow old."""
        now = time.monotonic()
        old = [each for each in self._idle if now - each.idle_since > self._idle_seconds or not each.is_alive]
        self._idle = [each for each in self._idle if each not in old]
        await asyncio.gather(*(each.shut_down() for each in old))

    async def renew(self) -> None:
        """As after a deployment: those that are idle go now, those that are busy after their answer."""
        self._generation += 1
        idle, self._idle = self._idle, []
        await asyncio.gather(*(each.shut_down() for each in idle))

    async def close(self) -> None:
        await self.renew()
        await asyncio.gather(*self._running)
