"""Ask AWS for prices anew and write them into `prices.yaml`: `make prices`, or `python -m preflight.refresh_prices`.

Most services publish a file a region that anybody may read; EC2's is half a gigabyte, so it is asked through the query
API, which needs an account (`pricing:GetProducts`) and boto3. Every price must be found exactly once: AWS's list is
full of near namesakes, and the wrong one looks just as good. If one is not, nothing is written.
"""

import argparse
import json
import re
import sys
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import yaml

from preflight.prices import FILE, GLOBAL, PriceError, parse

BULK = "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws"
SOURCE = "AWS-PRICE-LIST"
ONLY_BY_QUERY = frozenset({"AmazonEC2"})
"""Services whose file is too large to download for a few numbers."""
WITHOUT_REGION = frozenset({"AmazonCloudFront", "AmazonRoute53"})
"""Services with one file for all regions."""
# What a usage type starts with in each region; the first region has also those without.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/aws-usage-report-understand.html
PREFIXES: Mapping[str, tuple[str, ...]] = {
    "ap-northeast-1": ("APN1",),
    "ap-northeast-2": ("APN2",),
    "ap-northeast-3": ("APN3",),
    "ap-south-1": ("APS3",),
    "ap-southeast-1": ("APS1",),
    "ap-southeast-2": ("APS2",),
    "ca-central-1": ("CAN1",),
    "eu-central-1": ("EUC1",),
    "eu-north-1": ("EUN1",),
    "eu-west-1": ("EU", "EUW1"),
    "eu-west-2": ("EUW2",),
    "eu-west-3": ("EUW3",),
    "sa-east-1": ("SAE1",),
    "us-east-1": ("USE1",),
    "us-east-2": ("USE2",),
    "us-west-1": ("USW1",),
    "us-west-2": ("USW2",),
}
_HOME = "us-east-1"
_NOT_ATTRIBUTES = {"service", "family", "usagetype", "region", "id"}

Row = dict[str, Any]
"""A row of the price file, every value text."""
Product = Mapping[str, Any]
"""A product in the form that query API and bulk file share: `product`, and `terms` by kind."""
Products = Callable[[Mapping[str, str], str], Iterable[Product]]
"""The candidates for a SKU identity in a region."""


