"""Stand-ins for what a workflow talks to: GitHub on 127.0.0.1, and programs on a PATH of their own."""

import io
import json
import shutil
import threading
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

REPOSITORY = "acme/shop"
TOKEN = "the-token-of-the-job"


@dataclass
class Sent:
    """One request that changed something, or asked for something."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    token: str


@dataclass
class FakeGithub:
    """`answers` maps `GET pulls` and the like, without the repository, to what is answered.

    An answer is JSON, or a function of the request that gives (status, JSON) or bytes. Lists come in pages.
    """

    answers: dict[str, Any] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)

    def __enter__(self) -> "FakeGithub":
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def _any(self) -> None:
                fake._answer(self)

            do_GET = do_POST = do_PATCH = do_PUT = _any  # noqa: N815 - named by the library

            def log_message(self, format: str, *arguments: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=[0.01], daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def changes(self) -> list[tuple[str, str, Any]]:
        """What was written: (method, path, body)."""
        return [(each.method, each.path, each.body) for each in self.sent if each.method != "GET"]

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        length = int(handler.headers.get("Content-Length") or 0)
        body = json.loads(handler.rfile.read(length)) if length else None
        path = parts.path.removeprefix(f"/repos/{REPOSITORY}/")
        token = (handler.headers.get("Authorization") or "").removeprefix("Bearer ")
        request = Sent(handler.command, path, dict(parse_qsl(parts.query)), body, token)
        self.sent.append(request)
        known = self.answers.get(f"{handler.command} {path}")
        answer = known(request) if callable(known) else known
        if isinstance(answer, bytes):
            self._reply(handler, 200, answer)
        elif isinstance(answer, str):  # somewhere else
            self._reply(handler, 302, b"", {"Location": answer})
        elif isinstance(answer, tuple):
            self._reply(handler, answer[0], json.dumps(answer[1]).encode())
        elif answer is None:
            self._reply(handler, 404, b'{"message": "Not Found"}')
        else:
            self._reply(handler, 200, json.dumps(_page(answer, request.query)).encode())

    @staticmethod
    def _reply(
        handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str] | None = None
    ) -> None:
        handler.send_response(status)
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


def _page(answer: Any, query: dict[str, str]) -> Any:
    """Lists as GitHub pages them, also the one inside of an object."""
    size, number = int(query.get("per_page", 30)), int(query.get("page", 1))

    def cut(items: list[Any]) -> list[Any]:
        return items[(number - 1) * size : number * size]

    if isinstance(answer, list):
        return cut(answer)
    if isinstance(answer, dict):
        return {key: cut(each) if isinstance(each, list) and "page" in query else each for key, each in answer.items()}
    return answer


def zipped(**files: bytes | str) -> bytes:
    """An archive; `report_json` becomes `report.json`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


class Programs:
    """A folder to be the PATH, with programs that write down how they are called, and what their scripts need."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._log = folder / "bin", folder / "calls"
        self.folder.mkdir(parents=True)
        for name in ("cat", "cp", "grep", "mkdir", "sed"):
            (self.folder / name).symlink_to(str(shutil.which(name)))

    def add(self, name: str, script: str = "") -> None:
        """A program: it writes its call down, then does what the shell script says. `$*` are its arguments."""
        path = self.folder / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >> "{self._log}"\n{script}\n')
        path.chmod(0o755)

    def calls(self, of: str = "") -> list[str]:
        """Every call so far, or those of one program."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        return [each for each in lines if each.startswith(of)]


Answer = Callable[[Sent], Any]
