"""The sample service: answers alike in Lambda (behind the Lambda Web Adapter), on Fargate and on this machine."""

import json
import os
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

LONGEST_WAIT_SECONDS = 20


def served_by() -> str:
    """Which topology runs this process, as the platform's own environment variables tell."""
    if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
        return "serverless"
    return "container" if "ECS_CONTAINER_METADATA_URI_V4" in os.environ else "local"


class Handler(BaseHTTPRequestHandler):
    """One connection; whatever the method, a request is answered by `answer`."""

    protocol_version = "HTTP/1.1"  # keeps the connection open
    disable_nagle_algorithm = True  # head and body are two writes, and Nagle's algorithm would hold the second back
    timeout = 75  # seconds idle: more than the balancer's 60, which must not send into a connection just closed
    answering: set["Handler"] = set()  # noqa: RUF012 - shared on purpose: the requests in flight

    def answer(self) -> None:
        self.answering.add(self)
        try:
            status, content = self.outcome()
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("cache-control", "no-store")
            self.send_header("content-length", str(len(body)))
            if self.close_connection:
                self.send_header("connection", "close")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)
        finally:
            self.answering.discard(self)

    do_GET = do_HEAD = do_OPTIONS = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815

    def outcome(self) -> tuple[int, dict[str, str | None]]:
        """The status and the document that this request gets."""
        if not self.took_body():
            self.close_connection = True  # nobody can tell where the next request would begin
            return 411, {"error": "a body needs a valid content-length"}
        path, _, query = self.path.partition("?")
        if path == "/healthz" and self.command in ("GET", "HEAD"):
            return 200, {"status": "ok"}
        if path == "/api/wait":
            seconds = parse_qs(query).get("seconds", ["0"])[0]
            time.sleep(min(int(seconds) if seconds.isdecimal() else 0, LONGEST_WAIT_SECONDS))
        if path.startswith("/api/"):
            return 200, {
                "method": self.command,
                "path": self.path,
                "host": self.headers["x-forwarded-host"],
                "viewer": self.headers["x-viewer-address"],
                "cookie": self.headers["cookie"],
                "served_by": served_by(),
            }
        return 404, {"error": f"nothing at {self.command} {path}"}

    def took_body(self) -> bool:
        """Read the body off the connection. False if its length is not told."""
        length = self.headers.get("content-length", "0")
        if "transfer-encoding" in self.headers or not length.isdecimal():
            return False
        left = int(length)
        while left and (part := self.rfile.read(min(left, 65536))):
            left -= len(part)
        return not left

    def log_request(self, code="-", size="-") -> None:
        if getattr(self, "path", "") != "/healthz":  # asked for every few seconds, and a log costs by the byte
            super().log_request(code, size)

    def version_string(self) -> str:
        return "switchyard"  # the Server header: Python's version is nobody's business


def main() -> None:
    server = ThreadingHTTPServer(("", int(os.environ.get("PORT", "8080"))), Handler)
    # `shutdown` waits for the loop below, which the signal has interrupted: it needs a thread of its own.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"listening on port {server.server_port}", flush=True)  # noqa: T201
    server.serve_forever()
    server.server_close()
    while Handler.answering:  # idle connections are not waited for
        time.sleep(0.02)


if __name__ == "__main__":
    main()
