"""Security group rules in one shape, of the three that pulumi_aws has for them."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any, Literal

from policies.graph import Resource, Stack, listed

INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
OLD_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
GROUPS = ("aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
RULE_TYPES = (INGRESS, EGRESS, OLD_RULE, *GROUPS)
_GROUP = "securityGroupId"
EVERY_PORT = (0, 65_535)
ADMIN_PORTS = {22: "SSH", 3389: "RDP"}

Direction = Literal["in", "out"]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What one rule lets pass."""

    direction: Direction
    ports: tuple[int, int]
    every_protocol: bool
    addresses: tuple[str, ...]
    prefix_lists: tuple[str, ...]
    groups: tuple[str, ...]
    described: bool

    @property
    def everyone(self) -> tuple[str, ...]:
        """Its addresses that mean the whole internet, over IPv4 or IPv6, however they are spelt."""
        return tuple(each for each in self.addresses if _is_everyone(each))

    def lets(self, port: int) -> bool:
        """Whether this port is among those it opens."""
        return self.every_protocol or self.ports[0] <= port <= self.ports[1]

    @property
    def where(self) -> str:
        """The ports, for a message."""
        if self.every_protocol or self.ports == EVERY_PORT:
            return "every port"
        return (
            f"port {self.ports[0]}" if self.ports[0] == self.ports[1] else f"ports {self.ports[0]} to {self.ports[1]}"
        )


def rules_of(resource: Resource) -> Iterator[Rule]:
    """The rules that a resource registers: itself, or those written inside a group."""
    inputs = resource.inputs
    if resource.type in (INGRESS, EGRESS):
        yield _rule("in" if resource.type == INGRESS else "out", inputs)
    elif resource.type == OLD_RULE:
        yield _rule("in" if inputs.get("type") == "ingress" else "out", inputs)
    elif resource.type in GROUPS:
        for key, direction in (("ingress", "in"), ("egress", "out")):
            for each in listed(inputs.get(key)):
                if isinstance(each, dict):
                    yield _rule(direction, each)


def registering(stack: Stack, group: Resource) -> list[Resource]:
    """What registers the rules of a security group: itself, and the rules that stand beside it."""
    return [group, *(each for type_ in (INGRESS, EGRESS, OLD_RULE) for each in stack.users(group, type_, _GROUP))]


def rules_on(stack: Stack, group: Resource) -> Iterator[Rule]:
    """Every rule of a security group, wherever it is registered."""
    for each in registering(stack, group):
        yield from rules_of(each)


def admitted_groups(stack: Stack, resource: Resource) -> list[Resource]:
    """The groups of the stack that what a resource registers lets in."""
    keys = ("referencedSecurityGroupId", "sourceSecurityGroupId", "ingress")
    return [group for key in keys for group in stack.sources(resource, key, *GROUPS)]


def _rule(direction: Direction, given: Any) -> Rule:
    protocol = given.get("ipProtocol", given.get("protocol"))
    low, high = given.get("fromPort"), given.get("toPort")
    every = str(protocol) in ("-1", "all")
    known = isinstance(low, int) and isinstance(high, int) and low >= 0 and high >= low
    return Rule(
        direction=direction,
        ports=(low, high) if known else EVERY_PORT,
        every_protocol=every,
        addresses=_texts(given, "cidrIpv4", "cidrIpv6", "cidrBlocks", "ipv6CidrBlocks"),
        prefix_lists=_texts(given, "prefixListId", "prefixListIds"),
        groups=_texts(given, "referencedSecurityGroupId", "sourceSecurityGroupId", "securityGroups"),
        described=bool(given.get("description")),
    )


def _texts(given: Any, *keys: str) -> tuple[str, ...]:
    return tuple(each for key in keys for each in listed(given.get(key)) if isinstance(each, str))


def _is_everyone(address: str) -> bool:
    """Whether a block is all addresses, or so many that it is no list of friends: half of them, say."""
    try:
        return ip_network(address, strict=False).prefixlen <= 1
    except ValueError:
        return False
