"""PriceList: what AWS charges, read from `prices.yaml`. Amounts are Decimal: 0.1 is a tenth, and sums are exact."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("prices.yaml")
GLOBAL = "global"
"""The region of a price that is the same everywhere."""
FROM_MEMORY = "UNVERIFIED"
"""The source of a price that nobody has looked up."""
LONGEST_AGE = timedelta(days=180)
"""Older than that, a price is reported as old: AWS changes some of them about once a year."""
_UNDATED = "unknown"


class PriceError(Exception):
    """A price file that can't be used; the message is one line, for a person."""


class NoPriceError(LookupError):
    """There is no price of this id in this region; nobody else's is taken for it."""

    def __init__(self, price_id: str, region: str) -> None:
        super().__init__(f"no price of {price_id} in {region}")
        self.price_id, self.region = price_id, region


@dataclass(frozen=True, kw_only=True)
class Tier:
    """From this unit of a month on, one unit costs `price`."""

    start: Decimal
    price: Decimal


@dataclass(frozen=True, kw_only=True)
class Price:
    """One thing that is paid for, in one region (or `global`)."""

    id: str
    region: str
    unit: str
    tiers: tuple[Tier, ...]
    """In ascending order, the first one from 0."""
    sources: tuple[str, ...]
    date: date | None
    """Day the source speaks of; None if that is unknown."""
    sku: Mapping[str, str]
    """What tells it from the thousands of others in AWS's price list; empty if nobody has found that out."""

    def is_old(self, today: date) -> bool:
        """Whether it is older than LONGEST_AGE, or of unknown age."""
        return self.date is None or today - self.date > LONGEST_AGE


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """So many units a month are free, once in an account, over all the prices named."""

    what: str
    free: Decimal
    prices: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PriceList:
    """All prices, the free tier, and what Fargate Spot takes off."""

    prices: Mapping[tuple[str, str], Price]
    """By (id, region)."""
    allowances: tuple[Allowance, ...]
    spot_planned: Decimal
    """Share off Fargate's price to plan with."""
    spot_best: Decimal
    """The largest share off that AWS names."""

    def find(self, price_id: str, region: str) -> Price:
        """The price in this region, or the one that is the same everywhere. Raises NoPriceError."""
        found = self.prices.get((price_id, region)) or self.prices.get((price_id, GLOBAL))
        if not found:
            raise NoPriceError(price_id, region)
        return found

    def has(self, price_id: str) -> bool:
        """Whether any region has it."""
        return any(known == price_id for known, _ in self.prices)

    def can_be_asked(self, price_id: str) -> bool:
        """Whether anybody knows how to tell it from the others in AWS's price list."""
        return any(price.sku for (known, _), price in self.prices.items() if known == price_id)

    def regions(self) -> list[str]:
        """Regions with a price of their own."""
        return sorted({region for _, region in self.prices} - {GLOBAL})


@cache
def load(path: Path = FILE) -> PriceList:
    """Read a price file. Raises PriceError naming the row that can't be used."""
    # The base loader leaves every value text, so that no price is ever a float.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        return parse(yaml.load(path.read_text(encoding="utf-8"), Loader=loader))  # noqa: S506 - no tags are resolved
    except (OSError, yaml.YAMLError) as error:
        raise PriceError(f"{path.name} can't be read: {' '.join(str(error).split())}") from None
    except PriceError as error:
        raise PriceError(f"{path.name}: {error}") from None


def parse(document: Mapping[str, Any]) -> PriceList:
    """A price file's content, every value text."""
    sources = document["sources"]
    prices: dict[tuple[str, str], Price] = {}
    for row in document["prices"]:
        price = _price(row, sources)
        key = (price.id, price.region)
        if key in prices:
            raise PriceError(f"{price.id} in {price.region} is there twice")
        prices[key] = price
    known = {price_id for price_id, _ in prices}
    allowances = tuple(_allowance(row, known, sources) for row in document["free_tier"])
    spot = document["fargate_spot_discount"]
    return PriceList(
        prices=prices,
        allowances=allowances,
        spot_planned=_amount(spot["planned"], "fargate_spot_discount"),
        spot_best=_amount(spot["best"], "fargate_spot_discount"),
    )


def _price(row: Mapping[str, Any], sources: Mapping[str, str]) -> Price:
    where = f"{row.get('id')} in {row.get('region')}"
    missing = {"id", "region", "unit", "price", "source", "date"} - set(row)
    if missing:
        raise PriceError(f"{where} lacks {', '.join(sorted(missing))}")
    rows = row.get("tiers") or [{"from": "0", "price": row["price"]}]
    tiers = tuple(Tier(start=_amount(each["from"], where), price=_amount(each["price"], where)) for each in rows)
    starts = [tier.start for tier in tiers]
    if starts[0] != 0 or starts != sorted(set(starts)) or tiers[0].price != _amount(row["price"], where):
        raise PriceError(f"{where}: tiers must start at 0 with the row's own price, and ascend")
    _known_sources(row["source"], sources, where)
    return Price(
        id=row["id"],
        region=row["region"],
        unit=row["unit"],
        tiers=tiers,
        sources=tuple(row["source"]),
        date=_date(row["date"], where),
        sku=row.get("sku") or {},
    )


def _allowance(row: Mapping[str, Any], known: set[str], sources: Mapping[str, str]) -> Allowance:
    where = f"free tier of {row['what']}"
    unknown = set(row["prices"]) - known
    if unknown:
        raise PriceError(f"{where}: no price is called {', '.join(sorted(unknown))}")
    _known_sources([row["source"]], sources, where)
    return Allowance(what=row["what"], free=_amount(row["free"], where), prices=tuple(row["prices"]))


def _amount(text: str, where: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise PriceError(f"{where}: {text!r} is no number") from None
    if not amount.is_finite() or amount < 0:
        raise PriceError(f"{where}: {text} must be 0 or more")
    return amount


def _date(text: str, where: str) -> date | None:
    if text == _UNDATED:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise PriceError(f"{where}: {text!r} must be a day such as 2026-11-22, or {_UNDATED}") from None


def _known_sources(named: Sequence[str], sources: Mapping[str, str], where: str) -> None:
    unknown = [each for each in named if each not in sources]
    if unknown or not named:
        raise PriceError(f"{where}: the source {', '.join(unknown) or '(none)'} is not in the list of sources")
