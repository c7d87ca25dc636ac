"""Values: what a property was and will be, in words that a person reads."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any

from preflight.difference import RENEWED
from preflight.leaves import ABSENT, FILES, PropertyChange, document
from preflight.recording import SECRET, UNKNOWN

_MOST_LINES = 12
"""Lines of a longer text, such as a function's code, that are shown."""
LONGEST = 100
"""Characters of a value before it is cut; a document's leaves are rarely longer."""
_AROUND = 20
"""Characters shown around what differs between two long texts."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A change of one property, in words."""

    path: str
    was: str | None = None
    """None where there was nothing."""
    now: str | None = None
    """None where there will be nothing."""
    lines: tuple[str, ...] = ()
    """Of two texts of several lines: those that go and come, with `-` and `+`."""
    is_list: bool = False
    """Whether `was` and `now` are only what a list loses and gains."""


def shown(changes: Iterable[PropertyChange], longest: int = LONGEST) -> Iterator[Shown]:
    """The changes; an object that comes or goes is told leaf by leaf if it is too long for one line."""
    for each in changes:
        yield from (_shown(one, longest) for one in _spelled_out(each))


def _shown(change: PropertyChange, longest: int) -> Shown:
    before, after = change.before, change.after
    if lines := changed_lines(before, after):
        return Shown(path=change.path, lines=tuple(lines))
    if isinstance(before, list) and isinstance(after, list) and sorted(map(repr, before)) != sorted(map(repr, after)):
        gone, come = ([each for each in one if each not in other] for one, other in ((before, after), (after, before)))
        if gone or come:
            was, now = (", ".join(value(each, longest) for each in some) or None for some in (gone, come))
            return Shown(path=change.path, was=was, now=now, is_list=True)
    if isinstance(before, str) and isinstance(after, str):
        was, now = _where_they_differ(before, after, longest)
        return Shown(path=change.path, was=was, now=now)
    was, now = (None if each == ABSENT else value(each, longest) for each in (before, after))
    return Shown(path=change.path, was=was, now=now)


def _spelled_out(change: PropertyChange) -> Iterator[PropertyChange]:
    if ABSENT not in (change.before, change.after):
        yield change
        return
    what = change.after if change.before == ABSENT else change.before
    parts = list(_leaves(change.path, what))
    if len(parts) < 2 or len(json.dumps(what)) <= LONGEST:
        yield change
        return
    for path, each in parts:
        before, after = (ABSENT, each) if change.before == ABSENT else (each, ABSENT)
        yield PropertyChange(path=path, before=before, after=after)


def _leaves(path: str, what: Any) -> Iterator[tuple[str, Any]]:
    what = document(what) or what if isinstance(what, str) else what
    if isinstance(what, Mapping) and what and not any(key.startswith("$") for key in what):
        for key, each in what.items():
            yield from _leaves(f"{path}.{key}", each)
    elif isinstance(what, list) and any(isinstance(each, Mapping | list) for each in what):
        for index, each in enumerate(what):
            yield from _leaves(f"{path}[{index}]", each)
    else:
        yield path, what


def changed_lines(before: Any, after: Any) -> list[str]:
    """Of two texts of several lines: the lines that go and come. Empty for any other values."""
    if not (isinstance(before, str) and isinstance(after, str) and "\n" in before and "\n" in after):
        return []
    compared = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    lines = [line for line in compared if not line.startswith(("---", "+++", "@@"))]
    rest = len(lines) - _MOST_LINES
    return lines if rest <= 0 else [*lines[:_MOST_LINES], f"... and {rest} more lines"]


def _where_they_differ(before: str, after: str, longest: int) -> tuple[str, str]:
    """Two texts; of long ones what is not the same, and a little around it."""
    whole = value(before, len(before) + len(after) + 2), value(after, len(before) + len(after) + 2)
    if max(map(len, whole)) <= longest:
        return whole
    start = _alike(before, after)
    end = _alike(before[start:][::-1], after[start:][::-1])

    def part(text: str) -> str:
        first, last = max(0, start - _AROUND), min(len(text), len(text) - end + _AROUND)
        return f"{'… ' if first else ''}{value(text[first:last], longest)}{' …' if last < len(text) else ''}"

    return part(before), part(after)


def _alike(one: str, other: str) -> int:
    """With how many characters both begin."""
    return next(
        (n for n, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other))
    )


def value(what: Any, longest: int = LONGEST) -> str:
    """A value for a person: markers in words, documents as JSON, long ones cut in the middle."""
    found = _in_words(what)
    if found != what and isinstance(found, str):
        return found
    text = json.dumps(found, ensure_ascii=False)
    return text if len(text) <= longest else f"{text[: longest // 2]} … {text[-longest // 3 :]}"


def _in_words(what: Any) -> Any:
    """The value, markers inside of it in words too."""
    for marker, words in ((SECRET, "[secret]"), (UNKNOWN, "[known only to AWS]"), (RENEWED, "[new]")):
        if what == marker:
            return words
    if isinstance(what, dict):
        for each in FILES:
            if isinstance(what.get(each), dict) and "hash" in what[each]:
                return f"[{what[each].get('path')}, SHA-256 {what[each]['hash'][:12]}]"
        return {key: _in_words(each) for key, each in what.items()}
    return [_in_words(each) for each in what] if isinstance(what, list) else what
