"""IAM policy documents, spelled one way: version, statements, and a list wherever AWS allows one."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

Condition = Mapping[str, Mapping[str, Any]]


def allow(
    actions: Sequence[str], resources: Sequence[pulumi.Input[str]], *, condition: Condition | None = None
) -> dict[str, Any]:
    """A statement of an identity's policy: these actions on these resources."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
    return statement | ({"Condition": condition} if condition else {})


def document(*statements: Mapping[str, Any]) -> pulumi.Output[str]:
    """The statements as a policy document in JSON."""
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(service: str, *, condition: Condition | None = None) -> pulumi.Output[str]:
    """A role's trust policy: only this service may assume it, such as `lambda.amazonaws.com`."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return document(statement | ({"Condition": condition} if condition else {}))


def trust_here(service: str, parent: pulumi.Resource) -> pulumi.Output[str]:
    """As `trust`, and only on behalf of this account: a service acts for all of them.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    account = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=parent)).account_id
    return trust(service, condition={"StringEquals": {"aws:SourceAccount": account}})
