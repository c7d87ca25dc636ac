"""Parcel: what a report was made of, as JSON. Whoever trusts this code but not the program makes the report anew of it.

A workflow that may write to a pull request must run none of its code, and can't post what that code wrote, which might
be anything. It reads a parcel instead: data of known types, that this project's own code words.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import pydantic

from preflight.cli import Recorded
from preflight.discreet import discreet_config
from preflight.recording import Recording
from preflight.report.assemble import Before
from preflight.stackfile import StackFile

SCHEMA = 1
MOST_STACKS = 20


class ParcelError(ValueError):
    """Not a parcel; the message has no word of what is in it."""


@dataclass(frozen=True, kw_only=True)
class _Side:
    config: dict[str, str]
    recording: Recording


@dataclass(frozen=True, kw_only=True)
class _Before:
    side: _Side
    against: str
    switched: Recording | None
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Stack:
    now: _Side
    before: _Before | None
    why_not: str


@dataclass(frozen=True, kw_only=True)
class _Parcel:
    schema: Literal[1]
    stacks: tuple[_Stack, ...]
    remarks: tuple[str, ...]


Stack = tuple[Recorded, Before | None, str]
"""A stack, what it is compared with, and why with nothing."""


def pack(stacks: Iterable[Stack], remarks: Sequence[str] = ()) -> str:
    """The stacks of a report, and what is to be said of all of them."""
    packed = tuple(
        _Stack(now=_side(now), before=_before(before) if before else None, why_not=why_not)
        for now, before, why_not in stacks
    )
    return json.dumps(asdict(_Parcel(schema=SCHEMA, stacks=packed, remarks=tuple(remarks))), ensure_ascii=False)


def unpack(text: bytes) -> tuple[Sequence[Stack], Sequence[str]]:
    """The same again. Raises ParcelError for anything else, whoever wrote it."""
    try:
        parcel = pydantic.TypeAdapter(_Parcel).validate_json(text, strict=True)
    except pydantic.ValidationError as error:
        raise ParcelError(f"{error.error_count()} things are not as they should be") from None
    if len(parcel.stacks) > MOST_STACKS:
        raise ParcelError(f"{len(parcel.stacks)} stacks, {MOST_STACKS} at most")
    stacks = [
        (_recorded(each.now), _compared(each.before) if each.before else None, each.why_not) for each in parcel.stacks
    ]
    return stacks, parcel.remarks


def _side(recorded: Recorded) -> _Side:
    return _Side(config=discreet_config(recorded.file.config), recording=recorded.recording)


def _before(before: Before) -> _Before:
    return _Before(side=_side(before.recorded), against=before.against, switched=before.switched, notes=before.notes)


def _recorded(side: _Side) -> Recorded:
    recording = side.recording
    _must_hang_together(recording)
    # There is no folder: nothing is run, and nothing read, of what is told here.
    file = StackFile(
        root=Path("/nonexistent"),
        project=recording.project,
        stack=recording.stack,
        config=side.config,
        secret_keys=(),
    )
    return Recorded(file=file, recording=recording)


def _compared(before: _Before) -> Before:
    if before.switched:
        _must_hang_together(before.switched)
    return Before(against=before.against, recorded=_recorded(before.side), switched=before.switched, notes=before.notes)


def _must_hang_together(recording: Recording) -> None:
    """Each resource under its own URN, below a parent that is there, and none below itself."""
    for urn, resource in recording.resources.items():
        if resource.urn != urn or urn.count("::") < 3:
            raise ParcelError("a resource is not under its own URN")
        seen, parent = {urn}, resource.parent
        while parent in recording.resources:
            if parent in seen:
                raise ParcelError("a resource is its own ancestor")
            seen.add(parent)
            parent = recording.resources[parent].parent
