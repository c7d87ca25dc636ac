"""The boundary: who may tell the service what, told in headers."""

import asyncio
import json
from typing import Any

import pytest
from service.boundary import ADAPTER_HEADERS, Boundary, request_id

from components._viewer_request import FORGEABLE

CONTEXT = {"requestId": "api-1", "http": {"method": "GET"}}
TRACE = "Self=1-2;Root=1-67891233-abcdef012345678912345678"


def through(
    headers: dict[str, str], *, in_lambda: bool, path: str = "/x", events_path: str = "/events"
) -> tuple[dict[str, Any] | None, int | None]:
    """The scope that the service sees, and the status that the boundary answers itself."""
    seen: list[dict[str, Any]] = []
    sent: list[dict[str, Any]] = []

    async def service(scope, receive, send):
        seen.append(scope)

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request"}

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": path, "headers": raw}
    asyncio.run(Boundary(service, in_lambda=in_lambda, events_path=events_path)(scope, receive, send))
    return (seen[0] if seen else None), (sent[0]["status"] if sent else None)


@pytest.mark.parametrize("in_lambda", [True, False])
def test_headers_of_the_adapter_go_no_further_and_all_others_do(in_lambda):
    forged = dict.fromkeys(ADAPTER_HEADERS, "{}")
    scope, _ = through({**forged, "x-echo": "1"}, in_lambda=in_lambda)
    assert scope
    assert scope["headers"] == [(b"x-echo", b"1")]


def test_the_edge_takes_the_same_headers_off():
    assert set(FORGEABLE) >= ADAPTER_HEADERS


@pytest.mark.parametrize(
    ("in_lambda", "context", "reached"),
    [
        (True, "null", True),  # what the adapter says of an event
        (True, json.dumps(CONTEXT), False),  # and of a request
        (True, "{}", False),
        (True, "[", False),
        (True, None, False),
        (False, "null", False),  # outside Lambda, anybody could say so
        (False, None, False),
    ],
)
def test_the_path_of_events_is_reached_by_events_alone(in_lambda, context, reached):
    headers = {} if context is None else {"x-amzn-request-context": context}
    scope, status = through(headers, in_lambda=in_lambda, path="/events")
    assert (scope is not None, status) == ((True, None) if reached else (False, 404))


def test_only_the_path_that_the_adapter_posts_to_is_closed():
    assert through({}, in_lambda=True, path="/events", events_path="/queue") != (None, 404)
    assert through({}, in_lambda=True, path="/queue", events_path="/queue") == (None, 404)
    assert through({}, in_lambda=True, path="/events/x") != (None, 404)


@pytest.mark.parametrize(
    ("headers", "context", "expected"),
    [
        ({"x-request-id": "edge=1/_-==", "x-amzn-trace-id": TRACE}, CONTEXT, "edge=1/_-=="),
        ({"x-amzn-trace-id": TRACE}, CONTEXT, "api-1"),
        ({"x-amzn-trace-id": TRACE}, None, "1-67891233-abcdef012345678912345678"),
        ({"x-request-id": "two words"}, CONTEXT, "api-1"),
        ({"x-request-id": "x" * 129, "x-amzn-trace-id": TRACE}, None, "1-67891233-abcdef012345678912345678"),
        ({"x-request-id": "line\nbreak"}, {"requestId": 1}, "1"),
    ],
)
def test_the_id_of_a_request_is_the_one_that_the_outermost_gave_it(headers, context, expected):
    assert request_id(headers, context) == expected


def test_a_request_without_an_id_gets_one_of_its_own():
    first, second = request_id({}, None), request_id({"x-amzn-trace-id": "Sampled=0"}, None)
    assert len(first) == 36
    assert first != second


@pytest.mark.parametrize("in_lambda", [True, False])
def test_only_lambdas_own_context_is_believed(in_lambda):
    scope, _ = through({"x-amzn-request-context": json.dumps(CONTEXT)}, in_lambda=in_lambda)
    assert scope
    assert (scope["state"]["request_id"] == "api-1") is in_lambda
