"""What a change costs, line by line."""

from dataclasses import replace
from decimal import Decimal

import pytest
from costs import priced
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stacks import recorded

from preflight.cost.difference import difference

STACKS = (("dev",), ("dev", "topology=container"), ("prod",), ("prod", "network.nat=perZone"), ("prod", "standby=true"))


def by_what(changes):
    return {(each.urn.rpartition("::")[2], each.what): each for each in changes}


def test_two_equal_estimates_have_no_difference():
    assert difference(priced(recorded("prod"), 10**7), priced(recorded("prod"), 10**7)) == ()


def test_what_an_alias_carries_over_costs_what_it_did():
    before = priced(recorded("prod"), 10**7)
    moved = [replace(each, urn=f"{each.urn}-renamed") for each in before.lines]
    old_urns = {f"{each.urn}-renamed": each.urn for each in before.lines}
    assert difference(before, replace(before, lines=tuple(moved)), old_urns) == ()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(STACKS), st.sampled_from(STACKS), st.integers(0, 10**8))
def test_the_changes_sum_to_the_difference_of_the_totals(one, other, requests):
    before, after = priced(recorded(*one)), priced(recorded(*other), requests)
    changes = difference(before, after)
    assert float(sum(each.change for each in changes)) == pytest.approx(float(after.total - before.total), abs=1e-15)


def test_a_change_names_quantity_and_amount_on_both_sides():
    changes = by_what(difference(priced(recorded("prod")), priced(recorded("prod", "container.minTasks=3"))))
    vcpu = changes["container", "Fargate, arm64: vCPU"]
    assert (vcpu.quantity_before, vcpu.quantity_after, vcpu.unit) == (730, 1095, "vCPU-hour")
    assert vcpu.change == 365 * Decimal("0.03238")
    assert set(changes) == {
        ("container", "Fargate, arm64: vCPU"),
        ("container", "Fargate, arm64: memory"),
        ("container", "public IPv4 of the tasks"),
    }


def test_what_comes_and_what_goes_has_nothing_on_the_other_side():
    changes = by_what(difference(priced(recorded("prod")), priced(recorded("prod", "network.nat=single"))))
    assert changes["container", "public IPv4 of the tasks"].after == 0
    nat = next(each for (_, what), each in changes.items() if what == "NAT gateway")
    assert (nat.before, nat.quantity_before) == (0, 0)
    assert nat.change == 730 * Decimal("0.045")


def test_the_largest_change_comes_first():
    changes = difference(priced(recorded("dev")), priced(recorded("prod")))
    sizes = [abs(each.change) for each in changes]
    assert sizes == sorted(sizes, reverse=True)


def test_free_units_and_paid_ones_are_one_line():
    before, after = priced(recorded("dev"), 500_000), priced(recorded("dev"), 3_000_000)
    requests = by_what(difference(before, after))["serverless", "Lambda requests"]
    assert (requests.quantity_before, requests.quantity_after) == (500_000, 3_000_000)
    assert requests.change == pytest.approx((2_000_730) * Decimal("0.0000002"))


def test_the_same_resource_of_two_stacks_is_the_same_line():
    same = ("container.cpu=256", "container.memoryMb=512", "container.minTasks=1", "container.spot=true")
    changes = by_what(difference(priced(recorded("dev", "topology=container")), priced(recorded("prod", *same))))
    assert ("container-balancer", "load balancer") not in changes


def test_what_is_free_and_stays_free_is_left_out():
    changes = difference(priced(recorded("dev")), priced(recorded("dev", "topology=container")))
    assert not [each for each in changes if each.unit == "resource"]
