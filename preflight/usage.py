"""Usage: what nobody can read from a program. How much a stack is used, given or assumed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

DATA_TRANSFER = "aws_data_transfer"
"""Stands for no resource: what goes between zones and out to the internet past CloudFront."""


@dataclass(frozen=True, kw_only=True)
class Workload:
    """What the service's requests are like: from it comes every usage that the file does not give.

    The defaults are those of a small JSON API. CPU time and peak decide where the topologies cost the same; measure
    them before you believe a break-even.
    """

    requests: Decimal = Decimal(0)
    """Requests to the service a month. Default 0: the stack at rest."""
    duration_ms: Decimal | None = None
    """Wall time of a request in Lambda. Default 50, or as long as `cpu_ms` takes with the function's memory."""
    cpu_ms: Decimal = Decimal(8)
    """CPU time of a request, in milliseconds of one whole vCPU."""
    response_kb: Decimal = Decimal(20)
    """Size of a response."""
    request_kb: Decimal = Decimal(2)
    """Size of a request with its headers."""
    log_kb: Decimal = Decimal(1)
    """What the service logs for a request."""
    access_log_kb: Decimal = Decimal("0.5")
    """An entry of the HTTP API's access log."""
    cold_share: Decimal = Decimal("0.01")
    """Share of requests that wait for a new Lambda instance, 0 to 1."""
    init_ms: Decimal = Decimal(400)
    """What a new instance takes to start; AWS bills it since August 2025."""
    peak_factor: Decimal = Decimal(1)
    """Tasks provisioned, as a multiple of what the mean load needs, 1 or more. Default 1: the autoscaler follows."""
    standby_share: Decimal = Decimal(0)
    """Share of requests that go to the standby, 0 to 1."""
    image_gb: Decimal = Decimal("0.5")
    """Images in the registry."""


DEFAULT_MS = Decimal(50)
"""What `Workload.duration_ms` is where nobody says it."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """A workload, and what a file says about single resources."""

    workload: Workload = field(default_factory=Workload)
    by_type: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    """For every resource of a type, by Infracost's name for it."""
    by_address: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    """For `<type>.<name>`, where `*` stands for any text; it wins over the type's, and the more exact over the less."""
    unused: tuple[str, ...] = ()
    """What the file says and no rule here asks for, by its place in the file."""

    def of(self, type_: str, name: str) -> dict[str, Decimal]:
        """What is given for one resource, by key; a key with a dot is one inside another."""
        given = dict(self.by_type.get(type_, {}))
        for address in sorted(self.by_address, key=_exactness):
            if matches(address, type_, name):
                given.update(self.by_address[address])
        return given

    def addresses(self, type_: str) -> list[str]:
        """The names that the file gives to this type's resources."""
        return [each.partition(".")[2] for each in self.by_address if each.partition(".")[0] == type_]


def matches(address: str, type_: str, name: str) -> bool:
    """Whether an address of a usage file means this resource: `aws_lb.main`, `aws_lb.*`, `aws_lb.main[*]`."""
    wanted, _, pattern = address.partition(".")
    text = ".*".join(re.escape(part) for part in pattern.replace("[*]", "*").split("*"))
    return wanted == type_ and re.fullmatch(text, name) is not None


def _exactness(address: str) -> tuple[bool, int]:
    """What stands last when sorted by it says most: a name without a star, then the most letters."""
    return "*" not in address, len(address.replace("[*]", "").replace("*", ""))