class RefreshError(Exception):
    """A price that can't be told from its namesakes, or is not there; the message says which."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """One price as AWS lists it."""

    sku: str
    tiers: tuple[tuple[Decimal, Decimal], ...]
    """(first unit, price), the free ones left out and the first one from 0."""


def pick(products: Iterable[Product], sku: Mapping[str, str], region: str, name: str) -> Found:
    """The one product that a SKU identity means. RefreshError if there is none, several, or it is free."""
    fitting = {each["product"]["sku"]: each for each in products if _fits(each["product"], sku, region)}
    if len(fitting) != 1:
        names = ", ".join(sorted(_name(each["product"]) for each in fitting.values()))
        raise RefreshError(f"{name} in {region}: {len(fitting)} SKUs, not one{f': {names}' if names else ''}")
    ((sku_id, product),) = fitting.items()
    tiers = _tiers(product, f"{name} in {region} (SKU {sku_id})")
    return Found(sku=sku_id, tiers=tiers)


def _fits(product: Mapping[str, Any], sku: Mapping[str, str], region: str) -> bool:
    attributes = product.get("attributes", {})
    home = sku.get("region", region)
    if home != GLOBAL and attributes.get("regionCode", home) != home:
        return False
    if "family" in sku and product.get("productFamily") != sku["family"]:
        return False
    if "usagetype" in sku and attributes.get("usagetype") not in usage_types(sku["usagetype"], home):
        return False
    return all(attributes.get(key) == value for key, value in sku.items() if key not in _NOT_ATTRIBUTES)


def usage_types(base: str, region: str) -> set[str]:
    """What a usage type may be called in a region: `EU-LoadBalancerUsage`, and never `TS-LoadBalancerUsage`."""
    found = {f"{prefix}-{base}" for prefix in PREFIXES.get(region, ())} | {f"{region}-{base}"}
    return found | {base} if region in (GLOBAL, _HOME) else found


def _name(product: Mapping[str, Any]) -> str:
    return f"{product['sku']} ({product.get('attributes', {}).get('usagetype', 'no usage type')})"


def _tiers(product: Product, where: str) -> tuple[tuple[Decimal, Decimal], ...]:
    terms = list(product.get("terms", {}).get("OnDemand", {}).values())
    if len(terms) != 1:
        raise RefreshError(f"{where}: {len(terms)} on-demand offers, not one")
    dimensions = terms[0]["priceDimensions"].values()
    listed = sorted((Decimal(each["beginRange"]), Decimal(each["pricePerUnit"]["USD"])) for each in dimensions)
    paid = [(start, price) for start, price in listed if price > 0]
    if not paid:
        raise RefreshError(f"{where}: every price is 0")
    return ((Decimal(0), paid[0][1]), *paid[1:])


def from_bulk(fetch: Callable[[str], bytes]) -> Products:
    """Candidates from the public files, each fetched once."""

    @cache
    def products(service: str, region: str) -> tuple[Product, ...]:
        place = "" if service in WITHOUT_REGION else f"/{region}"
        offers = json.loads(fetch(f"{BULK}/{service}/current{place}/index.json"))
        on_demand = offers.get("terms", {}).get("OnDemand", {})
        return tuple(
            {"product": product, "terms": {"OnDemand": on_demand.get(sku, {})}}
            for sku, product in offers.get("products", {}).items()
        )

    return lambda sku, region: products(sku["service"], sku.get("region", region))


def from_query(client: Any) -> Products:
    """Candidates from the query API, through a boto3 client of `pricing`."""

    def products(sku: Mapping[str, str], region: str) -> Iterator[Product]:
        home = sku.get("region", region)
        wanted = {key: value for key, value in sku.items() if key not in _NOT_ATTRIBUTES}
        if "family" in sku:
            wanted["productFamily"] = sku["family"]
        if home != GLOBAL:
            wanted["regionCode"] = home
        filters = [{"Type": "TERM_MATCH", "Field": key, "Value": value} for key, value in sorted(wanted.items())]
        pages = client.get_paginator("get_products").paginate(
            ServiceCode=sku["service"], Filters=filters, FormatVersion="aws_v1"
        )
        for page in pages:
            for text in page["PriceList"]:
                yield json.loads(text)

    return products


def rows_of(rows: Sequence[Row], region: str | None) -> list[Row]:
    """The rows to ask for: all of them, or one region's, with those it lacks made from another region's."""
    if region is None:
        return list(rows)
    there = [row for row in rows if row["region"] == region]
    known = {row["id"] for row in rows if row["region"] in (region, GLOBAL)}
    models = {row["id"]: row for row in reversed(rows) if row["id"] not in known}
    return there + [{**row, "region": region} for row in models.values()]


def refreshed(rows: Iterable[Row], ask: Callable[[Row], Found | None], today: date) -> tuple[list[Row], list[str]]:
    """The rows as AWS has them now, and a complaint for each that was not found exactly once."""
    fresh, complaints = [], []
    for row in rows:
        try:
            found = ask(row)
        except RefreshError as error:
            complaints.append(str(error))
            continue
        if found:
            fresh.append(_renewed(row, found, today))
    return fresh, complaints


def _renewed(row: Row, found: Found, today: date) -> Row:
    tiers = [{"from": _plain(start), "price": _plain(price)} for start, price in found.tiers]
    kept = {key: value for key, value in row.items() if key != "tiers"}
    changed = {"price": tiers[0]["price"], "source": [SOURCE], "date": today.isoformat()}
    many = {"tiers": tiers} if len(tiers) > 1 else {}
    return {**kept, **changed, **many, "sku": {**row["sku"], "id": found.sku}}


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def merged(rows: Sequence[Row], fresh: Iterable[Row]) -> list[Row]:
    """The file's rows, the fresh ones in the place of their elders or beside the same price of other regions."""
    by_key = {(row["id"], row["region"]): row for row in rows}
    by_key.update({(row["id"], row["region"]): row for row in fresh})
    order = {row["id"]: n for n, row in reversed(list(enumerate(rows)))}
    first = {key: n for n, key in enumerate(by_key)}
    return [by_key[key] for key in sorted(by_key, key=lambda key: (order[key[0]], first[key]))]


