"""What every Lambda function here has of its own: a log group, and a role that may write to it and to nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components._policies import allow, document, trust_here

# Neither can be narrowed to a resource: a trace, and an interface that does not exist yet, have no ARN.
# Source: https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
SEND_TRACES = allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], ["*"])
# Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaVPCAccessExecutionRole.html
JOIN_VPC = allow(
    [
        "ec2:CreateNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:DeleteNetworkInterface",
        "ec2:AssignPrivateIpAddresses",
        "ec2:UnassignPrivateIpAddresses",
    ],
    ["*"],
)


@dataclass(frozen=True, kw_only=True)
class FunctionRole:
    """A role, its log group, and the policy that a function has to wait for before it runs as this role."""

    role: "aws.iam.Role"
    log_group: "aws.cloudwatch.LogGroup"
    policy: "aws.iam.RolePolicy"


def function_role(
    name: str, parent: pulumi.Resource, *, log_retention_days: int, statements: Sequence[Mapping[str, Any]] = ()
) -> FunctionRole:
    """Children of `parent`: `<name>-logs`, `<name>-role`, `<name>-permissions` with what `statements` add."""
    child = pulumi.ResourceOptions(parent=parent)
    log_group = aws.cloudwatch.LogGroup(f"{name}-logs", retention_in_days=log_retention_days, opts=child)
    role = aws.iam.Role(f"{name}-role", assume_role_policy=trust_here("lambda.amazonaws.com", parent), opts=child)
    # logs:CreateLogGroup is left out on purpose: a group that Lambda made would keep its lines for ever.
    write_logs = allow(["logs:CreateLogStream", "logs:PutLogEvents"], [pulumi.Output.concat(log_group.arn, ":*")])
    policy = aws.iam.RolePolicy(
        f"{name}-permissions", role=role.name, policy=document(write_logs, *statements), opts=child
    )
    return FunctionRole(role=role, log_group=log_group, policy=policy)
