"""Compression: nothing in front of the service compresses, so it does so itself, for whoever takes it."""

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

NO_GZIP = re.compile(r"gzip\s*;\s*q=0(\.0{0,3})?\s*", re.ASCII)


class Compression:
    """An ASGI app around another. Paths below `apart` are left alone: a file's ETag and the ranges of it are about the
    bytes as they were stored, and somebody who got some of them compressed would put the wrong ones together."""

    def __init__(self, app: ASGIApp, *, apart: str) -> None:
        self._app, self._apart = app, apart
        self._compressing = GZipMiddleware(app, minimum_size=1000, compresslevel=5)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(self._apart):
            await self._app(scope, receive, send)
            return
        accepted = Headers(scope=scope).get("accept-encoding", "").lower()
        if any(NO_GZIP.fullmatch(each.strip()) for each in accepted.split(",")):
            scope = {**scope, "headers": list(scope["headers"])}
            del MutableHeaders(scope=scope)["accept-encoding"]
        await self._compressing(scope, receive, send)
