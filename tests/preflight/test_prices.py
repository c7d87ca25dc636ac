"""The price file: what it must hold, and what is refused in it."""

from copy import deepcopy
from datetime import date
from decimal import Decimal

import pytest
import yaml

from preflight import prices
from preflight.prices import FILE, GLOBAL, NoPriceError, PriceError, parse

DOCUMENT = yaml.load(FILE.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def broken(**changes) -> dict:
    document = deepcopy(DOCUMENT)
    document["prices"][0].update(changes)
    return document


def test_every_price_is_exact_and_has_a_unit_a_source_and_a_date_that_is_not_in_the_future():
    listed = prices.load()
    assert len(listed.prices) > 100
    for price in listed.prices.values():
        assert all(isinstance(tier.price, Decimal) and tier.price > 0 for tier in price.tiers), price.id
        assert price.unit
        assert price.sources
        assert price.date is None or price.date <= date.today()


def test_the_home_region_has_every_price():
    listed = prices.load()
    ids = {price_id for price_id, _ in listed.prices}
    assert {each for each in ids if not {(each, "us-east-1"), (each, GLOBAL)} & set(listed.prices)} == set()


def test_a_price_of_the_region_comes_before_the_one_for_everywhere_and_no_other_region_is_asked():
    listed = prices.load()
    assert listed.find("alb.hour", "eu-west-1").tiers[0].price == Decimal("0.0252")
    assert listed.find("waf.rule_month", "eu-west-1").region == GLOBAL
    with pytest.raises(NoPriceError, match=r"alb.hour in eu-north-1"):
        listed.find("alb.hour", "eu-north-1")


def test_every_price_that_can_be_told_from_its_namesakes_says_how():
    listed = prices.load()
    for price in listed.prices.values():
        if price.sku:
            assert price.sku["service"].startswith(("Amazon", "AWS", "aws"))
            assert set(price.sku) - {"service", "family"}, price.id


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"price": "cheap"}, "'cheap' is no number"),
        ({"price": "-1"}, "must be 0 or more"),
        ({"price": "NaN"}, "must be 0 or more"),
        ({"date": "yesterday"}, "'yesterday' must be a day"),
        ({"source": ["HEARSAY"]}, "HEARSAY is not in the list of sources"),
        ({"source": []}, "is not in the list of sources"),
        ({"tiers": [{"from": "1", "price": "0.045"}]}, "tiers must start at 0"),
        ({"tiers": [{"from": "0", "price": "0.05"}]}, "the row's own price"),
        (
            {"tiers": [{"from": "0", "price": "0.045"}, {"from": "9", "price": "1"}, {"from": "5", "price": "1"}]},
            "ascend",
        ),
        ({"region": "eu-west-1"}, "is there twice"),
    ],
)
def test_a_row_that_cannot_be_right_is_refused_by_name(changes, message):
    with pytest.raises(PriceError, match=message) as error:
        parse(broken(**changes))
    assert "nat_gateway.hour" in str(error.value)


def test_a_row_that_lacks_something_is_refused():
    document = broken()
    del document["prices"][0]["unit"]
    with pytest.raises(PriceError, match=r"nat_gateway.hour in us-east-1 lacks unit"):
        parse(document)


def test_a_free_tier_of_something_without_a_price_is_refused():
    document = broken()
    document["free_tier"][0]["prices"] = ["lambda.requests"]
    with pytest.raises(PriceError, match=r"no price is called lambda.requests"):
        parse(document)


def test_a_file_that_cannot_be_read_says_so(tmp_path):
    with pytest.raises(PriceError, match=r"gone.yaml can't be read"):
        prices.load(tmp_path / "gone.yaml")
