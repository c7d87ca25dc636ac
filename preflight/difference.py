"""Difference: what changes between two recordings of a stack, and which of it is dangerous.

The engine decides between an update and a replacement by asking the provider; here a table says it (force_new.py).
A replaced resource has new ids, so what is made of them changes too, and may have to be replaced in its turn.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from preflight import made_up
from preflight.carried import Carried
from preflight.force_new import REPLACED_BY, forces_replacement
from preflight.leaves import ABSENT, PropertyChange, leaves
from preflight.provided import provided
from preflight.recording import SECRET, Recording, Resource
from preflight.sets import SETS

Kind = Literal["replaced", "removed", "added", "updated", "renamed", "moved"]
KINDS: tuple[Kind, ...] = ("replaced", "removed", "added", "updated", "renamed", "moved")
RENEWED = {"$renewed": True}
"""A value that AWS will make anew, since what it comes from is replaced."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What happens to one resource."""

    kind: Kind
    urn: str
    type: str
    name: str
    protected: bool
    components: tuple[str, ...] = ()
    """The components it is in, the outermost first: `("Container container", "Vpc container-vpc")`."""
    old_urn: str = ""
    """The URN before, where an alias carries the resource over."""
    properties: tuple[PropertyChange, ...] = ()
    forced_by: tuple[str, ...] = ()
    """The properties that can't be changed in place, or what it is replaced together with."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Everything that changes, in an order that does not depend on anything but the change itself."""

    changes: tuple[Change, ...]
    outputs: tuple[PropertyChange, ...]

    def of_kind(self, kind: Kind) -> tuple[Change, ...]:
        return tuple(each for each in self.changes if each.kind == kind)

    @property
    def doubts(self) -> tuple[str, ...]:
        """What can't be told, a sentence for each type: whether a change of it is an update or a replacement."""
        known = (*REPLACED_BY, *(each.type for each in self.changes if each.type.startswith("pulumi:")))
        types = sorted({each.type for each in self.of_kind("updated") if each.type not in known})
        return tuple(
            f"{each} is not in preflight/force_new.py: it may be replaced where this says updated." for each in types
        )

    def __bool__(self) -> bool:
        return bool(self.changes or self.outputs)


def difference(before: Recording, after: Recording) -> Difference:
    """What an update from `before` to `after` does to each resource."""
    carried = Carried(before, after)
    pairs = [
        (provided(before, old), provided(after, new))
        for old, new in carried.pairs()
        if _counts(new) or _is_provider(new)
    ]
    renewed = _renewed_in_the_end(pairs)
    kept = set(carried.old_urns.values())
    changes = [
        *(_change(old, new, renewed, _components(after, new)) for old, new in pairs),
        *(_whole("removed", each, before) for each in before if each.urn not in kept and _counts(each)),
        *(_whole("added", each, after) for each in after if each.urn not in carried.old_urns and _counts(each)),
    ]
    return Difference(
        changes=tuple(
            sorted(filter(None, changes), key=lambda each: (each.components, KINDS.index(each.kind), each.urn))
        ),
        outputs=tuple(leaves("", before.outputs, carried.turned_back(after.outputs))),
    )


def _counts(resource: Resource) -> bool:
    """Whether it is something in AWS: a component is only a name for its children."""
    return resource.is_ours and (resource.custom or resource.remote)


def _is_provider(resource: Resource) -> bool:
    """Whether it says in which account everything is, in which region, and with which tags."""
    return resource.type.startswith("pulumi:providers:")


@dataclass(frozen=True)
class _Renewed:
    """The URNs of what AWS makes anew: whole resources, and functions that get another version."""

    replaced: frozenset[str] = frozenset()
    published: frozenset[str] = frozenset()
    known: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By URN, the texts that a resource was given and only hands on: those stay."""

    def has(self, resource: Resource, key: str, sources: Iterable[str]) -> bool:
        """Whether an input of this resource, made from these sources, is another one after the update."""
        is_version = (resource.type, key) == ("aws:lambda/alias:Alias", "functionVersion")
        made_anew = (self.replaced | self.published if is_version else self.replaced).intersection(sources)
        value = resource.inputs[key]
        handed_on = isinstance(value, str) and any(value in self.known.get(each, ()) for each in made_anew)
        return bool(made_anew) and not handed_on


def _renewed_in_the_end(pairs: list[tuple[Resource, Resource]]) -> _Renewed:
    """What is renewed, also in consequence of another's renewal."""
    renewed = _Renewed(known={new.urn: _handed_on(new) for _, new in pairs})
    while True:
        found = replace(
            renewed,
            replaced=frozenset(new.urn for old, new in pairs if _forced_by(old, new, renewed)),
            published=frozenset(new.urn for old, new in pairs if _is_published(old, new, renewed)),
        )
        if found == renewed:
            return renewed
        renewed = found


