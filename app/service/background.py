"""Work after the answer: what a container does at once, and Lambda freezes until the next request."""

import asyncio
import time
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import JSONResponse, Response
from starlette.background import BackgroundTask

MAX_SECONDS = 60
MAX_WORKS = 100
"""Of which it is remembered how long they took."""


def router() -> APIRouter:
    routes = APIRouter(prefix="/api/background")
    works: dict[str, float | None] = {}

    @routes.post("")
    async def start(seconds: Annotated[float, Query(ge=0, le=MAX_SECONDS)] = 0.5) -> Response:
        """Answer, and go on working for so long."""
        if len(works) >= MAX_WORKS:
            works.pop(next(iter(works)))
        started = time.monotonic_ns()
        name = f"{started:x}"
        works[name] = None

        async def work() -> None:
            await asyncio.sleep(seconds)
            works[name] = round((time.monotonic_ns() - started) / 1e9, 3)

        return JSONResponse({"id": name, "seconds": seconds}, 202, background=BackgroundTask(work))

    @routes.get("/{name}")
    async def took(name: str) -> Response:
        """How long it took until the work was done, in seconds; null while it is not."""
        if name not in works:
            raise HTTPException(404, "no such work in this instance")
        return JSONResponse({"took": works[name]})

    return routes
