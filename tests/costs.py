"""What the tests of costs share: the price list, and estimates of the project's own stacks."""

from collections.abc import Callable
from decimal import Decimal

from preflight import prices
from preflight.cost.estimate import Estimate, estimate
from preflight.cost.meter import Line
from preflight.recorder import record_program
from preflight.recording import Recording
from preflight.usage import Usage, Workload

REGION = "us-east-1"
Program = Callable[[], object]


def priced(recording: Recording, requests: int = 0, **assumed) -> Estimate:
    """An estimate in us-east-1 with so many requests; `assumed` are estimate's own keywords."""
    usage = assumed.pop("usage", Usage(workload=Workload(requests=Decimal(requests))))
    return estimate(recording, **{"region": REGION, "prices": prices.load(), "usage": usage, **assumed})


def priced_program(program: Program, requests: int = 0, **assumed) -> Estimate:
    """The same for a small program."""
    return priced(record_program(program), requests, **assumed)


def amounts(found: Estimate) -> dict[str, Decimal]:
    """USD a month by what it is, over all resources; what is free is left out."""
    sums: dict[str, Decimal] = {}
    for line in paid(found):
        what = line.what.removesuffix(", free tier")
        sums[what] = sums.get(what, Decimal(0)) + line.monthly
    return sums


def paid(found: Estimate) -> list[Line]:
    """The lines of what is not free."""
    return [line for line in found.lines if line.unit != "resource"]
