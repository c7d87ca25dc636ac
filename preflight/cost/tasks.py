"""How many tasks a service runs: what the load takes, within what the autoscaler may do."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from preflight.cost.graph import Graph
from preflight.recording import Resource

_CPU_UNITS = 1024
"""ECS's CPU units of one vCPU."""
# Source: https://docs.aws.amazon.com/autoscaling/application/userguide/ (a service without a policy: no target at all)
_TARGET_CPU = Decimal("0.5")
_SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class Size:
    """What one task is made of."""

    vcpu: Decimal
    memory_gb: Decimal


def size_of(definition: Resource) -> Size:
    """CPU and memory of a task, as ECS takes them: `256` or `.25 vCPU`, `1024` or `1 GB`."""
    cpu, memory = (str(definition.inputs[key]).lower() for key in ("cpu", "memory"))
    whole_cpu, whole_memory = cpu.removesuffix("vcpu"), memory.removesuffix("gb")
    return Size(
        vcpu=Decimal(whole_cpu.strip()) / (_CPU_UNITS if whole_cpu == cpu else 1),
        memory_gb=Decimal(whole_memory.strip()) / (1024 if whole_memory == memory else 1),
    )


@dataclass(frozen=True, kw_only=True)
class Tasks:
    """How many tasks a service runs: on average, and at the most it may; and for how long."""

    average: Decimal
    most: Decimal
    allowed: Decimal
    """As many as the settings allow; `most` is more where the load needs more."""
    hours: Decimal
    """Hours they run."""
    carried: Decimal
    """Requests that as many tasks as are allowed can carry in these hours."""

    @property
    def grown(self) -> Decimal:
        """The most as a multiple of the average."""
        return self.most / self.average if self.average else Decimal(1)


def tasks_of(graph: Graph, service: Resource) -> Tasks:
    """As many as the load takes, never fewer than the autoscaler's minimum (or the number asked for).

    Where they run for a part of the time only, the whole load comes in that part.
    """
    targets = [
        each
        for each in graph.recording.of_type("aws:appautoscaling/target:Target")
        if service.urn in each.options.property_dependencies.get("resourceId", ())
    ]
    given = graph.given(service, "aws_ecs_service")
    asked = Decimal(service.inputs.get("desiredCount", 1))
    fewest = Decimal(targets[0].inputs["minCapacity"]) if targets else asked
    allowed = Decimal(targets[0].inputs["maxCapacity"]) if targets else asked
    hours = graph.hours_of(given.get("monthly_hours"))
    each = _per_second(graph, service, targets) * hours * _SECONDS / graph.workload.peak_factor
    needed = graph.requests_to(service) / each if each else Decimal(0)
    if fewest == allowed:  # nothing follows the load: whole tasks, all the time
        needed = needed.to_integral_value(ROUND_CEILING)
    average = given.get("tasks", max(fewest, needed))
    return Tasks(average=average, most=max(allowed, average), allowed=allowed, hours=hours, carried=allowed * each)


def _per_second(graph: Graph, service: Resource, targets: list[Resource]) -> Decimal:
    """Requests a second that bring one task to the CPU its autoscaler holds."""
    definitions = graph.behind(service, "taskDefinition", "aws:ecs/taskDefinition:TaskDefinition")
    vcpu = size_of(definitions[0]).vcpu if definitions else Decimal(1)
    held = [
        Decimal(str(configuration["targetValue"])) / 100
        for target in targets
        for policy in graph.users(target, "aws:appautoscaling/policy:Policy", "resourceId")
        if (configuration := policy.inputs.get("targetTrackingScalingPolicyConfiguration", {}))
        and configuration.get("predefinedMetricSpecification", {}).get("predefinedMetricType")
        == "ECSServiceAverageCPUUtilization"
    ]
    return vcpu * min(held, default=_TARGET_CPU) * 1000 / max(graph.workload.cpu_ms, Decimal("0.001"))


def capacity(graph: Graph) -> Decimal | None:
    """Requests above which the load takes more tasks than the stack allows; None without a service."""
    services = graph.recording.of_type("aws:ecs/service:Service")
    return min((tasks_of(graph, each).carried for each in services), default=None)
