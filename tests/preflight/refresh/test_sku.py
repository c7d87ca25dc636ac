"""Picking a SKU: the right one among its namesakes, or none at all."""

from copy import deepcopy
from decimal import Decimal

import pytest
from offers import DECOYS, RIGHT, ROWS, product, row

from preflight.refresh.offers import WITHOUT_REGION
from preflight.refresh.regions import PREFIXES, how_to_ask, usage_types
from preflight.refresh.sku import Found, RefreshError, pick


def picked(*products: dict, region: str = "us-east-1", **sku: str) -> Found:
    return pick(products, row(region=region, **sku))


def test_the_right_sku_is_found_beside_its_namesakes():
    assert picked(*DECOYS, RIGHT) == Found(sku="RIGHT", unit="Hrs", tiers=((Decimal(0), Decimal("0.0225")),))


@pytest.mark.parametrize("decoy", DECOYS, ids=lambda each: each["product"]["sku"])
def test_a_namesake_alone_is_no_price(decoy):
    with pytest.raises(RefreshError, match="0 SKUs, not one"):
        picked(decoy)


def test_the_same_product_in_another_region_is_found_there_only():
    assert picked(*DECOYS, RIGHT, region="eu-west-1").sku == "IRELAND"


def test_what_is_sold_between_regions_is_found_where_it_leaves():
    there, here = (
        product(
            code, "EU-DataTransfer-Regional-Bytes", unit="GB", attributes={"regionCode": "", "fromRegionCode": code}
        )
        for code in ("us-east-1", "eu-west-1")
    )
    for each in (there, here):
        each["product"]["productFamily"] = "Data Transfer"
    assert pick([there, here], row("data_transfer.inter_az_gb_each_way", "eu-west-1")).sku == "eu-west-1"


def test_a_product_of_no_region_is_everybodys():
    assert picked(product("ANY", "LoadBalancerUsage", attributes={"regionCode": ""})).sku == "ANY"


def test_two_skus_are_refused_and_both_are_named():
    with pytest.raises(RefreshError, match=r"2 SKUs, not one: OTHER \(USE1-LoadBalancerUsage\), RIGHT"):
        picked(RIGHT, product("OTHER", "USE1-LoadBalancerUsage"))


def test_a_price_of_nothing_but_zero_is_refused():
    with pytest.raises(RefreshError, match="every price of SKU FREE is 0"):
        picked(product("FREE", "LoadBalancerUsage", ("0", "0.0000000000")))


def test_two_offers_of_one_sku_are_refused():
    twice = deepcopy(RIGHT)
    twice["terms"]["OnDemand"]["RIGHT.OTHER"] = twice["terms"]["OnDemand"]["RIGHT.JRTCKXETXF"]
    with pytest.raises(RefreshError, match="SKU RIGHT has 2 on-demand offers"):
        picked(twice)


def test_a_price_in_another_currency_is_refused():
    yuan = deepcopy(RIGHT)
    (term,) = yuan["terms"]["OnDemand"].values()
    term["priceDimensions"]["RIGHT.0"]["pricePerUnit"] = {"CNY": "0.2"}
    with pytest.raises(RefreshError, match="SKU RIGHT has no price in USD"):
        picked(yuan)


def test_tiers_come_in_order_and_a_free_one_is_the_free_tiers_affair():
    tiers = picked(product("T", "LoadBalancerUsage", ("100", "0.1"), ("0", "0"), ("20", "0.2"))).tiers
    assert tiers == ((Decimal(0), Decimal("0.2")), (Decimal(100), Decimal("0.1")))


@pytest.mark.parametrize("unit", ["Mo", "Month", "GB-Mo", "seconds"])
def test_a_price_for_another_length_of_time_is_refused(unit):
    with pytest.raises(RefreshError, match=f"SKU M is priced by {unit}, not by hour"):
        picked(product("M", "LoadBalancerUsage", unit=unit))


@pytest.mark.parametrize("unit", ["Hrs", "hours", "LCU-Hrs", "Quantity"])
def test_a_unit_that_says_the_same_in_other_words_is_none_other(unit):
    assert picked(product("H", "LoadBalancerUsage", unit=unit)).unit == unit


def test_a_unit_that_is_not_the_last_times_is_refused():
    assert picked(RIGHT, unit="Hrs").unit == "Hrs"
    with pytest.raises(RefreshError, match="SKU RIGHT is priced by Hrs, not by Hours"):
        picked(RIGHT, unit="Hours")


@pytest.mark.parametrize(
    ("base", "region", "name", "is_it"),
    [
        ("NatGateway-Hours", "us-east-1", "NatGateway-Hours", True),
        ("NatGateway-Hours", "us-east-1", "USE1-NatGateway-Hours", True),
        ("NatGateway-Hours", "us-east-1", "RegionalNatGateway-Hours", False),
        ("NatGateway-Hours", "us-east-1", "EU-NatGateway-Hours", False),
        ("NatGateway-Hours", "eu-west-1", "EU-NatGateway-Hours", True),
        ("NatGateway-Hours", "eu-west-1", "NatGateway-Hours", False),
        ("LoadBalancerUsage", "us-east-1", "TS-LoadBalancerUsage", False),
        ("Fargate-vCPU-Hours:perCPU", "us-east-1", "USE1-Fargate-ARM-vCPU-Hours:perCPU", False),
        ("KMS-Keys", "us-west-2", "us-west-2-KMS-Keys", True),
        ("HostedZone", "global", "HostedZone", True),
    ],
)
def test_a_usage_type_is_met_whole_with_the_prefix_of_its_region(base, region, name, is_it):
    assert (name in usage_types(base, region)) is is_it


def test_every_region_has_a_prefix_of_its_own():
    every = [prefix for prefixes in PREFIXES.values() for prefix in prefixes]
    assert len(every) == len(set(every))
    assert {each["region"] for each in ROWS} - {"global"} <= set(PREFIXES)


def test_a_price_of_everywhere_says_in_which_regions_file_it_is_unless_there_is_one_for_all():
    for each in ROWS:
        if each["region"] == "global" and each.get("sku"):
            assert each["sku"].get("region") or each["sku"]["service"] in WITHOUT_REGION, each["id"]


def test_a_region_that_cannot_be_asked_for_is_not_offered_to_be():
    assert how_to_ask("eu-south-2") == 'make prices ARGS="--region eu-south-2"'
    assert how_to_ask("cn-north-1") == (
        "add them to preflight/prices.yaml by hand: make prices does not know cn-north-1"
    )
