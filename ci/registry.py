"""The registry of a stack: an image put there by its digest, or found to be there."""

import re
from pathlib import Path

from ci.command import ask, run
from ci.problem import Problem

_REGISTRY = re.compile(r"(?P<host>\d{12}\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com)/[a-z0-9._/-]+")


def push(repository_url: str, digest: str, archive: Path | None, root: Path) -> None:
    """Put the image of an OCI archive into the registry, the same to the last bit; without one it must be there.

    Raises Problem if it can't be put there, if the archive holds another image, or if it is not there.
    """
    known = _REGISTRY.fullmatch(repository_url)
    if not known:
        raise Problem(f"the stack's repository_url is no repository of ECR: {repository_url!r}")
    password = ask("aws", "ecr", "get-login-password", "--region", known["region"], root=root)
    if not run("skopeo", "login", "--username", "AWS", "--password-stdin", known["host"], root=root, stdin=password):
        raise Problem(f"skopeo can't log in to {known['host']}")
    place = f"docker://{repository_url}@{digest}"
    if archive:
        if not run("skopeo", "copy", "--preserve-digests", f"oci-archive:{archive}", place, root=root):
            raise Problem(f"the image could not be copied to {place}")
        return
    try:
        ask("skopeo", "inspect", "--raw", place, root=root)
    except Problem:
        raise Problem(
            f"{digest} is not in {repository_url}, which keeps the newest 30: aws ecr describe-images lists them"
        ) from None
