"""The CloudFront functions, really run: what each does to a request, and that CloudFront will take their code."""

import re

import pytest
from edge import Edge
from hypothesis import given
from hypothesis import strategies as st

from components._viewer_request import FORGEABLE, MAX_CODE_BYTES, SMOKE_HEADER, Split, service_code, site_code

COPY = "x-forwarded-authorization"


TOLD = {"x-viewer-address": "192.0.2.1", "x-request-id": "r1"}
"""What the service is told with each request of this viewer."""


def run(code: str, request: dict) -> dict:
    """What the function returns for the request, JSON in and out as CloudFront does it."""
    returned, named = Edge(code).answer(request, ip=TOLD["x-viewer-address"], requestId=TOLD["x-request-id"])
    assert named is None
    return returned


def headers_after(code: str, **headers: str) -> dict[str, str]:
    sent = {name.replace("_", "-"): {"value": value} for name, value in headers.items()}
    request = {"method": "POST", "uri": "/api/x", "querystring": {}, "headers": sent, "cookies": {}}
    returned = run(code, request)
    assert {key: value for key, value in returned.items() if key != "headers"} == {
        key: value for key, value in request.items() if key != "headers"
    }
    after = {name: header["value"] for name, header in returned["headers"].items()}
    assert {name: after.pop(name, None) for name in TOLD} == TOLD
    return after


def test_the_service_learns_the_name_the_viewer_used():
    assert headers_after(service_code(), host="app.example.com") == {
        "host": "app.example.com",
        "x-forwarded-host": "app.example.com",
    }


def test_a_forged_forwarded_host_is_overwritten():
    after = headers_after(service_code(), host="app.example.com", x_forwarded_host="evil.example")
    assert after["x-forwarded-host"] == "app.example.com"


def test_without_a_host_nothing_is_claimed():
    assert headers_after(service_code(), x_forwarded_host="evil.example") == {}


def test_a_forged_address_or_request_id_is_overwritten():
    assert headers_after(service_code(), x_viewer_address="10.0.0.1", x_request_id="mine") == {}


def test_what_cloudfront_does_not_tell_is_not_claimed():
    request = {"uri": "/", "headers": {"x-request-id": {"value": "forged"}}}
    returned, _ = Edge(service_code()).answer(request, ip="2001:db8::1")
    assert returned["headers"] == {"x-viewer-address": {"value": "2001:db8::1"}}


TAKEN_OFF = ["x-amzn-request-context", "x-amzn-lambda-context", "x-amz-tenant-id", SMOKE_HEADER]


@pytest.mark.parametrize("name", TAKEN_OFF)
def test_headers_of_lambdas_adapter_and_of_smoke_tests_are_taken_off(name):
    assert name in FORGEABLE
    assert headers_after(service_code(), host="h", accept="*/*", **{name: "forged"}) == {
        "host": "h",
        "x-forwarded-host": "h",
        "accept": "*/*",
    }


def test_authorization_is_copied_and_stays():
    after = headers_after(service_code(COPY), host="h", authorization="Bearer 1")
    assert (after["authorization"], after[COPY]) == ("Bearer 1", "Bearer 1")


def test_a_forged_copy_is_overwritten_or_dropped():
    forged = {"host": "h", COPY: "Bearer evil"}
    assert headers_after(service_code(COPY), **forged, authorization="Bearer 1")[COPY] == "Bearer 1"
    assert COPY not in headers_after(service_code(COPY), **forged)


def test_without_an_authorization_source_nothing_is_copied():
    after = headers_after(service_code(), host="h", authorization="Bearer 1")
    assert after == {"host": "h", "x-forwarded-host": "h", "authorization": "Bearer 1"}


def test_two_authorizations_become_one_credential():
    both = {"value": "a", "multiValue": [{"value": "a"}, {"value": "b"}]}
    request = {"method": "GET", "uri": "/", "headers": {"host": {"value": "h"}, "authorization": both}}
    assert run(service_code(COPY), request)["headers"][COPY] == {"value": "a"}


def status(request: dict, **limits: int) -> int | None:
    """What the function answers by itself, if it doesn't let the request pass."""
    return run(service_code(**limits), {"method": "POST", "uri": "/", "headers": {}, **request}).get("statusCode")


def test_a_body_that_says_it_is_too_large_is_refused_with_413():
    def sending(length: str) -> dict:
        return {"headers": {"content-length": {"value": length}}}

    assert status(sending("1048576"), max_body_bytes=1_048_576) is None
    assert status(sending("1048577"), max_body_bytes=1_048_576) == 413
    assert status(sending("1"), max_body_bytes=0) == 413
    assert status(sending("0"), max_body_bytes=0) is None
    assert status({}, max_body_bytes=0) is None
    assert status(sending("99999999999")) is None


