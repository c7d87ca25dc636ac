"""Leaves: where two values differ, down to the last property. Text that is JSON is compared as what it says."""

import json
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

ABSENT = {"$absent": True}
"""Stands where a property is not there at all."""
FILES = ("$asset", "$archive")
"""What a file, or several, are marked by; `hash` in it is of what they hold."""


@dataclass(frozen=True, kw_only=True)
class PropertyChange:
    """One property, down to the leaf that differs: `origins[serverless].domainName`.

    A list of plain values is one leaf. `[order]` behind a path stands for the order of what the list holds.
    """

    path: str
    before: Any
    after: Any

    @property
    def property(self) -> str:
        """The resource's own property that this lies in."""
        return self.path.partition(".")[0].partition("[")[0]


_IDENTITIES = ("originId", "pathPattern", "Sid", "name", "key", "id")
"""What a list's entries are told apart by, the first that all of them have and no two share."""


def leaves(path: str, before: Any, after: Any, sets: Set[str] = frozenset()) -> Iterator[PropertyChange]:
    """The leaves that differ. `sets` are the names of those lists whose order says nothing."""
    if before == after:
        return
    if isinstance(before, str) and isinstance(after, str):
        documents = document(before), document(after)
        if None not in documents:
            yield from leaves(path, *documents, sets)
            return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        marks = _mark(before), _mark(after)
        if marks == (None, None):
            for key in sorted({*before, *after}):
                inner = f"{path}.{key}" if path else key
                yield from leaves(inner, before.get(key, ABSENT), after.get(key, ABSENT), sets)
        elif marks[0] == marks[1] and marks[0] in FILES:
            yield from _file_leaves(path, before[marks[0]], after[marks[1]], before, after, sets)
        else:
            yield PropertyChange(path=path, before=before, after=after)
    elif isinstance(before, list) and isinstance(after, list):
        is_set = path.rpartition(".")[2].partition("[")[0] in sets
        yield from _list_leaves(path, before, after, sets, is_set=is_set)
    else:
        yield PropertyChange(path=path, before=before, after=after)


def _file_leaves(path: str, old: Any, new: Any, before: Any, after: Any, sets: Set[str]) -> Iterator[PropertyChange]:
    """A file is what it holds, wherever it lies; an archive of several is each of them."""
    for inner in ("text", "assets"):
        if inner in old and inner in new:
            yield from leaves(path, old[inner], new[inner], sets)
            return
    if "hash" not in old or old.get("hash") != new.get("hash"):
        yield PropertyChange(path=path, before=before, after=after)


def _list_leaves(path: str, before: list, after: list, sets: Set[str], *, is_set: bool) -> Iterator[PropertyChange]:
    identity = _identity(before, after)
    if all(_is_plain(each) for each in (*before, *after)):
        if not is_set or sorted(map(repr, before)) != sorted(map(repr, after)):
            yield PropertyChange(path=path, before=before, after=after)
    elif identity:
        was, now = ({str(each[identity]): each for each in entries} for entries in (before, after))
        stay = [[key for key in keys if key in was and key in now] for keys in (was, now)]
        if stay[0] != stay[1] and not is_set:
            yield PropertyChange(path=f"{path}[order]", before=list(was), after=list(now))
        for key in sorted({*was, *now}):
            yield from leaves(f"{path}[{key}]", was.get(key, ABSENT), now.get(key, ABSENT), sets)
    else:
        if is_set:
            before, after = _without(before, after), _without(after, before)
        for index, (old, new) in enumerate(zip_longest(before, after, fillvalue=ABSENT)):
            yield from leaves(f"{path}[{index}]", old, new, sets)


def _is_plain(value: Any) -> bool:
    return not isinstance(value, Mapping | list)


def _without(entries: list, others: list) -> list:
    """The entries that the others lack, each as often as it is there more."""
    left = list(others)
    found = []
    for each in entries:
        if each in left:
            left.remove(each)
        else:
            found.append(each)
    return found


def _identity(before: list, after: list) -> str | None:
    for name in _IDENTITIES:
        if all(_tells_apart(name, entries) for entries in (before, after)) and (before or after):
            return name
    return None


def _tells_apart(name: str, entries: list) -> bool:
    if not all(isinstance(each, Mapping) and isinstance(each.get(name), str) for each in entries):
        return False
    return len({each[name] for each in entries}) == len(entries)


def document(text: str) -> Any:
    """What the text says as JSON, if that is an object or a list."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _mark(value: Mapping) -> str | None:
    """The `$` key of a marker."""
    return next((key for key in value if key.startswith("$")), None)
