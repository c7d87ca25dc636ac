"""Actions: what each type of resource and each look-up needs of AWS, read from `actions.yaml`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).with_name("actions.yaml")


@dataclass(frozen=True, kw_only=True)
class Actions:
    """What one of them needs."""

    read: frozenset[str]
    write: frozenset[str]


@cache
def load() -> dict[str, Actions]:
    """The table, by type and by token of a look-up."""
    document = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    rows = {**document["lookups"], **document["types"]}
    return {
        type_: Actions(read=frozenset(row.get("read", ())), write=frozenset(row.get("write", ())))
        for type_, row in rows.items()
    }


def reads() -> list[str]:
    """Every action that only looks."""
    return sorted({each for row in load().values() for each in row.read})


def writes(of: Callable[[str], bool]) -> list[str]:
    """Every action that changes something, for the types that `of` picks."""
    return sorted({each for type_, row in load().items() if of(type_) for each in row.write})
