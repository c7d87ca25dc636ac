"""Origin: what it refuses, because CloudFront would."""

import pytest

from components.origin import Origin


def an_origin(**changes) -> Origin:
    return Origin(**{"id": "serverless", "domain_name": "api.example.com", **changes})


def test_an_origin_is_a_public_https_server_unless_told_otherwise():
    origin = an_origin()
    assert (origin.protocol, origin.vpc_origin_id, origin.is_bucket) == ("https-only", None, False)
    assert (origin.ready, origin.headers, origin.read_timeout_seconds) == ((), {}, 30)


def test_the_read_timeout_is_refused_just_past_each_limit_and_allowed_on_it():
    assert [an_origin(read_timeout_seconds=edge).read_timeout_seconds for edge in (1, 120)] == [1, 120]
    for bad in (0, 121):
        with pytest.raises(ValueError, match=f"read_timeout_seconds must be 1 to 120, got {bad}$"):
            an_origin(read_timeout_seconds=bad)


def test_an_id_is_letters_digits_hyphens_and_underscores_up_to_128():
    assert an_origin(id="A-b_9" + "x" * 123).id
    for bad in ("", "a b", "a/b", "x" * 129):
        with pytest.raises(ValueError, match=f"id must be 1 to 128 letters, digits, - or _, got '{bad}'"):
            an_origin(id=bad)


def test_only_two_protocols_are_known():
    assert an_origin(protocol="http-only").protocol == "http-only"
    with pytest.raises(ValueError, match="protocol must be one of http-only, https-only, got 'match-viewer'"):
        an_origin(protocol="match-viewer")


@pytest.mark.parametrize("bad", ["X-Amz-Date", "x-edge-id", "proxy-x", "a b", "", "x:y", "x" * 257])
def test_a_header_that_cloudfront_may_not_add_is_refused(bad):
    with pytest.raises(ValueError, match=f"headers must be names CloudFront may add to a request, got '{bad}'"):
        an_origin(headers={bad: "1"})


def test_ordinary_headers_are_allowed_up_to_thirty():
    assert an_origin(headers={"x-origin-secret": "s", "X" * 256: "1"})
    assert an_origin(headers={f"x-{n}": "1" for n in range(30)})
    with pytest.raises(ValueError, match="headers must be 0 to 30 entries, got 31"):
        an_origin(headers={f"x-{n}": "1" for n in range(31)})


def test_a_bucket_is_no_vpc_origin_and_needs_an_access_control():
    assert an_origin(is_bucket=True, origin_access_control_id="E1").is_bucket
    with pytest.raises(ValueError, match="is_bucket and vpc_origin_id exclude each other"):
        an_origin(is_bucket=True, origin_access_control_id="E1", vpc_origin_id="vo_1")
    with pytest.raises(ValueError, match="origin_access_control_id must be set for a bucket"):
        an_origin(is_bucket=True)


def test_all_problems_come_in_one_error():
    with pytest.raises(ValueError, match=r"^Origin: id must .*; protocol must .*; read_timeout_seconds must "):
        an_origin(id="", protocol="ftp", read_timeout_seconds=0)
