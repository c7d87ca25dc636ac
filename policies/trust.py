"""Policies about who may take a role on, and whom a resource's own policy admits."""

import re
from collections.abc import Iterator

from policies.documents import (
    RESOURCE_POLICIES,
    ROLE,
    TRUST,
    Statement,
    admitted,
    statements,
)
from policies.graph import Resource, Stack, is_hidden
from policies.links import CONFUSED_DEPUTY, security_hub
from policies.registry import resource_policy, stack_policy

_GITHUB = "https://docs.github.com/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws"
# EC2 is asked by an instance of this account alone, and sends neither of the two keys.
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html (no pass to another account)
_SENDS_NO_SOURCE = ("ec2.amazonaws.com",)
# Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
_WRITES_TO_ITS_OWNERS_PATH = "logdelivery.elasticloadbalancing.amazonaws.com"
_OWNERS_PATH = re.compile(r".+/AWSLogs/\d{12}/\*")


@resource_policy(
    ROLE,
    controls=["SY.115"],
    severity="high",
    fix="add the condition aws:SourceAccount, or aws:SourceArn with the account in it",
    link=CONFUSED_DEPUTY,
)
def a_service_takes_a_role_on_for_this_account_only(resource: Resource) -> Iterator[str]:
    """A role that a service may take on says for which account: AWS's services act for all of them."""
    for statement in statements(resource.inputs.get(TRUST)):
        services = [who for kind, who in statement.principals if kind == "Service" and who not in _SENDS_NO_SOURCE]
        if statement.allows and services and not statement.guarded:
            yield f"{', '.join(services)} may take it on for any account"


@resource_policy(
    ROLE,
    controls=["SY.115"],
    severity="high",
    fix="name the one service that is to take it on",
    link=CONFUSED_DEPUTY,
)
def a_role_trusts_services_only(resource: Resource) -> Iterator[str]:
    """A role is taken on by one AWS service or by the workflows of a repository, not by accounts or everybody."""
    document = resource.inputs.get(TRUST)
    found = [each for each in statements(document) if each.allows]
    if not found and not is_hidden(document):
        yield "nobody can tell who may take it on"
    for statement in found:
        if statement.inverted or any(kind not in ("Service", "Federated") for kind, _ in statement.principals):
            yield f"it trusts {', '.join(who for _, who in statement.principals) or 'all but some'}"
        if any("*" in who for _, who in statement.principals):
            yield "it trusts a wildcard"
        if len(statement.principals) > 1:
            yield f"it trusts {' and '.join(who for _, who in statement.principals)}, of which one would do"


# Source: https://docs.github.com/actions/reference/security/oidc (`sub` with and without ids)
_GITHUB_HOST = "token.actions.githubusercontent.com"
_SUBJECT = re.compile(r"repo:[\w.-]+(@\d+)?/[\w.-]+(@\d+)?:environment:[\w-]+")


@resource_policy(
    ROLE,
    controls=["SY.116"],
    severity="high",
    fix="compare aud and sub with StringEquals; sub is repo:<owner>/<name>:environment:<environment>",
    link=_GITHUB,
)
def workflows_take_a_role_on_by_exact_name(resource: Resource) -> Iterator[str]:
    """A role for workflows trusts GitHub alone, and names audience, repository and environment exactly."""
    for statement in statements(resource.inputs.get(TRUST)):
        providers = [who for kind, who in statement.principals if kind == "Federated"]
        if not statement.allows or not providers:
            continue
        if others := [who for who in providers if not who.endswith(f":oidc-provider/{_GITHUB_HOST}")]:
            yield f"it trusts {', '.join(others)}, which is not GitHub"
        exact = {
            key.removeprefix(f"{_GITHUB_HOST}:"): values
            for how, key, values in statement.conditions
            if how == "stringequals"
        }
        if exact.get("aud") != ("sts.amazonaws.com",):
            yield "it does not ask for the audience sts.amazonaws.com"
        subjects = exact.get("sub", ())
        if not subjects or not all(_SUBJECT.fullmatch(each) for each in subjects):
            yield f"it admits {', '.join(subjects) or 'every repository'}"


@stack_policy(
    *RESOURCE_POLICIES,
    controls=["CIS 2.21", "SY.118", "SY.56", "S3.2", "S3.3", "SNS.4"],
    severity="critical",
    fix="name the service or role that is to be admitted",
    link="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
)
def nothing_admits_everybody(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """No policy of a bucket, repository, key, topic, queue or secret admits everybody."""
    for resource, statement in _admitted(stack):
        if statement.allows and (statement.everybody or (statement.inverted and statement.principals)):
            yield resource, f"it lets everybody {', '.join(statement.actions)}"


@stack_policy(
    *RESOURCE_POLICIES,
    controls=["S3.6", "SY.115"],
    severity="high",
    fix="add the condition aws:SourceAccount, or aws:SourceArn with the account in it",
    link=CONFUSED_DEPUTY,
)
def what_a_service_may_do_it_does_for_this_account_only(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """Where a policy admits a service it says for which account, and what it may do without a wildcard."""
    for resource, statement in _admitted(stack):
        services = [who for kind, who in statement.principals if kind == "Service"]
        if not statement.allows or not services:
            continue
        if not statement.guarded and not _is_owners_path(statement, services):
            yield resource, f"{', '.join(services)} may {', '.join(statement.actions)} for any account"
        if any("*" in each for each in statement.actions):
            yield resource, f"{', '.join(services)} may {', '.join(statement.actions)}"


def _admitted(stack: Stack) -> Iterator[tuple[Resource, Statement]]:
    for resource in stack:
        for statement in admitted(resource):
            yield resource, statement


def _is_owners_path(statement: Statement, services: list[str]) -> bool:
    """Elastic Load Balancing puts the number of the balancer's owner into the path, where no other account's fits."""
    return services == [_WRITES_TO_ITS_OWNERS_PATH] and all(map(_OWNERS_PATH.fullmatch, statement.resources))


@stack_policy(
    *RESOURCE_POLICIES,
    controls=["S3.6"],
    severity="high",
    fix="name single actions and roles of this account",
    link=security_hub("s3", 6),
)
def other_accounts_are_not_admitted(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """No policy of a resource admits another account, nor who logs in somewhere else."""
    for resource, statement in _admitted(stack):
        others = [who for kind, who in statement.principals if kind not in ("Service", "*") and who != "*"]
        if statement.allows and any(not who.endswith(":root") or resource.type != "aws:kms/key:Key" for who in others):
            yield resource, f"it lets {', '.join(others)} {', '.join(statement.actions)}"
