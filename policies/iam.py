"""Policies about what a role may do."""

import re
from collections.abc import Iterator

from policies.documents import (
    IDENTITY_POLICIES,
    granted,
)
from policies.graph import Resource
from policies.links import LEAST_PRIVILEGE, security_hub
from policies.registry import resource_policy

ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"

# Source: https://docs.aws.amazon.com/service-authorization/latest/reference/ (no resource type beside the action)
WITHOUT_A_RESOURCE = {
    "ecr:GetAuthorizationToken": "a token is for the whole registry",
    "xray:PutTraceSegments": "a trace has no ARN",
    "xray:PutTelemetryRecords": "a trace has no ARN",
    "ssm:UpdateInstanceInformation": "the instance is not there when its role is",
    "ssmmessages:CreateControlChannel": "a session's channel has no ARN",
    "ssmmessages:CreateDataChannel": "a session's channel has no ARN",
    "ssmmessages:OpenControlChannel": "a session's channel has no ARN",
    "ssmmessages:OpenDataChannel": "a session's channel has no ARN",
    "logs:DescribeLogGroups": "it lists the groups of the account",
    "ec2:DescribeNetworkInterfaces": "EC2 describes have no resource",
    "ec2:DescribeSubnets": "EC2 describes have no resource",
    "ec2:CreateNetworkInterface": "the interface is not there yet, and Lambda asks for every subnet",
    "ec2:DeleteNetworkInterface": "Lambda names its interfaces only after they are made",
    "ec2:AssignPrivateIpAddresses": "Lambda names its interfaces only after they are made",
    "ec2:UnassignPrivateIpAddresses": "Lambda names its interfaces only after they are made",
}
"""Actions for which `*` is the narrowest resource that AWS has, or that the service accepts, each with its reason."""


@resource_policy(
    *IDENTITY_POLICIES,
    controls=["IAM.1", "CIS 2.14"],
    severity="high",
    fix="name the actions that are needed",
    link=security_hub("iam", 1),
)
def nobody_may_do_everything(resource: Resource) -> Iterator[str]:
    """No policy allows every action."""
    if any(each.allows and "*" in each.actions for each in granted(resource)):
        yield "it allows every action"


@resource_policy(
    *IDENTITY_POLICIES,
    controls=["IAM.21"],
    severity="medium",
    fix="name the actions that are needed",
    link=security_hub("iam", 21),
)
def actions_are_named_whole(resource: Resource) -> Iterator[str]:
    """No policy allows actions by a wildcard, nor all but some."""
    for statement in granted(resource):
        wide = [each for each in statement.actions if "*" in each or "?" in each]
        if statement.allows and (wide or statement.inverted):
            yield f"it allows {', '.join(wide) or 'all but some actions or resources'}"


@resource_policy(
    *IDENTITY_POLICIES,
    controls=["SY.114", "KMS.1", "KMS.2"],
    severity="medium",
    fix="name the resource by its ARN; a wildcard may follow the name, not replace it",
    link=LEAST_PRIVILEGE,
)
def a_role_reaches_what_it_is_for(resource: Resource) -> Iterator[str]:
    """A policy names its resources by ARN, but for actions that AWS knows no narrower resource for."""
    for statement in granted(resource):
        wide = [each for each in statement.resources if not _names_a_resource(each)]
        free = [each for each in statement.actions if each not in WITHOUT_A_RESOURCE]
        if statement.allows and wide and free:
            yield f"it allows {', '.join(free)} on {', '.join(wide)}"


def _names_a_resource(arn: str) -> bool:
    """Whether service, account and name are written out: `arn:aws:logs:<region>:<account>:log-group:<name>:*` is."""
    parts = arn.split(":", 5)
    if len(parts) < 6 or any("*" in each or "?" in each for each in parts[:5]):
        return False
    name = re.split(r"[:/]", parts[5])
    # The first word may be the kind, `log-group` or `role`; the second is then the name.
    return not any("*" in each or "?" in each for each in name[:2])


@resource_policy(
    ATTACHMENT,
    controls=["SY.117"],
    severity="medium",
    fix="write a policy with the actions that are needed",
    link=LEAST_PRIVILEGE,
)
def roles_have_policies_of_their_own(resource: Resource) -> Iterator[str]:
    """No role is given one of AWS's own policies, which are for everybody and grow."""
    arn = str(resource.inputs.get("policyArn"))
    if ":iam::aws:policy/" in arn:
        yield f"it attaches {arn.rpartition('/')[2]}"
