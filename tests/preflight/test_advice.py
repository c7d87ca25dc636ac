"""The cheaper way: levers are tried on the stack itself, and sorted by what they save."""

from dataclasses import replace
from decimal import Decimal
from functools import partial

import pulumi_aws as aws
import pytest
from costs import priced
from stacks import DOMAIN, ROOT, recorded

from preflight import prices
from preflight.advice import RefusedError, advise
from preflight.levers import levers
from preflight.recorder import record_program
from preflight.stackfile import load
from preflight.usage import Usage, Workload
from settings import parse


def settings_of(stack: str, *overrides: str):
    settings, refusals = parse(load(ROOT, stack, overrides).config)
    assert refusals == []
    return settings


def price(recording, usage: Usage):
    return priced(recording, usage=usage)


def advised(stack: str, *overrides: str, requests: int = 0, only: str = "", usage: Usage | None = None, price=price):
    """What is advised; `only` the levers that set this key, if it is given, and those that set none."""

    def record(changes: tuple[str, ...]):
        if only and not any(change.startswith(f"{only}=") for change in changes):
            raise RefusedError(f"not with {changes[0]}")
        return recorded(stack, *overrides, *changes)

    usage = usage or Usage(workload=Workload(requests=Decimal(requests)))
    return advise(recorded(stack, *overrides), settings_of(stack, *overrides), usage, record, price)


def saved(found) -> dict[str, Decimal]:
    return {each.lever.title: each.saving for each in found.savings}


def reasons(levers) -> dict[str, str]:
    return {lever.title: reason for lever, reason in levers}


COSTLY = ("network.nat=perZone", "standby=true", DOMAIN, "container.loadBalancer=public")


@pytest.fixture(scope="module")
def costly():
    return advised("prod", *COSTLY, requests=10**7)


def test_the_largest_saving_comes_first_and_none_is_nothing(costly):
    savings = [each.saving for each in costly.savings]
    assert savings == sorted(savings, reverse=True)
    assert min(savings) > 0


def test_a_saving_is_the_difference_of_two_estimates_of_this_stack(costly):
    single = priced(recorded("prod", *COSTLY, "network.nat=single"), 10**7).total
    assert costly.now == priced(recorded("prod", *COSTLY), 10**7).total
    assert saved(costly)["one NAT gateway"] == costly.now - single == 730 * Decimal("0.05")


def test_every_known_lever_is_tried_where_it_can_be_pulled(costly):
    found = saved(costly)
    assert set(found) == {
        "topology serverless alone",
        "one NAT gateway",
        "one NAT instance",
        "interface endpoints, no internet",
        "a public IPv4 for each task, no NAT",
        "an internal balancer",
        "Fargate Spot",
        "tasks off at night and on weekends",
        "logs kept 14 days, not 90",
        "no standby",
    }
    assert found["an internal balancer"] == 2 * 730 * Decimal("0.005")


def test_what_a_lever_loses_is_always_said():
    for each in levers(settings_of("prod", *COSTLY), recorded("prod", *COSTLY)):
        assert len(each.lost) > 10
        assert not each.lost.startswith("nothing")
        assert bool(each.overrides) + bool(each.recording) + bool(each.usage) == 1


OFF = "tasks off at night and on weekends"


def test_turning_tasks_off_saves_on_tasks_and_their_addresses_only():
    tasks = sum(
        line.monthly
        for line in priced(recorded("prod")).lines
        if line.what.startswith("Fargate") or line.what == "public IPv4 of the tasks"
    )
    assert float(saved(advised("prod", only="none"))[OFF]) == pytest.approx(float(tasks * 108 / 168))


def test_turning_tasks_off_saves_nothing_on_tasks_that_the_load_needs():
    assert OFF not in saved(advised("prod", only="none", requests=300_000_000))
    some = saved(advised("prod", only="none", requests=100_000_000))[OFF]
    assert 0 < some < saved(advised("prod", only="none"))[OFF]


def test_a_stack_that_is_cheap_already_is_offered_nothing_dearer():
    assert saved(advised("dev")) == {}


def test_the_other_topology_is_no_saving_where_it_costs_more():
    many = 200_000_000
    assert "topology container" in saved(advised("dev", requests=many))
    container = partial(advised, "dev", "topology=container", only="topology")
    assert "topology serverless" not in saved(container(requests=many))
    assert "topology serverless" in saved(container())


def test_a_lever_that_the_stack_refuses_says_why():
    found = advised("prod", only="none")
    assert reasons(found.refused)["topology serverless"] == "not with topology=serverless"
    assert set(saved(found)) == {OFF}


def without(*ids: str):
    """The price of a recording while the list lacks some prices."""
    listed = prices.load()
    left = replace(listed, prices={key: each for key, each in listed.prices.items() if key[0] not in ids})
    return lambda recording, usage: priced(recording, usage=usage, prices=left)


def test_what_has_no_price_after_the_change_is_not_taken_for_a_saving():
    found = advised("prod", *COSTLY, price=without("ebs.gp3.gb_month"))
    assert "one NAT instance" not in saved(found)
    assert reasons(found.unknown) == {"one NAT instance": "no price of ebs.gp3.gb_month"}


def test_what_has_no_price_before_the_change_makes_a_saving_the_least_there_is():
    without_balancer = advised("prod", only="topology", price=without("alb.hour"))
    (topology,) = [each for each in without_balancer.savings if each.lever.title == "topology serverless"]
    assert topology.is_least
    whole = saved(advised("prod", only="topology"))["topology serverless"]
    assert topology.saving == whole - 730 * Decimal("0.0225")
    spot = advised("prod", only="container.spot", price=without("fargate.arm.vcpu_hour", "fargate.arm.gb_hour"))
    assert reasons(spot.unknown) == {"Fargate Spot": "no price of fargate.arm.gb_hour, fargate.arm.vcpu_hour"}


def test_customer_keys_and_x86_are_levers_of_what_was_recorded():
    def program():
        for n in range(12):
            aws.kms.Key(f"key-{n}")
        aws.lambda_.Function("f", role="arn:aws:iam::123456789012:role/r", memory_size=1024, architectures=["x86_64"])

    recording = record_program(program)
    usage = Usage(
        by_type={"aws_lambda_function": {"monthly_requests": Decimal(10**7), "request_duration_ms": Decimal(100)}}
    )
    found = saved(advise(recording, settings_of("dev"), usage, lambda _: recording, price))
    assert found["AWS's own keys in place of 12 customer keys"] == 12
    gb_seconds = Decimal(10**6) - 400_000
    by_hand = gb_seconds * (Decimal("0.0000166667") - Decimal("0.0000133334"))
    assert found["arm64 in place of x86"] == by_hand


def test_an_existing_network_is_left_alone():
    subnets = "[subnet-0a1b2c3d4e5f67891, subnet-0a1b2c3d4e5f67892]"
    network = f"network={{existing: {{vpcId: vpc-0a1b2c3d4e5f67890, privateSubnetIds: {subnets}}}}}"
    titles = [each.title for each in levers(settings_of("prod", network), recorded("prod", network))]
    assert not [title for title in titles if "NAT" in title or "endpoints" in title]
