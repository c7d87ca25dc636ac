"""Waivers: findings that somebody has decided to live with, each with a reason and an owner, in waivers.yaml."""

from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from policies.graph import Resource
from policies.registry import Policy

FILE = Path(__file__).with_name("waivers.yaml")
_KEYS = ("control", "resource", "environment", "reason", "who", "revisit")
_OPTIONAL = ("says",)


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """What is waived, where, why, and who may think again, when."""

    control: str
    """A control's id, or the name of one policy."""
    resource: str
    """Pattern of logical names, with `*` for any part."""
    environment: str
    """Pattern of stack names."""
    reason: str
    who: str
    """Role that may revisit it."""
    revisit: date
    """When it has to be looked at again."""
    says: str = "*"
    """Pattern of the finding's message, where only one of several reasons is waived."""

    def covers(self, policy: Policy, resource: Resource, message: str, environment: str) -> bool:
        """Whether this finding of a policy about a resource is waived in this environment."""
        return (
            self.control in (policy.name, *policy.controls)
            and fnmatchcase(resource.name, self.resource)
            and fnmatchcase(environment, self.environment)
            and fnmatchcase(message, self.says)
        )


class WaiverError(ValueError):
    """waivers.yaml says something that is no waiver."""


@cache
def load(path: Path = FILE) -> tuple[Waiver, ...]:
    """The waivers of the file. WaiverError names the entry and the key that is wrong."""
    import yaml  # noqa: PLC0415 - half of the time that the policies take to import

    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise WaiverError(f"{path.name}: {' '.join(str(error).split())}") from None
    if not isinstance(entries, list):
        raise WaiverError(f"{path.name}: must be a list of waivers")
    return tuple(_waiver(number, entry, path.name) for number, entry in enumerate(entries, 1))


def _waiver(number: int, entry: Any, file: str) -> Waiver:
    given = entry if isinstance(entry, dict) else {}
    for key in _KEYS:
        kind = date if key == "revisit" else str
        if not isinstance(given.get(key), kind) or not given[key]:
            meaning = "a date such as 2027-05-01" if kind is date else "a text"
            raise WaiverError(f"{file}: waiver {number}: {key} must be {meaning}, got {given.get(key)!r}")
    known = (*_KEYS, *_OPTIONAL)
    if unknown := sorted(set(given) - set(known), key=str):
        raise WaiverError(f"{file}: waiver {number}: no such key: {unknown[0]}; there is {', '.join(known)}")
    if not isinstance(given.get("says", ""), str):
        raise WaiverError(f"{file}: waiver {number}: says must be a text, got {given['says']!r}")
    return Waiver(**given)
