"""Environment: one execution environment, with the service, the adapter and the API between them and Lambda.

It answers one request at a time, is frozen in between, and is told before it goes.
Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

import asyncio
import contextlib
import signal
import socket
import time
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from dev.awslambda.invocation import FunctionFailed, Invocation
from dev.awslambda.runtime_api import RuntimeApi
from dev.processes import Child, Say

INIT_SECONDS = 10
SHUTDOWN_SECONDS = 2.0
RUNTIME_SHUTDOWN_SECONDS = 0.3
"""The part of it that the runtime gets where there are extensions."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """The image: what Lambda starts, and with which variables."""

    command: Sequence[str]
    """The image's entry point."""
    folder: Path
    adapter: Path
    """What lies in /opt/extensions."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """The function's own variables. Each environment has ports of its own here, and PORT and AWS_LWA_PORT say so."""
    say: Say = print
    """Takes every line that the service or the adapter writes."""


class Environment:
    """One that is started; `init_ms` says how long that took."""

    def __init__(self, program: Program, memory_mb: int) -> None:
        self._program, self._memory_mb = program, memory_mb
        self._api = RuntimeApi()
        self._tmp = TemporaryDirectory(prefix="lambda-")
        self._children: list[Child] = []
        self.init_ms = 0.0
        self.idle_since = time.monotonic()

    async def start(self, patience_seconds: float = INIT_SECONDS) -> None:
        """Start the extension, then the runtime, and wait until both want something to do. Raises FunctionFailed."""
        begun = time.perf_counter()
        address = await self._api.start()
        variables = self._variables(address, _free_port())
        program = self._program
        try:
            for command in ([str(program.adapter)], program.command):
                self._children.append(await Child.start(command, variables, program.folder, program.say))
            await self._until(self._api.idle(extensions=1), patience_seconds)
        except FunctionFailed:
            await self.kill()
            raise
        except OSError as error:
            await self.kill()
            raise FunctionFailed(f"Runtime.InvalidEntrypoint: {error.filename}: {error.strerror}") from error
        if self._api.init_error:
            await self.kill()
            raise FunctionFailed(f"Extension.InitError: {self._api.init_error}")
        self.init_ms = (time.perf_counter() - begun) * 1000
        self._signal(signal.SIGSTOP)

    async def invoke(self, invocation: Invocation) -> None:
        """Let the function have it until its deadline. What comes of it is in the invocation; returns when the answer
        is complete and the environment is frozen again. One that failed is gone: `is_alive`."""
        self._signal(signal.SIGCONT)
        self._api.deliver(invocation)
        begun = time.time()
        try:
            await self._until(self._answered(invocation), invocation.deadline - begun)
        except FunctionFailed as problem:
            invocation.fail(str(problem))
            await self.kill()
            return
        if invocation.answer.exception():  # of a service that died the adapter tells, before its end is noticed here
            await asyncio.wait([child.end for child in self._children], timeout=0.1)
        if not self.is_alive:
            await self.kill()
            return
        self._signal(signal.SIGSTOP)
        self.idle_since = time.monotonic()

    async def _answered(self, invocation: Invocation) -> None:
        await invocation.complete.wait()
        await self._api.idle()

    async def _until(self, done: Coroutine[None, None, None], seconds: float) -> None:
        """Wait for it. Raises FunctionFailed if it takes too long, or one of the two processes ends first."""
        waiting = asyncio.ensure_future(done)
        endings = [child.end for child in self._children]
        finished, _ = await asyncio.wait([waiting, *endings], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if waiting in finished:
            return
        waiting.cancel()
        for each in finished:
            raise FunctionFailed(f"Runtime.ExitError: exit status {each.result()}")
        raise FunctionFailed(f"Sandbox.Timedout: Task timed out after {seconds:.2f} seconds")

    @property
    def pids(self) -> list[int]:
        """Of the adapter and of the service."""
        return [child.pid for child in self._children]

    @property
    def is_alive(self) -> bool:
        return bool(self._children) and all(child.status is None for child in self._children)

    async def shut_down(self) -> int:
        """End it as Lambda does: SIGTERM to the runtime, word to the extensions that want it, and then the end.
        Gives the exit status of the runtime."""
        deadline = time.time() + SHUTDOWN_SECONDS
        adapter, runtime = self._children
        self._signal(signal.SIGCONT)
        status = await runtime.stop(RUNTIME_SHUTDOWN_SECONDS)
        self._api.say_shutdown(deadline)
        if any("SHUTDOWN" in each.events for each in self._api.extensions.values()):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(adapter.end), deadline - time.time())
        await self.kill()
        return status

    async def kill(self) -> None:
        for child in self._children:
            await child.kill()
        await self._api.close()
        self._tmp.cleanup()

    def _signal(self, what: signal.Signals) -> None:
        for child in self._children:
            child.send(what)

    def _variables(self, address: str, port: int) -> dict[str, str]:
        """Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"""
        return {
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            **self._program.environment,
            "AWS_LAMBDA_FUNCTION_NAME": "app",
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self._memory_mb),
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_LAMBDA_LOG_LEVEL": "INFO",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/app",
            "AWS_LAMBDA_LOG_STREAM_NAME": f"local/{port}",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_RUNTIME_API": address,
            "TMPDIR": self._tmp.name,  # in Lambda each has a /tmp of its own
            "PORT": str(port),
            "AWS_LWA_PORT": str(port),
        }


def _free_port() -> int:
    """In Lambda every environment has the same port, to itself."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
