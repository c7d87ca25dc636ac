"""Parity: what each topology can't do is named, with the limit and the ways out, and nothing else is."""

from dataclasses import replace
from typing import get_args

import pytest

from parity import CONTAINER, FUNCTION_URL, HTTP_API, Demand, Need, capability, shortfalls

MODEST = Demand(
    needs=(),
    max_request_seconds=29,
    max_body_mb=1,
    max_response_mb=4,
    max_headers_kb=8,
    methods="all",
    clients_hash_bodies=False,
)


def test_a_modest_service_runs_in_a_container_and_behind_an_http_api():
    assert shortfalls(MODEST, CONTAINER) == shortfalls(MODEST, HTTP_API) == []


def test_a_function_url_wants_hashed_bodies_unless_there_are_none():
    (found,) = shortfalls(MODEST, FUNCTION_URL)
    assert found.key == "service.clientsHashBodies"
    assert shortfalls(replace(MODEST, methods="read"), FUNCTION_URL) == []
    assert shortfalls(replace(MODEST, clients_hash_bodies=True), FUNCTION_URL) == []


@pytest.mark.parametrize(
    ("able", "served"),
    [(HTTP_API, set()), (FUNCTION_URL, {"streaming", "encodedPaths"}), (CONTAINER, set(get_args(Need)))],
    ids=lambda value: getattr(value, "name", None),
)
def test_each_need_is_served_or_named(able, served):
    for need in get_args(Need):
        found = shortfalls(replace(MODEST, needs=(need,), clients_hash_bodies=True), able)
        assert [each.got for each in found] == ([] if need in served else [need])


@pytest.mark.parametrize(
    ("able", "field", "limit"),
    [
        (HTTP_API, "max_request_seconds", 29),
        (FUNCTION_URL, "max_request_seconds", 119),
        (CONTAINER, "max_request_seconds", 119),
        (HTTP_API, "max_body_mb", 4),
        (FUNCTION_URL, "max_body_mb", 4),
        (CONTAINER, "max_body_mb", 51_200),
        (HTTP_API, "max_response_mb", 4),
        (FUNCTION_URL, "max_response_mb", 4),
        (CONTAINER, "max_response_mb", 51_200),
        (HTTP_API, "max_headers_kb", 9),
        (FUNCTION_URL, "max_headers_kb", 31),
        (CONTAINER, "max_headers_kb", 31),
    ],
)
def test_a_number_is_allowed_on_its_limit_and_refused_just_past_it(able, field, limit):
    hashed = replace(MODEST, clients_hash_bodies=True)
    assert shortfalls(replace(hashed, **{field: limit}), able) == []
    (found,) = shortfalls(replace(hashed, **{field: limit + 1}), able)
    assert (found.got, found.limit) == (limit + 1, f"at most {limit} with {able.name}")


def test_a_response_may_be_larger_where_it_is_streamed():
    streaming = replace(MODEST, needs=("streaming",), clients_hash_bodies=True)
    assert shortfalls(replace(streaming, max_response_mb=200), FUNCTION_URL) == []
    (found,) = shortfalls(replace(streaming, max_response_mb=201), FUNCTION_URL)
    assert found.key == "service.maxResponseMb"


def test_every_shortfall_names_a_way_out():
    greedy = Demand(
        needs=get_args(Need),
        max_request_seconds=1000,
        max_body_mb=100_000,
        max_response_mb=100_000,
        max_headers_kb=100,
        methods="all",
        clients_hash_bodies=False,
    )
    for able in (HTTP_API, FUNCTION_URL, CONTAINER):
        assert all(each.ways_out for each in shortfalls(greedy, able))


def test_the_way_out_is_never_the_topology_that_falls_short():
    for each in shortfalls(replace(MODEST, needs=("streaming",)), HTTP_API):
        assert "functionUrl" in each.ways_out
    for each in shortfalls(replace(MODEST, needs=("websocket",), clients_hash_bodies=True), FUNCTION_URL):
        assert "functionUrl" not in each.ways_out
        assert "container" in each.ways_out


def test_the_front_door_matters_for_serverless_only():
    assert capability("serverless", "httpApi") is HTTP_API
    assert capability("serverless", "functionUrl") is FUNCTION_URL
    assert capability("container", "httpApi") is capability("container", "functionUrl") is CONTAINER
