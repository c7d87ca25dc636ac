"""Diagnostics: paths to try a deployment out with, for people and `make smoke`; DIAGNOSTICS=false leaves them out."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, WebSocket
from fastapi.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.websockets import WebSocketDisconnect

from service.place import Place

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
ECHOED = "x-echo-"
"""Only such headers are told back: among the others is the secret by which the origin knows the distribution."""
MAX_SECONDS = 120
MAX_BYTES = 16 * 1024 * 1024
PATTERNS = {
    "application/octet-stream": bytes(range(256)),
    "text/plain": b"All work and no play. ",
    "text/csv": b'"a","b"\r\n',
}
"""What an answer of many bytes is made of: every value there is, text, and text of which JSON escapes most."""


def router(place: Place) -> APIRouter:
    routes = APIRouter(prefix="/api")

    @routes.api_route("/echo", methods=METHODS)
    @routes.api_route("/echo/{rest:path}", methods=METHODS)
    async def echo(request: Request, rest: str = "") -> Response:
        """What arrived: the request as the service sees it."""
        size, digest = 0, hashlib.sha256()
        async for part in request.stream():
            size += len(part)
            digest.update(part)
        told = {
            "method": request.method,
            "path": request.url.path,
            "rest": rest,
            "query": request.query_params.multi_items(),
            "host": request.headers.get("x-forwarded-host"),
            "viewer": request.headers.get("x-viewer-address"),
            "cookie": request.headers.get("cookie"),
            "authorization": request.headers.get("authorization"),
            "headers": {
                name: ",".join(request.headers.getlist(name)) for name in request.headers if name.startswith(ECHOED)
            },
            "body": {"bytes": size, "sha256": digest.hexdigest()},
            "served_by": place.served_by,
        }
        return JSONResponse(told)

    @routes.api_route("/wait", methods=["GET", "HEAD"])
    async def wait(seconds: Annotated[float, Query(ge=0, le=MAX_SECONDS)] = 0) -> Response:
        """Takes its time."""
        await asyncio.sleep(seconds)
        return JSONResponse({"seconds": seconds, "served_by": place.served_by})

    @routes.get("/stream")
    async def stream(
        lines: Annotated[int, Query(ge=1, le=100)] = 5, every: Annotated[float, Query(ge=0, le=5)] = 0.5
    ) -> Response:
        """An answer in parts, each sent as soon as it is there."""

        async def parts() -> AsyncIterator[str]:
            for number in range(lines):
                if number:
                    await asyncio.sleep(every)
                yield f"data: {number + 1}\n\n"

        return StreamingResponse(parts(), media_type="text/event-stream")

    @routes.get("/bytes")
    async def some_bytes(
        size: Annotated[int, Query(ge=0, le=MAX_BYTES)] = 1024, media_type: str = "application/octet-stream"
    ) -> Response:
        """An answer of this many bytes of this type."""
        pattern = PATTERNS.get(media_type)
        if pattern is None:
            raise HTTPException(400, f"media_type must be one of {', '.join(PATTERNS)}")
        return Response((pattern * (size // len(pattern) + 1))[:size], media_type=media_type)

    @routes.get("/cookies")
    async def cookies() -> Response:
        """Sets two, one of them with everything a cookie can have."""
        answer = JSONResponse({})
        answer.set_cookie("plain", "1")
        answer.set_cookie("full", "a b,c", max_age=60, path="/api", secure=True, httponly=True, samesite="strict")
        return answer

    @routes.get("/repeated")
    async def repeated() -> Response:
        """A header twice."""
        answer = JSONResponse({})
        answer.headers.append("x-repeated", "1")
        answer.headers.append("x-repeated", "2")
        return answer

    @routes.get("/private")
    async def private() -> Response:
        """Asks who it is."""
        raise HTTPException(401, "say who you are", headers={"www-authenticate": 'Basic realm="private"'})

    @routes.get("/moved")
    async def moved() -> Response:
        """A redirect without a host: the one the service sees is the origin's, and the viewer's own is elsewhere."""
        return RedirectResponse("/api/echo?from=moved", 308)

    @routes.get("/fail")
    async def fail() -> Response:
        """A bug."""
        raise RuntimeError("asked to fail")

    @routes.get("/socket")
    async def no_socket() -> Response:
        raise HTTPException(426, "this is a WebSocket", headers={"upgrade": "websocket"})

    @routes.websocket("/socket")
    async def socket(websocket: WebSocket) -> None:
        """Says everything back."""
        await websocket.accept()
        try:
            while (message := await websocket.receive())["type"] == "websocket.receive":
                await websocket.send(_back(message))
        except WebSocketDisconnect:
            return

    return routes


def _back(message: Any) -> Any:
    kind = "text" if message.get("text") is not None else "bytes"
    return {"type": "websocket.send", kind: message[kind]}