def test_a_line_with_headers_and_cookies_that_is_too_long_is_refused_with_431():
    request = {
        "uri": "/" + "u" * 9,  # 10
        "querystring": {"q": {"value": "12345"}},  # 6, and ? or &, and =
        "headers": {"x": {"value": "1", "multiValue": [{"value": "1"}, {"value": "2"}]}, "y": {"value": "3"}},
        "cookies": {"c": {"value": "4"}},  # 2, and its share of the header that holds it
    }
    size = 10 + (6 + 2) + 3 * (2 + 4) + (2 + 3)
    assert status(request, max_header_bytes=size) is None
    assert status(request, max_header_bytes=size - 1) == 431
    assert status(request) is None


def test_a_refusal_says_why_and_is_not_cached():
    request = {"uri": "/", "headers": {"content-length": {"value": "2"}}}
    returned = run(service_code(max_body_bytes=1), request)
    assert returned["headers"]["cache-control"] == {"value": "no-store"}
    assert "over 1 bytes" in returned["body"]


header_names = st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True)


@given(st.dictionaries(header_names, st.text(max_size=20), max_size=8), st.sampled_from([None, COPY]))
def test_every_other_header_passes_unchanged(headers, source):
    ours = {*FORGEABLE, "host", *([source] if source else [])}
    after = headers_after(service_code(source), host="h", **headers)
    others = {name: value for name, value in headers.items() if name not in ours}
    assert {name: value for name, value in after.items() if name not in ours} == others


@pytest.mark.parametrize(
    ("uri", "becomes"),
    [
        ("/", "/index.html"),
        ("/about", "/index.html"),
        ("/about/", "/index.html"),
        ("/v1.2/orders", "/index.html"),
        ("/assets/app.js", "/assets/app.js"),
        ("/index.html", "/index.html"),
        ("/.well-known/security.txt", "/.well-known/security.txt"),
    ],
)
def test_a_path_that_names_no_file_becomes_the_page(uri, becomes):
    request = {"method": "GET", "uri": uri, "querystring": {"a": {"value": "1"}}, "headers": {"accept": {"value": "x"}}}
    assert run(site_code(), request) == {**request, "uri": becomes}


@given(st.from_regex(r"/[a-z./%-]{0,30}", fullmatch=True))
def test_a_dot_in_the_last_segment_and_nothing_else_makes_a_file(uri):
    is_file = "." in uri.rpartition("/")[2]
    assert run(site_code(), {"uri": uri, "headers": {}})["uri"] == (uri if is_file else "/index.html")


LONGEST_SOURCE = "x-" + "a" * 62
SPLIT = Split(origins=["o" * 128, "p" * 128], epoch="e" * 16, key="split", token_sha256="f" * 64)


def every_code() -> list[str]:
    return [
        service_code(),
        service_code(LONGEST_SOURCE),
        service_code(split=SPLIT),
        service_code(LONGEST_SOURCE, SPLIT),
        site_code(),
    ]


ALL_CODE = every_code()


@pytest.mark.parametrize("code", ALL_CODE)
def test_the_code_fits_and_is_plain_ascii(code):
    assert 0 < len(code.encode()) <= MAX_CODE_BYTES
    assert code.isascii()


@pytest.mark.parametrize("code", ALL_CODE)
def test_the_code_uses_nothing_that_the_runtime_refuses(code):
    statements = re.sub(r"'[^'\n]*'|\"[^\"\n]*\"", "''", re.sub(r"//.*", "", code))
    assert not re.search(r"\b(eval|Function|fetch|XMLHttpRequest|setTimeout|setInterval|class|require)\b", statements)
    # Runtime 2.0 is ES 5.1 with const, let, async and await, and without promises at once for want of memory.
    # Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
    assert not re.search(r"\bof\b|\.\.\.|=>|`|\?\.|\?\?|Promise|\w\(.*await", statements)


def test_what_a_split_needs_is_imported_in_the_first_lines_and_by_nobody_else():
    for code in ALL_CODE:
        imports = [line for line in code.splitlines() if line.startswith("import")]
        assert code.splitlines()[: len(imports)] == imports
        assert imports == (
            ["import cf from 'cloudfront';", "import crypto from 'crypto';"] if "ORIGINS" in code else []
        )


def test_the_code_is_the_same_every_time():
    assert every_code() == ALL_CODE
