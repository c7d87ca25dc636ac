"""Malformed resources: what a program may register by mistake, of every type that a policy is about."""

import json
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

from policies.graph import SECRET, UNKNOWN, Resource, Stack

JUNK: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 10**30, 1.5, "", "*", "\ud800", "arn:aws:iam::x:role/", "::/0", "$unknown", "null"),
    *([], [None], [[]], [1, "a", {}], {}, {"": None}, {"a": []}, {"Statement": None}, [{"Statement": "a"}]),
    *(SECRET, UNKNOWN, [SECRET], '{"Statement": [{"Condition": "a", "Principal": 1}]}', "[1]", '"a"'),
)
"""What may stand in the place of anything else."""


class Anything(dict[str, Any]):
    """An object that has something under every name that it is asked for."""

    def __init__(self, given: dict[str, Any], random: Random) -> None:
        super().__init__(given)
        self.random = random

    def get(self, key: str, default: Any = None) -> Any:
        """What was given, or else something."""
        return self[key] if key in self else self.random.choice((*JUNK, default, Anything({}, self.random)))


def malformed(stack: Stack, random: Random) -> Stack:
    """The stack with something else in one place of each resource, however deep inside, and for each name it lacks."""
    return Stack.of(stack.name, (_garbled(each, random) for each in stack))


def _garbled(resource: Resource, random: Random) -> Resource:
    places = list(_places(dict(resource.inputs))) or [()]
    changed = _put(dict(resource.inputs), random.choice(places), random.choice(JUNK)) if places[0] else {}
    return replace(resource, inputs=Anything(changed, random) if random.random() < 0.5 else changed)


def _places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything in a value, into the JSON of a text, too."""
    if at:
        yield at
    inside = _opened(value)
    items = inside.items() if isinstance(inside, dict) else enumerate(inside) if isinstance(inside, list) else ()
    for key, each in items:
        yield from _places(each, (*at, key))


def _put(value: Any, path: tuple[Any, ...], junk: Any) -> Any:
    if not path:
        return junk
    inside = _opened(value)
    changed = inside.copy()
    changed[path[0]] = _put(inside[path[0]], path[1:], junk)
    return json.dumps(changed) if isinstance(value, str) else changed


def _opened(value: Any) -> Any:
    if not isinstance(value, str) or value[:1] not in "[{":
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