def dump(rows: Iterable[Row]) -> str:
    """Rows as they stand in the price file."""
    lines = []
    for row in rows:
        lines += [f"- id: {row['id']}", f"  region: {row['region']}", f"  unit: {_word(row['unit'])}"]
        lines.append(f"  price: {row['price']}")
        if row.get("tiers"):
            lines.append("  tiers:")
            lines += [f"  - {{from: {each['from']}, price: {each['price']}}}" for each in row["tiers"]]
        lines += [f"  source: [{', '.join(row['source'])}]", f"  date: {row['date']}"]
        if row.get("sku"):
            inside = ", ".join(f"{key}: {_word(value)}" for key, value in row["sku"].items())
            lines.append(f"  sku: {{{inside}}}")
    return "".join(f"{line}\n" for line in lines)


def _word(text: str) -> str:
    """Text as YAML, in quotes where it needs them."""
    return text if re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_./ +-]*", text) else "'" + text.replace("'", "''") + "'"


_PRICES = "\nprices:\n"


def rewrite(text: str, fresh: Iterable[Row]) -> str:
    """The price file with these rows; what stands above them stays as it is. PriceError if it could not be read."""
    head, _, _ = text.partition(_PRICES)
    rows = yaml.load(text, Loader=yaml.BaseLoader)["prices"]  # noqa: S506 - no tags are resolved
    written = head + _PRICES + dump(merged(rows, fresh))
    parse(yaml.load(written, Loader=yaml.BaseLoader))  # noqa: S506
    return written


def main(arguments: Sequence[str] | None = None) -> int:
    """Refresh the price file; exit status 1, and nothing written, if a price was not found exactly once."""
    parser = argparse.ArgumentParser(prog="make prices", description="Ask AWS for prices anew.")
    parser.add_argument(
        "--region", choices=sorted(PREFIXES), help="this region only, new or not; default: all there are"
    )
    parser.add_argument("--only", action="append", metavar="ID", help="this price only, such as alb.hour; repeatable")
    parser.add_argument("--api", action="store_true", help="ask the query API for everything; needs an AWS account")
    options = parser.parse_args(arguments)
    text = FILE.read_text(encoding="utf-8")
    every = yaml.load(text, Loader=yaml.BaseLoader)["prices"]  # noqa: S506
    unknown = set(options.only or ()) - {row["id"] for row in every}
    if unknown:
        parser.error(f"--only {', '.join(sorted(unknown))}: no such price in {FILE.name}")
    rows = [row for row in rows_of(every, options.region) if not options.only or row["id"] in options.only]
    try:
        fresh, complaints = refreshed(rows, _asker(all_by_query=options.api), datetime.now(UTC).date())
        if complaints:
            raise RefreshError("\n".join(complaints))
        FILE.write_text(rewrite(text, fresh), encoding="utf-8")
    except (RefreshError, PriceError, OSError) as error:
        for line in str(error).splitlines():
            sys.stderr.write(f"error: {line}\n")
        sys.stderr.write("nothing was written\n")
        return 1
    without = sorted({row["id"] for row in rows if not row.get("sku")})
    sys.stdout.write(f"{len(fresh)} prices written to {FILE.name}\n")
    if without:
        sys.stdout.write(f"left as they are, for nobody knows their SKU: {', '.join(without)}\n")
    return 0


def _asker(*, all_by_query: bool) -> Callable[[Row], Found | None]:
    bulk = from_bulk(_download)
    query: list[Products] = []

    def ask(row: Row) -> Found | None:
        sku = row.get("sku")
        if not sku:
            return None
        sys.stderr.write(f"asking for {row['id']} in {row['region']}\n")
        if not all_by_query and sku["service"] not in ONLY_BY_QUERY:
            return pick(bulk(sku, row["region"]), sku, row["region"], row["id"])
        if not query:
            query.append(from_query(_client()))
        return _pick_from_query(query[0], row)

    return ask


def _pick_from_query(products: Products, row: Row) -> Found:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - who is here has boto3

    try:
        return pick(products(row["sku"], row["region"]), row["sku"], row["region"], row["id"])
    except (BotoCoreError, ClientError) as error:
        raise RefreshError(f"{row['id']} in {row['region']}: {error}") from None


def _client() -> Any:
    try:
        import boto3  # noqa: PLC0415 - only who asks the query API needs it
    except ImportError:
        raise RefreshError("boto3 is not installed: make prices brings it, a plain install does not") from None
    return boto3.client("pricing", region_name=_HOME)


def _download(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=120) as answer:  # noqa: S310 - an https address of ours
        return answer.read()


if __name__ == "__main__":
    sys.exit(main())
