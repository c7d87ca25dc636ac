"""Grants: what the roles of each environment may do, as policy statements. Pure: from an environment to its documents.

A role that deploys an environment may write what the program's types need, but
- roles only within the environment's boundary and path, and handed over only to the services that run them,
- buckets only by the names that those of its own stacks get; functions, images, log groups and what runs on ECS by
  those that the program's get; machines by the tags of its own stacks,
- state and secrets only of the environment's own stacks,
- nothing that carries the tags of another stack of the project, and
- never what would undo all this, or lose what can't be made again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from bootstrap.actions import load, reads, writes
from components._policies import allow, deny
from components._private_bucket import MADE_UP

Statements = Sequence[Mapping[str, Any]]

BUCKETS = ("site", "logs")
"""The buckets of a stack; their names go on with the stack's."""
NAMED = {
    "aws:cloudwatch/logGroup:": (
        "logs",
        ("log-group:container-*", "log-group:serverless-*", "log-group:aws-waf-logs-waf-*"),
    ),
    "aws:ecr/": ("ecr", ("repository/repository-*",)),
    "aws:ecs/": ("ecs", ("cluster/container-*", "service/container-*", "task-definition/container-*")),
    "aws:lambda/": ("lambda", ("function:serverless*",)),
}
"""What it calls the resources of these types: none of somebody else's, whose role may do more, gets our code."""
# Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
UNNAMED = "ecs:DeregisterTaskDefinition"
"""Takes no name. What runs goes on running."""
_TAGGING = ("ec2:CreateTags", "ec2:DeleteTags")
RUNNERS = (
    "ec2.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "lambda.amazonaws.com",
    "scheduler.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
)
"""The services that run something under a role of a stack."""
# Of the services that the program uses, those that make a role of their own on first use.
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
LINKED = (
    "ecs.amazonaws.com",
    "ecs.application-autoscaling.amazonaws.com",
    "elasticloadbalancing.amazonaws.com",
    "ops.apigateway.amazonaws.com",
    "vpcorigin.cloudfront.amazonaws.com",
    "wafv2.amazonaws.com",
)
SERVICE_ACTIONS = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer",
    "kms:Decrypt",
    "lambda:InvokeFunction",
    "logs:CreateLogStream",
    "logs:DescribeLogGroups",
    "logs:DescribeLogStreams",
    "logs:PutLogEvents",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)
"""What the roles of a stack are given in any configuration, and so the least that a boundary must leave them. `kms`
opens a secret that has a key of its own, if its policy lets the role."""
_SECRET_ACTIONS = ("kms:Decrypt", "secretsmanager:GetSecretValue", "ssm:GetParameter", "ssm:GetParameters")
TRIED_ACTIONS = tuple(each for each in SERVICE_ACTIONS if each not in _SECRET_ACTIONS)
"""What a boundary leaves the roles of a pull request's environment: no secret of anybody's. Its code was read by nobody
yet, and its settings name no secrets."""
# Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
PUSH = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:GetDownloadUrlForLayer",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
)
NEVER = (
    "iam:CreateAccessKey",
    "iam:CreatePolicyVersion",
    "iam:CreateUser",
    "iam:DeleteOpenIDConnectProvider",
    "iam:DeletePolicy",
    "iam:DeleteRolePermissionsBoundary",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateOpenIDConnectProviderThumbprint",
    "kms:DisableKey",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "route53:DeleteHostedZone",
)
SECRET_VALUES = (
    "secretsmanager:BatchGetSecretValue",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
    "ssm:GetParameterHistory",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
)
_INSTANCE = "aws:ec2/instance:Instance"
_STORED = "aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey"
_NAMES = ("aws:acm/", "aws:route53/")
_NETWORK = ("aws:ec2/", "aws:lb/", "aws:vpc/")


@dataclass(frozen=True, kw_only=True)
class Environment:
    """What the roles of an environment are for, and what they may reach."""

    stacks: str
    """The environment's stack, or the pattern of their names: `pr-*`."""
    project: str
    account: pulumi.Input[str]
    regions: Sequence[str]
    path: str
    """Where its stacks' roles lie."""
    boundary_arn: pulumi.Input[str]
    state_bucket_arn: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    has_names: bool = True
    """Whether it may have a public name of its own: certificates, and records in a zone."""


