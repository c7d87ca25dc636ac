"""Durations: how long AWS takes to create, update and delete a resource of each type, read from `durations.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from preflight.recording import Resource

FILE = Path(__file__).with_name("durations.yaml")
Action = Literal["create", "update", "delete"]
ACTIONS: tuple[Action, ...] = ("create", "update", "delete")


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a duration comes from."""

    says: str
    """What is known there, for a person; it says so if the value is an estimate."""
    url: str
    """Empty where there is no page to cite."""


@dataclass(frozen=True, kw_only=True)
class Duration:
    """How long one operation takes, in seconds: 0 <= low <= typical <= high."""

    low: float
    typical: float
    high: float
    source: Source
    plus: tuple[str, ...] = ()
    """What the recording adds to it, by the name that schedule.py knows."""

    def longer(self, seconds: float) -> "Duration":
        """The same with so many seconds more."""
        return replace(self, low=self.low + seconds, typical=self.typical + seconds, high=self.high + seconds)


@dataclass(frozen=True, kw_only=True)
class Row:
    """The durations of one type, for the resources whose inputs are as `when` has them."""

    type: str
    when: Mapping[str, Any]
    durations: Mapping[Action, Duration]


@dataclass(frozen=True, kw_only=True)
class Durations:
    """The whole table."""

    rows: Mapping[str, tuple[Row, ...]]
    """By type; the first whose `when` fits holds."""
    waits: Mapping[str, Duration]
    quick: Duration

    def of(self, resource: Resource, action: Action) -> Duration:
        """How long it takes; a type that is not in the table is taken for a quick one, and its source says so."""
        for row in self.rows.get(resource.type, ()):
            if _fits(row.when, resource.inputs):
                return row.durations[action]
        return replace(self.quick, source=Source(says="a guess: this type is not in the table", url=""))


def _fits(wanted: Any, got: Any) -> bool:
    if isinstance(wanted, Mapping):
        return isinstance(got, Mapping) and all(_fits(value, got.get(key)) for key, value in wanted.items())
    return wanted == got


@cache
def load() -> Durations:
    """The table of `durations.yaml`."""
    document = yaml.load(FILE.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    sources = {name: Source(**each) for name, each in document["sources"].items()}

    def duration(row: Mapping[str, Any]) -> Duration:
        return Duration(
            low=row["low"],
            typical=row["typical"],
            high=row["high"],
            source=sources[row["source"]],
            plus=tuple(row.get("plus", ())),
        )

    quick = duration(document["quick"]["seconds"])
    rows: dict[str, tuple[Row, ...]] = {
        type_: (Row(type=type_, when={}, durations=dict.fromkeys(ACTIONS, quick)),)
        for type_ in document["quick"]["types"]
    }
    for row in document["slow"]:
        durations = {action: duration(row[action]) for action in ACTIONS}
        rows[row["type"]] = (
            *rows.get(row["type"], ()),
            Row(type=row["type"], when=row.get("when", {}), durations=durations),
        )
    return Durations(rows=rows, waits={name: duration(each) for name, each in document["waits"].items()}, quick=quick)
