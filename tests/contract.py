"""The contract: what anybody may rely on, whichever runtime answers. Each case asks, and returns what it saw.

A case that a runtime can't fulfil names what the parity check knows of it, and what is seen there instead.
"""

import base64
import gzip
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

import websockets.sync.client as websocket
from runtimes import Answer, Client
from websockets.exceptions import InvalidStatus

from parity import CONTAINER, FUNCTION_URL, HTTP_API, Capability, Need, Told

MB = 1024 * 1024
EVERY_BYTE = bytes(range(256))
PAUSE_SECONDS = 0.8
IN_FLIGHT = 40
"""Requests when a task is stopped; tests/app/test_lifecycle.py counts what becomes of them."""
Limit = Literal["largest_body_mb", "largest_response_mb", "largest_headers_kb", "clients_must_hash_bodies"]


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """One way to reach the service."""

    name: str
    able: Capability
    streams: bool
    has_edge: bool = True

    def lacks(self, need: Need | None, limit: Limit | None, size: int, told: Told | None) -> bool:
        """Whether the parity check would refuse a service that asks for this here, or tells of another way."""
        if told:
            return self.able.told[told] != CONTAINER.told[told]
        if need == "streaming" and not self.streams:
            return True
        if limit == "largest_response_mb":
            return size > self.able.response_mb(("streaming",) if self.streams else ())
        return (need is not None and need not in self.able.serves) or (
            limit is not None and size > _most(getattr(self.able, limit))
        )


def _most(value: int | bool) -> int:
    """A limit as a number; that clients must hash bodies is a limit of 0 bodies without."""
    return (0 if value else 1) if isinstance(value, bool) else value


