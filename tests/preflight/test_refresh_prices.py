"""Refreshing prices: the right SKU among its namesakes, or none at all. Nothing here asks AWS."""

import json
from copy import deepcopy
from datetime import date
from decimal import Decimal

import boto3
import pytest
import yaml
from botocore.stub import Stubber

from preflight import refresh_prices
from preflight.prices import FILE, parse
from preflight.refresh_prices import (
    PREFIXES,
    Found,
    RefreshError,
    from_bulk,
    from_query,
    merged,
    pick,
    refreshed,
    rewrite,
    rows_of,
    usage_types,
)

TEXT = FILE.read_text(encoding="utf-8")
ROWS = yaml.load(TEXT, Loader=yaml.BaseLoader)["prices"]
TODAY = date(2026, 11, 22)
ALB = {
    "service": "AWSELB",
    "family": "Load Balancer-Application",
    "usagetype": "LoadBalancerUsage",
    "operation": "LoadBalancing:Application",
}


def row(price_id: str, region: str = "us-east-1") -> dict:
    return next(deepcopy(each) for each in ROWS if (each["id"], each["region"]) == (price_id, region))


def product(sku: str, usage_type: str, *prices: tuple[str, str], **changes) -> dict:
    dimensions = {
        f"{sku}.{n}": {"beginRange": start, "endRange": "Inf", "unit": "Hrs", "pricePerUnit": {"USD": price}}
        for n, (start, price) in enumerate(prices or (("0", "0.0225"),))
    }
    attributes = {
        "usagetype": usage_type,
        "operation": "LoadBalancing:Application",
        "regionCode": "us-east-1",
        **changes.pop("attributes", {}),
    }
    return {
        "product": {"sku": sku, "productFamily": "Load Balancer-Application", "attributes": attributes, **changes},
        "terms": {"OnDemand": {f"{sku}.JRTCKXETXF": {"priceDimensions": dimensions}}},
    }


RIGHT = product("RIGHT", "LoadBalancerUsage")
DECOYS = [
    product("TRUST", "TS-LoadBalancerUsage", ("0", "0.005")),
    product("RESERVED", "ReservedLoadBalancerUsage"),
    product("OUTPOST", "Outposts-LoadBalancerUsage", ("0", "0")),
    product("NETWORK", "LoadBalancerUsage", operation="x", attributes={"operation": "LoadBalancing:Network"}),
    product("FAMILY", "LoadBalancerUsage", productFamily="Load Balancer"),
    product("IRELAND", "EU-LoadBalancerUsage", attributes={"regionCode": "eu-west-1"}),
]


def picked(*products: dict, sku=ALB, region: str = "us-east-1") -> Found:
    return pick(products, sku, region, "alb.hour")


def test_the_right_sku_is_found_beside_its_namesakes():
    assert picked(*DECOYS, RIGHT) == Found(sku="RIGHT", tiers=((Decimal(0), Decimal("0.0225")),))


@pytest.mark.parametrize("decoy", DECOYS, ids=lambda each: each["product"]["sku"])
def test_a_namesake_alone_is_no_price(decoy):
    with pytest.raises(RefreshError, match=r"alb.hour in us-east-1: 0 SKUs, not one"):
        picked(decoy)


def test_the_same_product_in_another_region_is_found_there_only():
    assert picked(*DECOYS, RIGHT, region="eu-west-1").sku == "IRELAND"


def test_two_skus_are_refused_and_both_are_named():
    with pytest.raises(RefreshError, match=r"2 SKUs, not one: OTHER \(USE1-LoadBalancerUsage\), RIGHT"):
        picked(RIGHT, product("OTHER", "USE1-LoadBalancerUsage"))


def test_a_price_of_nothing_but_zero_is_refused():
    with pytest.raises(RefreshError, match=r"alb.hour in us-east-1 \(SKU FREE\): every price is 0"):
        picked(product("FREE", "LoadBalancerUsage", ("0", "0.0000000000")))


