"""The address plan: subnets AWS takes, none over another, and none that moves when a zone is added."""

from ipaddress import IPv4Network, IPv6Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components._cidr import (
    NO_HOSTS,
    SMALLEST_SUBNET,
    VPC_PREFIXES,
    ZonePlan,
    block_problem,
    longest_prefix,
    nth_64,
    plan_zones,
)

PRIVATE = IPv4Network("10.0.0.0/8")
FEWEST, MOST = 2, 6


@st.composite
def blocks(draw) -> tuple[str, int]:
    """A VPC's block, and a number of zones that it can hold."""
    prefix = draw(st.integers(VPC_PREFIXES[0], longest_prefix(FEWEST)))
    zones = draw(st.integers(FEWEST, MOST).filter(lambda n: longest_prefix(n) >= prefix))
    number = draw(st.integers(0, 2 ** (prefix - PRIVATE.prefixlen) - 1))
    return str(IPv4Network((int(PRIVATE.network_address) + (number << (32 - prefix)), prefix))), zones


def subnets(plans: list[ZonePlan]) -> list[IPv4Network]:
    return [IPv4Network(each.cidr_block) for plan in plans for each in (plan.public, plan.private)]


@given(blocks())
def test_subnets_lie_inside_the_block_without_touching_each_other(example):
    block, zones = example
    planned = subnets(plan_zones(block, zones))
    assert len(planned) == 2 * zones
    assert all(each.subnet_of(IPv4Network(block)) for each in planned)
    assert not any(one.overlaps(other) for one, other in combinations(planned, 2))


@given(blocks())
def test_every_subnet_has_a_size_that_aws_and_a_load_balancer_take(example):
    block, zones = example
    assert {each.prefixlen in range(VPC_PREFIXES[0], 28) for each in subnets(plan_zones(block, zones))} == {True}


@given(blocks())
def test_another_zone_moves_no_subnet_that_is_there(example):
    block, zones = example
    whole = plan_zones(block, zones)
    for fewer in range(FEWEST, zones):
        assert plan_zones(block, fewer) == whole[:fewer]


@given(blocks())
def test_every_subnet_has_a_64_of_its_own(example):
    plans = plan_zones(*example)
    numbers = [each.number for plan in plans for each in (plan.public, plan.private)]
    assert len(set(numbers)) == len(numbers)
    assert set(numbers) <= set(range(256))


def test_the_default_block_is_cut_into_20s_public_and_private_in_turn():
    first, second = plan_zones("10.0.0.0/16", 2)
    assert (first.public.cidr_block, first.private.cidr_block) == ("10.0.0.0/20", "10.0.16.0/20")
    assert (second.public.cidr_block, second.private.cidr_block) == ("10.0.32.0/20", "10.0.48.0/20")
    assert [each.number for each in (first.public, first.private, second.public, second.private)] == [0, 128, 1, 129]


@pytest.mark.parametrize(("zones", "prefix"), [(2, 25), (3, 24), (4, 24), (5, 23), (6, 23)])
def test_the_smallest_block_for_so_many_zones_is_allowed_and_half_of_it_refused(zones, prefix):
    assert longest_prefix(zones) == prefix
    assert {each.prefixlen for each in subnets(plan_zones(f"10.1.0.0/{prefix}", zones))} == {SMALLEST_SUBNET}
    message = f"cidr_block must be a /{prefix} or larger for {zones} zones, got '10.1.0.0/{prefix + 1}'"
    assert block_problem("cidr_block", f"10.1.0.0/{prefix + 1}", zones) == message
    with pytest.raises(ValueError, match=f"must be a /{prefix} or larger for {zones} zones"):
        plan_zones(f"10.1.0.0/{prefix + 1}", zones)


@pytest.mark.parametrize("prefix", [15, 29])
def test_a_size_that_aws_refuses_is_refused(prefix):
    block = f"10.0.0.0/{prefix}"
    assert block_problem("cidr", block, 2) == f"cidr must be a /16 to a /28, got '{block}'"


@pytest.mark.parametrize("block", ["", "10.0.0/16", "10.0.0.0/33", "256.0.0.0/16", "fd00::/16", "ten"])
def test_what_is_no_ipv4_block_is_refused(block):
    assert block_problem("cidr", block, 2) == f"cidr must be an IPv4 block such as 10.0.0.0/16, got {block!r}"


@pytest.mark.parametrize(
    ("block", "meant"),
    [
        ("10.0.0.1/16", "10.0.0.0/16"),
        ("10.0.0.0/255.255.0.0", "10.0.0.0/16"),
        ("10.0.0.0/016", "10.0.0.0/16"),
        ("10.0.0.0", "10.0.0.0/32"),
    ],
)
def test_a_block_with_host_bits_or_without_a_prefix_is_refused_with_the_one_meant(block, meant):
    problem = block_problem("cidr", block, 2)
    assert problem == f"cidr must be a network's own address and prefix, such as {meant}, got {block!r}"


@pytest.mark.parametrize("block", ["0.0.0.0/16", "127.0.0.0/16", "169.254.0.0/16", "224.0.0.0/16", "255.255.0.0/16"])
def test_a_range_without_hosts_is_refused(block):
    assert block_problem("cidr", block, 2) == f"cidr must not lie in {', '.join(map(str, NO_HOSTS))}, got {block!r}"


@pytest.mark.parametrize("block", ["10.0.0.0/16", "172.17.0.0/16", "192.168.4.0/22", "100.64.0.0/16", "11.0.0.0/16"])
def test_private_and_publicly_routable_ranges_are_allowed(block):
    assert block_problem("cidr", block, 2) is None


@given(st.integers(0, 255))
def test_the_nth_64_is_the_nth_slice_of_the_56(number):
    whole = "2600:1f18:abc:de00::/56"
    assert IPv6Network(nth_64(whole, number)) == list(IPv6Network(whole).subnets(new_prefix=64))[number]
