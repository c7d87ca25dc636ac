"""Client: sends one request to one side of a deployed service, and times the answer."""

import http.client
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

HEADER = "x-switchyard-smoke"
AGENT = "switchyard-smoke"
TOKEN = re.compile("[!-~]*")
# Source: https://www.rfc-editor.org/rfc/rfc3986#section-2.2
PLAIN = ":/?#[]@!$&'()*+,;=%"
"""What has a meaning in a path with a query, or is escaped already, and stays as it is."""


class Unanswered(Exception):
    """No answer came: no connection, no TLS, silence, or not HTTP."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is sent."""

    method: str = "GET"
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back, and how long after the connection stood, in seconds."""

    status: int
    headers: Mapping[str, str]
    cookies: frozenset[str]
    """Names of the cookies it sets."""
    body: bytes
    seconds: float

    def document(self) -> Any:
        """The body as JSON, or None if it is none."""
        if "json" not in self.headers.get("content-type", ""):
            return None
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Client:
    """Speaks to one URL; with a token it can say which side is to answer."""

    def __init__(self, url: str, token: str = "", timeout_seconds: float = 130) -> None:
        """The timeout is for silence: longer than the longest request that CloudFront allows, 120 s.

        ValueError for a URL or a token that can't be one; the token is not in the message.
        """
        parts, token = urlsplit(url), token.strip()
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise ValueError(f"the URL must begin with https:// and a name, got {url!r}")
        if not TOKEN.fullmatch(token):
            raise ValueError("the token must be letters and digits without a blank; what was got is not shown here")
        self._make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._host, self._port, self._timeout, self._token = parts.hostname, parts.port, timeout_seconds, token

    def ask(self, request: Request, side: str | None = None) -> Answer:
        """The answer of this side, or of whoever serves. Unanswered if there is none."""
        headers = {"user-agent": AGENT, **request.headers}
        if side is not None:
            headers[HEADER] = f"{side}:{self._token}"
        connection = self._make(self._host, self._port, timeout=self._timeout)
        try:
            connection.connect()
            started = time.perf_counter()
            connection.request(request.method, quote(request.path, PLAIN), body=request.body, headers=headers)
            response = connection.getresponse()
            body = b"" if response.status == http.client.SWITCHING_PROTOCOLS else response.read()
            seconds = time.perf_counter() - started
        except (OSError, http.client.HTTPException) as error:
            raise Unanswered(f"{type(error).__name__}: {error}") from error
        finally:
            connection.close()
        return Answer(
            status=response.status,
            headers={name.lower(): value for name, value in response.getheaders()},
            cookies=frozenset(each.partition("=")[0] for each in response.headers.get_all("set-cookie", [])),
            body=body,
            seconds=seconds,
        )