def test_two_offers_of_one_sku_are_refused():
    twice = deepcopy(RIGHT)
    twice["terms"]["OnDemand"]["RIGHT.OTHER"] = twice["terms"]["OnDemand"]["RIGHT.JRTCKXETXF"]
    with pytest.raises(RefreshError, match="2 on-demand offers"):
        picked(twice)


def test_tiers_come_in_order_and_a_free_one_is_the_free_tiers_affair():
    tiers = picked(product("T", "LoadBalancerUsage", ("100", "0.1"), ("0", "0"), ("20", "0.2"))).tiers
    assert tiers == ((Decimal(0), Decimal("0.2")), (Decimal(100), Decimal("0.1")))


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


def stubbed(*pages: list[dict], expected: dict | None = None):
    client = boto3.client("pricing", region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none")
    stub = Stubber(client)
    for number, page in enumerate(pages):
        token = {"NextToken": f"page-{number + 1}"} if number + 1 < len(pages) else {}
        answer = {"FormatVersion": "aws_v1", "PriceList": [json.dumps(each) for each in page], **token}
        asked = {**expected, **({"NextToken": f"page-{number}"} if number else {})} if expected else None
        stub.add_response("get_products", answer, asked)
    stub.activate()
    return client, stub


def test_the_query_names_everything_that_tells_the_sku_apart_and_reads_every_page():
    filters = [
        {"Type": "TERM_MATCH", "Field": "operation", "Value": "LoadBalancing:Application"},
        {"Type": "TERM_MATCH", "Field": "productFamily", "Value": "Load Balancer-Application"},
        {"Type": "TERM_MATCH", "Field": "regionCode", "Value": "us-east-1"},
    ]
    expected = {"ServiceCode": "AWSELB", "FormatVersion": "aws_v1", "Filters": filters}
    client, stub = stubbed(DECOYS[:3], DECOYS[3:], [RIGHT], expected=expected)
    assert picked(*from_query(client)(ALB, "us-east-1")).sku == "RIGHT"
    stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ([DECOYS[0]], "0 SKUs"),
        ([RIGHT, product("SECOND", "LoadBalancerUsage")], "2 SKUs"),
        ([product("ZERO", "LoadBalancerUsage", ("0", "0"), ("10", "0"))], "every price is 0"),
    ],
)
def test_none_two_or_nothing_but_zero_from_the_query_is_refused(page, message):
    client, _ = stubbed(page)
    with pytest.raises(RefreshError, match=message):
        picked(*from_query(client)(ALB, "us-east-1"))


def bulk(*products: dict) -> bytes:
    return json.dumps(
        {
            "products": {each["product"]["sku"]: each["product"] for each in products},
            "terms": {"OnDemand": {each["product"]["sku"]: each["terms"]["OnDemand"] for each in products}},
        }
    ).encode()


def test_a_public_file_is_fetched_once_and_gives_the_same_answer_as_the_query():
    fetched = []

    def fetch(address: str) -> bytes:
        fetched.append(address)
        return bulk(*DECOYS, RIGHT)

    products = from_bulk(fetch)
    assert picked(*products(ALB, "us-east-1")) == picked(*products(ALB, "us-east-1")) == picked(RIGHT)
    assert fetched == ["https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AWSELB/current/us-east-1/index.json"]


@pytest.mark.parametrize(
    ("price_id", "region", "place"),
    [("cloudfront.us.https_request", "global", ""), ("waf.rule_month", "global", "/us-east-1")],
)
def test_a_file_for_all_regions_has_no_region_in_its_address(price_id, region, place):
    fetched = []
    sku = row(price_id, region)["sku"]
    list(from_bulk(lambda address: fetched.append(address) or bulk())(sku, region))
    assert fetched[0].endswith(f"/{sku['service']}/current{place}/index.json")


