"""What the commands that price a stack share: what they take, and how a recorded stack gets its estimate."""
# ruff: noqa: PLC0415 - what a refused stack file need not wait for is imported where it is used

from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from preflight.cli import Recorded, refused
from preflight.stackfile import NAMESPACE

if TYPE_CHECKING:
    from preflight.cost.estimate import Estimate
    from preflight.prices import PriceList
    from preflight.recording import Recording
    from preflight.usage import Usage

Requests = Annotated[
    str | None,
    typer.Option(
        metavar="N",
        help="Requests to the service a month: 100000, 24.5M. Default 0. Of each is assumed: 50 ms in Lambda, or what "
        "8 ms of CPU take there, 2 KB in, 20 KB out, 1 KB of log, 1 % cold starts of 400 ms; and 0.5 GB of images.",
    ),
]
Hours = Annotated[str, typer.Option(metavar="N", help="Hours of the month, at most 744.")]
UsageFile = Annotated[
    Path | None,
    typer.Option("--usage", metavar="FILE", help="How much the stack is used, in Infracost's usage-file format."),
]
FreeTier = Annotated[bool, typer.Option(help="Take off what is free each month for every account.")]
_MULTIPLES = {"k": 10**3, "m": 10**6, "b": 10**9}


def once(stacks: list[str] | None) -> list[str] | None:
    """The stacks as named, each once: none costs twice."""
    return list(dict.fromkeys(stacks)) if stacks else stacks


def number(text: str, option: str, most: Decimal, complaints: list[str]) -> Decimal:
    """A number as typed: 100000, 100k, 24.5M. Adds a complaint if it is none, negative or above the most."""
    plain = text.strip().lower()
    multiple = _MULTIPLES.get(plain[-1:], 1)
    try:
        value = Decimal(plain[:-1] if multiple > 1 else plain) * multiple
    except InvalidOperation:
        value = Decimal("nan")
    if not value.is_finite() or not 0 <= value <= most:
        complaints.append(f"{option} {text}: must be a number from 0 to {most:,f}, such as 100000, 100k or 24.5M")
        return Decimal(0)
    return value


def assumptions(requests: str | None, hours: str, usage_file: Path | None) -> tuple["Usage", Decimal]:
    """Usage and hours as asked for; all that is wrong with them is said at once."""
    from preflight.cost.graph import LONGEST_MONTH
    from preflight.usage import Usage
    from preflight.usage_file import MOST, UsageError, read

    complaints: list[str] = []
    usage = Usage()
    if usage_file:
        try:
            usage = read(usage_file)
        except UsageError as error:
            complaints += error.complaints
    if requests is not None:
        asked = number(requests, "--requests", MOST, complaints)
        usage = replace(usage, workload=replace(usage.workload, requests=asked))
    period = number(hours, "--hours", LONGEST_MONTH, complaints)
    if not complaints and not period:
        complaints.append("--hours 0: must be more than 0")
    if complaints:
        raise refused(complaints)
    return usage, period


def refuse_misfits(usage: "Usage", recorded: list[Recorded], usage_file: Path | None) -> None:
    """A name that no resource of its type has is a slip of the pen, and so is a duration that can't be."""
    from preflight.cost.graph import Graph
    from preflight.cost.rules import names_by_type
    from preflight.cost.serverless import duration_problems
    from preflight.usage import matches

    known = names_by_type(each.recording for each in recorded)
    complaints = [
        f"--usage {usage_file}: {problem}"
        for each in recorded
        for problem in duration_problems(Graph(each.recording, region_of(each), usage, listed_prices()))
    ]
    for address in usage.by_address:
        type_ = address.partition(".")[0]
        names = sorted(known.get(type_, ()))
        if names and not any(matches(address, type_, name) for name in names):
            there = ", ".join(names)
            complaints.append(f"--usage {usage_file}: resource_usage.{address}: no such resource; there is {there}")
    if complaints:
        raise refused(complaints)


def in_vain(recorded: list[Recorded], usage: "Usage") -> list[str]:
    """What the usage file says that is not used here, in a note: no rule asks for it, or no resource is meant by it."""
    from preflight.cost.rules import names_by_type
    from preflight.usage import DATA_TRANSFER, matches

    known = names_by_type(each.recording for each in recorded)
    unused = list(usage.unused)
    for address in usage.by_address:
        type_ = address.partition(".")[0]
        if type_ != DATA_TRANSFER and not any(matches(address, type_, name) for name in known.get(type_, ())):
            unused.append(f"resource_usage.{address}")
    return [f"the usage file says more than is used here: {', '.join(unused)}"] if unused else []


def usage_of(recorded: Recorded, usage: "Usage") -> "Usage":
    """The usage with this stack's share of the standby, unless the file says another."""
    percent = recorded.file.config.get(f"{NAMESPACE}:standbyTraffic") or "0"
    if usage.workload.standby_share or not percent.isdigit():
        return usage
    return replace(usage, workload=replace(usage.workload, standby_share=Decimal(percent) / 100))


def estimate_of(recorded: Recorded, usage: "Usage", hours: Decimal, *, free_tier: bool) -> "Estimate":
    """What a recorded stack costs, alone in its account."""
    return price_of(recorded.recording, region_of(recorded), usage, hours, free_tier=free_tier)


def estimate_with_notes(recorded: Recorded, usage: "Usage", hours: Decimal, *, free_tier: bool) -> "Estimate":
    """The same, with a note on what the usage file says in vain for this stack."""
    found = estimate_of(recorded, usage, hours, free_tier=free_tier)
    return replace(found, notes=(*found.notes, *in_vain([recorded], usage)))


def total_of(recorded: list[Recorded], usages: list["Usage"], hours: Decimal, *, free_tier: bool) -> Decimal:
    """What the stacks cost in one account, which has one free tier, and one set of tiers, for all of them."""
    from preflight.cost.estimate import estimate
    from preflight.cost.meter import Meter

    prices = listed_prices()
    meter = Meter(prices, free_tier=free_tier)
    found = (
        estimate(each.recording, region=region_of(each), prices=prices, usage=usage, hours=hours, meter=meter)
        for each, usage in zip(recorded, usages, strict=True)
    )
    return sum((each.total for each in found), Decimal(0))


def region_of(recorded: Recorded) -> str:
    """The region that a stack's settings name."""
    return recorded.file.config.get("aws:region", "us-east-1")


def price_of(recording: "Recording", region: str, usage: "Usage", hours: Decimal, *, free_tier: bool) -> "Estimate":
    """What a recording costs, at the prices in `prices.yaml`."""
    from preflight.cost.estimate import estimate

    return estimate(recording, region=region, prices=listed_prices(), usage=usage, hours=hours, free_tier=free_tier)


def listed_prices() -> "PriceList":
    """The prices in `prices.yaml`; exit with 2 if it can't be used."""
    from preflight import prices

    try:
        return prices.load()
    except prices.PriceError as error:
        raise refused([str(error)]) from None
