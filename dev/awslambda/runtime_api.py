"""RuntimeApi: what the programs in an environment talk to, Lambda's Runtime API and Extensions API.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, runtimes-extensions-api.html there, and for
answers in parts https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming
"""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientError, web

from dev.awslambda.invocation import (
    MAX_ANSWER_BYTES,
    MAX_STREAMED_BYTES,
    Buffered,
    FunctionFailed,
    Invocation,
    Streamed,
)

FUNCTION_ARN = "arn:aws:lambda:us-east-1:123456789012:function:app:live"
EVENTS = ("INVOKE", "SHUTDOWN")
_PRELUDE_END = b"\0" * 8


@dataclass(kw_only=True)
class Extension:
    """A program that registered itself."""

    name: str
    events: list[str]
    is_waiting: bool = False
    queue: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)


class RuntimeApi:
    """One environment's. `changed` is notified whenever somebody begins to wait for the next event."""

    def __init__(self) -> None:
        self.changed = asyncio.Condition()
        self.extensions: dict[str, Extension] = {}
        self.runtime_is_waiting = False
        self.init_error: str | None = None
        self._invocations: asyncio.Queue[Invocation] = asyncio.Queue()
        self._current: Invocation | None = None
        routes = web.Application(client_max_size=MAX_STREAMED_BYTES)
        runtime, extension = "/2018-06-01/runtime", "/2020-01-01/extension"
        routes.add_routes(
            [
                web.get(f"{runtime}/invocation/next", self._next_invocation),
                web.post(f"{runtime}/invocation/{{id}}/response", self._response),
                web.post(f"{runtime}/invocation/{{id}}/error", self._error),
                web.post(f"{runtime}/init/error", self._init_error),
                web.post(f"{extension}/register", self._register),
                web.get(f"{extension}/event/next", self._next_event),
                web.post(f"{extension}/init/error", self._init_error),
                web.post(f"{extension}/exit/error", self._init_error),
            ]
        )
        # Who waits for the next event is no reason to wait at the end, and who is killed waits no more.
        self._runner = web.AppRunner(routes, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)

    async def start(self) -> str:
        """Listen, and give the address."""
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        return f"{host}:{port}"

    async def close(self) -> None:
        await self._runner.cleanup()

    def deliver(self, invocation: Invocation) -> None:
        """Give the runtime something to do, and tell the extensions that want to know."""
        self.runtime_is_waiting = False
        self._current = invocation
        self._invocations.put_nowait(invocation)
        self._tell("INVOKE", {"deadlineMs": int(invocation.deadline * 1000), "requestId": invocation.id})

    def say_shutdown(self, deadline: float) -> None:
        self._tell("SHUTDOWN", {"shutdownReason": "spindown", "deadlineMs": int(deadline * 1000)})

    async def idle(self, extensions: int = 0) -> None:
        """Wait until the runtime and every extension, of which there have to be so many, wait for the next event."""
        async with self.changed:
            await self.changed.wait_for(
                lambda: (
                    self.init_error is not None
                    or (
                        self.runtime_is_waiting
                        and len(self.extensions) >= extensions
                        and all(each.is_waiting for each in self.extensions.values())
                    )
                )
            )

    def _tell(self, event: str, content: dict[str, Any]) -> None:
        for each in self.extensions.values():
            if event in each.events:
                each.is_waiting = False
                each.queue.put_nowait({"eventType": event, "invokedFunctionArn": FUNCTION_ARN, **content})

    async def _notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def _next_invocation(self, _: web.Request) -> web.Response:
        self.runtime_is_waiting = True
        await self._notify()
        invocation = await self._invocations.get()
        invocation.handed_over = time.perf_counter()
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.id,
            "Lambda-Runtime-Deadline-Ms": str(int(invocation.deadline * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": FUNCTION_ARN,
            "Lambda-Runtime-Trace-Id": invocation.trace_id,
        }
        return web.Response(body=invocation.event, headers=headers, content_type="application/json")

    async def _response(self, request: web.Request) -> web.Response:
        invocation = self._current
        if invocation is None or invocation.id != request.match_info["id"] or invocation.answer.done():
            return _problem(400, "InvalidRequestID", "Invalid request ID")
        if request.headers.get("Lambda-Runtime-Function-Response-Mode") == "streaming":
            await _pass_on(request, invocation)
            return _ok()
        payload = await request.read()
        if len(payload) > MAX_ANSWER_BYTES:
            message = f"Response payload size exceeded maximum allowed payload size ({MAX_ANSWER_BYTES} bytes)."
            invocation.fail(f"Function.ResponseSizeTooLarge: {message}")
            return _problem(413, "RequestEntityTooLarge", message)
        invocation.succeed(Buffered(payload=payload))
        return _ok()

    async def _error(self, request: web.Request) -> web.Response:
        invocation = self._current
        if invocation is None or invocation.id != request.match_info["id"]:
            return _problem(400, "InvalidRequestID", "Invalid request ID")
        invocation.fail((await request.read()).decode(errors="replace"))
        return _ok()

    async def _init_error(self, request: web.Request) -> web.Response:
        self.init_error = (await request.read()).decode(errors="replace") or "an error that it did not name"
        await self._notify()
        return _ok()

    async def _register(self, request: web.Request) -> web.Response:
        name = request.headers.get("Lambda-Extension-Name")
        events = json.loads(await request.read() or "{}").get("events", [])
        if not name or any(each not in EVENTS for each in events):
            return _problem(400, "Extension.InvalidEvent", f"events must be of {EVENTS}, and there must be a name")
        if self.runtime_is_waiting:
            return _problem(403, "Extension.RegistrationClosed", "Extensions register before the runtime is ready")
        identifier = str(uuid.uuid4())
        self.extensions[identifier] = Extension(name=name, events=events)
        about = {"functionName": "app", "functionVersion": "1", "handler": ""}
        return web.json_response(about, headers={"Lambda-Extension-Identifier": identifier})

    async def _next_event(self, request: web.Request) -> web.Response:
        extension = self.extensions.get(request.headers.get("Lambda-Extension-Identifier", ""))
        if extension is None:
            return _problem(403, "Extension.UnknownExtensionIdentifier", "Unknown extension")
        extension.is_waiting = True
        await self._notify()
        return web.json_response(await extension.queue.get())


async def _pass_on(request: web.Request, invocation: Invocation) -> None:
    """An answer in parts: first what it is, eight zero bytes, and then its body as it comes."""
    head = b""
    while _PRELUDE_END not in head:
        part = await request.content.readany()
        if not part:
            invocation.fail("Runtime.TruncatedResponse: the answer ended before its body")
            return
        head += part
    prelude, _, first = head.partition(_PRELUDE_END)
    parts: asyncio.Queue[bytes | FunctionFailed | None] = asyncio.Queue()
    invocation.succeed(Streamed(prelude=json.loads(prelude), parts=_drained(parts)))
    sent, part = 0, first
    end: FunctionFailed | None = None
    try:
        while part or not request.content.at_eof():
            sent += len(part)
            if sent > MAX_STREAMED_BYTES:
                end = FunctionFailed(f"Function.ResponseSizeTooLarge: more than {MAX_STREAMED_BYTES} bytes")
                break
            if part:
                parts.put_nowait(part)
            part = await request.content.readany()
    except (OSError, ClientError, asyncio.CancelledError):
        end = FunctionFailed("Runtime.TruncatedResponse: the answer ended before its end")
    finally:
        parts.put_nowait(end)
        invocation.complete.set()


async def _drained(parts: asyncio.Queue[bytes | FunctionFailed | None]) -> AsyncIterator[bytes]:
    while (part := await parts.get()) is not None:
        if isinstance(part, FunctionFailed):
            raise part
        yield part


def _ok() -> web.Response:
    return web.json_response({"status": "OK"}, status=202)


def _problem(status: int, kind: str, message: str) -> web.Response:
    return web.json_response({"errorType": kind, "errorMessage": message}, status=status)
