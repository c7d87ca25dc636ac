"""Policies about the way from CloudFront to a task: each security group on it admits who stands before it alone."""

from collections.abc import Iterator

from policies import links
from policies.balancer import BALANCER
from policies.graph import Resource, Stack, inner, listed
from policies.links import RULES
from policies.network import SERVICE
from policies.registry import stack_policy
from policies.rules import GROUPS, RULE_TYPES, Rule, admitted_groups, registering, rules_of

OWN_LIST = "aws:ec2/managedPrefixList:ManagedPrefixList"


@stack_policy(
    BALANCER,
    controls=["way-in"],
    severity="high",
    fix="admit the managed prefix list com.amazonaws.global.cloudfront.origin-facing and nothing else",
    link=links.RESTRICT,
)
def balancers_admit_cloudfront_alone(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A balancer is reached from one of AWS's prefix lists: from no address, other group or list of the stack's own."""
    for balancer, resource, rule in _inbound(stack, BALANCER, "securityGroups"):
        if rule.addresses or rule.groups or not _names_a_list(resource):
            yield balancer, f"{resource.name} lets in what is not CloudFront"
        elif stack.sources(resource, "prefixListId", OWN_LIST) or stack.sources(resource, "prefixListIds", OWN_LIST):
            yield balancer, f"{resource.name} lets in a list of addresses that the stack writes itself"


@stack_policy(
    SERVICE,
    controls=["way-in"],
    severity="high",
    fix="admit the security group of the balancer and nothing else",
    link=RULES,
)
def tasks_admit_their_balancer_alone(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A task is reached from the balancer's security group and from nowhere else, not even from CloudFront."""
    before = {group.urn for each in stack.of_type(BALANCER) for group in stack.sources(each, "securityGroups", *GROUPS)}
    for service, resource, rule in _inbound(stack, SERVICE, "networkConfiguration"):
        groups = admitted_groups(stack, resource)
        if rule.addresses or _names_a_list(resource) or not groups or any(each.urn not in before for each in groups):
            yield service, f"{resource.name} lets in what is not the balancer"


@stack_policy(
    *RULE_TYPES,
    controls=["way-in"],
    severity="high",
    fix="admit a security group of the stack",
    link=RULES,
)
def lists_are_admitted_to_balancers_alone(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A prefix list, CloudFront's too, is for the group of a balancer: anybody has a distribution."""
    balancers = {
        group.urn for each in stack.of_type(BALANCER) for group in stack.sources(each, "securityGroups", *GROUPS)
    }
    for resource in stack.of_type(*RULE_TYPES):
        inbound = any(rule.direction == "in" for rule in rules_of(resource))
        owners = (
            {resource.urn}
            if resource.type in GROUPS
            else {each.urn for each in stack.sources(resource, "securityGroupId", *GROUPS)}
        )
        if inbound and _names_a_list(resource) and not owners & balancers:
            yield resource, "it lets in a list of addresses, past the balancer"


def _inbound(stack: Stack, type_: str, key: str) -> Iterator[tuple[Resource, Resource, Rule]]:
    """(what is guarded, what registers the rule, the rule) for each inbound rule of its groups."""
    for guarded in stack.of_type(type_):
        for group in stack.sources(guarded, key, *GROUPS):
            for resource in registering(stack, group):
                for rule in rules_of(resource):
                    if rule.direction == "in":
                        yield guarded, resource, rule


def _names_a_list(resource: Resource) -> bool:
    inside = resource.inputs.get("ingress") if resource.type in GROUPS else [resource.inputs]
    keys = ("prefixListId", "prefixListIds")
    return any(inner(each, key) for each in listed(inside) for key in keys)
