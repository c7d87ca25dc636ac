"""Meter: charges become lines. It counts over the whole account, as AWS does: tiers and the free tier come once."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from preflight.cost.rule import Charge
from preflight.prices import Price, PriceList

FREE_TIER = "free tier"


@dataclass(frozen=True, kw_only=True)
class Line:
    """So much of one thing at one price. `monthly` is `quantity` times `price`, to the last digit."""

    urn: str
    """The resource it comes from."""
    what: str
    quantity: Decimal
    unit: str
    price: Decimal
    """USD for one unit."""
    least: Decimal = Decimal(1)
    """The least it may come to, as a multiple of `monthly`."""
    most: Decimal = Decimal(1)
    """The most it may come to, in the same way."""

    @property
    def monthly(self) -> Decimal:
        """USD a month."""
        return self.quantity * self.price


class Meter:
    """Prices charges in the order in which they come.

    A month's tiers count from its first unit, the free ones included. Where two prices share an allowance (written and
    stored logs), whoever comes first uses it up.
    """

    def __init__(self, prices: PriceList, *, free_tier: bool) -> None:
        self._prices = prices
        allowances = prices.allowances if free_tier else ()
        self._left = {each.what: each.free for each in allowances}
        self._allowance_of = {price_id: each.what for each in allowances for price_id in each.prices}
        self._used: dict[tuple[str, str], Decimal] = {}
        self.seen: dict[tuple[str, str], Price] = {}
        """Every price that was asked for, by (id, region)."""

    def lines(self, urn: str, charge: Charge, region: str) -> Iterator[Line]:
        """The charge as one line, or several where it spans tiers. Raises NoPriceError."""
        price = self._prices.find(charge.price, region)
        at = (price.id, price.region)
        self.seen[at] = price
        start = self._used.get(at, Decimal(0))
        self._used[at] = start + charge.quantity
        gift = self._gift(price.id, charge.quantity)
        if gift:
            yield Line(urn=urn, what=f"{charge.what}, {FREE_TIER}", quantity=gift, unit=price.unit, price=Decimal(0))
        if gift and gift == charge.quantity:
            return
        for quantity, amount in _tiers(price, start + gift, start + charge.quantity):
            yield Line(
                urn=urn,
                what=charge.what,
                quantity=quantity,
                unit=price.unit,
                price=amount * charge.share,
                least=charge.least,
                most=charge.most,
            )

    def _gift(self, price_id: str, quantity: Decimal) -> Decimal:
        """What of this quantity is still free."""
        what = self._allowance_of.get(price_id)
        if what is None:
            return Decimal(0)
        gift = min(self._left[what], quantity)
        self._left[what] -= gift
        return gift


def _tiers(price: Price, start: Decimal, end: Decimal) -> Iterator[tuple[Decimal, Decimal]]:
    """(quantity, price) of each tier between two counts; one of nothing where there is nothing between them."""
    if start == end:
        yield Decimal(0), price.tiers[0].price
        return
    ends = [*(tier.start for tier in price.tiers[1:]), end]
    for tier, next_start in zip(price.tiers, ends, strict=True):
        quantity = min(end, max(next_start, tier.start)) - max(start, tier.start)
        if quantity > 0:
            yield quantity, tier.price
