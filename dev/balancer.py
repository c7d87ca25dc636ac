"""Balancer: hands a request on to the service as an Application Load Balancer does, bodies and WebSockets included."""

import asyncio
import time
import uuid

from aiohttp import ClientConnectionError, ClientSession, ClientTimeout, DummyCookieJar, WSMsgType, web
from multidict import CIMultiDict
from yarl import URL

HOST = "local.elb.amazonaws.com"
# They belong to one connection, not to the request.
OWN = ("connection", "keep-alive", "te", "transfer-encoding", "upgrade")
_SOCKETS = ("sec-websocket-key", "sec-websocket-version", "sec-websocket-extensions", "sec-websocket-accept")


class Balancer:
    """In front of one task."""

    def __init__(self, port: int, idle_seconds: float = 60) -> None:
        self._port, self._idle_seconds = port, idle_seconds
        self._session: ClientSession | None = None

    async def answer(self, request: web.Request, headers: "CIMultiDict[str]") -> web.StreamResponse:
        """The answer to this request with these headers: not those of the viewer, but what CloudFront makes of them."""
        if self._session is None:
            timeout = ClientTimeout(total=None, sock_read=self._idle_seconds)
            self._session = ClientSession(timeout=timeout, auto_decompress=False, cookie_jar=DummyCookieJar())
        told = CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in OWN)
        told["host"] = HOST
        told["x-forwarded-for"] = ",".join(filter(None, [told.get("x-forwarded-for"), request.remote]))
        told["x-forwarded-proto"], told["x-forwarded-port"] = "http", "80"
        told.setdefault("x-amzn-trace-id", f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]}")
        try:
            if request.headers.get("upgrade", "").lower() == "websocket":
                return await self._socket(request, told)
            return await self._exchange(request, told)
        except TimeoutError:
            return web.Response(status=504, text="Gateway Timeout")
        except ClientConnectionError:
            return web.Response(status=502, text="Bad Gateway")

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    def _url(self, request: web.Request) -> URL:
        return URL(f"http://127.0.0.1:{self._port}{request.raw_path}", encoded=True)

    async def _exchange(self, request: web.Request, headers: "CIMultiDict[str]") -> web.StreamResponse:
        assert self._session  # noqa: S101 - `answer` made it
        async with self._session.request(
            request.method,
            self._url(request),
            headers=headers,
            data=request.content if request.body_exists else None,
            allow_redirects=False,
            skip_auto_headers=("accept", "accept-encoding", "content-type", "user-agent"),
        ) as answer:
            passed = CIMultiDict((name, value) for name, value in answer.headers.items() if name.lower() not in OWN)
            response = web.StreamResponse(status=answer.status, headers=passed)
            await response.prepare(request)
            if request.method != "HEAD":
                async for part in answer.content.iter_any():
                    await response.write(part)
            await response.write_eof()
            return response

    async def _socket(self, request: web.Request, headers: "CIMultiDict[str]") -> web.StreamResponse:
        assert self._session  # noqa: S101 - `answer` made it
        for name in _SOCKETS:
            headers.popall(name, None)
        async with self._session.ws_connect(self._url(request), headers=headers) as inner:
            outer = web.WebSocketResponse()
            await outer.prepare(request)
            both = [asyncio.create_task(_pump(outer, inner)), asyncio.create_task(_pump(inner, outer))]
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.gather(outer.close(), inner.close())
            await asyncio.gather(*both)
            return outer


async def _pump(source, target) -> None:
    async for message in source:
        if message.type == WSMsgType.TEXT:
            await target.send_str(message.data)
        elif message.type == WSMsgType.BINARY:
            await target.send_bytes(message.data)
