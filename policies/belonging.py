"""Policies about whose the things are that a resource names: a role, a function, a firewall; of this stack, or not."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from policies import links
from policies.documents import ROLE
from policies.graph import Resource, Stack, is_hidden
from policies.registry import stack_policy
from policies.rules import GROUPS

_FUNCTIONS = ("aws:lambda/function:Function", "aws:lambda/alias:Alias")
_ACLS = ("aws:wafv2/webAcl:WebAcl", "aws:waf/webAcl:WebAcl", "aws:wafregional/webAcl:WebAcl")
OURS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"role|\w+Role|(\w+R|r)oleArn|granteePrincipal"), (ROLE,)),
    (re.compile(r"iamInstanceProfile"), ("aws:iam/instanceProfile:InstanceProfile",)),
    (re.compile(r"(vpcS|s)ecurityGroup(s|Ids?)|(referenced|source)SecurityGroupId"), GROUPS),
    (re.compile(r"webAcl(Id|Arn)"), _ACLS),
    (re.compile(r"lambda(Function)?Arn"), _FUNCTIONS),
    (re.compile(r"functionArn"), ("aws:cloudfront/function:Function",)),
    (re.compile(r"keyValueStoreA(rns?|ssociations)"), ("aws:cloudfront/keyValueStore:KeyValueStore",)),
    (re.compile(r"authorizerId"), ("aws:apigatewayv2/authorizer:Authorizer", "aws:apigateway/authorizer:Authorizer")),
    (re.compile(r"targetGroupArn"), ("aws:lb/targetGroup:TargetGroup",)),
    (re.compile(r"taskDefinition"), ("aws:ecs/taskDefinition:TaskDefinition",)),
    (re.compile(r"integrationUri|\S+:TargetGroupAttachment targetId|\S+:Permission sourceArn"), ()),
)
"""Names of inputs, however deep inside, some behind a type, and what they come from; from anything that is here where
nothing is said."""
_FREE = ("environment", "tags", "tagsAll", "variables")
"""Inputs whose names are the user's own."""
_NOBODYS = (":role/aws-service-role/", ":distribution/")
"""In ARNs of a role that AWS alone takes on, and of distributions, which another policy asks about."""


@stack_policy(
    "aws:*",
    controls=["way-in", "SY.114"],
    severity="high",
    fix="take it from the resource of the program; or waive it, and say whose it is",
    link=links.LEAST_PRIVILEGE,
)
def what_acts_and_guards_is_of_this_stack(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """Roles, security groups, firewalls, functions and targets are this stack's: another's is judged by nobody here."""
    for resource in stack.of_type("aws:*"):
        for key, value in resource.inputs.items():
            for name, found in _named(resource.type, key, value):
                if others := stack.strangers(resource, key, found, *(_origins(resource.type, name) or ())):
                    yield resource, f"{name} names {others}, which is not of this stack"


_SENDS = {
    "aws:apigatewayv2/stage:Stage": ("accessLogSettings", "destinationArn"),
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": ("destinationArn", "destinationArn"),
    "aws:ec2/flowLog:FlowLog": ("logDestination", "logDestination"),
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": ("peerVpcId", "peerVpcId"),
    "aws:ec2transitgateway/vpcAttachment:VpcAttachment": ("transitGatewayId", "transitGatewayId"),
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": ("rules", "bucket"),
}
"""What hands on what it has, the input that says to whom, and the name in it."""
_SHARE = "aws:ram/resourceShare:ResourceShare"


@stack_policy(
    *(*_SENDS, _SHARE),
    controls=["way-out"],
    severity="medium",
    fix="send it to a resource of the program; or waive it, and say whose the other is",
    link="https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_permissions_share_securely.html",
)
def what_is_sent_stays_in_this_stack(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """Logs, copies of a bucket and the way into a network go to what this stack has, and to nobody outside."""
    for resource in stack.of_type(*_SENDS):
        key, name = _SENDS[resource.type]
        to = [each for at, each in _leaves(key, resource.inputs.get(key)) if at == name]
        if others := stack.strangers(resource, key, to):
            yield resource, f"it goes to {others}, which is not of this stack"
    for share in stack.of_type(_SHARE):
        if share.inputs.get("allowExternalPrincipals") is True:
            yield share, "other organizations may be let in"


def _named(type_: str, key: str, value: Any) -> Iterator[tuple[str, list[Any]]]:
    """(name, all that stands under it) for each name inside of one input that is in `OURS`."""
    found: dict[str, list[Any]] = {}
    for name, each in _leaves(key, value):
        types = _origins(type_, name)
        # Outside of IAM a role is named by its ARN; what else is called so is no role.
        is_other = types == (ROLE,) and isinstance(each, str) and not each.startswith("arn:")
        if types is not None and not (is_other and not type_.startswith("aws:iam/")):
            found.setdefault(name, []).append(each)
    for name, named in found.items():
        yield name, [each for each in named if not any(part in str(each) for part in _NOBODYS)]


@cache
def _origins(type_: str, name: str) -> tuple[str, ...] | None:
    names = (name, f"{type_} {name}")
    return next((types for pattern, types in OURS if any(map(pattern.fullmatch, names))), None)


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and not is_hidden(value):
        for key, each in value.items():
            if name not in _FREE:
                yield from _leaves(key, each)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(name, each)
    else:
        yield name, value
