"""wildcards: what is left of them in a stack's policies, each with the reason why it can't be narrower."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from policies.callers import PERMISSION
from policies.documents import IDENTITY_POLICIES, ROLE, TRUST, Statement, admitted, granted, statements
from policies.graph import Resource, Stack
from policies.iam import WITHOUT_A_RESOURCE

_NAME = r"[\w./-]+"
_PARTIAL = {
    rf"arn:aws:logs:[\w-]+:\d{{12}}:log-group:{_NAME}:\*": "the log group itself, as CloudWatch Logs spells it",
    rf"arn:aws:s3:::{_NAME}/\*": "the objects of one bucket, or of one folder in it",
    r"arn:aws:cloudfront::\d{12}:distribution/\*": "the distribution waits for this, and has no ARN before",
    r"arn:aws:lambda:[\w-]+:\d{12}:function:\*": "a function has no ARN before its image can be pulled",
    r"arn:aws:logs:[\w-]+:\d{12}:delivery-source:\*": "the source is named after the distribution, which is made later",
    rf"arn:aws:execute-api:[\w-]+:\d{{12}}:{_NAME}/\*/\*": "every stage and route of one API",
}
"""Patterns of what is named by a wildcard in part."""


@dataclass(frozen=True, order=True, kw_only=True)
class Wildcard:
    """One resource, or source of a request, that a statement names by a wildcard."""

    where: str
    """Logical name of the resource with the document."""
    actions: str
    pattern: str
    reason: str


def counted(stack: Stack) -> Counter[str]:
    """How many documents and permissions of Lambda there are, with how many statements."""
    documents = [each for resource in stack for each in _documents(resource)]
    permissions = stack.of_type(PERMISSION)
    return Counter(documents=len(documents), statements=sum(map(len, documents)), permissions=len(permissions))


def wildcards(stack: Stack) -> Iterator[Wildcard]:
    """Every wildcard that widens something. ValueError for one that nobody gave a reason for."""
    for resource in stack:
        for statement in (each for document in _documents(resource) for each in document if each.allows):
            named = [*statement.resources, *(value for _, _, values in statement.conditions for value in values)]
            for pattern in filter(_is_wide, named):
                yield _wildcard(resource, statement.actions, pattern)
            for action in filter(_is_wide, statement.actions):
                raise ValueError(f"{resource.name} allows {action}")
    for each in stack.of_type(PERMISSION):
        if _is_wide(str(each.inputs.get("sourceArn"))):
            yield _wildcard(each, (str(each.inputs.get("action")),), str(each.inputs["sourceArn"]))


def _documents(resource: Resource) -> Iterator[list[Statement]]:
    if resource.type in (ROLE, *IDENTITY_POLICIES):
        trust = statements(resource.inputs.get(TRUST)) if resource.type == ROLE else []
        yield from filter(None, (trust, granted(resource)))
    elif found := admitted(resource):
        yield found


def _is_wide(text: str) -> bool:
    return bool(set(text) & {"*", "?"})


def _wildcard(resource: Resource, actions: tuple[str, ...], pattern: str) -> Wildcard:
    if pattern == "*":
        reasons = [WITHOUT_A_RESOURCE.get(each) for each in actions]
    else:
        reasons = [next((why for spelt, why in _PARTIAL.items() if re.fullmatch(spelt, pattern)), None)]
    if not all(reasons):
        raise ValueError(f"{resource.name} allows {', '.join(actions)} on or from {pattern}, and nobody says why")
    given = "; ".join(dict.fromkeys(each for each in reasons if each))
    return Wildcard(where=resource.name, actions=", ".join(actions), pattern=pattern, reason=given)
