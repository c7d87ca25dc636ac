"""`deployed`: a distribution on 127.0.0.1, whose edge runs the real function, with two halves to play with."""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from edge import Edge

from components._viewer_request import Split, service_code
from components.origin_split import KEY, weight_of

TOKEN = "right-token"
ORIGINS = ("container", "serverless")


@dataclass(kw_only=True)
class Half:
    """Answers as the sample service does, unless told otherwise by check: a status, headers or a delay."""

    name: str
    status: dict[str, int] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0
    says: dict[str, Any] = field(default_factory=dict)
    seen: list[tuple[str, str, int]] = field(default_factory=list)
    """Method, path and size of the body of each request it got."""

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], Any]:
        self.seen.append((method, path, len(body)))
        assert "x-switchyard-smoke" not in headers
        time.sleep(self.delay)
        said = {"method": method, "path": path, "cookie": headers.get("cookie"), "served_by": self.name, **self.says}
        status = self.status.get(f"{method} {path.partition('?')[0]}", 200)
        return status, {"content-type": "application/json", **self.headers}, said


@dataclass(kw_only=True)
class Deployed:
    url: str
    container: Half
    serverless: Half


def code() -> str:
    sha256 = hashlib.sha256(TOKEN.encode()).hexdigest()
    return service_code(split=Split(origins=ORIGINS, epoch="e1", key=KEY, token_sha256=sha256))


@pytest.fixture
def deploy() -> Iterator[Callable[..., Deployed]]:
    servers: list[HTTPServer] = []

    def make(*, epoch: str = "e1", active: str = "serverless", change: Callable[[str], str] = str) -> Deployed:
        halves = {name: Half(name=name) for name in ORIGINS}
        ready = threading.Event()
        made: list[Deployed] = []

        def serve() -> None:  # the JavaScript engine stays with the thread that made it
            edge = Edge(change(code()), origins=ORIGINS, store={KEY: weight_of(epoch, ORIGINS, active, 0)})

            class Handler(BaseHTTPRequestHandler):
                def answer(self) -> None:
                    body = self.rfile.read(int(self.headers.get("content-length", 0)))
                    sent = {name.lower(): {"value": value} for name, value in self.headers.items()}
                    request = {"method": self.command, "uri": self.path, "headers": sent}
                    returned, named = edge.answer(request)
                    if "statusCode" in returned:
                        status, headers = (
                            returned["statusCode"],
                            {k: v["value"] for k, v in returned["headers"].items()},
                        )
                        content = returned["body"]
                    else:
                        told = {name: each["value"] for name, each in returned["headers"].items()}
                        half = halves[named or active]
                        status, headers, said = half.answer(self.command, self.path, told, body)
                        content = json.dumps(said)
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(content.encode())

                do_GET = do_POST = answer  # noqa: N815 - the protocol's names

                def log_message(self, *args: object) -> None: ...

            with HTTPServer(("127.0.0.1", 0), Handler) as server:
                servers.append(server)
                made.append(Deployed(url=f"http://127.0.0.1:{server.server_port}", **halves))
                ready.set()
                server.serve_forever(poll_interval=0.02)

        threading.Thread(target=serve, daemon=True).start()
        assert ready.wait(10)
        return made[0]

    yield make
    for server in servers:
        server.shutdown()
