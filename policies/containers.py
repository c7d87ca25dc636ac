"""Policies about the containers of a task."""

import re
from collections.abc import Iterator
from typing import Any

from policies.ecr import is_by_digest
from policies.ecs import TASK
from policies.graph import Resource, inner, listed, parsed
from policies.links import CONTAINER, security_hub
from policies.registry import resource_policy
from policies.secrets import secret_looking

_ROOT = re.compile(r"|root|[+-]?(0x)?0+", re.I)
"""No user at all, or root by name or by number, however that is spelt."""
_DIGESTS = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/docker-pull-ecr-image.html"


def containers(task: Resource) -> list[Any]:
    """The container definitions of a task; none where they can't be read."""
    found = parsed(task.inputs.get("containerDefinitions"))
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


@resource_policy(TASK, controls=["ECS.4"], severity="high", fix="set privileged to false", link=security_hub("ecs", 4))
def containers_are_not_privileged(resource: Resource) -> Iterator[str]:
    """A container has no powers over its host."""
    for each in containers(resource):
        if each.get("privileged"):
            yield f"container {each.get('name')} is privileged"


@resource_policy(
    TASK,
    controls=["ECS.5"],
    severity="high",
    fix="set readonlyRootFilesystem to true, with a tmpfs at /tmp; container.executeCommand turns it off",
    link=security_hub("ecs", 5),
)
def containers_cannot_write_to_their_disk(resource: Resource) -> Iterator[str]:
    """A container's root file system is read-only."""
    for each in containers(resource):
        if each.get("readonlyRootFilesystem") is not True:
            yield f"container {each.get('name')} can change its own program"


@resource_policy(
    TASK,
    controls=["ECS.8"],
    severity="high",
    fix="keep the value in Secrets Manager, and put its ARN into service.secrets",
    link=security_hub("ecs", 8),
)
def tasks_hold_no_secret_in_plain_text(resource: Resource) -> Iterator[str]:
    """No environment variable of a container looks like a secret."""
    for container in containers(resource):
        for each in listed(container.get("environment")):
            name = inner(each, "name")
            if secret_looking(name, inner(each, "value")):
                yield f"variable {name} looks like a secret, and task definitions can be read by many"


@resource_policy(
    TASK, controls=["ECS.9"], severity="high", fix="give the container a logConfiguration", link=security_hub("ecs", 9)
)
def containers_keep_a_log(resource: Resource) -> Iterator[str]:
    """What a container prints is kept."""
    for each in containers(resource):
        if not inner(each, "logConfiguration", "logDriver"):
            yield f"what container {each.get('name')} prints is lost"


@resource_policy(
    TASK,
    controls=["ECS.20", "CT.ECS.PR.3"],
    severity="medium",
    fix="set user to a number other than 0, such as 10001:10001",
    link=security_hub("ecs", 20),
)
def containers_do_not_run_as_root(resource: Resource) -> Iterator[str]:
    """A container runs as a user that is not root."""
    for each in containers(resource):
        if _ROOT.fullmatch(str(each.get("user", "")).partition(":")[0].strip()):
            yield f"container {each.get('name')} runs as root"


@resource_policy(
    TASK,
    controls=["SY.48"],
    severity="low",
    fix="set the log driver's mode to non-blocking, with a max-buffer-size",
    link="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html",
)
def a_slow_log_stops_no_container(resource: Resource) -> Iterator[str]:
    """A container goes on while its log can't be written."""
    for each in containers(resource):
        options = inner(each, "logConfiguration", "options")
        if inner(options, "mode") != "non-blocking" or not inner(options, "max-buffer-size"):
            yield f"container {each.get('name')} waits for its log"


@resource_policy(
    TASK,
    controls=["SY.51"],
    severity="high",
    fix="name the image by digest, ...@sha256:<64 hex>",
    link=_DIGESTS,
)
def tasks_run_an_image_by_digest(resource: Resource) -> Iterator[str]:
    """A container's image is named by digest: nobody can put another one under it."""
    for each in containers(resource):
        if not is_by_digest(each.get("image")):
            yield f"container {each.get('name')} runs {each.get('image')}, which can be moved"


@resource_policy(
    TASK,
    controls=["SY.51"],
    severity="medium",
    fix="set linuxParameters to initProcessEnabled true and capabilities drop ALL",
    link=CONTAINER,
)
def containers_keep_no_capabilities(resource: Resource) -> Iterator[str]:
    """A container has an init process and none of Linux's capabilities."""
    for each in containers(resource):
        if "ALL" not in listed(inner(each, "linuxParameters", "capabilities", "drop")):
            yield f"container {each.get('name')} keeps Linux capabilities"
        if listed(inner(each, "linuxParameters", "capabilities", "add")):
            yield f"container {each.get('name')} is given Linux capabilities"
        for mount in listed(inner(each, "linuxParameters", "tmpfs")):
            if not {"nosuid", "nodev"} <= set(map(str, listed(inner(mount, "mountOptions")))):
                yield f"what container {each.get('name')} writes to {inner(mount, 'containerPath')} may gain powers"
        if inner(each, "linuxParameters", "initProcessEnabled") is not True:
            yield f"container {each.get('name')} has no init process: it may not hear that it is to stop"
