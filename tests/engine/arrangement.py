"""Arrangement: what the edge is told and where each viewer goes, comparable however often the stack was built.

What AWS or the random provider made up is other each time. It stands here under the name of what it belongs to.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from edge import Edge
from engine.double.cloud import Cloud
from engine.double.outputs import DEFAULTS
from engine.double.stages import published
from engine.double.wire import plain
from engine.edges import DISTRIBUTION, FUNCTION, SIDES, STORED, TOKEN, VIEWERS

EDGE_TYPES = frozenset({DISTRIBUTION, FUNCTION, STORED})
"""What may change where viewers go. Everything else only has to be there."""
_SHORTEST = 6
"""Shorter texts may be part of anything."""


def arrangement(cloud: Cloud) -> dict[str, object]:
    """The inputs of all that decides where viewers go, and where a few of them go, by path."""
    labels = dict(sorted(_made_up(cloud), key=lambda each: (-len(each[0]), each)))
    told: dict[str, object] = {}
    for type_ in sorted(EDGE_TYPES):
        for each in cloud.of_type(type_):
            text = json.dumps(plain(each.inputs), sort_keys=True)
            for value, label in labels.items():
                text = text.replace(value, label)
            told[f"{type_} {each.name}"] = json.loads(text)
    return {**told, **{f"viewers of {path}": sides for path, sides in _destinations(cloud)}}


def _made_up(cloud: Cloud) -> Iterator[tuple[str, str]]:
    for each in cloud.things.values():
        given = plain(each.inputs)
        own = set(given) - set(given.get(DEFAULTS, ())) - {DEFAULTS}
        for key, value in [("id", each.id), *((key, plain(each.outputs)[key]) for key in set(each.outputs) - own)]:
            if isinstance(value, str) and len(value) >= _SHORTEST:
                yield value, f"<{key} of {each.name}>"
        if each.type == TOKEN:
            yield hashlib.sha256(plain(each.outputs)["result"].encode()).hexdigest(), f"<hash of {each.name}>"


def _destinations(cloud: Cloud) -> Iterator[tuple[str, tuple[str, ...]]]:
    for distribution in cloud.of_type(DISTRIBUTION):
        config = plain(distribution.outputs)
        for behavior in (config["defaultCacheBehavior"], *(config.get("orderedCacheBehaviors") or ())):
            (association,) = behavior["functionAssociations"]
            (function,) = (
                each for each in cloud.of_type(FUNCTION) if plain(each.outputs)["arn"] == association["functionArn"]
            )
            live = published(function) or {}
            named = Edge(live["code"], origins=SIDES, store=_store(cloud, live)).sides(VIEWERS)
            yield behavior.get("pathPattern", "*"), tuple(each or behavior["targetOriginId"] for each in named)


def _store(cloud: Cloud, live: dict[str, Any]) -> dict[str, str] | None:
    stores = live["keyValueStoreAssociations"]
    if not stores:
        return None
    stored = [plain(each.outputs) for each in cloud.of_type(STORED)]
    return {each["key"]: each["value"] for each in stored if each["keyValueStoreArn"] == stores[0]}
