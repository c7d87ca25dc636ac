"""What a rule is, and what it may say about a resource."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from preflight.cost.graph import Graph
from preflight.recording import Resource

ONE = Decimal(1)
FREE = "free"
"""How the line of something that costs nothing begins."""


@dataclass(frozen=True, kw_only=True)
class Charge:
    """So many units of something that has a price."""

    price: str
    """Id of the price."""
    quantity: Decimal
    """Units a month."""
    what: str
    """What it is, for a person."""
    share: Decimal = ONE
    """Part of the list price that is paid. Default 1, all of it."""
    least: Decimal = ONE
    """The least it may come to, as a multiple of what is expected. Default 1, which is certain."""
    most: Decimal = ONE
    """The most it may come to, in the same way."""


@dataclass(frozen=True, kw_only=True)
class Free:
    """AWS asks nothing for it."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Unpriced:
    """It costs something, and nobody here knows how much."""

    what: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Note:
    """Something to know about it that costs nothing by itself."""

    text: str


Finding = Charge | Free | Unpriced | Note
Kind = Literal["priced", "usage", "free"]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How a type of resource is paid for."""

    kind: Kind
    """`priced`: by its being there. `usage`: only by its use. `free`: not at all."""
    read: Callable[[Graph, Resource], Iterator[Finding]]


def priced(read: Callable[[Graph, Resource], Iterator[Finding]]) -> Rule:
    """A rule for what is paid for by the hour or the month, used or not."""
    return Rule(kind="priced", read=read)


def used(read: Callable[[Graph, Resource], Iterator[Finding]]) -> Rule:
    """A rule for what costs nothing at rest."""
    return Rule(kind="usage", read=read)


def free(reason: str) -> Rule:
    """A rule for what AWS does not charge for, and why."""
    return Rule(kind="free", read=lambda _graph, _resource: iter((Free(reason=reason),)))
