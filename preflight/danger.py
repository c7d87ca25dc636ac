"""Danger: what in a difference loses data, breaks a promise, or can't be taken back."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from preflight import danger_of_loss, danger_to_viewers
from preflight.difference import Difference, difference
from preflight.recording import Recording
from preflight.stackfile import NAMESPACE
from preflight.switch import KEYS

_AWS = "pulumi:providers:aws"
_MOST_NAMED = 3


def dangers(
    found: Difference,
    before: Recording,
    after: Recording,
    *,
    switched: Recording | None = None,
    configs: tuple[Mapping[str, str], Mapping[str, str]] = ({}, {}),
) -> tuple[str, ...]:
    """One sentence each, the worst first.

    `switched` is the stack before with only the settings of a switch changed, None where there is no switch: it should
    stand alone. `configs` are the two configurations, to say which settings come with it.
    """
    lines = [
        *_account(before, after),
        *danger_of_loss.dangers(found, before, after),
        *danger_to_viewers.dangers(found, before, after),
        *(_mixed_switch(difference(switched, after), *configs) if switched else ()),
    ]
    return tuple(dict.fromkeys(lines))


def _account(before: Recording, after: Recording) -> Iterator[str]:
    for new in after.of_type(_AWS):
        old = before.resources.get(new.urn)
        if not old:
            continue
        was, now = _accounts(old.inputs), _accounts(new.inputs)
        lost = "everything would be made anew there, and what is here now is left behind"
        changed = [key for key in _WHO if old.inputs.get(key) != new.inputs.get(key)]
        if was and now and not was & now:
            yield f"The account changes from {' and '.join(sorted(was))} to {' and '.join(sorted(now))}: {lost}."
        elif changed and not (was and was == now):
            names = " and its ".join(changed)
            yield f"The provider changes its {names}. If that leads to another account, {lost}: see that it does not."


_WHO = ("profile", "assumeRoles")
"""As whom the provider calls AWS."""


def _accounts(provider: Mapping[str, Any]) -> set[str]:
    """The accounts that it can be in, as far as its inputs say; they are JSON, each in a text."""
    roles = _list(provider.get("assumeRoles"))
    if roles and isinstance(roles[-1], Mapping):  # who it is in the end: arn:aws:iam::<account>:role/<name>
        return set(filter(None, str(roles[-1].get("roleArn")).split(":")[4:5]))
    return set(map(str, _list(provider.get("allowedAccountIds"))))


def _list(value: Any) -> list[Any]:
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        found = None
    return found if isinstance(found, list) else []


def _mixed_switch(beyond: Difference, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """`beyond` is what changes besides the switch."""
    if not beyond:
        return
    settings = sorted(key for key in {*before, *after} - KEYS if before.get(key) != after.get(key))
    names = [each.removeprefix(f"{NAMESPACE}:") for each in settings] or [each.name for each in beyond.changes]
    what = ", ".join(names[:_MOST_NAMED]) + (
        f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    )
    named = f" ({what})" if what else ""
    yield f"The switch comes together with other changes{named}: make those an update of their own."
