"""Needs: what has to be there before something else begins, and what the engine waits for before it begins that."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from engine.double.cloud import Cloud, Refused, Thing
from engine.double.order import REFERENCES, SURROUNDINGS, check_surroundings
from engine.double.steady import why_not_steady
from engine.double.wire import plain
from engine.edges import DISTRIBUTION
from engine.readiness import why_not_ready

SERVICE = "aws:ecs/service:Service"
_NAMED = {each.to for each in REFERENCES}


def unordered(cloud: Cloud, state: Iterable[Mapping[str, Any]]) -> list[str]:
    """`<what> does not wait for <name>`, for each thing that it can't do without and that may come after it.

    The engine begins with a resource when all is done that its state says it depends on, and its parent is known, which
    waits in the same way. Nothing else is sure to be there by then, however it went this time.
    """
    waited_for = _ancestors(state)
    return [
        f"{thing.name} does not wait for {need.name}"
        for thing, need in needs(cloud)
        if need.urn not in waited_for(thing.urn)
    ]


def named_by_nobody(cloud: Cloud) -> list[Thing]:
    """What something can't do without, though nothing else names it: only the program can say who waits for it."""
    return list({need.urn: need for _, need in needs(cloud) if need.type not in _NAMED}.values())


def needs(cloud: Cloud) -> Iterator[tuple[Thing, Thing]]:
    """Each thing that lacks nothing, and each other without which it would."""
    for thing in [each for type_ in (*SURROUNDINGS, DISTRIBUTION) for each in cloud.of_type(type_)]:
        assert not _lacks(cloud, thing)
        for each in [one for one in cloud.things.values() if one is not thing]:
            cloud.remove(each)
            lacks = _lacks(cloud, thing)
            cloud.things[(each.urn, each.id)] = each
            if lacks:
                yield thing, each


def _lacks(cloud: Cloud, thing: Thing) -> bool:
    outputs = plain(thing.outputs)
    if thing.type == DISTRIBUTION:
        return any(why_not_ready(cloud, each) for each in outputs["origins"])
    try:
        check_surroundings(cloud, thing.type, thing.inputs)
    except Refused:
        return True
    return thing.type == SERVICE and bool(why_not_steady(cloud, outputs))


def _ancestors(state: Iterable[Mapping[str, Any]]) -> Callable[[str], set[str]]:
    """By URN, all that the engine waits for before it begins with it."""
    direct = {each["urn"]: {*each.get("dependencies", ()), each.get("parent")} - {None} for each in state}

    def ancestors(urn: str) -> set[str]:
        found: set[str] = set()
        left = [urn]
        while left:
            new = direct.get(left.pop(), set()) - found
            found |= new
            left += new
        return found

    return ancestors
