"""Policies about subnets, and what stands in them."""

from collections.abc import Iterator

from policies.graph import Resource, Stack, inner, is_hidden, listed
from policies.links import RULES, security_hub
from policies.network import ENDPOINT, INSTANCE, SERVICE, VPC
from policies.registry import resource_policy, stack_policy
from policies.rules import GROUPS, rules_on

SUBNET = "aws:ec2/subnet:Subnet"
ROUTE = "aws:ec2/route:Route"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
GATEWAY = "aws:ec2/internetGateway:InternetGateway"
INTERFACE = "aws:ec2/networkInterface:NetworkInterface"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
FUNCTION = "aws:lambda/function:Function"
NAT = "aws:ec2/natGateway:NatGateway"
TABLE = "aws:ec2/routeTable:RouteTable"
DEFAULT_TABLE = "aws:ec2/defaultRouteTable:DefaultRouteTable"
MAIN = "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation"


def public_subnets(stack: Stack) -> set[str]:
    """URNs of the subnets whose route table leads to an internet gateway, over IPv4 or IPv6."""
    leading = _leading_out(stack)
    found = set()
    for subnet in stack.of_type(SUBNET):
        tables = [
            table
            for each in stack.users(subnet, ASSOCIATION, "subnetId")
            for table in stack.sources(each, "routeTableId", TABLE, DEFAULT_TABLE, VPC)
        ]
        # A subnet without a table of its own has the VPC's main one.
        if any(each.urn in leading for each in tables or stack.sources(subnet, "vpcId", VPC)):
            found.add(subnet.urn)
    return found


def _leading_out(stack: Stack) -> set[str]:
    """URNs of the route tables that lead to an internet gateway, and of the VPCs whose main table does."""
    tables = {
        table.urn
        for route in stack.of_type(ROUTE)
        if stack.sources(route, "gatewayId", GATEWAY) or str(route.inputs.get("gatewayId")).startswith("igw-")
        for table in stack.sources(route, "routeTableId", TABLE, DEFAULT_TABLE, VPC)
    } | {table.urn for table in stack.of_type(TABLE, DEFAULT_TABLE) if stack.sources(table, "routes", GATEWAY)}
    mains = [(each, "defaultRouteTableId", each.urn in tables) for each in stack.of_type(DEFAULT_TABLE)] + [
        (each, "vpcId", any(table.urn in tables for table in stack.sources(each, "routeTableId", TABLE)))
        for each in stack.of_type(MAIN)
    ]
    return tables | {vpc.urn for each, key, leads in mains if leads for vpc in stack.sources(each, key, VPC)}


_PLACED = {
    INTERFACE: ("subnetId", "securityGroups"),
    INSTANCE: ("subnetId", "vpcSecurityGroupIds"),
    SERVICE: ("networkConfiguration", "networkConfiguration"),
    FUNCTION: ("vpcConfig", "vpcConfig"),
    BALANCER: ("subnets", "securityGroups"),
    NAT: ("subnetId", ""),
    ENDPOINT: ("subnetIds", "securityGroupIds"),
}
"""What stands in a subnet: the inputs that name the subnet and the security groups."""


@stack_policy(
    SUBNET,
    controls=["way-in"],
    severity="high",
    fix="move it to a private subnet, or let its security group admit groups and prefix lists only",
    link=RULES,
)
def what_stands_in_a_public_subnet_is_guarded(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """In a public subnet stand NAT gateways, and else only what a security group keeps the internet from."""
    public = public_subnets(stack)
    for type_, (subnet_key, group_key) in _PLACED.items():
        for resource in stack.of_type(type_):
            is_public = any(subnet.urn in public for subnet in stack.sources(resource, subnet_key, SUBNET))
            if type_ == NAT or not is_public:
                continue
            groups = stack.sources(resource, group_key, *GROUPS)
            if not groups:
                yield resource, "it stands in a public subnet without a security group of this stack"
            if any(rule.direction == "in" and rule.everyone for group in groups for rule in rules_on(stack, group)):
                yield resource, "it stands in a public subnet, and its security group lets the internet in"


_GROUPS_AT = {
    INTERFACE: ("securityGroups",),
    SERVICE: ("networkConfiguration", "securityGroups"),
    BALANCER: ("securityGroups",),
    ENDPOINT: ("securityGroupIds",),
}


@resource_policy(
    *_GROUPS_AT,
    controls=["way-in"],
    severity="medium",
    fix="give it a security group of the stack: without one it shares the VPC's default",
    link=RULES,
)
def what_is_in_a_vpc_names_its_security_group(resource: Resource) -> Iterator[str]:
    """An interface, a service, a balancer or an interface endpoint names a security group of its own."""
    groups = inner(resource.inputs, *_GROUPS_AT[resource.type])
    is_gateway = resource.type == ENDPOINT and resource.inputs.get("vpcEndpointType") != "Interface"
    if not is_gateway and not is_hidden(groups) and not listed(groups):
        yield "it names no security group"


@stack_policy(
    BALANCER,
    controls=["way-in"],
    severity="high",
    fix="put an internal balancer into private subnets",
    link="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html",
)
def an_internal_balancer_stands_in_private_subnets(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """An internal balancer is in subnets that no internet gateway leads to."""
    public = public_subnets(stack)
    for each in stack.of_type(BALANCER):
        subnets = stack.sources(each, "subnets", SUBNET)
        if each.inputs.get("internal") is True and any(subnet.urn in public for subnet in subnets):
            yield each, "it is internal, and stands in a public subnet"


@resource_policy(
    SUBNET,
    controls=["EC2.15"],
    severity="medium",
    fix="set map_public_ip_on_launch to False; what needs a public address asks for one",
    link=security_hub("ec2", 15),
)
def subnets_give_no_public_address(resource: Resource) -> Iterator[str]:
    """A subnet gives nobody a public address who did not ask for one."""
    if resource.inputs.get("mapPublicIpOnLaunch") is True:
        yield "whatever starts in it gets a public address"


@stack_policy(
    SERVICE,
    controls=["ECS.2", "CT.ECS.PR.9"],
    severity="high",
    fix="set network.nat to anything but none: the tasks are then in private subnets",
    link=security_hub("ecs", 2),
)
def tasks_have_no_public_address(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A service's tasks have no public IP address."""
    for each in stack.of_type(SERVICE):
        if inner(each.inputs, "networkConfiguration", "assignPublicIp") is True:
            others = stack.of_type(NAT, INSTANCE) or _interface_endpoints(stack)
            yield each, f"its tasks have public addresses, {'beside another' if others else 'their only'} way out"


def _interface_endpoints(stack: Stack) -> list[Resource]:
    return [each for each in stack.of_type(ENDPOINT) if each.inputs.get("vpcEndpointType") == "Interface"]
