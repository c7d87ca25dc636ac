"""deploy: an image into a stack, tried, and back to the last good one if it fails.

The first deployment takes the same path: where there is no registry yet, the stack is made without an image first.
The last good image is the one in the stack's file: it is written there only after it was tried. A job that waited runs
the tree it was started for, so it is told what stands in the file by now.
"""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

from ci import delegation, registry, stack_file
from ci.command import run
from ci.job import summarize
from ci.problem import Problem
from ci.pulumi import Pulumi

TRIES = 3
"""Of the smoke test: a name that was made a minute ago may not be known everywhere."""
PAUSE_SECONDS = 20


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """What is to run where."""

    stack: str
    digest: str
    archive: Path | None
    """An OCI archive with the image; None if it is in the stack's registry already."""
    root: Path
    last_good: str | None = None
    """Where to go back to; empty: nowhere. None: the digest in the stack's file, if there is one."""

    @property
    def file(self) -> Path:
        """The stack's file; the image in it is changed here, and committed by nobody but `record`."""
        return self.root / f"Pulumi.{self.stack}.yaml"


def deploy(deployment: Deployment) -> str:
    """The URL of what runs and was tried. Raises Problem, after going back, if it failed."""
    stack_file.must_be_digest(deployment.digest)
    if not deployment.file.exists():
        raise Problem(f"there is no {deployment.file.name}")
    last_good = deployment.last_good
    if last_good is None:
        last_good = stack_file.digest_in(deployment.file.read_text(encoding="utf-8")) or ""
    if last_good:
        stack_file.must_be_digest(last_good)
    pulumi = Pulumi(stack=deployment.stack, root=deployment.root)
    if not pulumi.exists():
        raise Problem(
            f"there is no stack {deployment.stack}: pulumi stack init {deployment.stack}, as docs/delivery.md says"
        )
    delegation.check_for(deployment.file)
    registry.push(_repository(deployment, pulumi), deployment.digest, deployment.archive, deployment.root)
    failed = _update(deployment, pulumi, deployment.digest)
    if not failed:
        summarize(f"`{deployment.stack}` runs `{deployment.digest}`.")
        return str(pulumi.outputs()["url"])
    raise Problem(_go_back(deployment, pulumi, failed, last_good))


def _repository(deployment: Deployment, pulumi: Pulumi) -> str:
    """The stack's registry, made first where there is none."""
    url = pulumi.outputs().get("repository_url")
    if not url:
        _name(deployment, "none")
        if not pulumi.up():
            raise Problem(f"{deployment.stack} could not be made without an image; nothing served before, nothing does")
        url = pulumi.outputs().get("repository_url")
    return str(url)


def _update(deployment: Deployment, pulumi: Pulumi, digest: str) -> str:
    """What went wrong; empty if it runs and answers."""
    _name(deployment, digest)
    if not pulumi.up():
        return "the update failed"
    for attempt in range(1, TRIES + 1):
        if run(sys.executable, "-m", "smoke", deployment.stack, root=deployment.root):
            return ""
        if attempt < TRIES:
            time.sleep(PAUSE_SECONDS)
    return "the smoke test failed"


def _go_back(deployment: Deployment, pulumi: Pulumi, failed: str, last_good: str) -> str:
    """What to say after the last good image was deployed again, if there is one."""
    if last_good in ("", deployment.digest):
        return f"{failed}, and there is no other image to go back to"
    again = _update(deployment, pulumi, last_good)
    if again:
        return f"{failed}, and going back to {last_good} did too ({again}): docs/recovery.md, A rollback that failed"
    return f"{failed}; {deployment.stack} runs {last_good} again, which was good before"


def _name(deployment: Deployment, image: str) -> None:
    text = deployment.file.read_text(encoding="utf-8")
    deployment.file.write_text(stack_file.with_image(text, image), encoding="utf-8")