RUNTIMES = (
    Runtime(name="direct", able=CONTAINER, streams=True, has_edge=False),
    Runtime(name="container", able=CONTAINER, streams=True),
    Runtime(name="httpApi", able=HTTP_API, streams=False),
    Runtime(name="functionUrl", able=FUNCTION_URL, streams=False),
    Runtime(name="functionUrl, streaming", able=FUNCTION_URL, streams=True),
)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One promise."""

    name: str
    ask: Callable[[Client], Any]
    expected: Any
    need: Need | None = None
    limit: Limit | None = None
    size: int = 0
    told: Told | None = None
    otherwise: Mapping[str, Any]
    """By the name of the runtime, or `*`: what is seen where it is lacking."""
    behind_edge: bool = False
    """Whether it is the edge that sees to it."""
    is_impatient: bool = False
    """Whether a request may only take a second."""

    def wanted(self, runtime: Runtime) -> Any:
        if not runtime.lacks(self.need, self.limit, self.size, self.told):
            return self.expected
        return self.otherwise.get(runtime.name, self.otherwise.get("*"))


CASES: list[Case] = []


def case(
    expected: Any,
    *,
    need: Need | None = None,
    limit: Limit | None = None,
    size: int = 0,
    told: Told | None = None,
    otherwise: Any = None,
    behind_edge: bool = False,
    is_impatient: bool = False,
) -> Callable[[Callable[[Client], Any]], None]:
    """Register a function, by its name, as a case with this outcome."""
    instead = otherwise if isinstance(otherwise, dict) else {"*": otherwise}

    def register(ask: Callable[[Client], Any]) -> None:
        CASES.append(
            Case(
                name=ask.__name__,
                ask=ask,
                expected=expected,
                need=need,
                limit=limit,
                size=size,
                told=told,
                otherwise=instead,
                behind_edge=behind_edge,
                is_impatient=is_impatient,
            )
        )

    return register


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def seen(answer: Answer, *keys: str) -> tuple:
    """The status, and these parts of the echo."""
    return (answer.status, *((answer.json or {}).get(key) for key in keys))


# Methods and statuses.
for _method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):

    def _echo(client: Client, method: str = _method) -> Any:
        return seen(client.ask(method, "/api/echo"), "method")

    _echo.__name__ = f"{_method.lower()}_arrives"
    case((200, _method))(_echo)


@case((200, "application/json", b""))
def head_has_headers_and_no_body(client):
    answer = client.ask("HEAD", "/api/echo")
    return answer.status, answer.headers["content-type"], answer.body


@case((405, {"error": "method not allowed"}))
def a_method_that_is_not_there_is_refused(client):
    answer = client.ask("PUT", "/healthz")
    return answer.status, answer.json


@case([(201, True), (200, "a"), (200, True), (204, b""), (404, None)])
def a_resource_is_made_read_changed_and_removed(client):
    made = client.ask("POST", "/api/tasks", body={"title": "a"})
    at = made.headers["location"]
    read = client.ask("GET", at)
    changed = client.ask("PATCH", at, body={"done": True})
    removed = client.ask("DELETE", at)
    return [
        (made.status, at == f"/api/tasks/{made.json['id']}"),
        (read.status, read.json["title"]),
        (changed.status, changed.json["done"]),
        (removed.status, removed.body),
        (client.ask("GET", at).status, None),
    ]


@case((422, {"error": "title: string should have at least 1 character"}))
def nonsense_is_refused_in_words(client):
    answer = client.ask("POST", "/api/tasks", body={"title": " "})
    return answer.status, answer.json


@case([422, 413])
def a_number_beyond_all_and_a_body_that_no_task_needs_are_refused_as_well(client):
    beyond = client.ask("GET", f"/api/tasks/{2**63}")
    large = client.ask("POST", "/api/tasks", {"content-type": "application/json"}, b"[" * 100_000)
    return [beyond.status, large.status]


@case((404, {"error": "not found"}))
def what_is_not_there_is_not_found(client):
    answer = client.ask("GET", "/api/nothing")
    return answer.status, answer.json


@case(404)
def a_trailing_slash_is_another_path_and_no_redirect_to_the_origin(client):
    return client.ask("GET", "/api/tasks/").status


# Headers.
@case({"x-echo-a": "1", "x-echo-mixed": "Value"})
def headers_arrive_whatever_their_case(client):
    return client.ask("GET", "/api/echo", {"X-Echo-A": "1", "x-ECHO-Mixed": "Value", "x-other": "2"}).json["headers"]


@case("1,2")
def a_header_that_is_sent_twice_arrives_joined(client):
    answer = client.ask("GET", "/api/echo", [("x-echo-twice", "1"), ("x-echo-twice", "2")])
    return answer.json["headers"]["x-echo-twice"]


@case(200)
def a_header_that_is_not_ascii_does_no_harm(client):
    return client.ask("GET", "/api/echo", {"x-other": "caf\xe9"}).status


# Request line and headers together, to the byte.
for _size in (HTTP_API.largest_headers_kb, CONTAINER.largest_headers_kb):

    def _long(client: Client, size: int = _size) -> Any:
        others = f"GET /api/echo HTTP/1.1\r\nHost: 127.0.0.1:{client.port}\r\nx-echo-long: \r\n"
        value = "x" * (size * 1024 - len(others))
        answer = client.ask("GET", "/api/echo", {"x-echo-long": value})
        return answer.status, answer.status == 200 and answer.json["headers"]["x-echo-long"] == value

    _long.__name__ = f"headers_of_{_size}_kilobytes_arrive"
    case((200, True), limit="largest_headers_kb", size=_size, otherwise=(431, False))(_long)


@case(("127.0.0.1", True), behind_edge=True)
def the_viewer_can_not_say_who_it_is_or_what_it_asked_for(client):
    forged = {"x-viewer-address": "1.2.3.4", "x-forwarded-host": "bank.example", "x-amz-tenant-id": "another"}
    told = client.ask("GET", "/api/echo", forged).json
    return told["viewer"], told["host"].startswith("127.0.0.1:")


@case("Bearer abc", behind_edge=True)
def authorization_arrives(client):
    return client.ask("GET", "/api/echo", {"authorization": "Bearer abc"}).json["authorization"]


@case(True)
def every_answer_tells_the_id_of_its_request(client):
    first, second = (client.ask("GET", "/api/echo").headers["x-request-id"] for _ in range(2))
    return bool(first) and first != second


@case({"cache-control": "no-store", "content-type": "application/json"})
def an_answer_has_the_headers_that_the_service_gave_it(client):
    headers = client.ask("GET", "/api/echo").headers
    return {name: headers[name] for name in ("cache-control", "content-type")}


@case(
    (401, 'Basic realm="private"', None),
    told="`WWW-Authenticate`, `Date`, `Server` in an answer",
    otherwise=(401, None, 'Basic realm="private"'),
)
def who_asks_is_asked_for_a_password(client):
    answer = client.ask("GET", "/api/private")
    return (answer.status, *(answer.headers[f"{prefix}www-authenticate"] for prefix in ("", "x-amzn-remapped-")))


@case(["1", "2"], need="repeatedHeaders", otherwise={"functionUrl, streaming": ["1", "2"], "*": ["1"]})
def a_header_that_is_given_twice_is_there_twice(client):
    return client.ask("GET", "/api/repeated").headers.get_all("x-repeated")


# Cookies.
@case("a=1; a=2;b; c=%20x", told="spaces between cookies", otherwise="a=1;a=2;b;c=%20x")
def cookies_arrive(client):
    return client.ask("GET", "/api/echo", {"cookie": "a=1; a=2;b; c=%20x"}).json["cookie"]


@case(
    ['full="a b\\054c"; HttpOnly; Max-Age=60; Path=/api; SameSite=strict; Secure', "plain=1; Path=/; SameSite=lax"],
)
def each_cookie_is_set_by_itself(client):
    return sorted(client.ask("GET", "/api/cookies").headers.get_all("set-cookie"))


# Paths and queries.
@case(([["a", "1"], ["a", "2"], ["empty", ""], ["é", "ü&="], ["plus", "a b"]],))
def a_query_arrives_in_its_order(client):
    target = "/api/echo?a=1&a=2&empty=&%C3%A9=%C3%BC%26%3D&plus=a+b"
    return (client.ask("GET", target).json["query"],)


@case(3000)
def a_query_of_three_kilobytes_arrives(client):
    return len(client.ask("GET", f"/api/echo?long={'x' * 3000}").json["query"][0][1])


@case("/api/echo/grüße/a b/日本")
def a_path_in_any_script_arrives(client):
    return client.ask("GET", quote("/api/echo/grüße/a b/日本")).json["path"]


@case("/api/echo//a/")
def slashes_stay_as_they_are(client):
    return client.ask("GET", "/api/echo//a/").json["path"]


@case("100%/a?b", need="encodedPaths", otherwise="100%/a")
def what_is_encoded_in_a_path_stays_encoded(client):
    return client.ask("GET", "/api/echo/100%25%2Fa%3Fb").json["rest"]


# Bodies.
for _name, _type, _body in (
    ("binary", "application/octet-stream", EVERY_BYTE * 40),
    ("json", "application/json", '{"é": 1}'.encode()),
    ("text", "text/plain; charset=utf-8", "Grüße\n".encode()),
    ("text_that_is_none", "text/plain", EVERY_BYTE),
    ("form", "application/x-www-form-urlencoded", b"a=1&b=%20"),
    ("compressed", "application/json", gzip.compress(b"{}", mtime=0)),
    ("empty", "application/json", b""),
):

    def _posted(client: Client, type_: str = _type, body: bytes = _body, name: str = _name) -> Any:
        encoding = {"content-encoding": "gzip"} if name == "compressed" else {}
        return client.ask("POST", "/api/echo", {"content-type": type_, **encoding}, body).json["body"]

    _posted.__name__ = f"a_body_arrives_byte_by_byte_{_name}"
    case({"bytes": len(_body), "sha256": sha256(_body)})(_posted)


@case(4 * MB)
def a_body_of_four_megabytes_arrives(client):
    return client.ask("POST", "/api/echo", {}, EVERY_BYTE * (4 * MB // 256)).json["body"]["bytes"]


@case((200, 5 * MB), limit="largest_body_mb", size=5, otherwise=(413, None))
def a_body_of_five_megabytes_arrives(client):
    answer = client.ask("POST", "/api/echo", {}, bytes(5 * MB))
    return answer.status, answer.json.get("body", {}).get("bytes")


@case(200, told="text in a body or an answer", otherwise=413)
def four_megabytes_of_text_that_json_escapes_arrive(client):
    return client.ask("POST", "/api/echo", {"content-type": "text/csv"}, b'"\n' * (2 * MB)).status


@case(200, limit="clients_must_hash_bodies", size=1, otherwise=403)
def a_body_without_its_hash_arrives(client):
    return client.ask("POST", "/api/echo", {"x-amz-content-sha256": sha256(b"another")}, b"body").status


@case((413, {"error": "a file may have 1048576 bytes"}))
def an_upload_over_what_the_service_takes_is_refused_by_it(client):
    answer = client.ask("PUT", "/api/files/large", {"content-type": "text/plain"}, b"x" * (MB + 1))
    return answer.status, answer.json


# Answers.
@case(EVERY_BYTE * 4)
def a_binary_answer_arrives_byte_by_byte(client):
    return client.ask("GET", "/api/bytes?size=1024").body


@case((200, 4 * MB))
def an_answer_of_four_megabytes_arrives(client):
    answer = client.ask("GET", f"/api/bytes?size={4 * MB}")
    return answer.status, len(answer.body)


@case(
    200,
    told="text in a body or an answer",
    otherwise={"httpApi": 500, "functionUrl": 502, "functionUrl, streaming": 200},
)
def an_answer_of_four_megabytes_of_text_that_json_escapes_arrives(client):
    return client.ask("GET", f"/api/bytes?size={4 * MB}&media_type=text/csv").status


@case(
    (200, 7 * MB, 200),
    limit="largest_response_mb",
    size=7,
    otherwise={"httpApi": (500, None, 200), "functionUrl": (502, None, 200)},
)
def an_answer_of_seven_megabytes_arrives_and_the_next_one_too(client):
    answer = client.ask("GET", f"/api/bytes?size={7 * MB}")
    length = len(answer.body) if answer.status == 200 else None
    return answer.status, length, client.ask("GET", "/healthz").status


@case(("gzip", "Accept-Encoding", 100_000, True))
def text_is_compressed_for_who_can_read_it(client):
    answer = client.ask("GET", "/api/bytes?size=100000&media_type=text/plain", {"accept-encoding": "gzip"})
    text = gzip.decompress(answer.body)
    return answer.headers["content-encoding"], answer.headers["vary"], len(text), len(answer.body) < 1000


@case((None, 100_000))
def text_is_not_compressed_for_who_can_not(client):
    answer = client.ask("GET", "/api/bytes?size=100000&media_type=text/plain")
    return answer.headers["content-encoding"], len(answer.body)


@case((None, "Accept-Encoding", 100_000))
def text_is_not_compressed_for_who_refuses_it(client):
    answer = client.ask("GET", "/api/bytes?size=100000&media_type=text/plain", {"accept-encoding": "br, gzip;q=0"})
    return answer.headers["content-encoding"], answer.headers["vary"], len(answer.body)


@case([(200, None, 5000), (206, None, 2000)])
def a_file_is_the_same_bytes_whole_and_in_part_whatever_is_accepted(client):
    client.ask("PUT", "/api/files/text", {"content-type": "text/plain"}, b"x" * 5000)
    asked = [{}, {"range": "bytes=0-1999"}]
    answers = [client.ask("GET", "/api/files/text", {"accept-encoding": "gzip", **each}) for each in asked]
    return [(each.status, each.headers["content-encoding"], len(each.body)) for each in answers]


@case((308, "/api/echo?from=moved"))
def a_redirect_names_no_host(client):
    answer = client.ask("GET", "/api/moved")
    return answer.status, answer.headers["location"]


# Files, whole and in parts.
def _file(client: Client, headers: Mapping[str, str]) -> tuple:
    name = quote("grüße 1.bin")
    stored = client.ask("PUT", f"/api/files/{name}", {"content-type": "image/png"}, EVERY_BYTE)
    answer = client.ask("GET", f"/api/files/{name}", headers)
    return stored.status, answer.status, answer.headers["content-range"], answer.body


_ETAG = f'"{sha256(EVERY_BYTE)}"'
for _name, _headers, _expected in (
    ("whole", {}, (200, None, EVERY_BYTE)),
    ("first_bytes", {"range": "bytes=0-3"}, (206, "bytes 0-3/256", EVERY_BYTE[:4])),
    ("last_bytes", {"range": "bytes=-4"}, (206, "bytes 252-255/256", EVERY_BYTE[-4:])),
    ("from_a_byte_on", {"range": "bytes=250-"}, (206, "bytes 250-255/256", EVERY_BYTE[250:])),
    ("past_its_end", {"range": "bytes=256-"}, (416, "bytes */256", b"")),
    ("in_two_parts_at_once", {"range": "bytes=0-1,4-5"}, (200, None, EVERY_BYTE)),
    ("in_part_if_it_is_the_same", {"range": "bytes=0-0", "if-range": _ETAG}, (206, "bytes 0-0/256", b"\0")),
    ("in_part_if_it_is_another", {"range": "bytes=0-0", "if-range": '"x"'}, (200, None, EVERY_BYTE)),
    ("unless_it_is_the_same", {"if-none-match": _ETAG}, (304, None, b"")),
    ("unless_it_is_one_of_these", {"if-none-match": f'"x", W/{_ETAG}'}, (304, None, b"")),
    ("unless_it_is_any", {"if-none-match": "*"}, (304, None, b"")),
    ("if_it_is_another", {"if-none-match": '"x"'}, (200, None, EVERY_BYTE)),
):

    def _got(client: Client, headers: Mapping[str, str] = _headers) -> Any:
        return _file(client, headers)

    _got.__name__ = f"a_file_comes_back_{_name}"
    case((201, *_expected))(_got)


@case(("attachment", "default-src 'none'; sandbox", "nosniff"))
def a_file_is_run_by_no_browser(client):
    client.ask("PUT", "/api/files/page.html", {"content-type": "text/html"}, b"<script>alert(1)</script>")
    headers = client.ask("GET", "/api/files/page.html").headers
    return tuple(headers[name] for name in ("content-disposition", "content-security-policy", "x-content-type-options"))


# Errors, and what must not be reached.
@case((500, "internal error", True, [200, 200, 200]))
def an_error_in_the_service_is_told_without_its_reason_and_costs_no_other_request(client):
    answer = client.ask("GET", "/api/fail")
    is_named = answer.json["request_id"] == answer.headers["x-request-id"]
    return answer.status, answer.json["error"], is_named, [client.ask("GET", "/api/echo").status for _ in range(3)]


for _target in ("/events", "/%65vents", "/%2565vents", "//events", "/events?x=1"):

    def _event(client: Client, target: str = _target) -> Any:
        context = {"x-amzn-request-context": "null", "x-amzn-lambda-context": "{}"}
        return client.ask("POST", target, context, b"{}").status

    _event.__name__ = f"the_path_for_events_is_not_there_{base64.b16encode(_target.encode()).decode()}"
    case(404)(_event)


# Time.
@case((200, True))
def a_request_may_take_its_time(client):
    started = time.monotonic()
    answer = client.ask("GET", "/api/wait?seconds=0.2")
    return answer.status, 0.2 <= time.monotonic() - started < 3


def _parts(client: Client) -> bool:
    """Whether the first part came well before the last, a third of a second in all."""
    client._connection.request("GET", "/api/stream?lines=3&every=0.15")
    response = client._connection.getresponse()
    assert response.readline() == b"data: 1\n"
    first = time.monotonic()
    assert response.read().endswith(b"data: 3\n\n")
    return time.monotonic() - first > 0.2


@case(True, need="streaming", otherwise=False)
def an_answer_in_parts_comes_in_parts(client):
    return _parts(client)


@case(["hello", b"\x00\xff"], need="websocket", otherwise=426)
def a_websocket_says_everything_back(client):
    try:
        with websocket.connect(f"ws://127.0.0.1:{client.port}/api/socket", open_timeout=10, proxy=None) as socket:
            socket.send("hello")
            socket.send(b"\x00\xff")
            return [socket.recv(timeout=5), socket.recv(timeout=5)]
    except InvalidStatus as refused:
        return refused.response.status_code


@case(True, need="backgroundWork", otherwise=False)
def work_goes_on_after_the_answer(client):
    """Whether it was done before anybody asked again."""
    work = client.ask("POST", "/api/background?seconds=0.2").json["id"]
    time.sleep(PAUSE_SECONDS)
    took = None
    while took is None:
        took = client.ask("GET", f"/api/background/{work}").json["took"]
    return took < PAUSE_SECONDS


@case(504, told="a request past its time", otherwise={"httpApi": 500, "*": 502}, behind_edge=True, is_impatient=True)
def a_request_past_its_time_ends(client):
    return client.ask("GET", "/api/wait?seconds=3").status
