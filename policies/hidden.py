"""A policy about what no policy can judge: a secret where none belongs, and a document that is none."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from policies.documents import IDENTITY_POLICIES, RESOURCE_POLICIES, ROLE, TRUST
from policies.ecs import TASK
from policies.functions import FUNCTION
from policies.graph import Resource, Stack, is_hidden, is_secret, parsed
from policies.registry import POLICIES, stack_policy

_SECRETS_BELONG = (
    "aws:cloudfront/distribution:Distribution origins.customHeaders.value",
    "aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey value",
    "aws:lb/listenerRule:ListenerRule conditions.httpHeader.values",
    "aws:lambda/function:Function environment.variables.*",  # which another policy is there to find
    "* *[Pp]assword",
    "* secretString",
)
"""Where a secret is the point, as patterns of type and path: CloudFront says it, and the balancer compares it."""
_DOCUMENTS = {**IDENTITY_POLICIES, **RESOURCE_POLICIES, ROLE: TRUST, TASK: "containerDefinitions"}


@stack_policy(
    *(*_DOCUMENTS, FUNCTION),
    controls=["readable"],
    severity="high",
    fix="keep the secret out of it: put the ARN of one in Secrets Manager there, and let the app read it",
    link="https://www.pulumi.com/docs/iac/concepts/secrets/",
)
def what_is_judged_can_be_read(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """No policy is blinded: a secret, which hides all of the text it is put into, stands only where it is compared."""
    judged = {_module(type_) for policy in POLICIES.values() for type_ in policy.types}
    for resource in (each for each in stack if _module(each.type) in judged):
        for path in dict.fromkeys(_secrets(resource.inputs)):
            if not any(fnmatchcase(f"{resource.type} {path}", each) for each in _SECRETS_BELONG):
                yield resource, f"{path} is secret, so that nobody can tell what it holds"
    for type_, key in _DOCUMENTS.items():
        for resource in stack.of_type(type_):
            given = resource.inputs.get(key)
            if given is not None and not is_hidden(given) and not _is_document(key, parsed(given)):
                yield resource, f"{key} is no document that can be read"


def _module(type_: str) -> str:
    """AWS's service: a policy about one kind of its resources often looks at others beside it."""
    return type_.partition("/")[0]


def _is_document(key: str, document: Any) -> bool:
    if key == "containerDefinitions":
        return isinstance(document, list) and all(isinstance(each, dict) for each in document)
    return isinstance(document, dict) and "Statement" in document


def _secrets(value: Any, at: str = "") -> Iterator[str]:
    """The paths of what is secret, without the numbers of a list's entries."""
    if is_secret(value):
        yield at
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _secrets(inner, f"{at}.{key}" if at else key)
    elif isinstance(value, list):
        for inner in value:
            yield from _secrets(inner, at)
