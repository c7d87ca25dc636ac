"""Edge: what CloudFront does in front of the service and of the site, with the project's own functions and headers."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote

from aiohttp import web
from multidict import CIMultiDict

from components._distribution_parts import CONTENT_SECURITY_POLICY, READ_METHODS
from components._site_files import content_type
from components._viewer_request import service_code, site_code
from dev.response_headers import add_security_headers
from dev.viewer_request import Refusal, ViewerRequest

# CloudFront's own limit is 50 GB. Source: cloudfront-limits.html, where the rest is
MAX_BODY_BYTES = 2**30
MAX_HEADER_BYTES = 32_768
IS_SITE = web.RequestKey("is_site", bool)


class Origin(Protocol):
    """Where the edge takes an answer of the service from."""

    async def answer(self, request: web.Request, headers: "CIMultiDict[str]") -> web.StreamResponse: ...


class Edge:
    """A distribution with one service origin, and maybe a site."""

    def __init__(
        self,
        origin: Origin,
        *,
        site: Path | None = None,
        paths: Sequence[str] = ("/api/*", "/healthz"),
        methods: Sequence[str] | None = None,
        authorization_source: str | None = None,
        max_body_bytes: int | None = None,
        max_header_bytes: int | None = None,
    ) -> None:
        """`paths` go to the service where there is a site; `methods` are those it may be sent, None for all."""
        self._origin, self._site, self._methods = origin, site, methods
        self._paths = [_pattern(each) for each in paths] if site else [re.compile(".*")]
        self._service_function = ViewerRequest(
            service_code(authorization_source, max_body_bytes=max_body_bytes, max_header_bytes=max_header_bytes)
        )
        self._site_function = ViewerRequest(site_code())

    def runner(self) -> web.AppRunner:
        """A server of it, which takes what CloudFront takes, and leaves a body as it came."""
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        app.router.add_route("*", "/{rest:.*}", self._answer)
        app.on_response_prepare.append(_add_headers)
        return web.AppRunner(
            app,
            access_log=None,
            auto_decompress=False,
            shutdown_timeout=1,
            max_line_size=MAX_HEADER_BYTES,
            max_field_size=MAX_HEADER_BYTES,
        )

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        path = request.raw_path.partition("?")[0]
        request[IS_SITE] = not any(each.fullmatch(path) for each in self._paths)
        methods = READ_METHODS if request[IS_SITE] else self._methods
        if methods is not None and request.method not in methods:
            return web.Response(status=403, text="This distribution is not configured to allow this method.")
        function = self._site_function if request[IS_SITE] else self._service_function
        sent = function(request.method, request.raw_path, request.headers.items(), request.remote or "127.0.0.1")
        if isinstance(sent, Refusal):
            return web.Response(status=sent.status, headers=sent.headers, body=sent.body.encode())
        if request[IS_SITE]:
            return self._file(sent[0])
        headers = CIMultiDict(sent[1])
        headers.popall("host", None)  # each origin gets its own
        return await self._origin.answer(request, headers)

    def _file(self, key: str) -> web.Response:
        """A file as it is now. Browsers are told to keep none, so that a reload shows what was changed."""
        assert self._site  # noqa: S101 - no path is the site's without one
        root = self._site.resolve()
        name = unquote(key).lstrip("/").replace("\0", "")  # as S3 reads a name; no file has a NUL in its own
        file = (root / (name or "index.html")).resolve()
        if not file.is_relative_to(root) or not file.is_file():
            return web.Response(status=404, text="Not found")
        headers = {"content-type": content_type(file.name), "cache-control": "no-store"}
        return web.Response(body=file.read_bytes(), headers=headers)


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    is_site = request.get(IS_SITE, False)
    add_security_headers(response.headers, CONTENT_SECURITY_POLICY if is_site else None)


def _pattern(path: str) -> re.Pattern[str]:
    """Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html"""
    escaped = re.escape(path if path.startswith(("/", "*")) else f"/{path}")
    return re.compile(escaped.replace(r"\*", ".*").replace(r"\?", "."))
