"""Rules of the container half: its tasks and what scales them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from preflight.cost.graph import Graph
from preflight.cost.rule import Charge, Finding, Note, Rule, Unpriced, free, priced
from preflight.cost.tasks import Tasks, size_of, tasks_of
from preflight.recording import Resource

# Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-storage.html
_FREE_DISK_GB = 20
_FARGATE, _SPOT = "FARGATE", "FARGATE_SPOT"
# One when there is too much, one when there is too little.
# Source: https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.html
_ALARMS_OF_A_POLICY = 2


def service(graph: Graph, service: Resource) -> Iterator[Finding]:
    """Each task's vCPU, memory, disk above 20 GB and public address, by the hour."""
    definitions = graph.behind(service, "taskDefinition", "aws:ecs/taskDefinition:TaskDefinition")
    reason = _not_priced(service, definitions)
    if reason:
        yield Unpriced(what="tasks", reason=reason)
        return
    inputs = definitions[0].inputs
    tasks = tasks_of(graph, service)
    if tasks.average > tasks.allowed:
        yield Note(
            text=f"{service.name}: the load takes {tasks.average:.1f} tasks on average, and the autoscaler may start "
            f"{tasks.allowed}: raise the most tasks, or requests will wait"
        )
    for part in _parts(graph, service, tasks):
        yield from _compute(definitions[0], part, tasks.hours)
    paid = tasks.average * tasks.hours
    disk = Decimal(inputs.get("ephemeralStorage", {}).get("sizeInGib", _FREE_DISK_GB)) - _FREE_DISK_GB
    if disk > 0:
        yield Charge(price="fargate.ephemeral_gb_hour", quantity=paid * disk, what="Fargate: disk", most=tasks.grown)
    if service.inputs.get("networkConfiguration", {}).get("assignPublicIp"):
        yield Charge(price="public_ipv4.in_use_hour", quantity=paid, what="public IPv4 of the tasks", most=tasks.grown)


def _not_priced(service: Resource, definitions: Sequence[Resource]) -> str:
    """Why these tasks have no price here; empty if they have."""
    if not definitions:
        return "their task definition is not part of the stack"
    launch = service.inputs.get("launchType", _FARGATE)
    others = {launch, *(each["capacityProvider"] for each in _strategies(service))} - {_FARGATE, _SPOT}
    if others:
        return f"what they run on ({', '.join(sorted(others))}) is not Fargate"
    inputs = definitions[0].inputs
    if str(inputs.get("runtimePlatform", {}).get("operatingSystemFamily", "")).startswith("WINDOWS"):
        return "Windows on Fargate has prices of its own"
    if not {"cpu", "memory"} <= set(inputs):
        return "their task definition does not say how large they are"
    return ""


def _strategies(service: Resource) -> Sequence[Mapping[str, Any]]:
    return service.inputs.get("capacityProviderStrategies") or ()


@dataclass(frozen=True, kw_only=True)
class _Part:
    """The tasks of a service that are paid for alike."""

    tasks: Decimal
    is_spot: bool = False
    share: Decimal = Decimal(1)
    """Of the list price."""
    least: Decimal = Decimal(1)
    most: Decimal = Decimal(1)


def _parts(graph: Graph, service: Resource, tasks: Tasks) -> Iterator[_Part]:
    """What is paid on demand and what is Spot, whose price floats; the autoscaler adds to both."""
    regular, most_regular = (_on_demand(_strategies(service), many) for many in (tasks.average, tasks.most))
    spot, most_spot = tasks.average - regular, tasks.most - most_regular
    if not spot:
        yield _Part(tasks=regular, most=tasks.grown)
        return
    if regular:
        yield _Part(tasks=regular, most=most_regular / regular)
    planned = 1 - graph.prices.spot_planned
    yield _Part(
        tasks=spot,
        is_spot=True,
        share=planned,
        least=(1 - graph.prices.spot_best) / planned,
        most=most_spot / spot / planned,
    )


def _on_demand(strategies: Sequence[Mapping[str, Any]], tasks: Decimal) -> Decimal:
    """How many of so many tasks are not Spot: a provider's base comes first, the rest is divided by weight."""
    if not strategies:
        return tasks
    bases = {each["capacityProvider"]: Decimal(each.get("base") or 0) for each in strategies}
    weights = {each["capacityProvider"]: Decimal(each.get("weight") or 0) for each in strategies}
    rest = max(Decimal(0), tasks - sum(bases.values()))
    shares = sum(weights.values()) or Decimal(1)
    return min(tasks, bases.get(_FARGATE, Decimal(0))) + rest * weights.get(_FARGATE, Decimal(0)) / shares


def _compute(definition: Resource, part: _Part, hours: Decimal) -> Iterator[Finding]:
    is_arm = definition.inputs.get("runtimePlatform", {}).get("cpuArchitecture") == "ARM64"
    where = f"Fargate{' Spot' if part.is_spot else ''}, {'arm64' if is_arm else 'x86'}"
    size = size_of(definition)
    for price, amount, what in (("vcpu_hour", size.vcpu, "vCPU"), ("gb_hour", size.memory_gb, "memory")):
        yield Charge(
            price=f"fargate.{'arm' if is_arm else 'x86'}.{price}",
            quantity=part.tasks * hours * amount,
            what=f"{where}: {what}",
            share=part.share,
            least=part.least,
            most=part.most,
        )


def cluster(graph: Graph, cluster: Resource) -> Iterator[Finding]:
    """Free, but for Container Insights, which pays by the metric."""
    settings = cluster.inputs.get("settings", ())
    if any(each.get("name") == "containerInsights" and each.get("value") != "disabled" for each in settings):
        yield Unpriced(
            what="Container Insights", reason="how many metrics AWS makes of the tasks is not in the program"
        )
        return
    yield from free("a cluster is free").read(graph, cluster)


def scaling_policy(graph: Graph, policy: Resource) -> Iterator[Finding]:
    """Free, but for the alarms that AWS makes for one that tracks a target."""
    if "targetTrackingScalingPolicyConfiguration" not in policy.inputs:
        yield from free(_SCALING).read(graph, policy)
        return
    quantity = _ALARMS_OF_A_POLICY * graph.months
    yield Charge(price="cloudwatch.alarm_month", quantity=quantity, what="alarms of the autoscaler")


_SCALING = "autoscaling is free"
RULES: Mapping[str, Rule] = {
    "aws:ecs/service:Service": priced(service),
    "aws:ecs/cluster:Cluster": Rule(kind="free", read=cluster),
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": free("a setting of the cluster"),
    "aws:ecs/taskDefinition:TaskDefinition": free("charged to the service that runs it"),
    "aws:appautoscaling/target:Target": free(_SCALING),
    "aws:appautoscaling/policy:Policy": priced(scaling_policy),
}
