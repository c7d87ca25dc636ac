"""What holds for every estimate, whatever is in it: sums, tiers, the free tier, time, regions, the document."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pulumi
import pulumi_aws as aws
import pytest
from costs import amounts, paid, priced, priced_program
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stacks import recorded

from preflight import prices
from preflight.cost.estimate import Estimate, estimate
from preflight.cost.graph import HOURS, month_of
from preflight.cost.meter import Meter
from preflight.cost.rule import Charge
from preflight.cost_document import cost_document
from preflight.prices import Allowance, Price, PriceList, Tier
from preflight.usage import Usage, Workload
from preflight.usage_file import KEYS

STACKS = (("dev",), ("prod",), ("prod", "standby=true", "network.nat=regional"), ("prod", "network.nat=endpoints"))
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
REQUESTS = st.integers(0, 10**9).map(Decimal)


def with_requests(requests: Decimal, **workload) -> Usage:
    return Usage(workload=Workload(requests=requests, **workload))


@pytest.mark.parametrize("case", STACKS, ids=" ".join)
@pytest.mark.parametrize("free_tier", [True, False])
def test_the_total_is_the_sum_of_the_lines_and_each_line_its_quantity_times_its_price(case, free_tier):
    found = priced(recorded(*case), 50_000_000, free_tier=free_tier)
    by_hand = sum(Fraction(line.quantity) * Fraction(line.price) for line in found.lines)
    assert float(by_hand) == pytest.approx(float(found.total), rel=1e-20)
    for line in found.lines:
        assert line.monthly == line.quantity * line.price
        assert all(isinstance(number, Decimal) for number in (line.quantity, line.price, line.monthly))


@FEW
@given(st.sampled_from(STACKS), REQUESTS, st.integers(0, 10**8))
def test_more_requests_never_cost_less(case, requests, more):
    recording = recorded(*case)
    less = priced(recording, usage=with_requests(requests)).total
    assert priced(recording, usage=with_requests(requests + more)).total >= less


@FEW
@given(
    st.sampled_from([(type_, key) for type_, keys in KEYS.items() for key in keys]),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
)
def test_more_of_any_usage_never_costs_less(key, some, more):
    type_, name = key
    recording = recorded("prod", "standby=true", "network.nat=perZone")

    def total(amount: int) -> Decimal:
        address = {f"{type_}.*": {name: Decimal(amount)}}
        return priced(recording, usage=Usage(by_address=address)).total

    assert total(some + more) >= total(some)


@FEW
@given(
    st.sampled_from(["cpu_ms", "response_kb", "request_kb", "log_kb", "init_ms", "peak_factor", "image_gb"]),
    st.integers(1, 100),
    st.integers(0, 100),
)
def test_a_heavier_request_never_costs_less(field, some, more):
    recording = recorded("prod", "standby=true")
    less, not_less = (
        priced(recording, usage=with_requests(Decimal(10**7), **{field: Decimal(amount)})).total
        for amount in (some, some + more)
    )
    assert not_less >= less


@FEW
@given(st.sampled_from(STACKS), st.decimals(1, 743, places=1), st.decimals(0, 100, places=1))
def test_more_hours_never_cost_less(case, hours, more):
    recording = recorded(*case)
    longer = min(hours + more, Decimal(744))
    assert priced(recording, hours=longer).total >= priced(recording, hours=hours).total


@FEW
@given(st.sampled_from(STACKS), st.integers(0, 10**8), st.sampled_from([672, 696, 700, 720, 730, 744]))
def test_two_half_months_make_a_month_however_long_it_is(case, requests, hours):
    recording, month = recorded(*case), Decimal(hours)
    whole = priced(recording, usage=with_requests(Decimal(2 * requests)), hours=month, free_tier=False)
    half = priced(recording, usage=with_requests(Decimal(requests)), hours=month / 2, month=month, free_tier=False)
    assert float(2 * half.total) == pytest.approx(float(whole.total), rel=1e-12)


@FEW
@given(st.sampled_from(STACKS), REQUESTS)
def test_the_free_tier_takes_off_and_never_more_than_it_is_worth(case, requests):
    recording = recorded(*case)
    with_it = priced(recording, usage=with_requests(requests)).total
    without = priced(recording, usage=with_requests(requests), free_tier=False).total
    worth = sum(
        allowance.free
        * max(price.tiers[0].price for price in prices.load().prices.values() if price.id in allowance.prices)
        for allowance in prices.load().allowances
    )
    assert 0 <= without - with_it <= worth


@FEW
@given(st.sampled_from(STACKS), REQUESTS)
def test_the_range_holds_the_total(case, requests):
    found = priced(recorded(*case), usage=with_requests(requests))
    assert found.least <= found.total <= found.most


def test_the_hours_of_any_calendar_month_are_a_month_and_fewer_are_a_part_of_730():
    assert [month_of(Decimal(24 * days)) for days in (28, 29, 30, 31)] == [672, 696, 720, 744]
    assert month_of(HOURS) == month_of(HOURS / 2) == 730
    assert amounts(priced(recorded("prod"), hours=Decimal(744)))["web ACL"] == 5
    assert amounts(priced(recorded("prod"), hours=HOURS / 2))["web ACL"] == Decimal("2.5")


@pytest.mark.parametrize("hours", [0, -1, 745])
def test_hours_that_no_month_has_are_refused(hours):
    with pytest.raises(ValueError, match="at most 744"):
        priced(recorded("dev"), hours=Decimal(hours))


def price_list(*tiers: tuple[int, str], free: int = 0) -> PriceList:
    rows = tuple(Tier(start=Decimal(start), price=Decimal(price)) for start, price in tiers)
    price = Price(id="thing", region="global", unit="GB", tiers=rows, sources=("test",), date=None, sku={})
    other = replace(price, id="other")
    return PriceList(
        prices={("thing", "global"): price, ("other", "global"): other},
        allowances=(Allowance(what="things", free=Decimal(free), prices=("thing", "other")),),
        spot_planned=Decimal("0.5"),
        spot_best=Decimal("0.7"),
    )


def metered(listed: PriceList, *charges: tuple[str, int], free_tier: bool = True) -> list[list[tuple[int, str]]]:
    meter = Meter(listed, free_tier=free_tier)
    return [
        [
            (int(line.quantity), str(line.price))
            for line in meter.lines("urn", Charge(price=price, quantity=Decimal(amount), what="x"), "us-east-1")
        ]
        for price, amount in charges
    ]


TIERED = ((0, "3"), (10, "2"), (30, "1"))


@pytest.mark.parametrize(
    ("amount", "lines"),
    [
        (0, [(0, "3")]),
        (10, [(10, "3")]),
        (11, [(10, "3"), (1, "2")]),
        (30, [(10, "3"), (20, "2")]),
        (50, [(10, "3"), (20, "2"), (20, "1")]),
    ],
)
def test_each_tier_is_a_line_at_its_own_price(amount, lines):
    assert metered(price_list(*TIERED), ("thing", amount)) == [lines]


def test_tiers_are_reached_once_however_many_resources_there_are():
    assert metered(price_list(*TIERED), ("thing", 8), ("thing", 8), ("thing", 20)) == [
        [(8, "3")],
        [(2, "3"), (6, "2")],
        [(14, "2"), (6, "1")],
    ]


def test_what_is_free_is_free_once_in_an_account_not_once_a_resource():
    assert metered(price_list((0, "3"), free=10), ("thing", 6), ("thing", 6), ("other", 5)) == [
        [(6, "0")],
        [(4, "0"), (2, "3")],
        [(5, "3")],
    ]


def test_free_units_count_towards_the_tiers():
    assert metered(price_list(*TIERED, free=15), ("thing", 35)) == [[(15, "0"), (15, "2"), (5, "1")]]


def test_without_the_free_tier_everything_is_paid():
    assert metered(price_list((0, "3"), free=10), ("thing", 6), free_tier=False) == [[(6, "3")]]


@FEW
@given(st.lists(st.integers(0, 40), max_size=6))
def test_a_quantity_costs_the_same_in_one_piece_or_in_many(parts):
    listed = price_list(*TIERED, free=7)

    def total(amounts: list[int]) -> Decimal:
        lines = metered(listed, *(("thing", amount) for amount in amounts))
        return sum((amount * Decimal(price) for pieces in lines for amount, price in pieces), Decimal(0))

    assert total(parts) == total([sum(parts)])


def test_the_tiers_of_the_real_list_are_honoured():
    usage = Usage(
        by_address={"aws_cloudfront_distribution.*": {"monthly_data_transfer_to_internet_gb.us": Decimal(60000)}}
    )
    found = amounts(priced(recorded("dev"), usage=usage))["CloudFront to the internet"]
    by_hand = (10240 - 1024) * Decimal("0.085") + (51200 - 10240) * Decimal("0.08") + (60000 - 51200) * Decimal("0.06")
    assert found == by_hand


def test_ten_alarms_are_free_and_the_eleventh_is_not():
    def program(alarms: int):
        def alarm(n: int):
            return aws.cloudwatch.MetricAlarm(
                f"alarm-{n}", comparison_operator="GreaterThanThreshold", evaluation_periods=1
            )

        return lambda: [alarm(n) for n in range(alarms)]

    assert priced_program(program(10)).total == 0
    assert priced_program(program(11)).total == Decimal("0.1")


def test_a_region_without_a_price_borrows_none():
    found = priced(recorded("prod", "aws:region=eu-central-1"), region="eu-central-1")
    missing = {gap.price for gap in found.unpriced}
    assert {"alb.hour", "fargate.arm.vcpu_hour", "ecr.gb_month"} <= missing
    assert all("eu-central-1" in gap.reason for gap in found.unpriced)
    assert {line.what for line in paid(found) if line.monthly} == {"web ACL", "web ACL, 4 rules"}


def test_a_resource_in_a_region_of_its_own_is_priced_there():
    def program():
        ireland = aws.Provider("ireland", region="eu-west-1")
        aws.lb.LoadBalancer("lb", internal=True, opts=pulumi.ResourceOptions(provider=ireland))

    assert amounts(priced_program(program))["load balancer"] == HOURS * Decimal("0.0252")


TODAY = date(2026, 11, 22)


def test_a_price_is_old_after_180_days_or_when_nobody_knows_its_age():
    price = Price(id="a", region="r", unit="GB", tiers=(), sources=(), date=date(2026, 5, 26), sku={})
    assert not price.is_old(TODAY)
    assert price.is_old(date(2026, 11, 23))
    assert replace(price, date=None).is_old(TODAY)


def test_old_and_unsourced_prices_are_named_if_they_were_used():
    found = priced(recorded("prod", "aws:region=us-west-2"), region="us-west-2")
    assert "fargate.arm.vcpu_hour" in {each.id for each in found.guessed_prices()}
    old = {each.id for each in found.old_prices(TODAY)}
    assert "public_ipv4.in_use_hour" in old
    assert "waf.rule_month" not in old
    assert not {each.id for each in found.guessed_prices()} & old
    assert "alb.hour" not in {each.id for each in priced(recorded("dev")).old_prices(TODAY)}


def test_the_document_has_exactly_the_keys_of_the_contract_and_floats_only_there():
    found = priced(recorded("prod"), 1000)
    document = json.loads(json.dumps(cost_document(found, TODAY)))
    assert list(document) == [
        "currency",
        "hours",
        "total",
        "least",
        "most",
        "notes",
        "oldPrices",
        "guessedPrices",
        "unpriced",
        "lines",
    ]
    assert (document["currency"], document["hours"], document["unpriced"]) == ("USD", 730, [])
    assert all(list(line) == ["urn", "what", "quantity", "unit", "price", "monthly"] for line in document["lines"])
    assert document["total"] == pytest.approx(sum(line["monthly"] for line in document["lines"]))
    assert document["total"] == float(found.total)


def test_a_gap_is_in_the_document():
    found = priced_program(lambda: aws.sqs.Queue("queue"))
    (gap,) = cost_document(found, TODAY)["unpriced"]
    assert list(gap) == ["urn", "what", "reason"]


def test_the_document_has_the_range_the_notes_and_the_doubtful_prices():
    usage = with_requests(Decimal(3 * 10**9))
    recording = recorded("prod", "aws:region=us-west-2", "container.spot=true")
    document = cost_document(priced(recording, usage=usage, region="us-west-2"), TODAY)
    assert document["least"] < document["total"] < document["most"]
    assert "tasks on average" in document["notes"][0]
    assert "public_ipv4.in_use_hour" in document["oldPrices"]
    assert "fargate.arm.vcpu_hour" in document["guessedPrices"]


def test_stacks_of_one_account_have_one_free_tier_and_one_set_of_tiers():
    requests = with_requests(Decimal(700_000))
    alone = priced(recorded("dev"), usage=requests)
    meter = Meter(prices.load(), free_tier=True)
    first, second = (priced(recorded("dev"), usage=requests, meter=meter) for _ in range(2))
    assert first.lines == alone.lines
    assert amounts(first)["Lambda requests"] == 0
    beyond = 2 * (700_000 + 730) - 1_000_000  # with the authorizer's
    assert amounts(second)["Lambda requests"] == beyond * Decimal("0.0000002")


def test_what_is_missing_and_unpriced_comes_with_its_quantity():
    found = priced(recorded("prod", "aws:region=eu-central-1"), region="eu-central-1")
    (balancer,) = [gap for gap in found.unpriced if gap.price == "alb.hour"]
    assert (balancer.quantity, balancer.can_be_asked) == (730, True)
    assert [gap.price for gap in found.unpriced if not gap.can_be_asked] == []
    snapped = priced(recorded("dev", "serverless.snapStart=true", "aws:region=eu-west-1"), region="eu-west-1")
    assert [gap.price for gap in snapped.unpriced if not gap.can_be_asked] == [
        "lambda.snap_start.cache_gb_second",
        "lambda.snap_start.restored_gb",
    ]


def test_an_estimate_is_the_same_every_time():
    def once() -> Estimate:
        return estimate(recorded("prod"), region="us-east-1", prices=prices.load())

    assert once() == once()
