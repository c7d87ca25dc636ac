"""ConfigJson: the JSON of a configuration value, read so that no value can stop the reader."""

import json
import re
from typing import Any

DEPTH = 32
"""Most maps and lists within each other. No key of ours lies deeper than three."""
DIGITS = 100
"""Digits of a whole number that are read. No limit of ours has more than ten, and no message shows more than eighty."""
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', re.DOTALL)


def read_json(text: str) -> Any:
    """A value without what lies deeper than `DEPTH`, or after the first `DIGITS` digits of a number.

    Either is refused all the same, by the key where it first goes wrong. Raises ValueError where it is no JSON.
    """
    return json.loads(_without_depths(text), parse_int=lambda digits: int(digits[:DIGITS]))


def _without_depths(text: str) -> str:
    # A map or a list is measured here without recursion, which is what Python's and pydantic's readers die of.
    kept, at, depth = [], 0, 0
    for token in _TOKEN.finditer(text):
        if token.group() in "[{":
            depth += 1
            if depth == DEPTH + 1:
                kept += [text[at : token.start()], "null"]
        elif token.group() in "]}":
            if depth == DEPTH + 1:
                at = token.end()
            depth -= 1
    return "".join(kept) if depth > DEPTH else "".join([*kept, text[at:]])
