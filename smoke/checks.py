"""What is tried on each side: one request for each way in which a service is used."""

import base64
import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from settings import Service
from smoke.client import Answer, Request

LARGEST_BODY_MB = 8
"""A larger body would say little more, and take minutes over a slow line."""
LONGEST_SECONDS = 20
# Source: https://www.rfc-editor.org/rfc/rfc6455#section-1.3
WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@dataclass(frozen=True, kw_only=True)
class Paths:
    """Where the service answers what; None leaves a check out. The defaults are those of the sample service."""

    read: str = "/api/echo"
    """Read, written to, and sent a large body."""
    slow: str | None = "/api/wait?seconds={seconds}"
    """Answers after that many seconds."""
    websocket: str = "/api/socket"
    """Accepts a WebSocket; tried only if the service needs one."""


def _is_fine(answer: Answer) -> str | None:
    return None if 200 <= answer.status < 400 else f"status {answer.status}, wanted 200 to 399"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One request, and what is wrong with an answer to it."""

    name: str
    request: Request
    problem: Callable[[Answer], str | None] = field(default=_is_fine)
    is_timed: bool = False
    """Whether both sides should be about as fast."""


def checks_for(service: Service, paths: Paths) -> Sequence[Check]:
    """Health first: it wakes a side that sleeps, so that its cold start is not in the other figures."""
    found = [
        Check(name="health", request=Request(path=service.health_check_path)),
        Check(name="read", request=Request(path=paths.read, headers={"cookie": "first=1; second=2"}), is_timed=True),
    ]
    if service.methods == "all":
        large_mb = min(service.max_body_mb, LARGEST_BODY_MB)
        found.append(Check(name="write", request=_post(paths.read, json.dumps({"smoke": True}).encode())))
        if large_mb:
            found.append(Check(name=f"{large_mb} MB body", request=_post(paths.read, b"x" * (large_mb * 1024 * 1024))))
    if paths.slow:
        seconds = min(service.max_request_seconds, LONGEST_SECONDS + 1) - 1
        found.append(Check(name=f"{seconds} s", request=Request(path=paths.slow.replace("{seconds}", str(seconds)))))
    if "websocket" in service.needs:
        found.append(_websocket(paths.websocket))
    return found


def _post(path: str, body: bytes) -> Request:
    headers = {
        "content-type": "application/json",
        # A Function URL behind CloudFront refuses a body without its hash; the others don't mind it.
        "x-amz-content-sha256": hashlib.sha256(body).hexdigest(),
    }
    return Request(method="POST", path=path, headers=headers, body=body)


def _websocket(path: str) -> Check:
    """The handshake alone: it needs every hop to let the upgrade through, which is what may be missing."""
    key = base64.b64encode(os.urandom(16)).decode()
    accept = base64.b64encode(hashlib.sha1((key + WEBSOCKET_GUID).encode()).digest()).decode()  # noqa: S324 - RFC 6455
    headers = {
        "connection": "Upgrade",
        "upgrade": "websocket",
        "sec-websocket-key": key,
        "sec-websocket-version": "13",
    }

    def problem(answer: Answer) -> str | None:
        if answer.status != 101:
            return f"status {answer.status}, wanted 101 Switching Protocols"
        if answer.headers.get("sec-websocket-accept") != accept:
            return "it switches protocols, but doesn't prove that it read the key (Sec-WebSocket-Accept)"
        return None

    return Check(name="websocket", request=Request(path=path, headers=headers), problem=problem)
