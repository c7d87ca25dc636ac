"""The cheaper way: levers are tried on the stack itself, and sorted by what they save."""

from decimal import Decimal

import pulumi_aws as aws
import pytest
from costs import priced
from stacks import ROOT, recorded

from preflight.advice import RefusedError, advise, levers
from preflight.recorder import record_program
from preflight.stackfile import load
from preflight.usage import Usage
from settings import parse


def settings_of(stack: str, *overrides: str):
    settings, refusals = parse(load(ROOT, stack, overrides).config)
    assert refusals == []
    return settings


def price(recording, usage: Usage) -> Decimal:
    return priced(recording, usage=usage).total


def advised(stack: str, *overrides: str, requests: int = 0):
    def record(changes: tuple[str, ...]):
        return recorded(stack, *overrides, *changes)

    settings = settings_of(stack, *overrides)
    return advise(recorded(stack, *overrides), settings, Usage(), Decimal(requests), record, price)


def saved(found) -> dict[str, Decimal]:
    return {each.lever.title: each.saving for each in found.savings}


COSTLY = ("network.nat=perZone", "standby=true")


def test_the_largest_saving_comes_first_and_none_is_nothing():
    found = advised("prod", *COSTLY)
    savings = [each.saving for each in found.savings]
    assert savings == sorted(savings, reverse=True)
    assert min(savings) > 0


def test_a_saving_is_the_difference_of_two_estimates_of_this_stack():
    found = advised("prod", *COSTLY)
    single = priced(recorded("prod", "standby=true", "network.nat=single")).total
    assert found.now == priced(recorded("prod", *COSTLY)).total
    assert saved(found)["one NAT gateway"] == found.now - single == 730 * Decimal("0.05")


def test_every_known_lever_is_tried_where_it_can_be_pulled():
    domain = "domain={name: shop.example.com, zone: example.com}"
    found = saved(advised("prod", *COSTLY, domain, "container.loadBalancer=public", requests=10**7))
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
        assert bool(each.overrides) + bool(each.recording) + bool(each.usage) == 1


def test_turning_tasks_off_saves_on_tasks_and_their_addresses_only():
    found = advised("prod")
    tasks = sum(
        line.monthly
        for line in priced(recorded("prod")).lines
        if line.what.startswith("Fargate") or line.what == "public IPv4 of the tasks"
    )
    assert float(saved(found)["tasks off at night and on weekends"]) == pytest.approx(float(tasks * 108 / 168))


def test_a_stack_that_is_cheap_already_is_offered_nothing_dearer():
    assert saved(advised("dev")) == {}


def test_the_other_topology_is_no_saving_where_it_costs_more():
    many = 200_000_000
    assert "topology container" in saved(advised("dev", requests=many))
    assert "topology serverless" not in saved(advised("dev", "topology=container", requests=many))
    assert "topology serverless" in saved(advised("dev", "topology=container"))


def test_a_lever_that_the_stack_refuses_says_why():
    settings = settings_of("prod")

    def refuse(changes: tuple[str, ...]):
        raise RefusedError(f"not with {changes[0]}")

    found = advise(recorded("prod"), settings, Usage(), Decimal(0), refuse, price)
    reasons = {lever.title: reason for lever, reason in found.refused}
    assert reasons["topology serverless"] == "not with topology=serverless"
    assert set(saved(found)) == {"tasks off at night and on weekends"}


def test_customer_keys_and_x86_are_levers_of_what_was_recorded():
    def program():
        for n in range(12):
            aws.kms.Key(f"key-{n}")
        aws.lambda_.Function("f", role="arn:aws:iam::123456789012:role/r", memory_size=1024, architectures=["x86_64"])

    recording = record_program(program)
    usage = Usage(
        by_type={"aws_lambda_function": {"monthly_requests": Decimal(10**7), "request_duration_ms": Decimal(100)}}
    )
    found = saved(advise(recording, settings_of("dev"), usage, Decimal(0), lambda _: recording, price))
    assert found["AWS's own keys in place of 12 customer keys"] == 12
    gb_seconds = Decimal(10**6) - 400_000
    by_hand = gb_seconds * (Decimal("0.0000166667") - Decimal("0.0000133334"))
    assert found["arm64 in place of x86"] == by_hand


def test_an_existing_network_is_left_alone():
    subnets = "[subnet-0a1b2c3d4e5f67891, subnet-0a1b2c3d4e5f67892]"
    network = f"network={{existing: {{vpcId: vpc-0a1b2c3d4e5f67890, privateSubnetIds: {subnets}}}}}"
    titles = [each.title for each in levers(settings_of("prod", network), recorded("prod", network))]
    assert not [title for title in titles if "NAT" in title or "endpoints" in title]
