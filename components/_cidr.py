"""Address plan of a VPC: which block each zone's subnets get. Arithmetic only, nothing of Pulumi in it.

Zone n has the n-th pair of equal slots, public then private, and a slot's size depends on the VPC's block alone:
adding a zone takes the next free pair and moves none that is there. Both kinds are of one size because, depending
on the way out, the tasks live in either.
"""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

# Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
VPC_PREFIXES = (16, 28)

# AWS takes a /28, but a load balancer wants a /27 with eight free addresses.
# Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
SMALLEST_SUBNET = 27

# Sixteen slots are eight pairs: room for six zones, the most that a region has.
_SLOT_BITS = 4

# Private subnets count from the middle of the /56, so that neither kind ever runs into the other.
_FIRST_PRIVATE_64 = 128

# Ranges in which no host can have an address. Other public ranges are allowed in a VPC.
# Source: https://www.iana.org/assignments/iana-ipv4-special-registry/iana-ipv4-special-registry.xhtml
NO_HOSTS = tuple(map(IPv4Network, ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3")))


@dataclass(frozen=True, kw_only=True)
class SubnetPlan:
    """What one subnet gets."""

    cidr_block: str
    """IPv4 block."""
    number: int
    """Which /64 of the VPC's IPv6 block, counted from 0."""


@dataclass(frozen=True, kw_only=True)
class ZonePlan:
    """One zone's share of the VPC."""

    public: SubnetPlan
    private: SubnetPlan


def plan_zones(cidr_block: str, zones: int) -> list[ZonePlan]:
    """The shares of the first `zones` zones. ValueError as `block_problem` says."""
    problem = block_problem("cidr_block", cidr_block, zones)
    if problem:
        raise ValueError(problem)
    block = IPv4Network(cidr_block)
    slots = list(map(str, block.subnets(new_prefix=min(block.prefixlen + _SLOT_BITS, SMALLEST_SUBNET))))
    return [
        ZonePlan(
            public=SubnetPlan(cidr_block=slots[2 * n], number=n),
            private=SubnetPlan(cidr_block=slots[2 * n + 1], number=_FIRST_PRIVATE_64 + n),
        )
        for n in range(zones)
    ]


def block_problem(field: str, cidr_block: str, zones: int) -> str | None:
    """What is wrong with a VPC's block, or None; says the prefix that this many zones need."""
    try:
        block = IPv4Network(cidr_block, strict=False)
    except ValueError:
        return f"{field} must be an IPv4 block such as 10.0.0.0/16, got {cidr_block!r}"
    low, high = VPC_PREFIXES
    needed = longest_prefix(zones)
    if str(block) != cidr_block:  # host bits, a netmask in place of the prefix, or no prefix
        return f"{field} must be a network's own address and prefix, such as {block}, got {cidr_block!r}"
    if not low <= block.prefixlen <= high:
        return f"{field} must be a /{low} to a /{high}, got {cidr_block!r}"
    if block.prefixlen > needed:
        return f"{field} must be a /{needed} or larger for {zones} zones, got {cidr_block!r}"
    if any(block.overlaps(each) for each in NO_HOSTS):
        return f"{field} must not lie in {', '.join(map(str, NO_HOSTS))}, got {cidr_block!r}"
    return None


def longest_prefix(zones: int) -> int:
    """The smallest block, as a prefix length, whose slots are enough for this many zones."""
    return SMALLEST_SUBNET - (2 * zones - 1).bit_length()


def nth_64(ipv6_block: str, number: int) -> str:
    """The /64 of this number within the VPC's IPv6 block."""
    block = IPv6Network(ipv6_block)
    return str(IPv6Network((int(block.network_address) + (number << 64), 64)))
