"""Events: a request as an HTTP API and a Function URL describe it to a function, and the answer that they read.

Both speak payload format 2.0. Sources:
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

import base64
import binascii
import json
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

# What isn't one of these arrives in base64, which makes it a third larger.
_TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml")
OWN = ("connection", "keep-alive", "te", "transfer-encoding", "upgrade")
"""Headers that belong to one connection, not to the request."""
Headers = list[tuple[str, str]]


class Malformed(Exception):
    """The function's answer is none."""


@dataclass(frozen=True, kw_only=True)
class Received:
    """A request as it came to a front door."""

    method: str
    path: str
    """As it was sent, percent signs and all."""
    query: str
    headers: Headers
    body: bytes
    source_ip: str = "127.0.0.1"


def event(request: Received, *, host: str, decode_path: bool) -> bytes:
    """The event. An HTTP API decodes the path, and cuts it off at a question mark that was encoded in it; a Function
    URL leaves it as it is. (https://github.com/fastify/aws-lambda-fastify/issues/169 shows the one.)"""
    path = unquote(request.path).partition("?")[0] if decode_path else request.path
    headers = {name: _text(value) for name, value in combined(request.headers).items() if name not in OWN}
    cookies = headers.pop("cookie", None)
    headers |= {"host": host, "x-forwarded-proto": "https", "x-forwarded-port": "443"}
    headers["x-forwarded-for"] = ",".join(filter(None, [headers.get("x-forwarded-for"), request.source_ip]))
    headers.setdefault("x-amzn-trace-id", f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]}")
    body, is_base64 = _encoded(request.body, headers)
    described: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": request.query,
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "local",
            "domainName": host,
            "domainPrefix": host.partition(".")[0],
            "http": {
                "method": request.method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": request.source_ip,
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": str(uuid.uuid4()),
            "routeKey": "$default",
            "stage": "$default",
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime()),
            "timeEpoch": int(time.time() * 1000),
        },
        "isBase64Encoded": is_base64,
    }
    if cookies is not None:
        described["cookies"] = [each.strip() for each in cookies.split(";")]
    if body:
        described["body"] = body
    return json.dumps(described, ensure_ascii=False).encode()


def _text(value: str) -> str:
    """A header as JSON can hold it: bytes that are no UTF-8 are taken for Latin-1. AWS does not say what it does."""
    raw = value.encode("utf-8", "surrogateescape")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def combined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Names in lower case, and what came twice joined with commas; cookies with semicolons."""
    found: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        between = "; " if key == "cookie" else ","
        found[key] = f"{found[key]}{between}{value}" if key in found else value
    return found


def _encoded(body: bytes, headers: Mapping[str, str]) -> tuple[str, bool]:
    if headers.get("content-type", "").startswith(_TEXT_TYPES) and "content-encoding" not in headers:
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(body).decode(), bool(body)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the viewer gets."""

    status: int
    headers: Headers
    body: bytes


def reply(payload: bytes) -> Reply:
    """The function's answer as it goes to the viewer. Raises Malformed."""
    try:
        answer = json.loads(payload)
    except ValueError:
        raise Malformed(f"the answer is no JSON: {payload[:80]!r}") from None
    if not isinstance(answer, dict) or "statusCode" not in answer:  # then it is the body itself
        return Reply(status=200, headers=[("content-type", "application/json")], body=payload)
    status, headers = prelude(answer)
    text = answer.get("body") or ""
    try:
        body = base64.b64decode(text, validate=True) if answer.get("isBase64Encoded") else text.encode()
    except (binascii.Error, AttributeError):
        raise Malformed("the answer's body is not what it says it is") from None
    return Reply(status=status, headers=headers, body=body)


def prelude(answer: Mapping[str, Any]) -> tuple[int, Headers]:
    """Status and headers, of a whole answer or of one that comes in parts. Raises Malformed."""
    try:
        status = int(answer["statusCode"])
        headers = [
            (name.lower(), str(each))
            for name, value in (answer.get("headers") or {}).items()
            for each in (value if isinstance(value, list) else [value])
        ]
        cookies = [("set-cookie", str(each)) for each in answer.get("cookies") or []]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Malformed(f"the answer's status or headers are none: {error}") from None
    return status, [each for each in headers if each[0] not in (*OWN, "content-length")] + cookies
