"""Rows of the price file: which to ask for, and how they are written."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

import yaml

from preflight.prices import GLOBAL, parse
from preflight.refresh.sku import Found, Row

SOURCE = "AWS-PRICE-LIST"


def rows_of(rows: Sequence[Row], region: str | None) -> list[Row]:
    """The rows to ask for: all of them, or one region's, with those it lacks made from another region's."""
    if region is None:
        return list(rows)
    there = [row for row in rows if row["region"] == region]
    known = {row["id"] for row in rows if row["region"] in (region, GLOBAL)}
    models = {row["id"]: row for row in reversed(rows) if row["id"] not in known}
    return there + [{**row, "region": region} for row in models.values()]


def renewed(row: Row, found: Found, today: date) -> Row:
    """The row as AWS has it now."""
    tiers = [{"from": _plain(start), "price": _plain(price)} for start, price in found.tiers]
    kept = {key: value for key, value in row.items() if key != "tiers"}
    changed = {"price": tiers[0]["price"], "source": [SOURCE], "date": today.isoformat()}
    many = {"tiers": tiers} if len(tiers) > 1 else {}
    return {**kept, **changed, **many, "sku": {**row["sku"], "id": found.sku, "unit": found.unit}}


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
