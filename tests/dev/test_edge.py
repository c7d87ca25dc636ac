"""The edge of `make dev`: what the distribution does, done with the distribution's own functions and headers."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web
from multidict import CIMultiDict
from runtimes import ROOT, Client, Loop, listening, loop
from stacks import recorded

from components.distribution import DistributionArgs
from dev.edge import Edge
from dev.response_headers import add_security_headers
from dev.viewer_request import Refusal, ViewerRequest


class Echo:
    """An origin that answers with what it is sent."""

    async def answer(self, request: web.Request, headers: "CIMultiDict[str]") -> web.Response:
        own = {"x-frame-options": "SAMEORIGIN", "x-content-type-options": "sniff"}
        return web.json_response({"path": request.raw_path, "headers": dict(headers)}, headers=own)


@pytest.fixture(scope="module")
def serving() -> Iterator[Loop]:
    with loop() as made:
        yield made


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    (folder / "index.html").write_text("home")
    (folder / "app.js").write_text("1")
    (folder.parent / "secret.txt").write_text("no")
    (folder / "my grüße.txt").write_text("named")
    return folder


@pytest.fixture(scope="module")
def edge(serving, site) -> Iterator[Client]:
    with listening(serving, Edge(Echo(), site=site, max_body_bytes=10, max_header_bytes=500).runner()) as port:
        yield Client(port)


def deployed(name: str) -> dict[str, tuple[str, bool]]:
    """The headers of a response headers policy of the dev stack, as its recording has them: value and override."""
    policy = recorded("dev").of_type("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy")
    config = next(each.inputs["securityHeadersConfig"] for each in policy if each.name == name)
    hsts = config["strictTransportSecurity"]
    assert hsts["includeSubdomains"] is False
    found = {
        "strict-transport-security": (f"max-age={hsts['accessControlMaxAgeSec']}", hsts["override"]),
        "x-content-type-options": ("nosniff", config["contentTypeOptions"]["override"]),
        "x-frame-options": (config["frameOptions"]["frameOption"], config["frameOptions"]["override"]),
        "referrer-policy": (config["referrerPolicy"]["referrerPolicy"], config["referrerPolicy"]["override"]),
    }
    if policy := config.get("contentSecurityPolicy"):
        found["content-security-policy"] = (policy["contentSecurityPolicy"], policy["override"])
    assert len(found) == len(config)
    return found


@pytest.mark.parametrize(
    ("name", "policy"), [("cdn-site-headers", DistributionArgs.content_security_policy), ("cdn-headers", None)]
)
def test_the_security_headers_are_those_of_the_distribution(name, policy):
    wanted = deployed(name)
    added: CIMultiDict[str] = CIMultiDict()
    add_security_headers(added, policy)
    assert dict(added) == {header: value for header, (value, _) in wanted.items()}
    own = CIMultiDict(dict.fromkeys(wanted, "own"))
    add_security_headers(own, policy)
    assert dict(own) == {header: value if override else "own" for header, (value, override) in wanted.items()}


def test_every_answer_of_the_site_has_them_and_so_has_every_answer_of_the_service(edge):
    for path in ("/", "/app.js", "/nothing.js"):
        headers = edge.ask("GET", path).headers
        assert {name: headers[name] for name in deployed("cdn-site-headers")} == {
            name: value for name, (value, _) in deployed("cdn-site-headers").items()
        }
    headers = edge.ask("GET", "/api/x").headers
    assert headers["x-frame-options"] == "SAMEORIGIN"  # the service's own stands
    assert headers["x-content-type-options"] == "nosniff"  # and here it does not
    assert headers["content-security-policy"] is None


@pytest.mark.parametrize(
    ("path", "status", "body", "type_"),
    [
        ("/", 200, b"home", "text/html; charset=utf-8"),
        ("/app.js", 200, b"1", "text/javascript; charset=utf-8"),
        ("/any/page", 200, b"home", "text/html; charset=utf-8"),
        ("/nothing.js", 404, b"Not found", "text/plain; charset=utf-8"),
        ("/my%20gr%C3%BC%C3%9Fe.txt", 200, b"named", "text/plain; charset=utf-8"),
        ("/a%00.txt", 404, b"Not found", "text/plain; charset=utf-8"),
        ("/../secret.txt", 404, b"Not found", "text/plain; charset=utf-8"),
        ("/..%2Fsecret.txt", 404, b"Not found", "text/plain; charset=utf-8"),
    ],
)
def test_the_site_is_its_folder_and_nothing_beside_it(edge, path, status, body, type_):
    answer = edge.ask("GET", path)
    assert (answer.status, answer.body, answer.headers["content-type"]) == (status, body, type_)


def test_a_change_of_the_site_is_seen_at_once(edge, site):
    assert edge.ask("GET", "/app.js").headers["cache-control"] == "no-store"
    (site / "app.js").write_text("2")
    assert edge.ask("GET", "/app.js").body == b"2"


def test_paths_of_the_service_go_there_unchanged(edge):
    assert edge.ask("GET", "/api/a%2Fb?c=%20").json["path"] == "/api/a%2Fb?c=%20"
    assert edge.ask("GET", "/healthz").json["path"] == "/healthz"
    assert edge.ask("GET", "/healthz/x").body == b"home"


def test_the_site_is_only_read(edge):
    assert edge.ask("POST", "/").status == 403


def test_the_service_may_be_only_read_too(serving, site):
    with listening(serving, Edge(Echo(), site=site, methods=["GET", "HEAD", "OPTIONS"]).runner()) as port:
        assert Client(port).ask("POST", "/api/x").status == 403
        assert Client(port).ask("GET", "/api/x").status == 200


def test_without_a_site_everything_is_the_services(serving):
    with listening(serving, Edge(Echo()).runner()) as port:
        assert Client(port).ask("GET", "/").json["path"] == "/"


def test_what_is_too_large_is_refused_by_the_function_of_the_edge(edge):
    assert edge.ask("POST", "/api/x", {}, b"x" * 10).status == 200
    refused = edge.ask("POST", "/api/x", {}, b"x" * 11)
    assert (refused.status, refused.json) == (413, {"error": "the body is over 10 bytes"})
    assert edge.ask("GET", "/api/x", {"x-long": "x" * 500}).status == 431


def test_what_the_viewer_may_not_say_is_taken_off_and_what_the_service_may_know_is_told(edge):
    forged = {"x-amzn-request-context": "{}", "x-viewer-address": "1.2.3.4", "x-keep": "1", "cookie": "a=1; b=2"}
    headers = edge.ask("GET", "/api/x", forged).json["headers"]
    assert "x-amzn-request-context" not in headers
    assert headers["x-viewer-address"] == "127.0.0.1"
    assert headers["x-forwarded-host"].startswith("127.0.0.1:")
    assert (headers["x-keep"], headers["cookie"]) == ("1", "a=1; b=2")
    assert "host" not in {name.lower() for name in headers}


def test_a_function_may_answer_itself():
    code = "function handler(event) { return {statusCode: 418, headers: {a: {value: 'b'}}, body: event.viewer.ip}; }"
    answer = ViewerRequest(code)("GET", "/", [], "192.0.2.1")
    assert answer == Refusal(status=418, headers={"a": "b"}, body="192.0.2.1")


def test_a_function_sees_what_came_twice_as_all_its_values():
    code = "function handler(event) { return {statusCode: 200, body: JSON.stringify(event.request)}; }"
    answer = ViewerRequest(code)("GET", "/p?a=1&a=2", [("X", "1"), ("x", "2"), ("Cookie", "c=1; c=2")], "192.0.2.1")
    assert isinstance(answer, Refusal)
    twice = {"value": "1", "multiValue": [{"value": "1"}, {"value": "2"}]}
    seen = json.loads(answer.body)
    assert (seen["querystring"]["a"], seen["headers"]["x"], seen["cookies"]["c"]) == (twice, twice, twice)
    assert seen["uri"] == "/p"


def test_the_edge_of_the_shipped_site_allows_all_that_the_site_asks_for(serving):
    """No inline script or style, nothing from elsewhere: what the policy would block is not there."""
    page = (ROOT / "site" / "index.html").read_text(encoding="utf-8")
    assert "<style" not in page
    assert "style=" not in page
    assert "onclick" not in page
    assert "http://" not in page.replace("http://www.w3.org", "")
