"""Policies about what a VPC has around it, and the machines in it."""

from collections.abc import Iterator
from typing import Any

from policies.graph import Resource, Stack, inner, listed
from policies.links import security_hub
from policies.registry import resource_policy, stack_policy
from policies.rules import ADMIN_PORTS

VPC = "aws:ec2/vpc:Vpc"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
SERVICE = "aws:ecs/service:Service"
INSTANCE = "aws:ec2/instance:Instance"
ACL = "aws:ec2/networkAcl:NetworkAcl"
DEFAULT_ACL = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"


@stack_policy(
    VPC,
    controls=["EC2.6", "CIS 4.7"],
    severity="medium",
    fix="set network.flowLogs to true; in code, give the VPC an ec2.FlowLog with traffic_type ALL",
    link=security_hub("ec2", 6),
)
def connections_are_logged(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A VPC keeps a log of all its connections, accepted and rejected."""
    for vpc in stack.of_type(VPC):
        logs = stack.users(vpc, "aws:ec2/flowLog:FlowLog", "vpcId")
        if not any(each.inputs.get("trafficType") == "ALL" and each.inputs.get("logDestination") for each in logs):
            yield vpc, "nobody logs who talks to whom in it"


@stack_policy(
    "aws:ec2/eip:Eip",
    controls=["EC2.12"],
    severity="low",
    fix="attach it to a gateway or an interface, or drop it: it is paid for by the hour",
    link=security_hub("ec2", 12),
)
def elastic_addresses_are_used(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """An Elastic IP belongs to something."""
    for address in stack.of_type("aws:ec2/eip:Eip"):
        attached = any(address.inputs.get(key) for key in ("networkInterface", "instance"))
        if not attached and not stack.users(address, "aws:ec2/natGateway:NatGateway", "allocationId"):
            yield address, "nothing uses this address"


@resource_policy(
    ACL,
    controls=["EC2.16"],
    severity="low",
    fix="give it the subnets it is for, or drop it",
    link=security_hub("ec2", 16),
)
def network_acls_are_used(resource: Resource) -> Iterator[str]:
    """A network ACL belongs to a subnet."""
    if not resource.inputs.get("subnetIds"):
        yield "no subnet uses it"


@stack_policy(
    *(VPC, ACL, DEFAULT_ACL),
    controls=["EC2.21", "CIS 6.2"],
    severity="medium",
    fix="register an ec2.DefaultNetworkAcl that refuses 22 and 3389 from 0.0.0.0/0 and ::/0",
    link=security_hub("ec2", 21),
)
def network_acls_keep_logins_out(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """No network ACL lets the internet in on 22 or 3389."""
    managed = {
        vpc.urn
        for acl in stack.of_type(DEFAULT_ACL)
        for key in ("vpcId", "defaultNetworkAclId")
        for vpc in stack.sources(acl, key, VPC)
    }
    for vpc in stack.of_type(VPC):
        if vpc.urn not in managed:
            yield vpc, "its network ACL is left as AWS makes it: everything passes"
    for acl in stack.of_type(ACL, DEFAULT_ACL):
        for port, name in ADMIN_PORTS.items():
            for everyone in ("0.0.0.0/0", "::/0"):
                if _first_action(acl, port, everyone) == "allow":
                    yield acl, f"it lets {everyone} in on {port} ({name})"


def _first_action(acl: Resource, port: int, block: str) -> str:
    """What the first rule for this port and block does; a network ACL looks no further, and refuses at its end."""
    rules = [each for each in listed(acl.inputs.get("ingress")) if isinstance(each, dict)]
    for rule in sorted(rules, key=lambda each: _number(each, "ruleNo")):
        every = str(rule.get("protocol")) in ("-1", "all")
        among = _number(rule, "fromPort") <= port <= _number(rule, "toPort")
        fits = every or (str(rule.get("protocol")) in ("tcp", "6") and among)
        if fits and block in (rule.get("cidrBlock"), rule.get("ipv6CidrBlock")):
            return str(rule.get("action")).lower()
    return "deny"


def _number(rule: dict[str, Any], key: str) -> int:
    given = rule.get(key)
    return given if isinstance(given, int) else 0


@resource_policy(
    *("aws:ec2/defaultVpc:DefaultVpc", "aws:ec2/defaultSubnet:DefaultSubnet"),
    controls=["SY.18"],
    severity="high",
    fix="make a VPC of this stack's own",
    link=security_hub("ec2", 2),
)
def the_default_vpc_is_left_alone(resource: Resource) -> Iterator[str]:  # noqa: ARG001 - it is there, which is enough
    """Nothing lives in the account's default VPC, whose subnets are public."""
    yield "it adopts the default VPC, which other things in the account share"


@resource_policy(
    INSTANCE,
    controls=["EC2.8", "CIS 6.7"],
    severity="high",
    fix="set metadata_options.http_tokens to required",
    link=security_hub("ec2", 8),
)
def instances_ask_for_a_metadata_token(resource: Resource) -> Iterator[str]:
    """An instance hands out its credentials only to who asks with a token (IMDSv2)."""
    if inner(resource.inputs, "metadataOptions", "httpTokens") != "required":
        yield "whatever makes it fetch a URL gets its credentials"


@resource_policy(
    INSTANCE,
    controls=["EC2.3"],
    severity="medium",
    fix="set root_block_device.encrypted to true",
    link=security_hub("ec2", 3),
)
def disks_are_encrypted(resource: Resource) -> Iterator[str]:
    """The disks of an instance are encrypted."""
    disks = [resource.inputs.get("rootBlockDevice"), *listed(resource.inputs.get("ebsBlockDevices"))]
    if any(inner(disk, "encrypted") is not True for disk in disks):
        yield "a disk of it is not encrypted"
