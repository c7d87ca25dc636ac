"""review: the environment of a pull request: dev's settings, serverless, near $0 at rest, sharing nothing with it."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from ci.deploy import Deployment, deploy
from ci.problem import Problem
from ci.pulumi import Pulumi

LIKE = "dev"
"""The stack whose settings it starts from."""
RETENTION_DAYS = 3
_OWN: Mapping[str, Any] = {
    "topology": "serverless",
    "standby": False,
    "standbyTraffic": 0,
    "image": "none",
    "domain": None,
    "waf": {"mode": "none"},
    "logs": {"retentionDays": RETENTION_DAYS, "access": False},
    "originSecret": 1,
    "protect": False,
}
"""What costs by the hour, holds data, or belongs to dev. None leaves a key out."""
_OWN_PARTS: Mapping[str, Mapping[str, Any]] = {
    # dev's secrets are dev's: a pull request's code must not read them.
    "service": {"secrets": {}},
    "serverless": {"provisionedConcurrency": 0, "reservedConcurrency": None},
    "network": {"existing": None},
}


def stack_of(number: int) -> str:
    """The stack's name."""
    return f"pr-{number}"


def up(number: int, digest: str, archive: Path, root: Path) -> str:
    """Make or update the environment; its URL. Raises Problem if it does not answer."""
    stack = stack_of(number)
    like = yaml.safe_load((root / f"Pulumi.{LIKE}.yaml").read_text(encoding="utf-8"))
    own = settings(like["config"], number, os.environ.get("PERMISSIONS_BOUNDARY"))
    text = yaml.safe_dump({"config": own}, sort_keys=False, allow_unicode=True)
    (root / f"Pulumi.{stack}.yaml").write_text(text, encoding="utf-8")
    pulumi = Pulumi(stack=stack, root=root)
    if not pulumi.exists():
        provider = os.environ.get("PULUMI_SECRETS_PROVIDER")
        if not provider:
            raise Problem("PULUMI_SECRETS_PROVIDER must be set, as python -m bootstrap.connect says")
        pulumi.init(provider)
    return deploy(Deployment(stack=stack, digest=digest, archive=archive, root=root))


def settings(like: Mapping[str, Any], number: int, boundary: str | None) -> dict[str, Any]:
    """The configuration of the environment, from that of the stack it is like."""
    own = {key: value for key, value in like.items() if not key.startswith("switchyard:")}
    given = {key.removeprefix("switchyard:"): value for key, value in like.items() if key.startswith("switchyard:")}
    for key, part in _OWN_PARTS.items():
        merged = {**(given.get(key) or {}), **part}
        given[key] = {name: value for name, value in merged.items() if value is not None}
    given |= _OWN
    given["tags"] = {**(given.get("tags") or {}), "pull-request": str(number)}
    given["permissionsBoundary"] = boundary
    return own | {f"switchyard:{key}": value for key, value in given.items() if value is not None}


def down(number: int, root: Path) -> None:
    """Destroy the environment and its stack, if they are there. Raises Problem if something is left."""
    pulumi = Pulumi(stack=stack_of(number), root=root)
    if pulumi.exists() and not pulumi.destroy():
        raise Problem(f"{pulumi.stack} is not all gone: the sweeper tries again tonight")
