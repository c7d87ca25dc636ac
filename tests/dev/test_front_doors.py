"""The front doors: what each lets in, and what each says when a function does not answer."""

import asyncio
import hashlib
import json
from collections.abc import Iterator
from dataclasses import fields, replace

import pytest
from runtimes import Client, Door, Loop, behind_edge, loop

from components.http_api import HttpApiArgs
from components.origin import READ_TIMEOUT_SECONDS
from dev.awslambda.front_doors import RULES, FrontDoor
from dev.awslambda.invocation import MAX_STREAMED_BYTES, Answer, Buffered, FunctionFailed, Throttled, TooLarge
from parity import CONTAINER, FUNCTION_URL, HTTP_API
from settings import Timeouts

OK = Buffered(payload=b'{"statusCode": 200, "body": "fine"}')


class Fake:
    """A function that does as it is told."""

    def __init__(self, outcome: Answer | Exception = OK, seconds: float = 0) -> None:
        self.outcome, self.seconds = outcome, seconds
        self.events: list[dict] = []

    async def invoke(self, event: bytes) -> Answer:
        self.events.append(json.loads(event))
        await asyncio.sleep(self.seconds)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@pytest.fixture(scope="module")
def serving() -> Iterator[Loop]:
    with loop() as made:
        yield made


def asked(serving: Loop, door: Door, function: Fake, method: str = "GET", path: str = "/", headers=(), body=b""):
    made: FrontDoor = FrontDoor(door, function)
    with behind_edge(serving, made) as port:
        return Client(port).ask(method, path, headers, body)


@pytest.mark.parametrize(
    ("outcome", "by_http_api", "by_url"),
    [
        (FunctionFailed("Task timed out"), (500, "Internal Server Error"), (502, "Internal Server Error")),
        (Buffered(payload=b"nonsense"), (500, "Internal Server Error"), (502, "Internal Server Error")),
        (Throttled("Rate Exceeded."), (503, "Rate Exceeded."), (429, "Rate Exceeded.")),
        (TooLarge(""), (413, "Request Entity Too Large"), (413, "Request Entity Too Large")),
    ],
)
def test_what_went_wrong_is_told_as_each_tells_it(serving, outcome, by_http_api, by_url):
    for door, expected in (("httpApi", by_http_api), ("functionUrl", by_url)):
        answer = asked(serving, door, Fake(outcome))
        assert (answer.status, answer.json["message"]) == expected


def test_an_http_api_waits_for_so_long_and_a_function_url_for_the_function(serving, monkeypatch):
    assert (RULES["httpApi"].seconds, RULES["functionUrl"].seconds) == (30, None)
    impatient = {**RULES, "httpApi": replace(RULES["httpApi"], seconds=0.05)}
    monkeypatch.setattr("dev.awslambda.front_doors.RULES", impatient)
    assert asked(serving, "httpApi", Fake(seconds=0.3)).status == 503
    assert asked(serving, "functionUrl", Fake(seconds=0.3)).status == 200


@pytest.mark.parametrize(("door", "most"), [("httpApi", 10_240), ("functionUrl", 32_768)])
def test_line_and_headers_have_a_limit_together(serving, door, most):
    assert RULES[door].header_bytes == most
    assert asked(serving, door, Fake(), headers={"x-long": "x" * (most - 500)}).status == 200
    assert asked(serving, door, Fake(), headers={"x-long": "x" * (most - 20)}).status == 431


@pytest.mark.parametrize(("door", "most_mb"), [("httpApi", 10), ("functionUrl", 6)])
def test_a_body_has_a_limit_before_the_function_is_asked(serving, door, most_mb):
    function = Fake()
    assert asked(serving, door, function, "POST", "/", {}, bytes(most_mb * 2**20 + 1)).status == 413
    assert function.events == []


def test_a_function_url_wants_the_hash_of_a_body_and_has_a_signature_of_its_own(serving):
    function = Fake()
    digest = hashlib.sha256(b"x").hexdigest()
    for headers, status in (({}, 403), ({"x-amz-content-sha256": "0"}, 403), ({"x-amz-content-sha256": digest}, 200)):
        assert asked(serving, "functionUrl", function, "POST", "/", headers, b"x").status == status
    assert asked(serving, "functionUrl", function, headers={"authorization": "mine"}).status == 200
    assert function.events[-1]["headers"]["authorization"].startswith("AWS4-HMAC-SHA256")
    assert asked(serving, "httpApi", function, headers={"authorization": "mine"}).status == 200
    assert function.events[-1]["headers"]["authorization"] == "mine"


def test_each_names_itself_as_the_host_and_says_https(serving):
    for door, host, able in (("httpApi", "execute-api", HTTP_API), ("functionUrl", "lambda-url", FUNCTION_URL)):
        function = Fake()
        asked(serving, door, function)
        assert host in function.events[0]["headers"]["host"]
        assert host in function.events[0]["requestContext"]["domainName"]
        assert function.events[0]["headers"]["x-forwarded-proto"] == able.told["scheme the app sees"]


def test_times_rates_and_streams_have_the_limits_that_the_parity_check_knows(serving):
    assert RULES["httpApi"].seconds == HTTP_API.longest_request_seconds + 1
    assert CONTAINER.longest_request_seconds == FUNCTION_URL.longest_request_seconds
    assert Timeouts.of(FUNCTION_URL.longest_request_seconds).origin_read == READ_TIMEOUT_SECONDS[1]
    assert FUNCTION_URL.largest_stream_mb == MAX_STREAMED_BYTES // 2**20
    defaults = {field.name: field.default for field in fields(HttpApiArgs)}
    rates = f"{defaults['throttle_rate']:,}, bursts of {defaults['throttle_burst']}"
    assert HTTP_API.told["requests a second"] == rates


@pytest.mark.parametrize("name", ["WWW-Authenticate", "Date", "Server"])
def test_a_function_url_renames_what_browsers_would_act_on(serving, name):
    answer = Buffered(payload=json.dumps({"statusCode": 401, "headers": {name: "x"}}).encode())
    assert asked(serving, "functionUrl", Fake(answer)).headers[f"x-amzn-remapped-{name}"] == "x"
    assert asked(serving, "httpApi", Fake(answer)).headers[name] == "x"
