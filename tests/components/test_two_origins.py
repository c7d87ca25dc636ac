"""The function at the edge while there is a standby, really run: who goes where, and when it names nobody."""

import collections
import hashlib
import ipaddress
import json
import random
from functools import cache

import pytest
from edge import Edge
from hypothesis import given, settings
from hypothesis import strategies as st

from components._viewer_request import SMOKE_HEADER, Split, service_code
from components.origin_split import KEY, weight_of

TOKEN = "a-token-of-48-characters"
ORIGINS = ("container", "serverless")
CODE = service_code(
    split=Split(origins=ORIGINS, epoch="e1", key=KEY, token_sha256=hashlib.sha256(TOKEN.encode()).hexdigest())
)
REQUEST = {"method": "GET", "uri": "/api/x", "querystring": {}, "headers": {}, "cookies": {}}


def edge(percent: object = 50, *, epoch: str = "e1", origins=ORIGINS, code: str = CODE) -> Edge:
    """The function with this percentage of viewers for the container in its store."""
    return Edge(code, origins=origins, store={KEY: json.dumps({"epoch": epoch, "container": percent})})


@cache
def v4(count: int) -> list[str]:
    """Addresses as they come: whole networks of neighbours, and any others."""
    draw = random.Random(4)
    near = [f"203.0.{third}.{fourth}" for third in range(count // 512) for fourth in range(256)]
    return near + [str(ipaddress.IPv4Address(draw.getrandbits(32))) for _ in range(count - len(near))]


@cache
def v6(count: int) -> list[str]:
    """Networks of neighbours, and any others, with any host part."""
    draw = random.Random(6)
    near = [(0x2001_0DB8_0000_0000 | n) << 64 | draw.getrandbits(64) for n in range(count // 2)]
    far = [(0x2 << 124) | draw.getrandbits(124) for _ in range(count - len(near))]
    return [str(ipaddress.IPv6Address(each)) for each in (*near, *far)]


FAMILIES = {"IPv4": v4, "IPv6": v6}
FEW = [*v4(250), *v6(250)]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("percent", [10, 50])
def test_the_share_of_the_container_is_the_weight_to_within_a_point_over_100000_addresses(family, percent):
    sides = collections.Counter(edge(percent).sides(FAMILIES[family](100_000)))
    assert set(sides) == set(ORIGINS)
    assert abs(100 * sides["container"] / 100_000 - percent) < 1


def test_each_network_of_neighbours_is_divided_too():
    for third in range(0, 190, 19):
        sides = collections.Counter(edge(50).sides([f"203.0.{third}.{fourth}" for fourth in range(256)]))
        assert 75 < sides["container"] < 181  # six and a half standard deviations


def test_a_viewer_keeps_its_side_while_the_weight_stays():
    first, again = edge(37), edge(37)
    assert first.sides(FEW) == first.sides(FEW) == again.sides(FEW)


def test_a_viewer_keeps_its_side_in_another_epoch():
    other = edge(37, epoch="e2", code=CODE.replace('EPOCH = "e1"', 'EPOCH = "e2"'))
    assert other.sides(FEW) == edge(37).sides(FEW)


def test_nobody_goes_back_when_the_weight_rises():
    before: set[str] = set()
    assert set(edge(0).sides(FEW)) == {"serverless"}
    for percent in range(101):
        after = {ip for ip, side in zip(FEW, edge(percent).sides(FEW), strict=True) if side == "container"}
        assert before <= after
        before = after
    assert before == set(FEW)


networks = st.integers(min_value=0, max_value=2**64 - 1)
hosts = st.integers(min_value=0, max_value=2**64 - 1)
HALF = edge(50)


@settings(max_examples=300)
@given(networks, hosts, hosts)
def test_all_of_an_ipv6_64_is_one_viewer_however_the_address_is_written(network, one, other):
    first, second = (ipaddress.IPv6Address(network << 64 | host) for host in (one, other))
    spellings = [str(first), first.exploded, first.exploded.upper(), str(second)]
    if not first.ipv4_mapped and not second.ipv4_mapped:
        assert len(set(HALF.sides(spellings))) == 1


def test_neighbouring_64s_are_different_viewers():
    assert set(HALF.sides([f"2001:db8:0:{n:x}::1" for n in range(64)])) == set(ORIGINS)


@given(st.integers(min_value=0, max_value=2**32 - 1))
def test_an_ipv4_address_is_the_same_viewer_when_it_is_written_as_ipv6(number):
    address = str(ipaddress.IPv4Address(number))
    assert len(set(HALF.sides([address, f"::ffff:{address}"]))) == 1


NOT_VALID = {
    "an earlier epoch": json.dumps({"epoch": "e0", "container": 50}),
    "no epoch": json.dumps({"container": 50}),
    "no weight": json.dumps({"epoch": "e1"}),
    "a weight for another origin": json.dumps({"epoch": "e1", "serverless": 50}),
    "a weight that is text": json.dumps({"epoch": "e1", "container": "50"}),
    "a weight below 0": json.dumps({"epoch": "e1", "container": -1}),
    "a weight above 100": json.dumps({"epoch": "e1", "container": 101}),
    "null": "null",
    "a number": "50",
    "an empty value": "",
    "no JSON": "{",
}


@pytest.mark.parametrize("value", NOT_VALID.values(), ids=NOT_VALID)
def test_without_a_valid_weight_the_request_is_left_alone(value):
    assert Edge(CODE, origins=ORIGINS, store={KEY: value}).sides(FEW[:50]) == [None] * 50


def test_without_a_key_or_a_store_the_request_is_left_alone():
    for store in ({}, None):
        returned, named = Edge(CODE, origins=ORIGINS, store=store).answer(REQUEST)
        assert named is None
        assert returned["uri"] == "/api/x"


def test_an_origin_that_the_distribution_does_not_have_leaves_the_request_where_it_was_going():
    assert set(edge(50, origins=["serverless"]).sides(FEW[:50])) == {"serverless", None}


def test_the_function_of_a_stack_without_a_standby_names_no_origin_and_reads_no_store():
    code = service_code()
    assert Edge(code, origins=ORIGINS, store={KEY: json.dumps({"epoch": "e1", "container": 50})}).sides(["::1"]) == [
        None
    ]
    assert "import" not in code
    assert "serverless" not in code


def test_the_request_is_prepared_as_it_is_without_a_standby():
    headers = {"host": {"value": "h"}, "x-amzn-request-context": {"value": "forged"}, "accept": {"value": "*/*"}}
    request = {**REQUEST, "headers": headers}
    alone, _ = Edge(service_code()).answer(request, ip="2001:db8::1", requestId="r1")
    split, named = edge(100).answer(request, ip="2001:db8::1", requestId="r1")
    assert split == alone
    assert named == "container"


def test_what_is_too_large_is_refused_before_an_origin_is_named():
    code = CODE.replace("MAX_BODY_BYTES = null", "MAX_BODY_BYTES = 1")
    large = {**REQUEST, "headers": {"content-length": {"value": "2"}}}
    returned, named = edge(100, code=code).answer(large)
    assert (returned["statusCode"], named) == (413, None)
    assert edge(100).answer(large)[1] == "container"


def smoke(value: str, **changes):
    return edge(**changes).answer({**REQUEST, "headers": {SMOKE_HEADER: {"value": value}}})


@pytest.mark.parametrize("percent", [0, 100])
@pytest.mark.parametrize("side", ORIGINS)
def test_a_token_sends_a_request_to_the_side_it_names_whatever_the_weight(side, percent):
    returned, named = smoke(f"{side}:{TOKEN}", percent=percent)
    assert named == side
    assert SMOKE_HEADER not in returned["headers"]
    assert TOKEN not in json.dumps(returned)


@pytest.mark.parametrize(
    "value",
    [
        *("container", "container:", f"container:{TOKEN} ", f"container:{TOKEN[:-1]}", f"container {TOKEN}", ":", ""),
        *(f"container:x:{TOKEN}", f"container:{hashlib.sha256(TOKEN.encode()).hexdigest()}"),
    ],
)
def test_without_the_token_the_header_does_nothing_but_vanish(value):
    returned, named = smoke(value, percent=0)
    assert (returned["headers"].keys() & {SMOKE_HEADER}, named) == (set(), "serverless")


def test_a_token_with_another_side_is_told_which_sides_there_are():
    for value in (f"site:{TOKEN}", f":{TOKEN}", TOKEN):
        returned, named = smoke(value)
        assert named is None
        assert returned["statusCode"] == 400
        assert json.loads(returned["body"]) == {"sides": ["container", "serverless"]}


def test_a_token_reaches_nothing_that_the_distribution_may_not_have_yet():
    for changes in ({"epoch": "e0"}, {"percent": None}, {"origins": ("serverless",)}):
        returned, named = smoke(f"container:{TOKEN}", **changes)
        assert named is None
        assert returned["statusCode"] == 503  # and not an answer of the other side, which would be taken for this one's
        assert json.loads(returned["body"])["sides"] == []
        assert smoke("container:wrong", **{**changes, "origins": ORIGINS})[0].get("statusCode") is None


def test_the_code_holds_the_hash_of_the_token_and_not_the_token():
    assert TOKEN not in CODE
    assert hashlib.sha256(TOKEN.encode()).hexdigest() in CODE


@given(
    st.integers(min_value=0, max_value=100),
    st.sampled_from(ORIGINS),
    st.deferred(lambda: st.sampled_from(v4(100_000))),
)
def test_the_weight_written_for_a_standby_sends_it_no_more_than_its_share(percent, active, ip):
    value = weight_of("e1", ORIGINS, active, percent)
    (side,) = Edge(CODE, origins=ORIGINS, store={KEY: value}).sides([ip])
    if percent in (0, 100):
        assert (side == active) is (percent == 0)
    assert side in ORIGINS


def test_a_flip_at_half_moves_nobody_and_a_flip_at_none_moves_everybody():
    def sides(active, percent):
        return Edge(CODE, origins=ORIGINS, store={KEY: weight_of("e1", ORIGINS, active, percent)}).sides(FEW)

    assert sides("serverless", 50) == sides("container", 50)
    assert set(sides("serverless", 0)) == {"serverless"}
    assert set(sides("container", 0)) == {"container"}
    assert sides("serverless", 10) == sides("container", 90)
