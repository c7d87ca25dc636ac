"""Stack and Resource: what the policies look at, as plain data, whether the engine or preflight hands it over.

Only inputs are read, under the names that the provider gives them, and which resource each of them comes from: the
ids that AWS makes up are not known before there is anything to judge.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

UNKNOWN = {"$unknown": True}
"""Stands for an input that only AWS can tell."""
SECRET = {"$secret": True}
"""Stands for an input that nobody may see."""


# Source: pulumi_aws, which has these classes twice; a request for a spot instance is one, with some inputs more.
_SAME = (
    (re.compile(r"aws:alb/"), "aws:lb/"),
    (re.compile(r"(aws:s3/\w+)V2(:\w+)V2"), r"\1\2"),
    (re.compile(r"aws:ec2/spotInstanceRequest:SpotInstanceRequest"), "aws:ec2/instance:Instance"),
)


def canonical(type_: str) -> str:
    """The one name of a type that the SDK has several for: `aws:alb` is `aws:lb`, and S3's `BucketV2` a `Bucket`."""
    for other, name in _SAME:
        type_ = other.sub(name, type_)
    return type_


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One registered resource."""

    urn: str
    type: str
    """Its canonical type, whichever it was given."""
    name: str
    inputs: Mapping[str, Any]
    protect: bool = False
    depends_on: Sequence[str] = ()
    """URNs of what must be there before."""
    property_dependencies: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """For each input, the URNs of the resources that it comes from."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "type", canonical(self.type))


@dataclass(frozen=True)
class Stack:
    """All resources of one stack, by URN."""

    name: str
    resources: Mapping[str, Resource]

    @classmethod
    def of(cls, name: str, resources: Iterable[Resource]) -> "Stack":
        """The stack of this name with these resources."""
        return cls(name, {each.urn: each for each in resources})

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.resources.values())

    @cached_property
    def _by_type(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for each in self:
            found.setdefault(each.type, []).append(each)
        return found

    def of_type(self, *types: str) -> list[Resource]:
        """Every resource of these types; `aws:*` is for all that begin so."""
        named = [each for type_ in types for each in self._by_type.get(type_, ())]
        begun = tuple(each[:-1] for each in types if each.endswith("*"))
        return named + [each for each in self if each.type.startswith(begun)] if begun else named

    def sources(self, resource: Resource, key: str, *types: str) -> list[Resource]:
        """The resources, of these types, that this input comes from."""
        found = [self.resources[urn] for urn in resource.property_dependencies.get(key, ()) if urn in self.resources]
        return [each for each in found if not types or each.type in types]

    def users(self, resource: Resource, type_: str, key: str) -> list[Resource]:
        """The resources of this type whose input comes from `resource`."""
        return [each for each in self.of_type(type_) if resource.urn in each.property_dependencies.get(key, ())]

    def strangers(self, resource: Resource, key: str, named: Iterable[Any], *types: str) -> str:
        """What an input names beyond what it has from resources of the stack, of these types; empty if nothing.

        Names can't be told apart from what only AWS knows yet: they are counted.
        """
        given = [each for each in named if each not in (None, "", [], {})]
        known = list(dict.fromkeys(each for each in given if isinstance(each, str)))
        unknown = any(is_hidden(each) for each in given)
        is_more = len(known) + unknown > len(self.sources(resource, key, *types))
        return (", ".join(known) or "something") if is_more else ""

    def before(self, resource: Resource) -> set[str]:
        """URNs of all that must be there before this resource, however indirectly."""
        found: set[str] = set()
        frontier = [resource]
        while frontier:
            for urn in frontier.pop().depends_on:
                if urn not in found and urn in self.resources:
                    found.add(urn)
                    frontier.append(self.resources[urn])
        return found


def is_hidden(value: object) -> bool:
    """Whether this is unknown or secret, so that nothing can be said about it."""
    return isinstance(value, Mapping) and ("$unknown" in value or "$secret" in value)


def is_secret(value: object) -> bool:
    """Whether this is secret, and so hidden by whoever wrote the program and not by AWS."""
    return isinstance(value, Mapping) and "$secret" in value


def listed(value: object) -> list[Any]:
    """The value as a list: itself, or alone in one; empty for None and for what is hidden."""
    if value is None or is_hidden(value):
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def inner(value: object, *path: str) -> Any:
    """What lies at this path into nested objects, one in a list of one included; None where nothing does."""
    for step in path:
        if isinstance(value, list) and len(value) == 1:
            (value,) = value
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def parsed(text: object) -> Any:
    """A JSON document; None for what is hidden or is none."""
    if not isinstance(text, str):
        return text if isinstance(text, Mapping | list) and not is_hidden(text) else None
    try:
        return json.loads(text)
    except ValueError:
        return None
