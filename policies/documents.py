"""IAM policy documents: their statements in one shape, and what their parts mean."""

import re
from collections.abc import Iterable, Iterator, Mapping
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
        return any(who == "*" for kind, who in self.principals if kind != "Service")

    @property
    def guarded(self) -> bool:
        """Whether it acts for one account only: that account, or an ARN with it in its place, is a condition."""
        return any(
            operator in _GUARDS
            and key in SOURCE_KEYS
            and values
            and all(_is_for_an_account(key, each) for each in values)
            for operator, key, values in self.conditions
        )


def _is_for_an_account(key: str, value: str) -> bool:
    account = value if key == "aws:sourceaccount" else next(iter(value.split(":")[4:5]), "")
    return bool(_ACCOUNT.fullmatch(account))


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
            for operator, block in _items(given.get("Condition"))
            for key, values in _items(block)
        ),
        inverted=any(key in given for key in ("NotAction", "NotResource", "NotPrincipal")),
    )


def _items(given: object) -> Iterable[tuple[Any, Any]]:
    """What is in an object; nothing where there is something else in its place, which AWS refuses."""
    return given.items() if isinstance(given, Mapping) else ()


def _principals(given: object) -> Iterator[tuple[str, str]]:
    if isinstance(given, Mapping):
        for kind, who in given.items():
            for each in listed(who):
                yield str(kind), str(each)
    elif given is not None:
        for each in listed(given):
            yield "*", str(each)


ROLE = "aws:iam/role:Role"
TRUST = "assumeRolePolicy"
IDENTITY_POLICIES = {
    "aws:iam/rolePolicy:RolePolicy": "policy",
    "aws:iam/policy:Policy": "policy",
    "aws:iam/userPolicy:UserPolicy": "policy",
    "aws:iam/groupPolicy:GroupPolicy": "policy",
}
"""What grants a role something, and the input with the document; a role may have more in its `inlinePolicies`."""
ATTACHMENTS = {
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "policyArn",
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": "policyArns",
    "aws:iam/policyAttachment:PolicyAttachment": "policyArn",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": "policyArn",
    "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive": "policyArns",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": "policyArn",
    "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive": "policyArns",
    ROLE: "managedPolicyArns",
}
"""What gives an identity a policy that stands elsewhere, and the input with its ARN."""
RESOURCE_POLICIES = {
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "policy",
    "aws:ecr/registryPolicy:RegistryPolicy": "policy",
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:secretsmanager/secretPolicy:SecretPolicy": "policy",
    "aws:kms/key:Key": "policy",
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "policyDocument",
}
"""What is there to let somebody else in, and the input with the document; other resources may have one, too."""


def grants(resource: Resource) -> list[Any]:
    """The documents that grant an identity something: the one of a policy, or all that a role has inside."""
    if resource.type == ROLE:
        return [each.get("policy") for each in listed(resource.inputs.get("inlinePolicies")) if isinstance(each, dict)]
    return [resource.inputs.get(IDENTITY_POLICIES[resource.type])]


def granted(resource: Resource) -> list[Statement]:
    """The statements of an identity's policies."""
    return [statement for each in grants(resource) for statement in statements(each)]


def admitted(resource: Resource) -> list[Statement]:
    """The statements of a resource's own policies: of every input that is one, whatever the resource.

    A role's trust is judged by itself, and a VPC endpoint's policy is no way in: it is for who is in the VPC already.
    """
    if resource.type in (ROLE, "aws:ec2/vpcEndpoint:VpcEndpoint", "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy"):
        return []
    documents = [value for key, value in resource.inputs.items() if "polic" in key.lower()]
    return [each for document in documents for each in statements(document) if each.principals]
