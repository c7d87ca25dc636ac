"""Policies about security groups: who gets in, and who gets out."""

from collections.abc import Iterator

from policies.graph import Resource, Stack
from policies.links import RULES, security_hub
from policies.network import VPC
from policies.registry import resource_policy, stack_policy
from policies.rules import ADMIN_PORTS, GROUPS, RULE_TYPES, admitted_groups, rules_of

_SOURCES = ("addresses", "prefix_lists", "groups")
# Source: https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-19
SERVICE_PORTS = (
    *(20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333, 5000, 5432, 5500, 5601),
    *(8080, 8088, 8888, 9200, 9300),
)


@stack_policy(
    VPC,
    controls=["EC2.2", "CIS 6.5"],
    severity="high",
    fix="register an ec2.DefaultSecurityGroup for the VPC with no ingress and no egress",
    link=security_hub("ec2", 2),
)
def default_security_group_is_empty(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """The default security group of a VPC lets nothing through, so that what names no group reaches nothing."""
    for vpc in stack.of_type(VPC):
        defaults = stack.users(vpc, GROUPS[1], "vpcId")
        if not defaults:
            yield vpc, "its default security group is left as AWS makes it: everything in it may talk"
        for each in defaults:
            if any(True for _ in rules_of(each)):
                yield each, "it is the VPC's default security group, and has rules"


@resource_policy(
    *RULE_TYPES,
    controls=["EC2.13", "EC2.14", "CIS 6.3", "CIS 6.4"],
    severity="high",
    fix="remove the rule: Session Manager opens a shell without a port",
    link=security_hub("ec2", 13),
)
def nobody_logs_in_from_the_internet(resource: Resource) -> Iterator[str]:
    """No security group lets the internet in on 22 or 3389, over IPv4 or IPv6."""
    for rule in rules_of(resource):
        for port, name in ADMIN_PORTS.items():
            if rule.direction == "in" and rule.everyone and rule.lets(port):
                yield f"it lets {', '.join(rule.everyone)} in on {port} ({name})"


@resource_policy(
    *RULE_TYPES,
    controls=["EC2.19"],
    severity="high",
    fix="name the security group of whoever may call as the source",
    link=security_hub("ec2", 19),
)
def no_service_port_is_open_to_the_internet(resource: Resource) -> Iterator[str]:
    """No security group lets the internet in on a port of a database, an admin page or a file share."""
    for rule in rules_of(resource):
        ports = [port for port in SERVICE_PORTS if rule.lets(port)]
        if rule.direction == "in" and rule.everyone and ports:
            yield f"it lets {', '.join(rule.everyone)} in on {rule.where}"


@resource_policy(
    *RULE_TYPES,
    controls=["EC2.18"],
    severity="high",
    fix="name CloudFront's prefix list or another security group as the source",
    link=security_hub("ec2", 18),
)
def the_internet_is_let_in_nowhere(resource: Resource) -> Iterator[str]:
    """No security group lets every address in, on whatever port: viewers come by CloudFront."""
    for rule in rules_of(resource):
        if rule.direction == "in" and rule.everyone:
            yield f"it lets {', '.join(rule.everyone)} in on {rule.where}"


@stack_policy(
    *RULE_TYPES,
    controls=["way-in"],
    severity="medium",
    fix="take the source from a security group, a VPC or a prefix list of the program, not from a literal address",
    link=RULES,
)
def every_inbound_rule_says_where_its_source_comes_from(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """An inbound rule admits a prefix list, or a security group or the block of a VPC of this stack; nothing else."""
    keys = ("cidrIpv4", "cidrIpv6", "cidrBlocks", "ipv6CidrBlocks")
    for resource in stack.of_type(*RULE_TYPES):
        for rule in rules_of(resource):
            if rule.direction == "out":
                continue
            literal = rule.addresses and not any(stack.sources(resource, key, VPC) for key in keys)
            if literal:
                yield resource, f"it admits {', '.join(rule.addresses)}, which is no VPC of this stack"
            if rule.groups and not admitted_groups(stack, resource):
                yield resource, f"it admits {', '.join(rule.groups)}, which is no group of this stack"
            if not any(getattr(rule, kind) for kind in _SOURCES) and not _is_hidden_source(resource):
                yield resource, "it says nothing about who is admitted"


def _is_hidden_source(resource: Resource) -> bool:
    keys = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId", "sourceSecurityGroupId")
    return any(resource.inputs.get(key) for key in keys) or resource.type in GROUPS


@resource_policy(
    *RULE_TYPES,
    controls=["SY.17"],
    severity="critical",
    fix="allow the ports that are called, 443 as a rule; in a stack file, container.egressPorts",
    link=RULES,
)
def nothing_may_leave_on_every_port(resource: Resource) -> Iterator[str]:
    """No security group lets everything out to the whole internet."""
    for rule in rules_of(resource):
        if rule.direction == "out" and rule.everyone and (rule.every_protocol or rule.ports[1] - rule.ports[0] > 1000):
            yield f"it lets {rule.where} out to {', '.join(rule.everyone)}"


@resource_policy(
    *RULE_TYPES,
    controls=["way-in"],
    severity="medium",
    fix="set from_port and to_port to the one port that is meant",
    link=RULES,
)
def rules_name_their_ports(resource: Resource) -> Iterator[str]:
    """A rule opens the ports that are used, also between two groups of the stack."""
    for rule in rules_of(resource):
        if rule.every_protocol or rule.ports[1] - rule.ports[0] > 1000:
            yield f"it opens {rule.where} {'to' if rule.direction == 'in' else 'towards'} whom it names"


@resource_policy(
    *RULE_TYPES,
    controls=["SY.16"],
    severity="low",
    fix="give the group, and each of its rules, a description that says who talks to whom",
    link=RULES,
)
def groups_and_rules_say_what_they_are_for(resource: Resource) -> Iterator[str]:
    """A security group and each rule have a description."""
    if resource.type == GROUPS[0] and not resource.inputs.get("description"):
        yield "the group has no description"
    if any(not rule.described for rule in rules_of(resource)):
        yield "a rule has no description"