def deploy(environment: Environment) -> dict[str, Statements]:
    """Everything that `pulumi up` and `pulumi destroy` of the environment need, and the push of an image."""

    def is_stored(type_: str) -> bool:
        return type_ == _STORED

    def is_network(type_: str) -> bool:
        return type_.startswith(_NETWORK) and type_ != _INSTANCE

    def is_other(type_: str) -> bool:
        names = type_.startswith(_NAMES) and not environment.has_names
        return not (names or is_stored(type_) or type_.startswith(("aws:s3/", *_NETWORK, *NAMED)))

    site_objects = f"{bucket_of('site', environment.stacks)}/*"
    here = {"StringEquals": {"aws:RequestedRegion": sorted({*environment.regions, "us-east-1"})}}
    return {
        "read": [allow(reads_but_objects(), ["*"])],
        "network": [
            allow([*writes(is_network), "ec2:RunInstances"], ["*"], condition=here),
            *_instances(environment, here),
        ],
        "serve": [
            allow([*writes(is_other), UNNAMED], ["*"], condition=here),
            # Asked of every region at once (SigV4A), so the request names none.
            # Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/kvs-with-functions-kvp.html
            allow(
                writes(is_stored),
                [pulumi.Output.concat("arn:aws:cloudfront::", environment.account, ":key-value-store/*")],
            ),
            *(
                allow(
                    [each for each in writes(lambda type_, of=of: type_.startswith(of)) if each != UNNAMED],
                    named(of, environment.account),
                    condition=here,
                )
                for of in NAMED
            ),
        ],
        "guard": [
            *_roles(environment),
            allow(writes(lambda type_: type_.startswith("aws:s3/")), [*_buckets(environment)]),
            allow(["s3:GetObject", "s3:GetObjectTagging"], [site_objects]),
            allow(["ecr:GetAuthorizationToken"], ["*"]),
            allow(PUSH, named("aws:ecr/", environment.account)),
            *_state(environment, ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]),
            allow(["kms:Decrypt", "kms:Encrypt"], [environment.key_arn]),
            others(environment.project, environment.stacks),
            deny(NEVER, ["*"]),
        ],
    }


def preview(environment: Environment) -> dict[str, Statements]:
    """Everything that `pulumi preview` and `pulumi refresh --preview-only` need: to look, and to read the state.

    The engine can't compare without the stack's own secrets, so it may open those: the secret between distribution and
    origin, and the token of the smoke test. What the service keeps in Secrets Manager or Parameter Store stays closed.
    """
    state = _objects(environment)
    site_objects = f"{bucket_of('site', environment.stacks)}/*"
    return {
        "read": [allow(reads_but_objects(), ["*"])],
        "guard": [
            *_state(environment, ["s3:GetObject"]),
            allow(["s3:GetObject", "s3:GetObjectTagging"], [site_objects]),
            allow(["kms:Decrypt"], [environment.key_arn]),
            deny(SECRET_VALUES, ["*"]),
            {
                "Effect": "Deny",
                "Action": ["s3:GetObject", "s3:GetObjectVersion"],
                "NotResource": [*state, _meta(environment), site_objects],
            },
            {
                "Effect": "Deny",
                "Action": ["kms:Decrypt"],
                "NotResource": [environment.key_arn],
                # S3 opens its objects, under a key of its own, in the name of who reads them.
                "Condition": {"StringNotLike": {"kms:ViaService": "s3.*.amazonaws.com"}},
            },
        ],
    }


def bucket_of(name: str, stacks: str) -> str:
    """The ARN of the stacks' buckets of a name. The end is counted: `site-dev-*` would be those of `dev-2` as well."""
    return f"arn:aws:s3:::{name}-{stacks}-{'?' * MADE_UP}"


def _buckets(environment: Environment) -> Iterator[str]:
    for name in BUCKETS:
        yield from (bucket_of(name, environment.stacks), f"{bucket_of(name, environment.stacks)}/*")


def named(types: str, account: pulumi.Input[str]) -> list[pulumi.Output[str]]:
    """The ARNs of what the program makes of these types, as patterns."""
    service, names = NAMED[types]
    return [pulumi.Output.concat(f"arn:aws:{service}:*:", account, f":{each}") for each in names]


