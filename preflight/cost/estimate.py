"""Estimate: the lines of one stack over one month, and what could not be priced."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from preflight.cost.graph import HOURS, LONGEST_MONTH, Graph, month_of
from preflight.cost.meter import Line, Meter
from preflight.cost.rule import FREE, Charge, Finding, Free, Note, Unpriced
from preflight.cost.rules import RULES, needs_rule
from preflight.prices import FROM_MEMORY, NoPriceError, Price, PriceList
from preflight.recording import Recording, Resource
from preflight.usage import DATA_TRANSFER, Usage


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Something that costs, and is not in the total."""

    urn: str
    what: str
    reason: str
    price: str = ""
    """Id of the price that is missing, if that is what is missing."""
    quantity: Decimal = Decimal(1)
    """Units a month, if a price is missing; else 1."""
    can_be_asked: bool = False
    """Whether `make prices` can find the price that is missing."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a stack costs a month."""

    stack: str
    region: str
    hours: Decimal
    lines: tuple[Line, ...]
    """One for each thing and price, in the order of the resources' URNs; what is free is a line too, of 0."""
    unpriced: tuple[Gap, ...]
    notes: tuple[str, ...]
    """What a reader should know about the load, one sentence each."""
    prices: tuple[Price, ...]
    """Those that the lines come from."""

    @property
    def total(self) -> Decimal:
        """USD a month as expected: the fewest tasks that carry the load, Spot at its planning price."""
        return _sum(line.monthly for line in self.lines)

    @property
    def least(self) -> Decimal:
        """USD a month with Spot at its best."""
        return _sum(line.monthly * line.least for line in self.lines)

    @property
    def most(self) -> Decimal:
        """USD a month with all tasks that the autoscaler may start, and Spot no cheaper than on demand."""
        return _sum(line.monthly * line.most for line in self.lines)

    def old_prices(self, today: date) -> list[Price]:
        """Those with a source, but an old one or one of unknown age."""
        return [each for each in self.prices if each.is_old(today) and FROM_MEMORY not in each.sources]

    def guessed_prices(self) -> list[Price]:
        """Those that nobody has looked up."""
        return [each for each in self.prices if FROM_MEMORY in each.sources]


def estimate(
    recording: Recording,
    *,
    region: str,
    prices: PriceList,
    usage: Usage | None = None,
    hours: Decimal = HOURS,
    month: Decimal | None = None,
    free_tier: bool = True,
    meter: Meter | None = None,
) -> Estimate:
    """Price a recording.

    `hours` are more than 0, at most 744, and `usage` is what happens in them. `month` is how long the month is that
    they are a part of (default: `month_of`). `meter` is for stacks of one account, which have its free tier and its
    tiers of prices together (default: the stack is alone there).
    """
    if not 0 < hours <= LONGEST_MONTH:
        raise ValueError(f"hours must be more than 0 and at most {LONGEST_MONTH}, got {hours}")
    graph = Graph(recording, region, usage or Usage(), prices, hours, month or month_of(hours))
    meter = meter or Meter(prices, free_tier=free_tier)
    lines: list[Line] = []
    gaps: list[Gap] = []
    notes: list[str] = []
    for urn, at, finding in _findings(graph):
        match finding:
            case Free(reason=reason):
                zero = Decimal(0)
                lines.append(Line(urn=urn, what=f"{FREE}: {reason}", quantity=Decimal(1), unit="resource", price=zero))
            case Note(text=text):
                notes.append(text)
            case Unpriced(what=what, reason=reason):
                gaps.append(Gap(urn=urn, what=what, reason=reason))
            case Charge(price=price_id, what=what):
                try:
                    lines += meter.lines(urn, finding, at)
                except NoPriceError as error:
                    gaps.append(
                        Gap(
                            urn=urn,
                            what=what,
                            reason=str(error),
                            price=price_id,
                            quantity=finding.quantity * finding.share,
                            can_be_asked=prices.can_be_asked(price_id),
                        )
                    )
    return Estimate(
        stack=recording.stack,
        region=region,
        hours=hours,
        lines=tuple(lines),
        unpriced=tuple(gaps),
        notes=tuple(notes),
        prices=tuple(meter.seen.values()),
    )


def _findings(graph: Graph) -> Iterator[tuple[str, str, Finding]]:
    """(URN, region, finding) of every resource, then of what the usage file adds beside them."""
    for resource in graph.recording:
        if not needs_rule(resource):
            continue
        rule = RULES.get(resource.type)
        if rule is None:
            yield resource.urn, graph.region, _unknown(resource)
            continue
        at = graph.region_of(resource)
        for finding in rule.read(graph, resource):
            yield resource.urn, at, finding
    for name in graph.usage.addresses(DATA_TRANSFER):
        given = graph.usage.of(DATA_TRANSFER, name)
        stack = f"urn:pulumi:{graph.recording.stack}::{graph.recording.project}::pulumi:pulumi:Stack"
        urn = f"{stack}::{graph.recording.project}-{graph.recording.stack}"
        between = 2 * given.get("monthly_intra_region_gb", Decimal(0))  # paid where it leaves and where it arrives
        out = given.get("monthly_outbound_internet_gb", Decimal(0))
        what = f"{name}: between zones, both ways"
        yield urn, graph.region, Charge(price="data_transfer.inter_az_gb_each_way", quantity=between, what=what)
        what = f"{name}: out to the internet"
        yield urn, graph.region, Charge(price="data_transfer.internet_out_gb", quantity=out, what=what)


def _unknown(resource: Resource) -> Unpriced:
    return Unpriced(what=resource.type, reason="no rule knows this type")


def _sum(amounts: Iterator[Decimal] | Sequence[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))
