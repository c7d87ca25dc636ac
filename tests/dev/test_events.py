"""Events: a request in payload format 2.0, and the answer as the front doors read it."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dev.awslambda.events import Malformed, Received, event, reply


def described(decode_path: bool = True, **given_) -> dict:
    asked = Received(**{"method": "GET", "path": "/", "query": "", "headers": [], "body": b"", **given_})
    return json.loads(event(asked, host="api.example.com", decode_path=decode_path))


def test_it_has_every_key_of_the_format():
    found = described(method="POST", path="/a", query="b=1&b=2", body=b"x", headers=[("Cookie", "c=1; d=2")])
    assert set(found) == {
        *("version", "routeKey", "rawPath", "rawQueryString", "headers", "requestContext"),
        *("isBase64Encoded", "cookies", "body"),
    }
    assert (found["version"], found["rawQueryString"], found["cookies"]) == ("2.0", "b=1&b=2", ["c=1", "d=2"])
    assert found["requestContext"]["http"] == {
        "method": "POST",
        "path": "/a",
        "protocol": "HTTP/1.1",
        "sourceIp": "127.0.0.1",
        "userAgent": "",
    }
    assert "cookie" not in found["headers"]


def test_without_a_body_or_cookies_there_are_no_such_keys():
    assert not {"body", "cookies"} & set(described())


def test_names_are_in_lower_case_and_values_of_one_name_are_joined():
    headers = described(headers=[("X-A", "1"), ("x-a", "2"), ("Host", "viewer"), ("Connection", "Upgrade")])["headers"]
    assert headers["x-a"] == "1,2"
    assert headers["host"] == "api.example.com"
    assert "connection" not in headers
    assert (headers["x-forwarded-proto"], headers["x-forwarded-port"]) == ("https", "443")


def test_a_header_that_is_no_utf8_is_taken_for_latin_1():
    sent = [b"caf\xe9".decode("utf-8", "surrogateescape"), "café"]  # as the server reads the bytes
    assert [described(headers=[("x-a", each)])["headers"]["x-a"] for each in sent] == ["café", "café"]


def test_the_way_of_a_request_grows_by_a_hop():
    headers = described(headers=[("X-Forwarded-For", "192.0.2.1")], source_ip="198.51.100.7")["headers"]
    assert headers["x-forwarded-for"] == "192.0.2.1,198.51.100.7"


@pytest.mark.parametrize(
    ("path", "by_http_api"),
    [("/a%2Fb", "/a/b"), ("/a%3Fb/c", "/a"), ("/100%25", "/100%"), ("/%C3%A9", "/é"), ("/plain+", "/plain+")],
)
def test_an_http_api_decodes_the_path_and_a_function_url_does_not(path, by_http_api):
    assert described(path=path)["rawPath"] == by_http_api
    assert described(path=path, decode_path=False)["rawPath"] == path


@given(body=st.binary(max_size=300), type_=st.sampled_from(["text/plain", "application/json", "image/png", ""]))
def test_whatever_the_body_it_can_be_had_back(body, type_):
    found = described(method="POST", body=body, headers=[("content-type", type_)])
    text = found.get("body", "")
    assert (base64.b64decode(text) if found["isBase64Encoded"] else text.encode()) == body


@given(
    status=st.integers(100, 599),
    body=st.binary(max_size=300),
    cookies=st.lists(st.sampled_from(["a=1", "b=2; Path=/"]), max_size=3),
)
def test_whatever_the_answer_the_viewer_gets_it(status, body, cookies):
    answer = {
        "statusCode": status,
        "headers": {"X-A": "1", "content-length": "9", "connection": "close"},
        "cookies": cookies,
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }
    found = reply(json.dumps(answer).encode())
    assert (found.status, found.body) == (status, body)
    assert found.headers == [("x-a", "1"), *(("set-cookie", each) for each in cookies)]


def test_an_answer_without_a_status_is_the_body_itself():
    found = reply(b'{"a": 1}')
    assert (found.status, found.body) == (200, b'{"a": 1}')


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"no json",
        b'{"statusCode": "many"}',
        b'{"statusCode": 200, "headers": [1]}',
        b'{"statusCode": 200, "body": "x", "isBase64Encoded": true}',
        b'{"statusCode": 200, "body": 1}',
    ],
)
def test_nonsense_is_no_answer(answer):
    with pytest.raises(Malformed):
        reply(answer)
