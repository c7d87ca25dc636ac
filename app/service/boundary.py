"""Boundary: what is believed of a request, and what is not. It stands before everything else.

In Lambda the adapter tells of the event in headers, and overwrites a caller's own. On Fargate nothing does: there they
are dropped, so that nobody can pretend to be the adapter. What stands behind sees them in neither.
"""

import json
import re
import uuid
from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

REQUEST_CONTEXT = "x-amzn-request-context"
ADAPTER_HEADERS = frozenset({REQUEST_CONTEXT, "x-amzn-lambda-context", "x-amz-tenant-id"})
"""Source: https://github.com/aws/aws-lambda-web-adapter (request context, Lambda context, multi-tenancy)"""

_ID = re.compile(r"[\w.:=+/-]{1,128}", re.ASCII)
_TRACE_ROOT = re.compile(r"(?:^|;)Root=([\w-]{1,64})", re.ASCII)


class Boundary:
    """An ASGI app around another. It finds the request's id, for `state.request_id`, before it drops the headers."""

    def __init__(self, app: ASGIApp, *, in_lambda: bool, events_path: str) -> None:
        """`events_path` is where the adapter posts events that are no HTTP requests; nobody else may."""
        self._app, self._in_lambda, self._events_path = app, in_lambda, events_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        context = _request_context(headers) if self._in_lambda else None
        scope["headers"] = [each for each in scope["headers"] if each[0].decode("latin-1") not in ADAPTER_HEADERS]
        scope["state"] = {**scope.get("state", {}), "request_id": request_id(headers, context)}
        is_event = self._in_lambda and REQUEST_CONTEXT in headers and context is None
        if scope["type"] == "http" and scope["path"] == self._events_path and not is_event:
            await JSONResponse({"error": "not found"}, 404)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def request_id(headers: Mapping[str, str], context: Mapping[str, Any] | None) -> str:
    """The id that CloudFront gave the request, else API Gateway or the Function URL, else the balancer, else one of
    our own. What does not look like an id is not taken for one."""
    trace = _TRACE_ROOT.search(headers.get("x-amzn-trace-id", ""))
    candidates = (headers.get("x-request-id"), (context or {}).get("requestId"), trace and trace[1])
    return next((str(each) for each in candidates if each and _ID.fullmatch(str(each))), None) or str(uuid.uuid4())


def _request_context(headers: Mapping[str, str]) -> Mapping[str, Any] | None:
    """What the front door said of the request; None for an event that came through no front door (`null`)."""
    try:
        context = json.loads(headers.get(REQUEST_CONTEXT, "null"))
    except ValueError:
        return {}
    return context if context is None or isinstance(context, dict) else {}
