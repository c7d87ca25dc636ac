"""Fargate's rules without Pulumi resources: task sizes, image addresses, and the container definition."""

import re
from collections.abc import Mapping
from typing import Any

import pulumi

from components._checks import one_of, require
from components._hooks import plain
from components._revision import REVISION, differences

CONTAINER_NAME = "app"

# Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#task_size
MEMORY_MIB: Mapping[int, range | tuple[int, ...]] = {
    256: (512, 1024, 2048),
    512: range(1024, 4096 + 1, 1024),
    1024: range(2048, 8192 + 1, 1024),
    2048: range(4096, 16_384 + 1, 1024),
    4096: range(8192, 30_720 + 1, 1024),
    8192: range(16_384, 61_440 + 1, 4096),
    16_384: range(32_768, 122_880 + 1, 8192),
    32_768: (61_440, 122_880, 249_856),
}
"""The memory (MiB) Fargate offers with each number of CPU units, of which 1024 are one vCPU."""

# Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html (the host names)
IMAGE = (
    r"(?P<account>\d{12})\.(?:dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?"
    r"|dkr-ecr\.(?P<dual_stack>[a-z0-9-]+)\.on\.aws)"
    r"/(?P<name>[a-z0-9][a-z0-9._/-]*)(?::[A-Za-z0-9_][A-Za-z0-9_.-]*)?@sha256:[0-9a-f]{64}"
)
IMAGE_MEANING = "an image in ECR by digest, such as 123456789012.dkr.ecr.eu-west-1.amazonaws.com/app@sha256:<64 hex>"


def size_problem(cpu: int, memory_mib: int) -> str | None:
    """A problem unless Fargate offers this much memory with this much CPU."""
    if cpu not in MEMORY_MIB:
        return one_of("cpu", cpu, tuple(MEMORY_MIB))
    offered = MEMORY_MIB[cpu]
    allowed = "one of " + ", ".join(map(str, offered))
    if isinstance(offered, range):
        allowed = f"{offered[0]} to {offered[-1]} in steps of {offered.step}"
    return require(memory_mib in offered, f"memory_mib must be {allowed} with cpu {cpu}, got {memory_mib}")


def repository_arn(image_uri: str) -> str:
    """The ECR repository an image is pulled from."""
    found = re.fullmatch(IMAGE, image_uri)
    if not found:
        raise ValueError(f"image_uri must be {IMAGE_MEANING}, got {image_uri!r}")
    region = found["region"] or found["dual_stack"]
    partition = next((name for start, name in _PARTITIONS.items() if region.startswith(start)), "aws")
    return f"arn:{partition}:ecr:{region}:{found['account']}:repository/{found['name']}"


_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


def container_definition(
    *,
    image: pulumi.Input[str],
    port: int,
    environment: Mapping[str, pulumi.Input[str]],
    memory_mib: int,
    stop_timeout_seconds: int,
    read_only: bool,
    log_group: pulumi.Input[str],
    region: pulumi.Input[str],
) -> dict[str, Any]:
    """The one container of a task.

    ECS fills in what is left out; whatever differs from its answer on the next read is a new revision and a
    deployment. So this is what it would answer: variables sorted, empty lists and defaults included.
    """
    return {
        "name": CONTAINER_NAME,
        "image": image,
        "essential": True,
        "cpu": 0,
        "portMappings": [{"containerPort": port, "hostPort": port, "protocol": "tcp"}],
        "environment": [{"name": name, "value": environment[name]} for name in sorted(environment)],
        "environmentFiles": [],
        "secrets": [],
        "mountPoints": [],
        "volumesFrom": [],
        "systemControls": [],
        "user": "10001:10001",
        "privileged": False,
        "readonlyRootFilesystem": read_only,
        "linuxParameters": _linux_parameters(memory_mib),
        "stopTimeout": stop_timeout_seconds,
        "logConfiguration": _log_configuration(log_group, region),
    }


def _linux_parameters(memory_mib: int) -> dict[str, Any]:
    return {
        "capabilities": {"add": [], "drop": ["ALL"]},
        "initProcessEnabled": True,  # PID 1 that hands SIGTERM on and reaps what the app leaves behind
        "tmpfs": [
            {
                "containerPath": "/tmp",  # noqa: S108 (the container's, not this machine's)
                # It is the task's own memory: a quarter, so that a full /tmp does not kill the app.
                "size": memory_mib // 4,
                # `exec`, as in Lambda: some libraries unpack native code to /tmp and load it from there.
                "mountOptions": ["rw", "nosuid", "nodev", "exec"],
            }
        ],
    }


def _log_configuration(log_group: pulumi.Input[str], region: pulumi.Input[str]) -> dict[str, Any]:
    options = {
        "awslogs-group": log_group,
        "awslogs-region": region,
        "awslogs-stream-prefix": CONTAINER_NAME,
        # When CloudWatch Logs is slow, lose log lines rather than block the app's writes to stdout.
        "max-buffer-size": "25m",
        "mode": "non-blocking",
    }
    return {"logDriver": "awslogs", "options": options, "secretOptions": []}


async def must_run_what_was_asked(service: pulumi.ResourceHookArgs) -> None:
    """Fail an update that ended in ECS going back to the old tasks, which the provider may report as a success.

    The provider reads back what the service runs: after a rollback it is not what was asked for.
    """
    inputs, outputs = service.new_inputs or {}, service.new_outputs or {}
    asked, live = [{key: await plain(of.get(key)) for key in REVISION} for of in (inputs, outputs)]
    live["taskDefinition"] = live["taskDefinition"] or "none"  # there is always one; without, nothing was read back
    if different := differences(asked, live):
        raise RuntimeError(
            f"ECS rolled {service.name} back. What waits for it was not touched. It does not run what was asked for:\n"
            + "".join(f"  {each}\n" for each in different)
            + _where_to_look(str(inputs.get("cluster")), str(outputs.get("name") or inputs.get("name")))
            + "Mend what they name, or set the image and settings back, and run the update again."
        )


def _where_to_look(cluster_arn: str, service: str) -> str:
    """The console pages and the commands that say why tasks did not become healthy."""
    _, _, _, region, _, cluster = (cluster_arn.split(":", 5) + [""] * 6)[:6]
    cluster = cluster.removeprefix("cluster/") or cluster_arn
    page = f"https://{region}.console.aws.amazon.com/ecs/v2/clusters/{cluster}/services/{service}"
    where = f"--region {region} --cluster {cluster}"
    stopped = (
        f"aws ecs list-tasks {where} --service-name {service} --desired-status STOPPED --query taskArns --output text"
    )
    return (
        f"The service's events say why: {page}/events\n"
        f"  aws ecs describe-services {where} --services {service} --query 'services[0].events[:10].message'\n"
        f"and so do its stopped tasks, for an hour: {page}/tasks\n"
        f"  aws ecs describe-tasks {where} --tasks $({stopped}) --query 'tasks[].[stoppedReason,containers[].reason]'\n"
    )
