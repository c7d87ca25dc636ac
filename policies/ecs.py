"""Policies about ECS clusters, services and tasks."""

from collections.abc import Iterator

from policies.graph import Resource, Stack, inner, is_hidden, listed
from policies.links import security_hub
from policies.registry import resource_policy, stack_policy

TASK = "aws:ecs/taskDefinition:TaskDefinition"
SERVICE = "aws:ecs/service:Service"
CLUSTER = "aws:ecs/cluster:Cluster"
_EXEC = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html"


@resource_policy(
    TASK,
    controls=["ECS.1", "ECS.17"],
    severity="medium",
    fix="set network_mode to awsvpc",
    link=security_hub("ecs", 17),
)
def tasks_have_a_network_of_their_own(resource: Resource) -> Iterator[str]:
    """A task has its own network interface, and so its own security group."""
    if resource.inputs.get("networkMode") != "awsvpc":
        yield f"its network mode is {resource.inputs.get('networkMode', 'bridge')}"


@resource_policy(
    TASK, controls=["ECS.3"], severity="high", fix="leave pid_mode and ipc_mode out", link=security_hub("ecs", 3)
)
def tasks_share_no_processes_with_their_host(resource: Resource) -> Iterator[str]:
    """A task sees neither the processes nor the memory of its host."""
    for key in ("pidMode", "ipcMode"):
        if resource.inputs.get(key) == "host":
            yield f"its {key} is host"


@resource_policy(
    SERVICE,
    controls=["ECS.10"],
    severity="medium",
    fix="leave platform_version out, or set it to LATEST",
    link=security_hub("ecs", 10),
)
def services_run_on_the_latest_platform(resource: Resource) -> Iterator[str]:
    """A service gets AWS's own security updates of Fargate."""
    if (version := resource.inputs.get("platformVersion", "LATEST")) != "LATEST":
        yield f"it stays on platform {version}"


@resource_policy(
    CLUSTER,
    controls=["ECS.12"],
    severity="medium",
    fix="set container.insights to true",
    link=security_hub("ecs", 12),
)
def clusters_have_container_insights(resource: Resource) -> Iterator[str]:
    """A cluster reports metrics of each task."""
    values = [inner(each, "value") for each in listed(resource.inputs.get("settings"))]
    if not {"enabled", "enhanced"} & {str(each) for each in values}:
        yield "there are no metrics of its tasks"


@stack_policy(
    TASK,
    controls=["SY.45"],
    severity="medium",
    fix="give the app a role other than the one ECS starts it with",
    link="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-ecs-iam-role-overview.html",
)
def the_app_is_not_who_starts_it(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A task's app runs as a role other than the one that pulls its image."""
    for each in stack.of_type(TASK):
        app, start = each.inputs.get("taskRoleArn"), each.inputs.get("executionRoleArn")
        sources = [{role.urn for role in stack.sources(each, key)} for key in ("taskRoleArn", "executionRoleArn")]
        if not app or sources[0] & sources[1] or (app == start and not is_hidden(app)):
            yield each, "the app may do what ECS may, or has no role of its own"


@resource_policy(
    SERVICE,
    controls=["SY.46"],
    severity="medium",
    fix="set container.executeCommand to false",
    link=_EXEC,
)
def nobody_opens_a_shell_in_a_task(resource: Resource) -> Iterator[str]:
    """ECS Exec is off."""
    if resource.inputs.get("enableExecuteCommand") is True:
        yield "whoever may call ecs:ExecuteCommand is root in its tasks"


@resource_policy(
    CLUSTER,
    controls=["SY.46"],
    severity="medium",
    fix="set the cluster's execute_command_configuration to logging OVERRIDE with a log group",
    link=_EXEC,
)
def shells_are_logged(resource: Resource) -> Iterator[str]:
    """Where a cluster says how ECS Exec works, sessions are logged."""
    sessions = inner(resource.inputs, "configuration", "executeCommandConfiguration")
    logs = inner(sessions, "logConfiguration")
    kept = inner(logs, "cloudWatchLogGroupName") or inner(logs, "s3BucketName")
    if sessions is not None and not (inner(sessions, "logging") == "OVERRIDE" and kept):
        yield "nobody would know what was typed into a session"
