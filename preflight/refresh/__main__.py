"""`make prices`."""

import argparse
import sys
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import yaml

from preflight.prices import FILE, PriceError
from preflight.refresh.offers import ONLY_BY_QUERY, NotAskedError, Products, from_bulk, from_query
from preflight.refresh.regions import HOME, PREFIXES
from preflight.refresh.rows import renewed, rewrite, rows_of
from preflight.refresh.sku import Found, RefreshError, Row, pick


@dataclass
class Answers:
    """What AWS says of some rows."""

    fresh: list[Row] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    """One for each that was not found exactly once."""
    not_asked: dict[str, list[str]] = field(default_factory=dict)
    """Prices by the reason why they were not asked for."""


def ask_all(rows: Iterable[Row], ask: Callable[[Row], Found], today: date) -> Answers:
    """Ask for every row that says which SKU it means."""
    answers = Answers()
    for row in rows:
        name = f"{row['id']} in {row['region']}"
        try:
            if row.get("sku"):
                answers.fresh.append(renewed(row, ask(row), today))
            else:
                answers.not_asked.setdefault("nobody knows their SKU", []).append(name)
        except NotAskedError as error:
            answers.not_asked.setdefault(str(error), []).append(name)
        except RefreshError as error:
            answers.complaints.append(f"{name}: {error}")
    return answers


def main(arguments: Sequence[str] | None = None) -> int:
    """Refresh the price file; exit status 1 if none was written: one that is not found exactly once keeps all."""
    parser = argparse.ArgumentParser(prog="make prices", description="Ask AWS for prices anew.")
    parser.add_argument("--region", type=_region, help="this region only, new or not; default: all there are")
    parser.add_argument("--only", action="append", metavar="ID", help="this price only, such as alb.hour; repeatable")
    parser.add_argument("--api", action="store_true", help="ask the query API for everything; needs an AWS account")
    options = parser.parse_args(arguments)
    text = FILE.read_text(encoding="utf-8")
    every = yaml.load(text, Loader=yaml.BaseLoader)["prices"]  # noqa: S506 - no tags are resolved
    unknown = set(options.only or ()) - {row["id"] for row in every}
    if unknown:
        parser.error(f"--only {', '.join(sorted(unknown))}: no such price in {FILE.name}")
    rows = [row for row in rows_of(every, options.region) if not options.only or row["id"] in options.only]
    answers = ask_all(rows, _asker(all_by_query=options.api), datetime.now(UTC).date())
    try:
        if answers.complaints:
            raise RefreshError("\n".join(answers.complaints))
        FILE.write_text(rewrite(text, answers.fresh), encoding="utf-8")
    except (RefreshError, PriceError, OSError) as error:
        for line in str(error).splitlines():
            sys.stderr.write(f"error: {line}\n")
        sys.stderr.write("nothing was written\n")
        return 1
    sys.stdout.write(f"{len(answers.fresh)} prices written to {FILE.name}\n")
    for reason, names in answers.not_asked.items():
        sys.stdout.write(f"not asked for ({reason}): {', '.join(names)}\n")
    return 0 if answers.fresh else 1


def _region(text: str) -> str:
    if text not in PREFIXES:
        raise argparse.ArgumentTypeError(
            f"{text} is not in the list of regions and their billing codes, in preflight/refresh/regions.py: add it"
        )
    return text


def _asker(*, all_by_query: bool) -> Callable[[Row], Found]:
    bulk = from_bulk(_download)
    query: list[Products] = []

    def ask(row: Row) -> Found:
        sku, region = row["sku"], row["region"]
        if sys.stderr.isatty():
            sys.stderr.write(f"asking for {row['id']} in {region}\n")
        if not all_by_query and sku["service"] not in ONLY_BY_QUERY:
            return pick(bulk(sku, region), row)
        if not query:
            query.append(from_query(_client()))
        return pick(query[0](sku, region), row)

    return ask


def _client() -> Any:
    try:
        import boto3  # noqa: PLC0415 - only who asks the query API needs it
    except ImportError:
        raise NotAskedError("boto3 is not installed: make prices brings it, a plain install does not") from None
    return boto3.client("pricing", region_name=HOME)


def _download(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=120) as answer:  # noqa: S310 - an https address of ours
        return answer.read()


if __name__ == "__main__":
    sys.exit(main())
