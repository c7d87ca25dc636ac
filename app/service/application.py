"""The application: what answers at which path, and what stands around it."""

import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from service import files, pages, tasks
from service.boundary import Boundary
from service.compression import Compression
from service.place import Place
from service.request_log import RequestLog
from service.settings import Settings
from service.store import Store, StoreFull, StoreUnreachable

log = logging.getLogger(__name__)


def application(
    settings: Settings,
    place: Place,
    store: Store,
    events_path: str = "/events",
    is_stopping: Callable[[], bool] = lambda: False,
) -> ASGIApp:
    """The service as an ASGI app. `events_path` is where Lambda's adapter posts events that are no requests."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        yield
        store.close()

    app = FastAPI(
        lifespan=lifespan,
        openapi_url=None,  # no schema, and so no pages of documentation
        redirect_slashes=False,  # it would name the host the service sees, and that is the origin's
        exception_handlers={
            HTTPException: _refused,
            RequestValidationError: _invalid,
            StoreFull: _full,
            StoreUnreachable: _unreachable,
            Exception: _failed,
        },
    )
    app.add_middleware(Compression, apart="/api/files/")
    app.include_router(pages.router(place, store, events_path))
    app.include_router(tasks.router(store))
    app.include_router(files.router(store, settings.max_upload_mb))
    if settings.diagnostics:
        from service import background, diagnostics  # noqa: PLC0415

        app.include_router(diagnostics.router(place))
        app.include_router(background.router())
    return Boundary(RequestLog(app, is_stopping), in_lambda=place.served_by == "serverless", events_path=events_path)


async def _refused(_: Request, error: Any) -> Response:
    return JSONResponse({"error": str(error.detail).lower()}, error.status_code, headers=error.headers)


async def _invalid(_: Request, error: Any) -> Response:
    problems = [f"{'.'.join(map(str, each['loc'][1:])) or 'body'}: {each['msg'].lower()}" for each in error.errors()]
    return JSONResponse({"error": "; ".join(problems)}, 422)


async def _full(_: Request, error: Any) -> Response:
    return JSONResponse({"error": str(error)}, 507)


async def _unreachable(_: Request, error: Any) -> Response:
    log.error("the store can't be reached: %s", error)
    return JSONResponse({"error": "the store can't be reached"}, 503)


async def _failed(request: Request, error: Exception) -> Response:
    """What went wrong is in the log, under this id, and nobody else's business."""
    log.error("unexpected", exc_info=error)
    return JSONResponse({"error": "internal error", "request_id": request.state.request_id}, 500)