def _instances(environment: Environment, here: Mapping[str, Any]) -> Statements:
    """Machines of its own stacks. Who may stop any, give it a script and start it, runs code under its role."""
    tags = "aws:ResourceTag"
    ours = {
        "StringEquals": {**here["StringEquals"], f"{tags}/project": environment.project},
        "StringLike": {f"{tags}/stack": environment.stacks},
    }
    machines = pulumi.Output.concat("arn:aws:ec2:*:", environment.account, ":instance/*")
    actions = [each for each in load()[_INSTANCE].write if each not in (*_TAGGING, "ec2:RunInstances")]
    return [
        allow(sorted(actions), [machines], condition=ours),
        # Nor are others' machines tagged to become ours. One that is being made has no tags yet.
        deny(
            _TAGGING,
            [machines],
            condition={
                "StringNotEquals": {f"{tags}/project": environment.project},
                "Null": {"ec2:CreateAction": "true"},
            },
        ),
    ]


def reads_but_objects() -> list[str]:
    """What only looks, and shows nothing but settings."""
    of_objects = load()["aws:s3/bucketObjectv2:BucketObjectv2"].read
    return [each for each in reads() if each not in of_objects]


def _roles(environment: Environment) -> Statements:
    """Roles of the environment's own path, within its boundary, for the services that run them."""

    def arn(kind: str) -> pulumi.Output[str]:
        return pulumi.Output.concat("arn:aws:iam::", environment.account, f":{kind}{environment.path}*")

    bounded = {"StringEquals": {"iam:PermissionsBoundary": environment.boundary_arn}}
    account = environment.account
    return [
        allow(
            [
                "iam:AttachRolePolicy",
                "iam:CreateRole",
                "iam:DeleteRolePolicy",
                "iam:DetachRolePolicy",
                "iam:PutRolePermissionsBoundary",
                "iam:PutRolePolicy",
            ],
            [arn("role")],
            condition=bounded,
        ),
        allow(
            [
                "iam:DeleteRole",
                "iam:TagRole",
                "iam:UntagRole",
                "iam:UpdateAssumeRolePolicy",
                "iam:UpdateRole",
                "iam:UpdateRoleDescription",
            ],
            [arn("role")],
        ),
        allow(
            [
                "iam:AddRoleToInstanceProfile",
                "iam:CreateInstanceProfile",
                "iam:DeleteInstanceProfile",
                "iam:RemoveRoleFromInstanceProfile",
                "iam:TagInstanceProfile",
                "iam:UntagInstanceProfile",
            ],
            [arn("instance-profile")],
        ),
        allow(["iam:PassRole"], [arn("role")], condition={"StringEquals": {"iam:PassedToService": list(RUNNERS)}}),
        allow(
            ["iam:CreateServiceLinkedRole"],
            [pulumi.Output.concat("arn:aws:iam::", account, ":role/aws-service-role/*")],
            condition={"StringEquals": {"iam:AWSServiceName": list(LINKED)}},
        ),
    ]


def _state(environment: Environment, actions: Sequence[str]) -> Statements:
    return [
        allow(["s3:ListBucket", "s3:GetBucketLocation"], [environment.state_bucket_arn]),
        allow(["s3:GetObject"], [_meta(environment)]),
        allow(actions, _objects(environment)),
    ]


def _meta(environment: Environment) -> pulumi.Output[str]:
    return pulumi.Output.concat(environment.state_bucket_arn, "/.pulumi/meta.yaml")


def _objects(environment: Environment) -> list[pulumi.Output[str]]:
    """What Pulumi keeps of the environment's stacks; a test holds this to what the engine writes."""
    project, stacks = environment.project, environment.stacks
    kept = (
        f"stacks/{project}/{stacks}.json*",
        f"stacks/{project}/{stacks}.pulumi-tags",  # asked for also where there is none
        f"history/{project}/{stacks}/*",
        f"backups/{project}/{stacks}/*",
        f"locks/organization/{project}/{stacks}/*",
    )
    return [pulumi.Output.concat(environment.state_bucket_arn, f"/.pulumi/{each}") for each in kept]


def others(project: str, stacks: str) -> Mapping[str, Any]:
    """Hands off what is tagged as another stack's. Where AWS sends no tags with a request, this says nothing."""
    tags = "aws:ResourceTag"
    return deny(
        ["*"],
        ["*"],
        condition={
            "StringEquals": {f"{tags}/project": project},
            "StringNotLike": {f"{tags}/stack": stacks},
            "Null": {f"{tags}/stack": "false"},
        },
    )
