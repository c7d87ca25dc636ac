"""Task: the service as one process behind a balancer, as on Fargate."""

import asyncio
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from aiohttp import web
from multidict import CIMultiDict

from dev.balancer import Balancer
from dev.processes import Child, Say

STOP_SECONDS = 45
"""Before SIGKILL; the shortest that a deployment gives."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """How to start it."""

    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    say: Say = print


class RunningTask:
    """An origin for the edge. While the service is started, requests wait."""

    def __init__(self, task: Task, port: int, idle_seconds: float = 60) -> None:
        self._task, self._port = task, port
        self._balancer = Balancer(port, idle_seconds)
        self._listens = asyncio.Event()
        self._child: Child | None = None
        self._tmp = TemporaryDirectory(prefix="task-")

    @property
    def pid(self) -> int:
        """Of the service; 0 before it is started."""
        return self._child.pid if self._child else 0

    async def start(self) -> None:
        # As on Fargate, /tmp is its own; but here it is the same after a change.
        variables = {**self._task.environment, "TMPDIR": self._tmp.name, "PORT": str(self._port)}
        self._child = await Child.start(self._task.command, variables, self._task.folder, self._task.say)
        self._child.end.add_done_callback(self._tell_of_an_end)
        while not self._child.end.done() and not _answers(self._port):
            await asyncio.sleep(0.02)
        self._listens.set()  # also where it has failed: then the balancer says so

    def _tell_of_an_end(self, end: asyncio.Future[int]) -> None:
        self._task.say(f"The service ended with status {end.result()}; a change starts it anew.")

    async def renew(self) -> None:
        """Stop it, with its requests in flight, and start it again."""
        self._listens.clear()
        await self.stop()
        try:
            await self.start()
        except OSError as error:
            self._task.say(f"{error.filename}: {error.strerror}: the service is not started; a change starts it anew.")
            self._listens.set()

    async def stop(self) -> int:
        if not self._child:
            return 0
        self._child.end.remove_done_callback(self._tell_of_an_end)  # this end is no news
        return await self._child.stop(STOP_SECONDS)

    async def close(self) -> None:
        await self.stop()
        await self._balancer.close()
        self._tmp.cleanup()

    async def answer(self, request: web.Request, headers: "CIMultiDict[str]") -> web.StreamResponse:
        await self._listens.wait()
        return await self._balancer.answer(request, headers)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
