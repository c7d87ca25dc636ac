"""Leaves: where two values differ, down to the last property. Text that is JSON is compared as what it says."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

ABSENT = {"$absent": True}
"""Stands where a property is not there at all."""


@dataclass(frozen=True, kw_only=True)
class PropertyChange:
    """One property, down to the leaf that differs: `origins[serverless].domainName`."""

    path: str
    before: Any
    after: Any

    @property
    def property(self) -> str:
        """The resource's own property that this lies in."""
        return self.path.partition(".")[0].partition("[")[0]


_IDENTITIES = ("originId", "pathPattern", "Sid", "name", "key", "id")
"""What a list's entries are told apart by, the first that all of them have and no two share."""


def leaves(path: str, before: Any, after: Any) -> Iterator[PropertyChange]:
    """The leaves that differ. Text that is JSON on both sides is compared as what it says."""
    if before == after:
        return
    if isinstance(before, str) and isinstance(after, str):
        documents = _document(before), _document(after)
        if None not in documents:
            yield from leaves(path, *documents)
            return
    if isinstance(before, Mapping) and isinstance(after, Mapping) and not (_is_marker(before) or _is_marker(after)):
        for key in sorted({*before, *after}):
            inner = f"{path}.{key}" if path else key
            yield from leaves(inner, before.get(key, ABSENT), after.get(key, ABSENT))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _list_leaves(path, before, after)
    else:
        yield PropertyChange(path=path, before=before, after=after)


def _list_leaves(path: str, before: list, after: list) -> Iterator[PropertyChange]:
    identity = _identity(before, after)
    if identity:
        was, now = ({str(each[identity]): each for each in entries} for entries in (before, after))
        for key in sorted({*was, *now}):
            yield from leaves(f"{path}[{key}]", was.get(key, ABSENT), now.get(key, ABSENT))
    else:
        for index, (old, new) in enumerate(zip_longest(before, after, fillvalue=ABSENT)):
            yield from leaves(f"{path}[{index}]", old, new)


def _identity(before: list, after: list) -> str | None:
    for name in _IDENTITIES:
        if all(_tells_apart(name, entries) for entries in (before, after)) and (before or after):
            return name
    return None


def _tells_apart(name: str, entries: list) -> bool:
    if not all(isinstance(each, Mapping) and isinstance(each.get(name), str) for each in entries):
        return False
    return len({each[name] for each in entries}) == len(entries)


def _document(text: str) -> Any:
    """What the text says as JSON, if that is an object or a list."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _is_marker(value: Mapping) -> bool:
    return any(key.startswith("$") for key in value)
