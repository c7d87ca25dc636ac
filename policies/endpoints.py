"""Policies about how a VPC reaches AWS."""

from collections.abc import Iterator

from policies.documents import statements
from policies.graph import Resource, Stack, is_hidden, listed
from policies.links import security_hub
from policies.network import ENDPOINT, SERVICE, VPC
from policies.registry import resource_policy, stack_policy
from policies.subnets import TABLE

_ENDPOINTS = "https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html"


@stack_policy(
    VPC,
    controls=["CIS 6.8"],
    severity="low",
    fix="give s3 and dynamodb gateway endpoints the VPC's route tables: they cost nothing",
    link="https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html",
)
def storage_is_reached_through_gateway_endpoints(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """Every route table of a VPC leads to S3 and DynamoDB past the internet."""
    for vpc in stack.of_type(VPC):
        gateways = [
            each for each in stack.users(vpc, ENDPOINT, "vpcId") if each.inputs.get("vpcEndpointType") == "Gateway"
        ]
        for service in ("s3", "dynamodb"):
            served = {
                table.urn
                for each in gateways
                if str(each.inputs.get("serviceName")).endswith(f".{service}")
                for table in stack.sources(each, "routeTableIds", TABLE)
            }
            named = [
                len(listed(each.inputs.get("routeTableIds")))
                for each in gateways
                if str(each.inputs.get("serviceName")).endswith(f".{service}")
            ]
            tables = stack.users(vpc, TABLE, "vpcId")
            for table in tables:
                if table.urn not in served:
                    yield table, f"it has no route to {service} but through the internet"
            if named and sum(named) < len(tables):
                yield vpc, f"{len(tables) - sum(named)} of its route tables lead to {service} through the internet"


def _lacks(stack: Stack, vpc: Resource, service: str) -> bool:
    names = [str(each.inputs.get("serviceName")) for each in stack.users(vpc, ENDPOINT, "vpcId")]
    return not any(name.endswith(f".{service}") for name in names)


@stack_policy(
    VPC,
    controls=["EC2.10"],
    severity="medium",
    fix="add ec2 to the interface endpoints",
    link=security_hub("ec2", 10),
)
def the_ec2_api_is_reached_privately(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A VPC has an interface endpoint for the EC2 API."""
    for vpc in stack.of_type(VPC):
        if _lacks(stack, vpc, "ec2"):
            yield vpc, "it has no interface endpoint for ec2"


@stack_policy(
    VPC,
    controls=["EC2.55", "EC2.56"],
    severity="medium",
    fix="set network.nat to endpoints",
    link=security_hub("ec2", 55),
)
def the_registry_is_reached_privately(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A VPC has interface endpoints for the image registry."""
    for vpc in stack.of_type(VPC):
        for service in ("ecr.api", "ecr.dkr"):
            if _lacks(stack, vpc, service):
                yield vpc, f"it has no interface endpoint for {service}"


@stack_policy(
    SERVICE,
    controls=["EC2.57"],
    severity="low",
    fix="set network.nat to endpoints, which then has one for ssmmessages",
    link=security_hub("ec2", 57),
)
def shells_are_opened_privately(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """Where ECS Exec is on, its sessions pass through an interface endpoint."""
    if any(each.inputs.get("enableExecuteCommand") is True for each in stack.of_type(SERVICE)):
        for vpc in stack.of_type(VPC):
            if _lacks(stack, vpc, "ssmmessages"):
                yield vpc, "sessions of ECS Exec leave it through the internet"


@resource_policy(
    ENDPOINT,
    controls=["SY.20"],
    severity="medium",
    fix="give the endpoint a subnet in each of two zones or more",
    link=_ENDPOINTS,
)
def interface_endpoints_span_two_zones(resource: Resource) -> Iterator[str]:
    """An interface endpoint survives the loss of a zone."""
    subnets = resource.inputs.get("subnetIds")
    is_interface = resource.inputs.get("vpcEndpointType") == "Interface"
    if is_interface and not is_hidden(subnets) and len(listed(subnets)) < 2:
        yield "it is in one zone only"


@resource_policy(
    ENDPOINT,
    controls=["EC2.55", "EC2.56"],
    severity="medium",
    fix="set private_dns_enabled to True",
    link=_ENDPOINTS,
)
def interface_endpoints_answer_to_the_public_name(resource: Resource) -> Iterator[str]:
    """An interface endpoint stands behind the service's public name, or nobody would use it."""
    if resource.inputs.get("vpcEndpointType") == "Interface" and resource.inputs.get("privateDnsEnabled") is not True:
        yield "calls of the service go past it"


@resource_policy(
    ENDPOINT,
    controls=["way-out"],
    severity="low",
    fix="give the endpoint a policy with the principals and resources that it is for",
    link="https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html",
)
def endpoints_say_what_passes(resource: Resource) -> Iterator[str]:
    """An endpoint lets through what it is for; without a policy also what a thief sends to an account of his own."""
    found = [each for each in statements(resource.inputs.get("policy")) if each.allows]
    is_open = any("*" in each.actions and "*" in each.resources and not each.conditions for each in found)
    if is_open or not resource.inputs.get("policy"):
        yield "it lets every call to the service through, for whatever account"
