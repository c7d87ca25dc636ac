"""A policy about what no policy can judge: a secret where none belongs, and a document that is none."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from policies.documents import IDENTITY_POLICIES, RESOURCE_POLICIES, ROLE, TRUST
from policies.ecs import TASK
from policies.graph import Resource, is_hidden, is_secret, parsed
from policies.registry import resource_policy

_SECRETS_BELONG = (
    "aws:cloudfront/distribution:Distribution origins.customHeaders.value",
    "aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey value",
    "aws:lb/listenerRule:ListenerRule conditions.httpHeader.values",
    "aws:lambda/function:Function environment.variables.*",  # which another policy is there to find
    "aws:ssm/parameter:Parameter value",
    "* *[Pp]assword*",
    "* *[Ss]ecret*",
    "* *[Tt]oken",
)
"""Where a secret is the point, as patterns of type and path: where AWS asks for one, or compares it."""
_DOCUMENTS = {**IDENTITY_POLICIES, **RESOURCE_POLICIES, ROLE: TRUST, TASK: "containerDefinitions"}


@resource_policy(
    "aws:*",
    controls=["readable"],
    severity="high",
    fix="keep the secret out of it: put the ARN of one in Secrets Manager there, and let the app read it",
    link="https://www.pulumi.com/docs/iac/concepts/secrets/",
)
def what_is_judged_can_be_read(resource: Resource) -> Iterator[str]:
    """No policy is blinded: a secret, which hides all of the text it is put into, stands only where it is compared."""
    for path in dict.fromkeys(_secrets(resource.inputs)):
        if not any(fnmatchcase(f"{resource.type} {path}", each) for each in _SECRETS_BELONG):
            yield f"{path} is secret, so that nobody can tell what it holds"
    key = _DOCUMENTS.get(resource.type, "")
    given = resource.inputs.get(key)
    if given is not None and not is_hidden(given) and not _is_document(key, parsed(given)):
        yield f"{key} is no document that can be read"


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
