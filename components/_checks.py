"""Checks shared by every Args class, so that bad input is worded the same everywhere and all of it at once."""

import re
from collections.abc import Collection, Sequence

import pulumi


class InvalidArgs(ValueError):
    """Args that AWS would refuse; `problems` has one text for each, which starts with the field's name."""

    def __init__(self, owner: str, problems: Sequence[str]) -> None:
        super().__init__(f"{owner}: {'; '.join(problems)}")
        self.problems = tuple(problems)


def refuse(owner: object, *problems: str | None) -> None:
    """Raise InvalidArgs, a ValueError, naming every problem there is; None stands for a check that passed."""
    found = [each for each in problems if each]
    if found:
        raise InvalidArgs(type(owner).__name__, found)


def between(field: str, value: int, low: int, high: int) -> str | None:
    """A problem unless low <= value <= high."""
    return None if low <= value <= high else f"{field} must be {low} to {high}, got {value}"


def count(field: str, values: Collection[object], low: int, high: int) -> str | None:
    """A problem unless there are so many of them."""
    return None if low <= len(values) <= high else f"{field} must be {low} to {high} entries, got {len(values)}"


def one_of(field: str, value: object, allowed: Sequence[object]) -> str | None:
    """A problem unless the value is one of those allowed."""
    return None if value in allowed else f"{field} must be one of {', '.join(map(str, allowed))}, got {value!r}"


def matches(field: str, value: pulumi.Input[str], pattern: str, meaning: str) -> str | None:
    """A problem unless the whole text matches; `meaning` says what the pattern stands for. An Output passes."""
    if not isinstance(value, str) or re.fullmatch(pattern, value):
        return None
    return f"{field} must be {meaning}, got {value!r}"


def require(holds: bool, problem: str) -> str | None:
    """The problem, unless the condition holds."""
    return None if holds else problem
