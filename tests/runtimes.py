"""Runtimes: the service from the image's own packages, directly and through the genuine adapter, on 127.0.0.1."""

import asyncio
import hashlib
import http.client
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

import pytest
from aiohttp import web

from components._web_adapter import adapter_environment
from components.origin import AUTHORIZATION_HEADER
from dev.awslambda.environment import Program
from dev.awslambda.front_doors import FrontDoor
from dev.awslambda.function import Function
from dev.edge import Edge
from dev.task import RunningTask, Task

ROOT = Path(__file__).parents[1]
PACKAGES = ROOT / ".tools" / "image"
ADAPTERS = sorted((ROOT / ".tools").glob("lambda-adapter-*/bin/lambda-adapter"))
Door = Literal["httpApi", "functionUrl"]
Result = TypeVar("Result")


def command() -> list[str]:
    """Starts the service; without `site`, so that it sees what the image has and nothing of this environment."""
    if not (PACKAGES / "ready").exists():
        pytest.skip("the image's packages are not laid out: make .tools/image/ready")
    return [sys.executable, "-S", "-m", "service"]


def adapter() -> Path:
    if not ADAPTERS:
        pytest.skip("the Lambda Web Adapter is not built, which takes Rust (https://rustup.rs/): make adapter")
    return ADAPTERS[-1]


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The service's variables, and nothing of this environment's but where to find programs."""
    path = f"{ROOT / 'app'}:{PACKAGES / 'app/packages'}"
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": path,
        "PYTHONDONTWRITEBYTECODE": "1",
        **more,
        "TMPDIR": str(folder),
    }


@dataclass
class Log:
    """Every line that the service and the adapter wrote."""

    lines: list[str] = field(default_factory=list)

    def documents(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines if line.startswith("{")]

    def answers(self, count: int = 0) -> list[dict[str, Any]]:
        """A line for each request, once there are so many: they are read a little after they are written."""

        def found() -> list[dict[str, Any]]:
            return [each for each in self.documents() if each["logger"] == "service.request" and "status" in each]

        return waited_for(lambda: len(found()) >= count) and found()

    def one(self, is_it: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first line that it is, once it is there."""
        waited_for(lambda: any(map(is_it, self.documents())))
        return next(filter(is_it, self.documents()))


def waited_for(is_so: Callable[[], bool], seconds: float = 30, every: float = 0.01) -> bool:
    """True as soon as it is so; it is an error if that takes longer."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not come to it in time"
        time.sleep(every)
    return True


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """One kept connection to one address. `hashes` adds the SHA-256 of the body, as a Function URL wants it."""

    def __init__(self, port: int, hashes: bool = False) -> None:
        self.port, self._hashes = port, hashes
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def ask(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        body: bytes | str | dict | Iterable[bytes] = b"",
    ) -> Answer:
        sent = list(headers.items()) if isinstance(headers, Mapping) else list(headers)
        if isinstance(body, dict):
            body, sent = json.dumps(body), [("content-type", "application/json"), *sent]
        body = body.encode() if isinstance(body, str) else body
        if self._hashes and isinstance(body, bytes):
            sent.append(("x-amz-content-sha256", hashlib.sha256(body).hexdigest()))
        self._connection.putrequest(method, target, skip_accept_encoding=True)
        is_chunked = not isinstance(body, bytes)
        if is_chunked:
            self._connection.putheader("transfer-encoding", "chunked")
        elif body or method in ("POST", "PUT", "PATCH"):
            self._connection.putheader("content-length", str(len(body)))
        for name, value in sent:
            self._connection.putheader(name, value)
        self._connection.endheaders(body or None, encode_chunked=is_chunked)
        response = self._connection.getresponse()
        return Answer(response.status, response.headers, response.read())

    def close(self) -> None:
        self._connection.close()


class Loop:
    """An event loop in a thread of its own, for what serves while a test asks."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, Result], timeout: float = 60) -> Result:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()


@contextmanager
def loop() -> Generator[Loop]:
    made = Loop()
    try:
        yield made
    finally:
        made.close()


@contextmanager
def listening(serving: Loop, runner: web.AppRunner) -> Generator[int]:
    """The port on which it is served."""

    async def start() -> int:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner.addresses[0][1]

    try:
        yield serving.run(start())
    finally:
        serving.run(runner.cleanup())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def task(
    serving: Loop, folder: Path, say: Callable[[str], object] = len, **more: str
) -> Generator[tuple[RunningTask, int]]:
    """The service as one process, and the port it listens on."""
    port = free_port()
    running = RunningTask(Task(command=command(), folder=ROOT, environment=environment(folder, **more), say=say), port)
    try:
        serving.run(running.start())
        yield running, port
    finally:
        serving.run(running.close())


@contextmanager
def function(
    serving: Loop,
    folder: Path,
    say: Callable[[str], object] = len,
    *,
    behind: Door = "httpApi",
    streams: bool = False,
    timeout_seconds: float = 29,
    concurrency: int = 10,
    **more: str,
) -> Generator[Function]:
    """The service in Lambda, with the variables that the program gives it."""
    variables = adapter_environment(
        port=8080,
        health_check_path="/healthz",
        invoke_mode="response_stream" if streams else "buffered",
        authorization_source=AUTHORIZATION_HEADER if behind == "functionUrl" else None,
    )
    program = Program(
        command=command(),
        folder=ROOT,
        adapter=adapter(),
        environment={**environment(folder, **more), **variables},
        say=say,
    )
    made = Function(program, timeout_seconds=timeout_seconds, concurrency=concurrency)
    try:
        yield made
    finally:
        serving.run(made.close())


@contextmanager
def behind_edge(serving: Loop, origin: RunningTask | FrontDoor, **edge: Any) -> Generator[int]:
    with listening(serving, Edge(origin, **edge).runner()) as port:
        yield port


@contextmanager
def behind_door(serving: Loop, made: Function, kind: Door, **edge: Any) -> Generator[int]:
    source = AUTHORIZATION_HEADER if kind == "functionUrl" else None
    with behind_edge(serving, FrontDoor(kind, made), authorization_source=source, **edge) as port:
        yield port
