"""The one product in AWS's price list that a row of the price file means."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from preflight.prices import GLOBAL
from preflight.refresh.regions import usage_types

Row = dict[str, Any]
"""A row of the price file, every value text."""
Product = Mapping[str, Any]
"""A product in the form that query API and bulk file share: `product`, and `terms` by kind."""
NOT_ATTRIBUTES = frozenset({"service", "family", "usagetype", "region", "id", "unit"})
"""Parts of a SKU identity that are no attributes of the product."""
_TIMES = {"hour": r"hr|hour", "month": r"\bmo\b|month", "second": r"sec"}


class RefreshError(Exception):
    """A price that can't be told from its namesakes, or is not there, or is another's."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """One price as AWS lists it."""

    sku: str
    unit: str
    """As AWS calls it."""
    tiers: tuple[tuple[Decimal, Decimal], ...]
    """(first unit, price), the free ones left out and the first one from 0."""


def pick(products: Iterable[Product], row: Row) -> Found:
    """The one product that a row's SKU identity means. RefreshError if there is none, several, or it is free."""
    fitting = {each["product"]["sku"]: each for each in products if _fits(each["product"], row["sku"], row["region"])}
    if len(fitting) != 1:
        names = ", ".join(sorted(_name(each["product"]) for each in fitting.values()))
        raise RefreshError(f"{len(fitting)} SKUs, not one{f': {names}' if names else ''}")
    ((sku, product),) = fitting.items()
    try:
        found = _found(sku, product)
    except (KeyError, TypeError, InvalidOperation) as error:
        raise RefreshError(f"SKU {sku} has no price in USD, or not in the form that is expected: {error}") from None
    _refuse_another_unit(found, row)
    return found


def _fits(product: Mapping[str, Any], sku: Mapping[str, str], region: str) -> bool:
    attributes = product.get("attributes", {})
    home = sku.get("region", region)
    if home != GLOBAL and (attributes.get("fromRegionCode") or attributes.get("regionCode") or home) != home:
        return False
    if "family" in sku and product.get("productFamily") != sku["family"]:
        return False
    if "usagetype" in sku and attributes.get("usagetype") not in usage_types(sku["usagetype"], home):
        return False
    return all(attributes.get(key) == value for key, value in sku.items() if key not in NOT_ATTRIBUTES)


def _name(product: Mapping[str, Any]) -> str:
    return f"{product['sku']} ({product.get('attributes', {}).get('usagetype', 'no usage type')})"


def _found(sku: str, product: Product) -> Found:
    terms = list(product.get("terms", {}).get("OnDemand", {}).values())
    if len(terms) != 1:
        raise RefreshError(f"SKU {sku} has {len(terms)} on-demand offers, not one")
    dimensions = list(terms[0]["priceDimensions"].values())
    units = sorted({each["unit"] for each in dimensions})
    if len(units) != 1:
        raise RefreshError(f"SKU {sku} is listed by {', '.join(units) or 'nothing'}, not by one unit")
    listed = sorted((Decimal(each["beginRange"]), Decimal(each["pricePerUnit"]["USD"])) for each in dimensions)
    paid = [(start, price) for start, price in listed if price > 0]
    if not paid:
        raise RefreshError(f"every price of SKU {sku} is 0")
    return Found(sku=sku, unit=units[0], tiers=((Decimal(0), paid[0][1]), *paid[1:]))


def _refuse_another_unit(found: Found, row: Row) -> None:
    """The unit must be the one of the last time; the first time it must at least not be of another length of time."""
    before = row["sku"].get("unit")
    times = {time for time, word in _TIMES.items() if re.search(word, found.unit.lower())}
    own = {time for time in _TIMES if row["unit"].endswith(time)}
    if before not in (None, found.unit) or (times and times != own):
        raise RefreshError(f"SKU {found.sku} is priced by {found.unit}, not by {before or row['unit']}")
