"""Policies about what AWS's services are let in for: to do what they are for, and for one account."""

import json
import re
from collections import Counter
from collections.abc import Iterator

from policies.callers import PERMISSION
from policies.documents import IDENTITY_POLICIES, RESOURCE_POLICIES, ROLE, TRUST, admitted, granted
from policies.ecs import TASK
from policies.functions import FUNCTION
from policies.graph import Resource, Stack, is_hidden, parsed
from policies.links import CONFUSED_DEPUTY
from policies.registry import stack_policy

_ACCOUNT = re.compile(r"(?<![\w-])\d{12}(?![\w-])")
_PULL = ("ecr:batchgetimage", "ecr:getdownloadurlforlayer")
# Sources: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
# https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#gettingstarted-images-permissions
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-S3.html
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
NEEDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "cloudfront.amazonaws.com": (("s3:getobject", "s3:listbucket"), ("aws:sourcearn",)),
    "lambda.amazonaws.com": (_PULL, ("aws:sourcearn",)),
    "delivery.logs.amazonaws.com": (("s3:putobject",), ("aws:sourcearn", "aws:sourceaccount")),
    "logging.s3.amazonaws.com": (("s3:putobject",), ("aws:sourceaccount",)),
    "logdelivery.elasticloadbalancing.amazonaws.com": (("s3:putobject",), ()),
}
"""What each service has to do with a resource of ours, and the keys by which it says for whom it does it."""


@stack_policy(
    *RESOURCE_POLICIES,
    controls=["CloudFront.13", "S3.6", "SY.115"],
    severity="high",
    fix="allow what the service's documentation asks for, with aws:SourceArn where the service sends it",
    link=CONFUSED_DEPUTY,
)
def a_service_does_what_it_is_for_alone(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A service may do what it needs to, and for the kind of resource that it is told to; nothing besides."""
    for resource in stack:
        for statement in admitted(resource):
            services = [who for kind, who in statement.principals if kind == "Service" and statement.allows]
            keys = {key for _, key, _ in statement.conditions}
            for service in services:
                if service not in NEEDS:
                    yield resource, f"it lets {service} in, of which nobody said what it needs"
                    continue
                actions, sources = NEEDS[service]
                if idle := [each for each in statement.actions if each.lower() not in actions]:
                    yield resource, f"{service} may {', '.join(idle)}, which it does not need"
                if missing := [each for each in sources if each not in keys]:
                    yield resource, f"{service} may {', '.join(statement.actions)} whatever its {missing[0]} is"


_FOR_SOMEBODY = {
    PERMISSION: ("principal", "sourceArn", "sourceAccount"),
    "aws:ec2/amiLaunchPermission:AmiLaunchPermission": ("accountId",),
    "aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission": ("accountId",),
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": ("peerOwnerId",),
    "aws:ecr/replicationConfiguration:ReplicationConfiguration": ("replicationConfiguration",),
    "aws:kms/grant:Grant": ("granteePrincipal", "retiringPrincipal"),
    "aws:lambda/layerVersionPermission:LayerVersionPermission": ("principal",),
    "aws:ram/principalAssociation:PrincipalAssociation": ("principal",),
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": ("rules",),
}
"""What lets another account have something, and the inputs that say which."""


@stack_policy(
    *(ROLE, *IDENTITY_POLICIES, *RESOURCE_POLICIES, *_FOR_SOMEBODY),
    controls=["SY.115", "KMS.5", "S3.6"],
    severity="high",
    fix="take the account from aws.get_caller_identity",
    link=CONFUSED_DEPUTY,
)
def everything_is_for_one_account(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """Whoever is let in, or acts for somebody, is of the account that the rest of the stack is about.

    A role may reach into the account of a secret or an image that a setting names.
    """
    named = {resource.urn: accounts for resource in stack if (accounts := _accounts(resource))}
    votes = Counter(each for accounts in named.values() for each in accounts)
    if not votes:
        return
    ours = max(votes, key=lambda each: (votes[each], each))
    for urn, accounts in named.items():
        for other in sorted(accounts - {ours}):
            yield stack.resources[urn], f"it is for account {other}, the rest of the stack for {ours}"
    running = stack.of_type(TASK, FUNCTION)
    if any(is_hidden(each.inputs.get("containerDefinitions")) for each in running):
        return  # what it asks for can't be seen yet
    asked = {each for resource in running for each in _ACCOUNT.findall(str(resource.inputs))}
    for resource in stack.of_type(*IDENTITY_POLICIES, ROLE):
        for other in sorted(_reached(resource) - {ours} - asked):
            yield resource, f"it reaches into account {other}, which nothing that runs asks for"


def _accounts(resource: Resource) -> set[str]:
    """Every account that a trust policy, a resource's policy, a permission or a share names."""
    if resource.type in _FOR_SOMEBODY:
        texts = [str(resource.inputs.get(key)) for key in _FOR_SOMEBODY[resource.type]]
    else:
        documents = [resource.inputs.get(TRUST)] if resource.type == ROLE else []
        documents += [resource.inputs[key] for key in resource.inputs if admitted(resource) and "polic" in key.lower()]
        texts = [json.dumps(parsed(each)) for each in documents]
    return {each for text in texts for each in _ACCOUNT.findall(text)}


def _reached(resource: Resource) -> set[str]:
    """The accounts of all that an identity may act on."""
    arns = [arn for each in granted(resource) if each.allows for arn in each.resources]
    return {account for arn in arns for account in arn.split(":")[4:5] if _ACCOUNT.fullmatch(account)}


@stack_policy(
    *("aws:s3/bucketPolicy:BucketPolicy", PERMISSION),
    controls=["CloudFront.13", "SY.95"],
    severity="medium",
    fix="name the one distribution in aws:SourceArn, once it is there",
    link="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html",
)
def one_distribution_is_let_in(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """CloudFront is let in for one distribution, not for all that the account has."""
    for resource in stack.of_type("aws:s3/bucketPolicy:BucketPolicy", PERMISSION):
        conditions = [value for each in admitted(resource) for _, _, values in each.conditions for value in values]
        sources = [str(resource.inputs.get("sourceArn")), *conditions]
        if wide := [each for each in sources if ":distribution/" in each and set(each) & {"*", "?"}]:
            yield resource, f"it is for {wide[0].rpartition(':')[2]}, which is every distribution of the account"
