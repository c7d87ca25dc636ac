"""RuntimeApi: the protocol of Lambda's Runtime and Extensions APIs, asked as a runtime and as an extension."""

import contextlib
import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from runtimes import Loop, loop

from dev.awslambda.invocation import MAX_ANSWER_BYTES, Buffered, FunctionFailed, Invocation, Streamed
from dev.awslambda.runtime_api import RuntimeApi

RUNTIME, EXTENSION = "/2018-06-01/runtime", "/2020-01-01/extension"


class Api:
    """A client of one environment's API."""

    def __init__(self, serving: Loop) -> None:
        self._serving = serving
        self.api = serving.run(_made())
        self.address = serving.run(self.api.start())

    def ask(self, method: str, path: str, body: bytes | str = b"", **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(self.address, timeout=10)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        return connection.getresponse()

    def deliver(self, event: bytes = b"{}") -> Invocation:
        async def deliver() -> Invocation:
            invocation = Invocation(event=event, deadline=time.time() + 5)
            self.api.deliver(invocation)
            return invocation

        return self._serving.run(deliver())

    def next(self) -> http.client.HTTPResponse:
        return self.ask("GET", f"{RUNTIME}/invocation/next")

    def answer_of(self, invocation: Invocation):
        return self._serving.run(_awaited(invocation))

    def close(self) -> None:
        self._serving.run(self.api.close())


async def _made() -> RuntimeApi:
    return RuntimeApi()


async def _awaited(invocation: Invocation):
    return await invocation.answer


@pytest.fixture(scope="module")
def serving() -> Iterator[Loop]:
    with loop() as made:
        yield made


@pytest.fixture
def api(serving) -> Iterator[Api]:
    made = Api(serving)
    yield made
    made.close()


def asking(ask: Callable[[], object]) -> threading.Thread:
    """Ask what is answered later, or never."""

    def run() -> None:
        with contextlib.suppress(http.client.HTTPException, OSError):
            ask()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def registered(api: Api, events: list[str]) -> str:
    answer = api.ask("POST", f"{EXTENSION}/register", json.dumps({"events": events}), Lambda_Extension_Name="x")
    assert answer.status == 200
    assert json.loads(answer.read())["functionName"] == "app"
    return answer.headers["lambda-extension-identifier"]


def test_an_event_comes_with_what_the_runtime_has_to_know(api):
    invocation = api.deliver(b'{"a": 1}')
    answer = api.next()
    assert answer.read() == b'{"a": 1}'
    assert answer.headers["lambda-runtime-aws-request-id"] == invocation.id
    assert answer.headers["lambda-runtime-deadline-ms"] == str(int(invocation.deadline * 1000))
    assert answer.headers["lambda-runtime-invoked-function-arn"].startswith("arn:aws:lambda:")
    assert answer.headers["lambda-runtime-trace-id"].startswith("Root=1-")


def test_an_answer_is_taken_once_and_only_for_its_own_event(api):
    invocation = api.deliver()
    api.next().read()
    wrong = api.ask("POST", f"{RUNTIME}/invocation/other/response", b"{}")
    assert (wrong.status, json.loads(wrong.read())["errorType"]) == (400, "InvalidRequestID")
    assert api.ask("POST", f"{RUNTIME}/invocation/{invocation.id}/response", b'"yes"').status == 202
    assert api.answer_of(invocation) == Buffered(payload=b'"yes"')
    assert api.ask("POST", f"{RUNTIME}/invocation/{invocation.id}/response", b'"no"').status == 400


def test_an_answer_that_is_too_large_is_refused_and_fails_the_invocation(api):
    invocation = api.deliver()
    api.next().read()
    refused = api.ask("POST", f"{RUNTIME}/invocation/{invocation.id}/response", bytes(MAX_ANSWER_BYTES + 1))
    assert (refused.status, json.loads(refused.read())["errorType"]) == (413, "RequestEntityTooLarge")
    with pytest.raises(FunctionFailed, match=r"maximum allowed payload size \(6291556 bytes\)"):
        api.answer_of(invocation)


def test_an_error_fails_the_invocation_with_its_words(api):
    invocation = api.deliver()
    api.next().read()
    assert api.ask("POST", f"{RUNTIME}/invocation/{invocation.id}/error", b'{"errorMessage": "no"}').status == 202
    with pytest.raises(FunctionFailed, match='"errorMessage": "no"'):
        api.answer_of(invocation)


def test_an_answer_in_parts_begins_with_what_it_is(api, serving):
    invocation = api.deliver()
    api.next().read()
    connection = http.client.HTTPConnection(api.address, timeout=10)
    parts = [b'{"statusCode": 201, ', b'"cookies": ["a=1"]}\0\0\0', b"\0\0\0\0\0first", b"second"]
    headers = {"Lambda-Runtime-Function-Response-Mode": "streaming", "Transfer-Encoding": "chunked"}
    connection.request(
        "POST", f"{RUNTIME}/invocation/{invocation.id}/response", iter(parts), headers, encode_chunked=True
    )
    answer = api.answer_of(invocation)
    assert isinstance(answer, Streamed)
    assert answer.prelude == {"statusCode": 201, "cookies": ["a=1"]}

    async def body() -> bytes:
        return b"".join([part async for part in answer.parts])

    assert serving.run(body()) == b"firstsecond"
    assert connection.getresponse().status == 202


def test_a_stream_past_its_limit_is_cut_off(api, serving, monkeypatch):
    monkeypatch.setattr("dev.awslambda.runtime_api.MAX_STREAMED_BYTES", 10)
    invocation = api.deliver()
    api.next().read()
    headers = {"Lambda_Runtime_Function_Response_Mode": "streaming"}
    api.ask("POST", f"{RUNTIME}/invocation/{invocation.id}/response", b"{}" + bytes(8) + bytes(11), **headers)
    answer = api.answer_of(invocation)

    async def body() -> bytes:
        return b"".join([part async for part in answer.parts])

    with pytest.raises(FunctionFailed, match=r"Function\.ResponseSizeTooLarge: more than 10 bytes"):
        serving.run(body())


def test_an_answer_that_ends_before_its_body_fails(api):
    invocation = api.deliver()
    api.next().read()
    headers = {"Lambda_Runtime_Function_Response_Mode": "streaming"}
    api.ask("POST", f"{RUNTIME}/invocation/{invocation.id}/response", b'{"statusCode": 200}', **headers)
    with pytest.raises(FunctionFailed, match="ended before its body"):
        api.answer_of(invocation)


def test_an_extension_gets_the_events_that_it_asked_for(api, serving):
    both, none = registered(api, ["INVOKE", "SHUTDOWN"]), registered(api, [])
    api.deliver()
    told = json.loads(api.ask("GET", f"{EXTENSION}/event/next", Lambda_Extension_Identifier=both).read())
    assert told["eventType"] == "INVOKE"

    async def shut_down() -> None:
        api.api.say_shutdown(time.time() + 2)

    serving.run(shut_down())
    told = json.loads(api.ask("GET", f"{EXTENSION}/event/next", Lambda_Extension_Identifier=both).read())
    assert (told["eventType"], told["shutdownReason"]) == ("SHUTDOWN", "spindown")
    silent = asking(lambda: api.ask("GET", f"{EXTENSION}/event/next", Lambda_Extension_Identifier=none))
    silent.join(0.2)
    assert silent.is_alive()


@pytest.mark.parametrize(
    ("events", "name", "status"), [(["EVERYTHING"], "x", 400), ([], "", 400), (["INVOKE"], "x", 200)]
)
def test_an_extension_says_who_it_is_and_wants_what_there_is(api, events, name, status):
    answer = api.ask("POST", f"{EXTENSION}/register", json.dumps({"events": events}), Lambda_Extension_Name=name)
    assert answer.status == status


def test_nobody_registers_once_the_runtime_is_ready(api):
    asking(api.next)
    while not api.api.runtime_is_waiting:
        time.sleep(0.01)
    answer = api.ask("POST", f"{EXTENSION}/register", b'{"events": []}', Lambda_Extension_Name="late")
    assert answer.status == 403


def test_an_unknown_extension_gets_nothing(api):
    assert api.ask("GET", f"{EXTENSION}/event/next", Lambda_Extension_Identifier="x").status == 403


@pytest.mark.parametrize("path", [f"{RUNTIME}/init/error", f"{EXTENSION}/init/error", f"{EXTENSION}/exit/error"])
def test_a_start_that_fails_is_heard_of(api, serving, path):
    assert api.ask("POST", path, b'{"errorType": "x"}').status == 202
    serving.run(api.api.idle())
    assert api.api.init_error == '{"errorType": "x"}'
