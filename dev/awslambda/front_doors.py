"""FrontDoor: an HTTP API, or a Function URL, with its own limits and its own words for what goes wrong.

Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html,
https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html and, for the body's hash,
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html
"""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from aiohttp import web
from multidict import CIMultiDict

from dev.awslambda.events import Headers, Malformed, Received, event, prelude, reply
from dev.awslambda.function import Function
from dev.awslambda.invocation import FunctionFailed, Streamed, Throttled, TooLarge


@dataclass(frozen=True, kw_only=True)
class Rules:
    """In what the two differ. Statuses are those that a viewer sees."""

    host: str
    decodes_path: bool
    header_bytes: int
    body_bytes: int
    wants_hash: bool
    """CloudFront signs the request for a Function URL, but not its body, and Lambda wants that signed too."""
    seconds: float | None
    """How long it waits for the function; None: as long as the function may run."""
    renamed: frozenset[str]
    """Headers of an answer that become `x-amzn-remapped-<name>`. AWS does not list them for a Function URL; that it
    does is told in https://github.com/pact-foundation/pact_broker-serverless/issues/5 and elsewhere."""
    failed: int
    """The function failed, timed out, or answered nonsense or too much."""
    throttled: int


RULES: Mapping[str, Rules] = {
    "httpApi": Rules(
        host="local.execute-api.us-east-1.amazonaws.com",
        decodes_path=True,
        header_bytes=10_240,
        body_bytes=10 * 1024 * 1024,
        wants_hash=False,
        seconds=30,
        renamed=frozenset(),
        failed=500,
        throttled=503,
    ),
    "functionUrl": Rules(
        host="local.lambda-url.us-east-1.on.aws",
        decodes_path=False,
        header_bytes=32_768,
        body_bytes=6 * 1024 * 1024,
        wants_hash=True,
        seconds=None,
        renamed=frozenset({"www-authenticate", "date", "server"}),
        failed=502,
        throttled=429,
    ),
}

EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()


class FrontDoor:
    """One of the two, in front of one function."""

    def __init__(self, kind: Literal["httpApi", "functionUrl"], function: Function) -> None:
        self._rules, self._function = RULES[kind], function

    async def answer(self, request: web.Request, headers: "CIMultiDict[str]") -> web.StreamResponse:
        """The answer to this request with these headers: not those of the viewer, but what CloudFront makes of them."""
        rules, body = self._rules, await request.read()
        path, _, query = request.raw_path.partition("?")
        line = len(request.method) + len(request.raw_path) + 12
        if line + sum(len(name) + len(value) + 4 for name, value in headers.items()) > rules.header_bytes:
            return _said(431, "Request Header Fields Too Large")
        if len(body) > rules.body_bytes:
            return _said(413, "Request Entity Too Large")
        if rules.wants_hash:
            if headers.get("x-amz-content-sha256", EMPTY_SHA256) != hashlib.sha256(body).hexdigest():
                return _said(403, "The request signature we calculated does not match the signature you provided.")
            headers["authorization"] = "AWS4-HMAC-SHA256 Credential=local/cloudfront"  # in place of the viewer's own
        received = Received(method=request.method, path=path, query=query, headers=list(headers.items()), body=body)
        return await self._invoked(request, event(received, host=rules.host, decode_path=rules.decodes_path))

    async def _invoked(self, request: web.Request, payload: bytes) -> web.StreamResponse:
        rules = self._rules
        try:
            answer = await asyncio.wait_for(self._function.invoke(payload), rules.seconds)
            if isinstance(answer, Streamed):
                status, headers = prelude(answer.prelude)
                return await _stream(request, status, self._named(headers), answer)
            found = reply(answer.payload)
            return web.Response(status=found.status, headers=self._named(found.headers), body=found.body)
        except TimeoutError:
            return _said(503, "Service Unavailable")
        except TooLarge:
            return _said(413, "Request Entity Too Large")
        except Throttled as refused:
            return _said(rules.throttled, str(refused))
        except (FunctionFailed, Malformed):
            return _said(rules.failed, "Internal Server Error")

    def _named(self, headers: Headers) -> "CIMultiDict[str]":
        """As the viewer sees them."""
        renamed = self._rules.renamed
        return CIMultiDict((f"x-amzn-remapped-{name}" if name in renamed else name, value) for name, value in headers)


async def _stream(
    request: web.Request, status: int, headers: "CIMultiDict[str]", answer: Streamed
) -> web.StreamResponse:
    response = web.StreamResponse(status=status, headers=headers)
    await response.prepare(request)
    try:
        async for part in answer.parts:
            await response.write(part)
    except FunctionFailed:
        if request.transport:  # the status is out already: all that is left is not to end it properly
            request.transport.abort()
        return response
    await response.write_eof()
    return response


def _said(status: int, message: str) -> web.Response:
    return web.json_response({"message": message}, status=status)
