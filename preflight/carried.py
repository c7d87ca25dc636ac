"""Carried: which resource of an older recording each one of a newer is, by its URN or by an alias.

A resource that an alias carries over keeps its ids and names. Those are made up from the URN, so that the newer
recording has others; here they are turned back, or everything made of them would seem to change.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from preflight import made_up
from preflight.recording import Recording, Resource

_SHA256 = re.compile(r"[0-9a-f]{64}")
_STACK = "pulumi:pulumi:Stack"


@dataclass(frozen=True)
class Carried:
    """Two recordings, and what of the first is what of the second."""

    before: Recording
    after: Recording

    @cached_property
    def old_urns(self) -> Mapping[str, str]:
        """The URN before of each resource that was there before, components too, by its URN now."""
        found: dict[str, str] = {}
        for urn in self.after.resources:
            self._find(urn, found)
        return {urn: old for urn, old in found.items() if old}

    def _find(self, urn: str, found: dict[str, str]) -> str:
        if urn not in found:
            new = self.after.resources[urn]
            parent = self.after.resources.get(new.parent)
            old_parent = self._find(parent.urn, found) if parent else ""
            names = [urn, *new.options.aliases]
            if parent and old_parent not in ("", parent.urn):
                names += [_inherited(each, parent, old_parent) for each in names]
            found[urn] = next((each for each in names if each in self.before.resources), "")
        return found[urn]

    def pairs(self) -> list[tuple[Resource, Resource]]:
        """(before, now) of each resource that is in both, as if it still had the ids of before."""
        new_urns = {old: urn for urn, old in self.old_urns.items()}
        found = []
        for urn, old_urn in self.old_urns.items():
            old, new = self.before.resources[old_urn], self.after.resources[urn]
            sources = {
                key: tuple(sorted(new_urns.get(each, each) for each in urns))
                for key, urns in old.options.property_dependencies.items()
            }
            old = replace(old, options=replace(old.options, property_dependencies=sources))
            inputs = {
                key: _with_digests_of(old.inputs.get(key), self.turned_back(value))
                if self._made_of_the_same(sources.get(key, ()), new.options.property_dependencies.get(key, ()))
                else self.turned_back(value)
                for key, value in new.inputs.items()
            }
            found.append((old, replace(new, inputs=inputs)))
        return found

    def _made_of_the_same(self, was: tuple[str, ...], now: tuple[str, ...]) -> bool:
        """Whether an input is made of the same resources as before, one of which has other made-up texts now."""
        return was == now and any(each in self._as_before for each in now)

    def turned_back(self, value: Any) -> Any:
        """The value with the made-up ids and names of before."""
        if not self._made_up_before:
            return value
        if isinstance(value, Mapping):
            return {key: self.turned_back(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.turned_back(each) for each in value]
        if not isinstance(value, str):
            return value
        for _ in range(2):  # what is made of a made-up name holds it
            value = self._made_up_now.sub(lambda found: self._made_up_before[found[0]], value)
        return value

    @cached_property
    def _as_before(self) -> Mapping[str, Resource]:
        """By URN, each resource whose URN is another one, or an input that is not looked at, as it was in those."""
        found: dict[str, Resource] = {}
        for urn, old_urn in self.old_urns.items():
            old, new = self.before.resources[old_urn], self.after.resources[urn]
            ignored = {key: old.inputs[key] for key in new.options.ignore_changes if key in old.inputs}
            if urn != old_urn or any(new.inputs.get(key) != was for key, was in ignored.items()):
                found[urn] = replace(new, urn=old_urn, name=old.name, inputs={**new.inputs, **ignored})
        return found

    @cached_property
    def _made_up_before(self) -> Mapping[str, str]:
        """By each made-up text, what it was."""
        found: dict[str, str] = {}
        for urn, as_before in self._as_before.items():
            new = self.after.resources[urn]
            now, was = (_texts(made_up.outputs(each, self.after.region)) for each in (new, as_before))
            mark = made_up.urn_digest(urn)[:6]
            found |= {text: was[key] for key, text in now.items() if key in was and mark in text.lower()}
        return found

    @cached_property
    def _made_up_now(self) -> re.Pattern[str]:
        longest_first = sorted(self._made_up_before, key=lambda each: (-len(each), each))
        return re.compile("|".join(map(re.escape, longest_first)))


def _with_digests_of(old: Any, new: Any) -> Any:
    """The new value, digests as they were before: what the program hashes can't be turned back."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return {key: _with_digests_of(old.get(key), each) for key, each in new.items()}
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [_with_digests_of(*each) for each in zip(old, new, strict=True)]
    if isinstance(old, str) and isinstance(new, str) and _SHA256.sub("", old) == _SHA256.sub("", new):
        return old
    return new


def _inherited(alias: str, parent: Resource, old_parent: str) -> str:
    """What an alias becomes where the parent has one, too; its name follows the parent's if it begins with that.

    Source: inheritedChildAlias in https://github.com/pulumi/pulumi/blob/master/pkg/resource/deploy/step_generator.go
    """
    stack, project, types, name = alias.split("::", 3)
    _, _, above, old_name = old_parent.split("::", 3)
    qualified = types.rpartition("$")[2] if above == _STACK else f"{above}${types.rpartition('$')[2]}"
    if name.startswith(parent.name):
        name = old_name + name.removeprefix(parent.name)
    return "::".join((stack, project, qualified, name))


def _texts(outputs: Mapping[str, Any], path: str = "") -> dict[str, str]:
    """Every text among the outputs, by where it is."""
    found: dict[str, str] = {}
    for key, value in outputs.items():
        if isinstance(value, str):
            found[f"{path}{key}"] = value
        elif isinstance(value, Mapping):
            found |= _texts(value, f"{path}{key}.")
        elif isinstance(value, list):
            found |= _texts(dict(zip(map(str, range(len(value))), value, strict=True)), f"{path}{key}.")
    return found
