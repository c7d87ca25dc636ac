"""Rules of the container half: tasks, and the load balancer in front of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from preflight.cost.graph import HOURS, KB_PER_GB, Graph
from preflight.cost.rule import Charge, Finding, Note, Rule, Unpriced, free, priced
from preflight.recording import Resource

CPU_UNITS = 1024
"""ECS's CPU units of one vCPU."""
# Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-storage.html
_FREE_DISK_GB = 20
# Source: https://docs.aws.amazon.com/autoscaling/application/userguide/ (a service without a policy: no target at all)
_TARGET_CPU = Decimal("0.5")
# Source: https://aws.amazon.com/elasticloadbalancing/pricing/
_LCU_CONNECTIONS_PER_SECOND = 25
_LCU_OPEN_CONNECTIONS = 3000
_LCU_RULES_PER_SECOND = 1000
_SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class Tasks:
    """How many tasks a service runs: on average, at the fewest, and at the most it may."""

    average: Decimal
    fewest: Decimal
    most: Decimal
    allowed: Decimal
    """As many as the settings allow; `most` is more where the load needs more."""


def tasks_of(graph: Graph, service: Resource) -> Tasks:
    """As many as the load takes, never fewer than the autoscaler's minimum (or the number asked for)."""
    targets = [
        each
        for each in graph.recording.of_type("aws:appautoscaling/target:Target")
        if service.urn in each.options.property_dependencies.get("resourceId", ())
    ]
    asked = Decimal(service.inputs.get("desiredCount", 1))
    fewest = Decimal(targets[0].inputs["minCapacity"]) if targets else asked
    most = Decimal(targets[0].inputs["maxCapacity"]) if targets else asked
    given = graph.given(service, "aws_ecs_service").get("tasks")
    if given is not None:
        return Tasks(average=given, fewest=fewest, most=max(most, given), allowed=most)
    wanted = (
        graph.requests_to(service)
        * graph.workload.peak_factor
        / (_per_task(graph, service, targets) * graph.hours * _SECONDS)
    )
    if fewest == most:  # nothing follows the load: whole tasks, all the time
        wanted = wanted.to_integral_value(ROUND_CEILING)
    average = max(fewest, wanted)
    return Tasks(average=average, fewest=fewest, most=max(most, average), allowed=most)


def _per_task(graph: Graph, service: Resource, targets: list[Resource]) -> Decimal:
    """Requests a second that bring one task to the CPU its autoscaler holds."""
    definitions = graph.behind(service, "taskDefinition", "aws:ecs/taskDefinition:TaskDefinition")
    vcpu = Decimal(definitions[0].inputs["cpu"]) / CPU_UNITS if definitions else Decimal(1)
    held = [
        Decimal(str(configuration["targetValue"])) / 100
        for target in targets
        for policy in graph.users(target, "aws:appautoscaling/policy:Policy", "resourceId")
        if (configuration := policy.inputs.get("targetTrackingScalingPolicyConfiguration", {}))
        and configuration.get("predefinedMetricSpecification", {}).get("predefinedMetricType")
        == "ECSServiceAverageCPUUtilization"
    ]
    return vcpu * min(held, default=_TARGET_CPU) * 1000 / max(graph.workload.cpu_ms, Decimal("0.001"))


def service(graph: Graph, service: Resource) -> Iterator[Finding]:
    """Each task's vCPU, memory, disk above 20 GB and public address, by the hour."""
    definitions = graph.behind(service, "taskDefinition", "aws:ecs/taskDefinition:TaskDefinition")
    if not definitions:
        yield Unpriced(what="tasks", reason="their task definition is not part of the stack")
        return
    size = definitions[0].inputs
    tasks = tasks_of(graph, service)
    hours = graph.given(service, "aws_ecs_service").get("monthly_hours", HOURS) * graph.hours / HOURS
    if tasks.average > tasks.allowed:
        yield Note(
            text=f"{service.name}: the load takes {tasks.average:.1f} tasks on average, and the autoscaler may start "
            f"{tasks.allowed}: raise the most tasks, or requests will wait"
        )
    paid = tasks.average * hours
    spot, least, most = _span(graph, service, tasks)
    kind = "arm" if size.get("runtimePlatform", {}).get("cpuArchitecture") == "ARM64" else "x86"
    where = f"Fargate{' Spot' if spot else ''}, {'arm64' if kind == 'arm' else 'x86'}"
    share = 1 - graph.prices.spot_planned if spot else Decimal(1)
    vcpu, memory = Decimal(size["cpu"]) / CPU_UNITS, Decimal(size["memory"]) / 1024
    for part, unit, amount in (("vcpu_hour", "vCPU", vcpu), ("gb_hour", "memory", memory)):
        yield Charge(
            price=f"fargate.{kind}.{part}",
            quantity=paid * amount,
            what=f"{where}: {unit}",
            share=share,
            least=least,
            most=most,
        )
    disk = Decimal(size.get("ephemeralStorage", {}).get("sizeInGib", _FREE_DISK_GB)) - _FREE_DISK_GB
    grown = tasks.most / tasks.average if tasks.average else Decimal(1)
    if disk > 0:
        yield Charge(price="fargate.ephemeral_gb_hour", quantity=paid * disk, what=f"{where}: disk", most=grown)
    if service.inputs.get("networkConfiguration", {}).get("assignPublicIp"):
        yield Charge(price="public_ipv4.in_use_hour", quantity=paid, what="public IPv4 of the tasks", most=grown)