def _handed_on(resource: Resource) -> frozenset[str]:
    """The texts that a resource was given and that AWS makes no id or name of."""
    computed = made_up.outputs(resource, "")
    mine = {value for key, value in computed.items() if key not in resource.inputs and isinstance(value, str)}
    return frozenset(value for value in resource.inputs.values() if isinstance(value, str)) - mine


def _is_published(old: Resource, new: Resource, renewed: _Renewed) -> bool:
    """Whether a function gets a new version: by any change of its code or configuration.

    Source: updateComputedAttributesOnPublish in
    https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/lambda/function.go
    """
    if new.type != "aws:lambda/function:Function" or new.inputs.get("publish") is not True:
        return False
    unpublished = ("tags", "tagsAll", "reservedConcurrentExecutions")
    return any(each.property not in unpublished for each in _changed(old, new, renewed))


def _changed(old: Resource, new: Resource, renewed: _Renewed) -> list[PropertyChange]:
    ignored = set(new.options.ignore_changes)
    found = [
        each
        for each in leaves("", old.inputs, new.inputs, SETS.get(new.type, frozenset()))
        if each.property not in ignored
    ]
    named = {each.property for each in found}
    for key, sources in sorted(new.options.property_dependencies.items()):
        if key in ignored or key in named or key not in new.inputs:
            continue
        if renewed.has(new, key, sources):
            found.append(PropertyChange(path=key, before=old.inputs.get(key, ABSENT), after=RENEWED))
        elif _holds_secret(new.inputs[key]) and sources != old.options.property_dependencies.get(key, ()):
            found.append(PropertyChange(path=key, before=SECRET, after=SECRET))
    return found


def _forced_by(old: Resource, new: Resource, renewed: _Renewed) -> tuple[str, ...]:
    changed = dict.fromkeys(each.property for each in _changed(old, new, renewed))
    always = new.options.replace_on_changes
    forced = [each for each in changed if each in always or forces_replacement(new.type, each, new.inputs)]
    forced += [
        f"replaced with {urn.rpartition('::')[2]}" for urn in new.options.replace_with if urn in renewed.replaced
    ]
    return tuple(forced)


def _components(recording: Recording, resource: Resource) -> tuple[str, ...]:
    above: list[str] = []
    while resource.parent in recording.resources:
        resource = recording.resources[resource.parent]
        above.insert(0, f"{resource.type.rpartition(':')[2]} {resource.name}")
    return tuple(above)


def _change(old: Resource, new: Resource, renewed: _Renewed, components: tuple[str, ...]) -> Change | None:
    properties = tuple(_changed(old, new, renewed))
    forced_by = _forced_by(old, new, renewed)
    kind: Kind
    if forced_by:
        kind = "replaced"
    elif properties:
        kind = "updated"
    elif old.urn != new.urn:
        kind = "renamed" if old.name != new.name else "moved"
    else:
        return None
    return Change(
        kind=kind,
        urn=new.urn,
        type=new.type,
        name=new.name,
        protected=old.options.protect,
        components=components,
        old_urn=old.urn if old.urn != new.urn else "",
        properties=properties,
        forced_by=forced_by,
    )


def _whole(kind: Kind, resource: Resource, recording: Recording) -> Change:
    return Change(
        kind=kind,
        urn=resource.urn,
        type=resource.type,
        name=resource.name,
        protected=resource.options.protect,
        components=_components(recording, resource),
    )


def _holds_secret(value: Any) -> bool:
    if value == SECRET:
        return True
    if isinstance(value, Mapping):
        return any(map(_holds_secret, value.values()))
    return isinstance(value, list) and any(map(_holds_secret, value))
