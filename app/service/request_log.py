"""RequestLog: a line in the log for each answer, and the headers that every answer has."""

import logging
import time
from collections.abc import Callable
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.logs import request_id

log = logging.getLogger("service.request")

QUIET = ("/healthz", "/readyz")
"""Asked for every few seconds, and a log costs by the byte."""


class RequestLog:
    """An ASGI app around another, inside the Boundary."""

    def __init__(self, app: ASGIApp, is_stopping: Callable[[], bool]) -> None:
        """Once `is_stopping`, every answer says that its connection is not to be used again."""
        self._app, self._is_stopping = app, is_stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id.set(scope["state"]["request_id"])  # each request runs in a context of its own
        started = time.perf_counter()
        status, size, is_complete = 500, 0, False  # unless it comes to an answer

        async def answer(message: Message) -> None:
            nonlocal status, size, is_complete
            if message["type"] == "http.response.start":
                status = message["status"]
                self._add_headers(scope, MutableHeaders(scope=message))
            elif message["type"] == "http.response.body":
                size += len(message.get("body", b""))
                is_complete = not message.get("more_body", False)
                if is_complete:  # before it is sent: once it is, Lambda may freeze us
                    _write(scope, status, size, started)
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except Exception:
            # The viewer has been told, and the log. uvicorn would close the connection without a word, and the request
            # that the adapter or the balancer is just sending into it would be lost.
            if not is_complete:
                _write(scope, status, size, started)
                raise

    def _add_headers(self, scope: Scope, headers: MutableHeaders) -> None:
        headers.setdefault("cache-control", "no-store")
        headers["x-request-id"] = scope["state"]["request_id"]
        if self._is_stopping():
            headers["connection"] = "close"


def _write(scope: Scope, status: int, size: int, started: float) -> None:
    """The line. Not the query, where people put what is nobody's business."""
    headers = Headers(scope=scope)
    fields: dict[str, Any] = {
        "method": scope["method"],
        "path": scope["path"],
        "host": headers.get("x-forwarded-host"),
        "viewer": headers.get("x-viewer-address"),
        "trace_id": headers.get("x-amzn-trace-id"),
        "status": status,
        "duration_ms": round((time.perf_counter() - started) * 1000, 1),
        "bytes": size,
    }
    level = logging.DEBUG if scope["path"] in QUIET and status < 400 else logging.INFO
    log.log(level, f"{scope['method']} {scope['path']} {status}", extra={"fields": fields})
