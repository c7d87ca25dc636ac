"""Policies about what a role may do."""

import re
from collections.abc import Iterator

from policies.documents import ATTACHMENTS, IDENTITY_POLICIES, ROLE, TRUST, granted, statements
from policies.graph import Resource, Stack, listed
from policies.links import LEAST_PRIVILEGE, security_hub
from policies.registry import resource_policy, stack_policy

_GRANTING = (*IDENTITY_POLICIES, ROLE)

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
    *_GRANTING,
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
    *_GRANTING,
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
    *_GRANTING,
    controls=["SY.114", "KMS.1", "KMS.2"],
    severity="medium",
    fix="name the resource whole, by its ARN",
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
    """Whether the ARN is written out; `:*` behind a log group is how CloudWatch Logs spells the group itself."""
    return not set(_LOG_GROUP.sub("", arn)) & {"*", "?"}


_LOG_GROUP = re.compile(r"(?<=:log-group:)[^*?:]+:\*$")


@stack_policy(
    *IDENTITY_POLICIES,
    controls=["SY.114"],
    severity="medium",
    fix="leave the action to the role of the service that needs it",
    link=LEAST_PRIVILEGE,
)
def only_who_needs_it_reaches_everything(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """An action without a narrower resource is for the role of the service that can't do without it."""
    for resource in stack.of_type(*IDENTITY_POLICIES):
        roles = stack.sources(resource, "role", ROLE)
        trusted = {who for role in roles for each in statements(role.inputs.get(TRUST)) for _, who in each.principals}
        wide = {
            action for each in granted(resource) if each.allows and "*" in each.resources for action in each.actions
        }
        idle = [each for each in sorted(wide) if not trusted & set(_NEEDED_BY.get(each.partition(":")[0], trusted))]
        if not any(_joins_a_vpc(stack, role) for role in roles):
            idle += [each for each in sorted(wide - set(idle)) if each.startswith("ec2:")]
        if trusted and idle:
            yield resource, f"it allows {', '.join(idle)} on everything to {', '.join(sorted(trusted))}"


_NEEDED_BY = {
    "ecr": ("ecs-tasks.amazonaws.com",),
    "ec2": ("lambda.amazonaws.com",),
    "logs": ("ecs-tasks.amazonaws.com",),
    "ssm": ("ec2.amazonaws.com",),
    "ssmmessages": ("ec2.amazonaws.com", "ecs-tasks.amazonaws.com"),
    "xray": ("ecs-tasks.amazonaws.com", "lambda.amazonaws.com"),
}


def _joins_a_vpc(stack: Stack, role: Resource) -> bool:
    return any(each.inputs.get("vpcConfig") for each in stack.users(role, "aws:lambda/function:Function", "role"))


@stack_policy(
    *ATTACHMENTS,
    controls=["SY.117"],
    severity="medium",
    fix="write a policy with the actions that are needed",
    link=LEAST_PRIVILEGE,
)
def roles_have_policies_of_their_own(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """No identity is given a policy that stands outside of the stack; AWS's own are for everybody, and grow."""
    for type_, key in ATTACHMENTS.items():
        for resource in stack.of_type(type_):
            arns = listed(resource.inputs.get(key))
            ours = stack.sources(resource, key, "aws:iam/policy:Policy")
            foreign = [str(each) for each in arns if ":iam::aws:policy/" in str(each)] or arns[len(ours) :]
            if foreign:
                yield resource, f"it attaches {', '.join(str(each).rpartition('/')[2] for each in foreign)}"
