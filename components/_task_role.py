"""The two roles of a task: ECS's, to start it, and the app's own."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components._fargate import repository_arn
from components._policies import allow, document, trust_here


def task_role(
    name: str, statements: Sequence[Mapping[str, Any]], *, parent: pulumi.Resource
) -> "tuple[aws.iam.Role, list[aws.iam.RolePolicy]]":
    """The role `<name>-role`, which tasks of this account may assume, and its policy, none without a statement."""
    child = pulumi.ResourceOptions(parent=parent)
    role = aws.iam.Role(f"{name}-role", assume_role_policy=trust_here("ecs-tasks.amazonaws.com", parent), opts=child)
    if not statements:  # IAM refuses an empty policy
        return role, []
    policy = aws.iam.RolePolicy(f"{name}-policy", role=role.name, policy=document(*statements), opts=child)
    return role, [policy]


def start_statements(image: pulumi.Input[str], log_group_arn: pulumi.Input[str]) -> list[dict[str, Any]]:
    """What ECS itself needs to start a task: pull this image, write to this log group."""
    repository = pulumi.Output.from_input(image).apply(repository_arn)
    return [
        allow(["ecr:GetAuthorizationToken"], ["*"]),  # AWS knows no narrower resource for it
        allow(["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], [repository]),
        allow(["logs:CreateLogStream", "logs:PutLogEvents"], [pulumi.Output.concat(log_group_arn, ":*")]),
    ]


def execute_command_statements(log_group_arn: pulumi.Input[str]) -> list[dict[str, Any]]:
    """What ECS Exec needs of the task's role: a session, and to log it.

    Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html#ecs-exec-required-iam-permissions
    """
    session = ("CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel")
    log = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    return [
        # Neither knows a narrower resource.
        allow([*(f"ssmmessages:{action}" for action in session), "logs:DescribeLogGroups"], ["*"]),
        allow(log, [pulumi.Output.concat(log_group_arn, ":*")]),
    ]
