"""The estimator against a real bill, us-east-1, a month of 744 hours: nine lines that sum to 90.87."""

from collections import defaultdict
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from preflight import prices
from preflight.cost.estimate import Estimate, estimate
from preflight.recorder import record_stack
from preflight.stackfile import load
from preflight.usage import Usage
from preflight.usage_file import read

FOLDER = Path(__file__).parents[1] / "fixtures/bill"
BILL = {
    "NAT gateway": "33.65",
    "Load balancer": "16.74",
    "KMS": "11.93",
    "Public IPv4": "11.16",
    "ECS": "8.67",
    "WAF": "7.00",
    "Route 53": "1.03",
    "ECR": "0.56",
    "S3": "0.13",
}
FROM_THE_GRAPH = ("NAT gateway", "Load balancer", "Public IPv4", "ECS", "WAF")
BEGINNINGS = {
    "NAT ": "NAT gateway",
    "load balancer": "Load balancer",
    "customer key": "KMS",
    "KMS": "KMS",
    "public IPv4": "Public IPv4",
    "Fargate": "ECS",
    "web ACL": "WAF",
    "hosted zone": "Route 53",
    "DNS": "Route 53",
    "images": "ECR",
    "objects": "S3",
    "S3": "S3",
    "free": "free",
}


@cache
def january(hours: str, *, with_usage: bool) -> Estimate:
    recording = record_stack(load(FOLDER, "january"))
    usage = read(FOLDER / "usage.yaml") if with_usage else Usage()
    return estimate(recording, region="us-east-1", prices=prices.load(), usage=usage, hours=Decimal(hours))


def by_service(found: Estimate) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for line in found.lines:
        (service,) = {name for start, name in BEGINNINGS.items() if line.what.startswith(start)}
        sums[service] += line.monthly
    return sums


def off(estimated: Decimal, billed: str) -> Decimal:
    return abs(estimated - Decimal(billed)) / Decimal(billed)


def test_the_bill_sums_to_what_was_paid():
    assert sum(map(Decimal, BILL.values())) == Decimal("90.87")


@pytest.mark.parametrize("service", FROM_THE_GRAPH)
def test_what_the_graph_alone_gives_is_within_one_percent_of_the_bill(service):
    assert off(by_service(january("744", with_usage=False))[service], BILL[service]) < Decimal("0.01")


@pytest.mark.parametrize("service", BILL)
def test_every_line_of_the_bill_is_within_one_percent_with_the_usage_given(service):
    assert off(by_service(january("744", with_usage=True))[service], BILL[service]) < Decimal("0.01")


def test_the_total_is_within_one_percent_of_the_bill():
    found = january("744", with_usage=True)
    assert off(found.total, "90.87") < Decimal("0.01")
    assert found.unpriced == ()


def test_each_service_is_what_the_list_prices_make_of_744_hours_by_hand():
    sums = by_service(january("744", with_usage=True))
    assert sums["NAT gateway"] == 744 * Decimal("0.045") + Decimal("3.78") * Decimal("0.045")
    assert sums["Load balancer"] == Decimal("16.74")
    assert sums["Public IPv4"] == Decimal("11.16")
    assert sums["ECS"] == 744 * (Decimal("0.25") * Decimal("0.03238") + Decimal("0.00356"))
    assert sums["WAF"] == 7
    assert sums["KMS"] == 12
    assert sums["Route 53"] == Decimal("1.03")
    assert sums["ECR"] == Decimal("0.56")
    assert sums["S3"] == Decimal("5.65") * Decimal("0.023")


def test_the_month_that_the_calculator_uses_makes_the_same_stack_a_little_cheaper():
    assert january("730", with_usage=True).total.quantize(Decimal("0.01")) == Decimal("89.62")
