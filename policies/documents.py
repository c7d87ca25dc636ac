"""IAM policy documents: their statements in one shape, and what their parts mean."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from policies.graph import Resource, listed, parsed

SOURCE_KEYS = ("aws:sourceaccount", "aws:sourcearn")
_ACCOUNT = re.compile(r"\d{12}")
_GUARDS = ("stringequals", "stringlike", "arnequals", "arnlike")


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement; what may be one or many is a tuple."""

    allows: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: tuple[tuple[str, str], ...]
    """(kind, who), such as ("Service", "lambda.amazonaws.com"); ("*", "*") for everybody."""
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...]
    """(operator, key, values), the first two in lower case."""
    inverted: bool
    """Whether it names what it is *not* about: NotAction, NotResource or NotPrincipal."""

    @property
    def everybody(self) -> bool:
        """Whether anybody at all is a principal."""
        return any(who == "*" for kind, who in self.principals if kind in ("*", "AWS"))

    @property
    def guarded(self) -> bool:
        """Whether it acts for one account only: that account, or an ARN with the account in it, is a condition."""
        return any(
            operator in _GUARDS and key in SOURCE_KEYS and values and all(_ACCOUNT.search(each) for each in values)
            for operator, key, values in self.conditions
        )


def statements(document: object) -> list[Statement]:
    """The statements of a document, as text or parsed; none for what is hidden or no document."""
    whole = parsed(document)
    if not isinstance(whole, Mapping):
        return []
    return [_statement(each) for each in listed(whole.get("Statement")) if isinstance(each, Mapping)]


def _statement(given: Mapping[str, Any]) -> Statement:
    return Statement(
        allows=given.get("Effect") == "Allow",
        actions=tuple(map(str, listed(given.get("Action", given.get("NotAction"))))),
        resources=tuple(map(str, listed(given.get("Resource", given.get("NotResource"))))),
        principals=tuple(_principals(given.get("Principal", given.get("NotPrincipal")))),
        conditions=tuple(
            (str(operator).lower(), str(key).lower(), tuple(map(str, listed(values))))
            for operator, block in (given.get("Condition") or {}).items()
            if isinstance(block, Mapping)
            for key, values in block.items()
        ),
        inverted=any(key in given for key in ("NotAction", "NotResource", "NotPrincipal")),
    )


def _principals(given: object) -> Iterator[tuple[str, str]]:
    if isinstance(given, Mapping):
        for kind, who in given.items():
            for each in listed(who):
                yield str(kind), str(each)
    elif given is not None:
        for each in listed(given):
            yield "*", str(each)


IDENTITY_POLICIES = {
    "aws:iam/rolePolicy:RolePolicy": "policy",
    "aws:iam/policy:Policy": "policy",
    "aws:iam/userPolicy:UserPolicy": "policy",
    "aws:iam/groupPolicy:GroupPolicy": "policy",
}
"""What grants a role something, and the input with the document."""
RESOURCE_POLICIES = {
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "policy",
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:secretsmanager/secretPolicy:SecretPolicy": "policy",
    "aws:kms/key:Key": "policy",
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "policyDocument",
}
"""What lets somebody else in, and the input with the document."""
ROLE = "aws:iam/role:Role"
TRUST = "assumeRolePolicy"


def granted(resource: Resource) -> list[Statement]:
    """The statements of an identity's policy."""
    return statements(resource.inputs.get(IDENTITY_POLICIES[resource.type]))


def admitted(resource: Resource) -> list[Statement]:
    """The statements of a resource's policy."""
    return statements(resource.inputs.get(RESOURCE_POLICIES[resource.type]))
