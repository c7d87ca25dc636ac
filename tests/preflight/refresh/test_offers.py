"""Where prices are asked for: the public files and the query API, both stubbed."""

import json
from http.client import IncompleteRead

import boto3
import pytest
from botocore.exceptions import NoCredentialsError
from botocore.stub import Stubber
from offers import ALB, DECOYS, RIGHT, bulk, product, row

from preflight.refresh.offers import NotAskedError, from_bulk, from_query
from preflight.refresh.sku import RefreshError, pick


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
    asked = {**ALB, "id": "OLD", "unit": "Hrs"}
    assert pick(from_query(client)(asked, "us-east-1"), row()).sku == "RIGHT"
    stub.assert_no_pending_responses()


def test_what_is_sold_between_regions_is_asked_for_by_the_one_it_leaves():
    sku = row("data_transfer.inter_az_gb_each_way", "eu-west-1")["sku"]
    filters = [
        {"Type": "TERM_MATCH", "Field": "fromRegionCode", "Value": "eu-west-1"},
        {"Type": "TERM_MATCH", "Field": "productFamily", "Value": "Data Transfer"},
    ]
    expected = {"ServiceCode": "AWSDataTransfer", "FormatVersion": "aws_v1", "Filters": filters}
    client, stub = stubbed([], expected=expected)
    assert list(from_query(client)(sku, "eu-west-1")) == []
    stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ([DECOYS[0]], "0 SKUs"),
        ([RIGHT, product("SECOND", "LoadBalancerUsage")], "2 SKUs"),
        ([product("ZERO", "LoadBalancerUsage", ("0", "0"), ("10", "0"))], "every price of SKU ZERO is 0"),
    ],
)
def test_none_two_or_nothing_but_zero_from_the_query_is_refused(page, message):
    client, _ = stubbed(page)
    with pytest.raises(RefreshError, match=message):
        pick(from_query(client)(ALB, "us-east-1"), row())


def test_without_an_account_the_query_was_not_asked():
    class Client:
        def get_paginator(self, _):
            raise NoCredentialsError

    with pytest.raises(NotAskedError, match="Unable to locate credentials"):
        list(from_query(Client())(ALB, "us-east-1"))


def test_without_the_right_to_the_query_was_not_asked():
    client = boto3.client("pricing", region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none")
    stub = Stubber(client)
    stub.add_client_error("get_products", "AccessDeniedException", "not yours")
    stub.activate()
    with pytest.raises(NotAskedError, match="AccessDenied"):
        list(from_query(client)(ALB, "us-east-1"))


def test_a_public_file_is_fetched_once_and_gives_the_same_answer_as_the_query():
    fetched = []

    def fetch(address: str) -> bytes:
        fetched.append(address)
        return bulk(*DECOYS, RIGHT)

    products = from_bulk(fetch)
    first, second = (pick(products(ALB, "us-east-1"), row()) for _ in range(2))
    assert first == second == pick([RIGHT], row())
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


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        (b"<html>sorry</html>", "JSONDecodeError"),
        (b"[]", "TypeError"),
        (b"{}", "KeyError"),
        (IncompleteRead(b"half"), "IncompleteRead"),
        (TimeoutError("too long"), "TimeoutError: too long"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_asked_for_once(answer, named):
    fetched = []

    def fetch(address: str) -> bytes:
        fetched.append(address)
        if isinstance(answer, Exception):
            raise answer
        return answer

    products = from_bulk(fetch)
    for _ in range(2):
        with pytest.raises(RefreshError, match=rf"AWSELB/current/us-east-1/index.json: {named}"):
            products(ALB, "us-east-1")
    assert len(fetched) == 1
