"""Policies about load balancers."""

from collections.abc import Iterator

from policies.graph import Resource, Stack, inner, is_hidden, listed
from policies.links import VPC_ORIGINS, security_hub
from policies.logs import LOG_STORES
from policies.registry import resource_policy, stack_policy

BALANCER = "aws:lb/loadBalancer:LoadBalancer"


@resource_policy(
    BALANCER,
    controls=["ELB.4"],
    severity="medium",
    fix="set drop_invalid_header_fields to True",
    link=security_hub("elb", 4),
)
def balancers_drop_invalid_headers(resource: Resource) -> Iterator[str]:
    """A balancer drops headers whose names are not valid."""
    if resource.inputs.get("dropInvalidHeaderFields") is not True:
        yield "it hands malformed headers on to the app"


@stack_policy(
    BALANCER,
    controls=["ELB.5", "CIS 4.10"],
    severity="medium",
    fix="set logs.access to true",
    link=security_hub("elb", 5),
)
def balancers_log_access(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A balancer logs each request, in a bucket of the stack."""
    for each in stack.of_type(BALANCER):
        logs = each.inputs.get("accessLogs")
        if inner(logs, "enabled") is not True or not inner(logs, "bucket"):
            yield each, "it keeps no access log"
        elif not stack.sources(each, "accessLogs", *LOG_STORES):
            yield each, "its access log goes to a bucket that is not in this stack"


@stack_policy(
    BALANCER,
    controls=["ELB.6"],
    severity="medium",
    fix="set protect to true",
    link=security_hub("elb", 6),
)
def balancers_are_protected_from_deletion(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """AWS refuses to delete a balancer until it is told otherwise."""
    for each in stack.of_type(BALANCER):
        if each.inputs.get("enableDeletionProtection") is not True:
            # The store is there exactly while two halves share the viewers.
            beside = stack.of_type("aws:cloudfront/keyValueStore:KeyValueStore")
            yield each, "one call deletes it" + (", while another half stands by" if beside else "")


@resource_policy(
    BALANCER,
    controls=["ELB.12"],
    severity="medium",
    fix="set desync_mitigation_mode to defensive or strictest",
    link=security_hub("elb", 12),
)
def balancers_refuse_request_smuggling(resource: Resource) -> Iterator[str]:
    """A balancer treats requests that two servers could read differently as attacks; AWS's default is to."""
    mode = resource.inputs.get("desyncMitigationMode", "defensive")
    if mode not in ("defensive", "strictest") and not is_hidden(mode):
        yield f"its mode is {mode}: a smuggled request may pass"


@resource_policy(
    BALANCER,
    controls=["ELB.13"],
    severity="medium",
    fix="set network.zones to 2 or more",
    link=security_hub("elb", 13),
)
def balancers_span_two_zones(resource: Resource) -> Iterator[str]:
    """A balancer survives the loss of a zone."""
    subnets = resource.inputs.get("subnets", resource.inputs.get("subnetMappings"))
    if not is_hidden(subnets) and len(listed(subnets)) < 2:
        yield "it is in one zone only"


@stack_policy(
    BALANCER,
    controls=["ELB.16"],
    severity="medium",
    fix="associate a web ACL of scope REGIONAL",
    link=security_hub("elb", 16),
)
def balancers_have_a_firewall(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A balancer has a web ACL of its own."""
    for each in stack.of_type(BALANCER):
        if not stack.users(each, "aws:wafv2/webAclAssociation:WebAclAssociation", "resourceArn"):
            yield each, "no web ACL is associated with it"


@stack_policy(
    BALANCER,
    controls=["SY.34"],
    severity="high",
    fix="set container.loadBalancer to internal",
    link=VPC_ORIGINS,
)
def balancers_have_no_public_address(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A balancer is internal: CloudFront reaches it through a VPC origin."""
    for each in stack.of_type(BALANCER):
        if each.inputs.get("internal") is not True:
            private = stack.users(each, "aws:cloudfront/vpcOrigin:VpcOrigin", "vpcOriginEndpointConfig")
            yield each, "it has an address on the internet" + (", though a VPC origin leads to it" if private else "")