def test_the_file_is_written_with_the_day_the_sku_and_the_tiers_and_nothing_else_changes():
    found = Found(sku="ABC", tiers=((Decimal(0), Decimal("0.0230")), (Decimal(1000), Decimal("2E-7"))))
    fresh, complaints = refreshed([row("alb.hour")], lambda _: found, TODAY)
    written = rewrite(TEXT, fresh)
    assert complaints == []
    changed = [line for line in written.splitlines() if line not in TEXT.splitlines()]
    assert "  - {from: 1000, price: 0.0000002}" in changed
    assert any("id: ABC" in line for line in changed)
    price = parse(yaml.load(written, Loader=yaml.BaseLoader)).find("alb.hour", "us-east-1")
    assert (price.date, price.sources, price.sku["id"]) == (TODAY, ("AWS-PRICE-LIST",), "ABC")
    assert [tier.price for tier in price.tiers] == [Decimal("0.023"), Decimal("0.0000002")]
    others = [each for each in yaml.load(written, Loader=yaml.BaseLoader)["prices"] if each["id"] != "alb.hour"]
    assert others == [each for each in ROWS if each["id"] != "alb.hour"]


def test_writing_nothing_changes_not_a_byte():
    assert rewrite(TEXT, []) == TEXT


def test_a_new_region_gets_a_row_for_every_price_that_is_not_the_same_everywhere():
    new = rows_of(ROWS, "eu-central-1")
    assert {each["region"] for each in new} == {"eu-central-1"}
    assert {each["id"] for each in new} == {each["id"] for each in ROWS if each["region"] != "global"}
    fresh, _ = refreshed(
        [each for each in new if each.get("sku")], lambda _: Found(sku="S", tiers=((Decimal(0), Decimal(1)),)), TODAY
    )
    together = merged(ROWS, fresh)
    assert len(together) == len(ROWS) + len(fresh)
    ids = [each["id"] for each in together]
    assert ids == sorted(ids, key=ids.index)  # each price's regions stand together
    assert parse(yaml.load(rewrite(TEXT, fresh), Loader=yaml.BaseLoader)).find("alb.hour", "eu-central-1")


def test_every_region_has_a_prefix_of_its_own():
    every = [prefix for prefixes in PREFIXES.values() for prefix in prefixes]
    assert len(every) == len(set(every))
    assert {each["region"] for each in ROWS} - {"global"} <= set(PREFIXES)


@pytest.fixture
def command(tmp_path, monkeypatch):
    """`command(answers, *arguments)` runs the refresh on a copy of the price file; `answers` are the products."""
    path = tmp_path / "prices.yaml"
    path.write_text(TEXT, encoding="utf-8")
    monkeypatch.setattr(refresh_prices, "FILE", path)

    def run(products: list[dict], *arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(refresh_prices, "_download", lambda _: bulk(*products))
        return refresh_prices.main(arguments), path.read_text(encoding="utf-8")

    return run


def test_the_command_writes_what_it_found(command, capsys):
    status, written = command(
        [*DECOYS, product("NEW", "LoadBalancerUsage", ("0", "0.0300"))], "--region", "us-east-1", "--only", "alb.hour"
    )
    assert status == 0
    assert parse(yaml.load(written, Loader=yaml.BaseLoader)).find("alb.hour", "us-east-1").tiers[0].price == Decimal(
        "0.03"
    )
    assert "1 prices written" in capsys.readouterr().out


def test_one_price_that_is_not_found_keeps_the_whole_file_as_it_was(command, capsys):
    status, written = command([RIGHT], "--region", "us-east-1", "--only", "alb.hour", "--only", "alb.lcu_hour")
    assert (status, written) == (1, TEXT)
    told = capsys.readouterr()
    assert "alb.lcu_hour in us-east-1: 0 SKUs" in told.err
    assert "nothing was written" in told.err
    assert told.out == ""


def test_a_price_without_a_sku_identity_is_left_and_named(command, capsys):
    status, written = command([], "--region", "us-east-1", "--only", "lambda.response_stream_gb")
    assert (status, written) == (0, TEXT)
    assert "nobody knows their SKU: lambda.response_stream_gb" in capsys.readouterr().out


def test_a_price_that_is_not_in_the_file_is_refused(command):
    with pytest.raises(SystemExit) as error:
        command([], "--only", "alb.hours")
    assert error.value.code == 2
