"""Pages: health, and where the service runs, for machines and for people."""

import base64
import hashlib
import logging
from collections.abc import Mapping
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, Response

from service.place import Place
from service.store import Store, StoreUnreachable

log = logging.getLogger(__name__)

_STYLE = (
    "body{font:1.125rem/1.6 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1rem}"
    "dt{color:#666}dd{margin:0 0 .5rem}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_TITLES = {"serverless": "Served by Lambda", "container": "Served by Fargate", "local": "Served by this machine"}


def router(place: Place, store: Store, events_path: str) -> APIRouter:
    routes = APIRouter()

    @routes.api_route("/healthz", methods=["GET", "HEAD"])
    async def health() -> Response:
        """Whether this process is well. It asks nothing else: a database that is down is no reason to stop tasks."""
        return JSONResponse({"status": "ok"})

    @routes.api_route("/readyz", methods=["GET", "HEAD"])
    async def ready() -> Response:
        """Whether it can do its work, its store included."""
        try:
            await run_in_threadpool(store.ping)
        except StoreUnreachable as error:
            log.warning("the store can't be reached: %s", error)
            return JSONResponse({"status": "unavailable", "store": store.kind}, 503)
        return JSONResponse({"status": "ok", "store": store.kind})

    @routes.api_route("/api/", methods=["GET", "HEAD"])
    async def where(request: Request) -> Response:
        return JSONResponse(_where(place, request))

    @routes.api_route("/", methods=["GET", "HEAD"])
    async def page(request: Request) -> Response:
        """The same as a page, for where there is no static site in front."""
        title = _TITLES[place.served_by]
        rows = "".join(
            f"<dt>{escape(name)}<dd>{escape(str(value or '-'))}" for name, value in _where(place, request).items()
        )
        html = (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<style>{_STYLE}</style><h1>{title}</h1><dl>{rows}</dl>"
        )
        policy = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'"
        return HTMLResponse(html, headers={"content-security-policy": policy})

    @routes.post(events_path)
    async def event(request: Request) -> Response:
        """An event of Lambda's that is no HTTP request. The Boundary lets nobody else in."""
        await request.body()
        log.info("an event that is no request: nothing here handles one")
        return JSONResponse({"handled": False})

    return routes


def _where(place: Place, request: Request) -> Mapping[str, Any]:
    return {
        "served_by": place.served_by,
        "instance": place.instance,
        "started": place.started.isoformat(timespec="seconds"),
        "host": request.headers.get("x-forwarded-host"),
        "viewer": request.headers.get("x-viewer-address"),
        "request_id": request.state.request_id,
    }
