"""Graph: a recording with what the rules ask of it: neighbours, region, traffic, usage, time."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from preflight.prices import PriceList
from preflight.recording import Resource
from preflight.relations import Relations
from preflight.usage import Usage, Workload

HOURS = Decimal(730)
"""Hours of a month, 365 * 24 / 12: what AWS's own calculator uses."""
SHORTEST_MONTH, LONGEST_MONTH = Decimal(672), Decimal(744)
KB_PER_GB = Decimal(2**20)
_HALVES = {"switchyard:index:Serverless", "switchyard:index:Container"}


def month_of(hours: Decimal) -> Decimal:
    """Hours of the month that these are of: a calendar month's, 672 to 744, are all of it; fewer are part of 730."""
    return hours if hours >= SHORTEST_MONTH else HOURS


@dataclass(frozen=True)
class Graph(Relations):
    """One stack over one month, or a part of one. Rules read it, and nothing else."""

    region: str
    usage: Usage
    prices: PriceList
    hours: Decimal = HOURS
    month: Decimal = HOURS
    """Hours of the whole month."""

    @property
    def workload(self) -> Workload:
        return self.usage.workload

    @property
    def months(self) -> Decimal:
        """The part of a monthly fee that falls due."""
        return self.hours / self.month

    def hours_of(self, monthly: Decimal | None) -> Decimal:
        """The hours that something runs which runs so many of a month's 730; None: all the time."""
        return self.hours if monthly is None else min(self.hours, monthly * self.hours / HOURS)

    def region_of(self, resource: Resource) -> str:
        """Where a resource is: its own region, its provider's, or the stack's."""
        provider = self.recording.resources.get(resource.options.provider)
        own = resource.inputs.get("region") or (provider.inputs.get("region") if provider else None)
        return own if isinstance(own, str) else self.region

    def given(self, resource: Resource, type_: str) -> Mapping[str, Decimal]:
        """What the usage file says about it, under Infracost's name for its type."""
        return self.usage.of(type_, resource.name)

    @cached_property
    def _active(self) -> str | None:
        """The half that the distribution sends the service's requests to; None unless there are two."""
        halves = {each.name for each in self.recording if each.type in _HALVES}
        if len(halves) < 2:
            return None
        for distribution in self.recording.of_type("aws:cloudfront/distribution:Distribution"):
            behaviors: list[Any] = [
                *distribution.inputs.get("orderedCacheBehaviors", []),
                distribution.inputs.get("defaultCacheBehavior", {}),
            ]
            for behavior in behaviors:
                if behavior.get("targetOriginId") in halves:
                    return behavior["targetOriginId"]
        return None

    def requests_to(self, resource: Resource) -> Decimal:
        """Requests a month that reach this half of the service; all of them where there is no other half."""
        half: Resource | None = resource
        while half and half.type not in _HALVES:
            half = self.recording.resources.get(half.parent)
        if not half or self._active is None:
            return self.workload.requests
        share = self.workload.standby_share
        return self.workload.requests * (1 - share if half.name == self._active else share)
