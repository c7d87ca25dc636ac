"""Files: an upload, and what was uploaded, whole or in parts."""

import re
import unicodedata
from dataclasses import asdict

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from service.store import Store
from service.tasks import about

LONGEST_NAME = 120
MEDIA_TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,60}(; ?charset=[\w-]{1,20})?", re.ASCII)
# Anybody may have put it there, and it has the address of the site: it is saved, and run by no browser.
AS_A_FILE = {
    "content-disposition": "attachment",
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
    "accept-ranges": "bytes",
}


def router(store: Store, max_upload_mb: int) -> APIRouter:
    routes = APIRouter(prefix="/api/files")
    most = max_upload_mb * 1024 * 1024

    @routes.api_route("", methods=["GET", "HEAD"])
    def files() -> Response:
        listed = [asdict(each) for each in store.files()]
        return JSONResponse({"files": listed, "store": about(store), "max_upload_bytes": most})

    @routes.put("/{name}")
    async def put(name: str, request: Request) -> Response:
        if not is_name(name):
            said = "a name is 1 to 120 characters that can be seen, without /, and neither . nor .."
            raise HTTPException(400, said)
        media_type = request.headers.get("content-type", "application/octet-stream")
        if not MEDIA_TYPE.fullmatch(media_type):
            raise HTTPException(415, "content-type must be a media type such as image/png")
        content = bytearray()
        async for part in request.stream():
            content += part
            if len(content) > most:
                raise HTTPException(413, f"a file may have {most} bytes")
        stored = await run_in_threadpool(store.put_file, name, media_type, bytes(content))
        return JSONResponse(asdict(stored), 201)

    @routes.api_route("/{name}", methods=["GET", "HEAD"])
    def file(name: str, request: Request) -> Response:
        found = store.file(name)
        if found is None:
            raise HTTPException(404, f"there is no file {name}")
        stored, content = found
        headers = {**AS_A_FILE, "etag": f'"{stored.sha256}"', "cache-control": "no-cache"}
        if names(request.headers.get("if-none-match", ""), headers["etag"]):
            return Response(status_code=304, headers=headers)
        part = None
        if request.headers.get("if-range", headers["etag"]) == headers["etag"]:
            part = byte_range(request.headers.get("range", ""), len(content))
        if part is None:
            return Response(content, headers=headers, media_type=stored.media_type)
        if not part:
            return Response(status_code=416, headers={**headers, "content-range": f"bytes */{len(content)}"})
        headers["content-range"] = f"bytes {part.start}-{part.stop - 1}/{len(content)}"
        return Response(content[part.start : part.stop], 206, headers=headers, media_type=stored.media_type)

    @routes.delete("/{name}")
    def remove(name: str) -> Response:
        if not store.remove_file(name):
            raise HTTPException(404, f"there is no file {name}")
        return Response(status_code=204)

    return routes


def is_name(name: str) -> bool:
    """Whether a file may be called so. A browser takes . and .. out of an address, so that nobody could remove such a
    file; control characters and those that turn the direction of text make a name look like another one."""
    is_seen = all(unicodedata.category(each) not in ("Cc", "Cf", "Cs") for each in name)
    return 0 < len(name) <= LONGEST_NAME and name not in (".", "..") and "/" not in name and is_seen


def names(header: str, etag: str) -> bool:
    """Whether an If-None-Match header is about this file. Source: https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2"""
    return header.strip() == "*" or etag in [each.strip().removeprefix("W/") for each in header.split(",")]


def byte_range(header: str, size: int) -> range | None:
    """The bytes that a Range header asks for, empty where there are none such; None for a header that is no range.

    Source: https://www.rfc-editor.org/rfc/rfc9110#section-14.1.2. Several ranges at once may be ignored, and are.
    """
    found = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", header, re.ASCII)
    if not found or not (found[1] or found[2]):
        return None
    if not found[1]:
        return range(max(0, size - int(found[2])), size)
    first, last = int(found[1]), int(found[2] or size)
    return range(first, min(last + 1, size)) if first <= last else None
