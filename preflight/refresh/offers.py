"""Where candidates for a price come from: the public files, or the query API."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from http.client import HTTPException
from typing import Any

from preflight.prices import GLOBAL
from preflight.refresh.sku import NOT_ATTRIBUTES, Product, RefreshError

BULK = "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws"
ONLY_BY_QUERY = frozenset({"AmazonEC2"})
"""Services whose file is too large to download for a few numbers."""
WITHOUT_REGION = frozenset({"AmazonCloudFront", "AmazonRoute53"})
"""Services with one file for all regions."""
_REGION_OF = {"AWSDataTransfer": "fromRegionCode"}
"""What a product's region is called where it has two."""

Products = Callable[[Mapping[str, str], str], Iterable[Product]]
"""The candidates for a SKU identity in a region."""


class NotAskedError(Exception):
    """The query API gave no answer: no boto3, no account, no right, no network."""


def from_bulk(fetch: Callable[[str], bytes]) -> Products:
    """Candidates from the public files, each fetched once. Raises RefreshError for one that can't be read."""
    read: dict[tuple[str, str], tuple[Product, ...] | RefreshError] = {}

    def products(sku: Mapping[str, str], region: str) -> Iterable[Product]:
        key = (sku["service"], sku.get("region", region))
        if key not in read:
            read[key] = _read(fetch, *key)
        found = read[key]
        if isinstance(found, RefreshError):
            raise found
        return found

    return products


def _read(fetch: Callable[[str], bytes], service: str, region: str) -> tuple[Product, ...] | RefreshError:
    place = "" if service in WITHOUT_REGION else f"/{region}"
    address = f"{BULK}/{service}/current{place}/index.json"
    try:
        offers = json.loads(fetch(address))
        on_demand = offers["terms"].get("OnDemand", {})
        return tuple(
            {"product": product, "terms": {"OnDemand": on_demand.get(sku, {})}}
            for sku, product in offers["products"].items()
        )
    except (OSError, HTTPException, ValueError, KeyError, TypeError, AttributeError) as error:
        return RefreshError(f"{address}: {type(error).__name__}: {error}")


def from_query(client: Any) -> Products:
    """Candidates from the query API, through a boto3 client of `pricing`. Raises NotAskedError without an answer."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - who has a client has botocore

    def products(sku: Mapping[str, str], region: str) -> Iterator[Product]:
        home = sku.get("region", region)
        wanted = {key: value for key, value in sku.items() if key not in NOT_ATTRIBUTES}
        if "family" in sku:
            wanted["productFamily"] = sku["family"]
        if home != GLOBAL:
            wanted[_REGION_OF.get(sku["service"], "regionCode")] = home
        filters = [{"Type": "TERM_MATCH", "Field": key, "Value": value} for key, value in sorted(wanted.items())]
        try:
            pages = client.get_paginator("get_products").paginate(
                ServiceCode=sku["service"], Filters=filters, FormatVersion="aws_v1"
            )
            for page in pages:
                for text in page["PriceList"]:
                    yield json.loads(text)
        except (BotoCoreError, ClientError) as error:
            raise NotAskedError(str(error)) from None

    return products