def _span(graph: Graph, service: Resource, tasks: Tasks) -> tuple[bool, Decimal, Decimal]:
    """Whether it is Spot; the least and the most of the expected price: Spot floats, the autoscaler adds tasks."""
    grown = tasks.most / tasks.average if tasks.average else Decimal(1)
    providers = [each.get("capacityProvider") for each in service.inputs.get("capacityProviderStrategies", ())]
    if "FARGATE_SPOT" not in providers:
        return False, Decimal(1), grown
    planned = 1 - graph.prices.spot_planned
    return True, (1 - graph.prices.spot_best) / planned, grown / planned


def load_balancer(graph: Graph, balancer: Resource) -> Iterator[Finding]:
    """By the hour, the capacity units of its use, and a public IPv4 in each zone unless it is internal."""
    if balancer.inputs.get("loadBalancerType", "application") != "application":
        yield Unpriced(what="load balancer", reason="only application load balancers have a rule")
        return
    yield Charge(price="alb.hour", quantity=graph.hours, what="load balancer")
    yield Charge(
        price="alb.lcu_hour", quantity=capacity_units(graph, balancer) * graph.hours, what="load balancer capacity"
    )
    has_public_ipv4 = balancer.inputs.get("ipAddressType") != "dualstack-without-public-ipv4"
    if balancer.inputs.get("internal") is not True and has_public_ipv4:
        zones = len(balancer.inputs.get("subnets", ()))
        what = f"public IPv4, {zones} of the balancer"
        yield Charge(price="public_ipv4.in_use_hour", quantity=zones * graph.hours, what=what)


def capacity_units(graph: Graph, balancer: Resource) -> Decimal:
    """LCU on average: the largest of the four dimensions. Default: all bytes go through, on connections kept open."""
    given = graph.given(balancer, "aws_lb")
    size = graph.workload.response_kb + graph.workload.request_kb
    processed = given.get("processed_bytes_gb", graph.requests_to(balancer) * size / KB_PER_GB)
    return max(
        given.get("new_connections", Decimal(0)) / _LCU_CONNECTIONS_PER_SECOND,
        given.get("active_connections", Decimal(0)) / _LCU_OPEN_CONNECTIONS,
        processed / graph.hours,
        given.get("rule_evaluations", Decimal(0)) / _LCU_RULES_PER_SECOND,
    )


def cluster(_graph: Graph, cluster: Resource) -> Iterator[Finding]:
    """Free, but for Container Insights, which pays by the metric."""
    settings = cluster.inputs.get("settings", ())
    if any(each.get("name") == "containerInsights" and each.get("value") != "disabled" for each in settings):
        yield Unpriced(
            what="Container Insights", reason="how many metrics AWS makes of the tasks is not in the program"
        )
        return
    yield from free("a cluster is free").read(_graph, cluster)


_BALANCER = "part of the load balancer"
_SCALING = "autoscaling is free"
RULES: Mapping[str, Rule] = {
    "aws:ecs/service:Service": priced(service),
    "aws:lb/loadBalancer:LoadBalancer": priced(load_balancer),
    "aws:alb/loadBalancer:LoadBalancer": priced(load_balancer),
    "aws:ecs/cluster:Cluster": Rule(kind="free", read=cluster),
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": free("a setting of the cluster"),
    "aws:ecs/taskDefinition:TaskDefinition": free("charged to the service that runs it"),
    "aws:appautoscaling/target:Target": free(_SCALING),
    "aws:appautoscaling/policy:Policy": free(_SCALING),
    "aws:lb/listener:Listener": free(_BALANCER),
    "aws:lb/listenerRule:ListenerRule": free(_BALANCER),
    "aws:lb/targetGroup:TargetGroup": free(_BALANCER),
}
