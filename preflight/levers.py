"""Levers: the changes to a stack that may make it cheaper, and what is lost by each."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from preflight.recording import Recording, Resource
from preflight.usage import Usage
from settings import Settings

_WORKING_WEEK_SHARE = Decimal(60) / Decimal(168)
"""Twelve hours on five days."""
_SHORT_RETENTION_DAYS = 14


@dataclass(frozen=True, kw_only=True)
class Lever:
    """One change that may save money, and what is lost by it."""

    title: str
    lost: str
    overrides: tuple[str, ...] = ()
    """Settings to record the stack with, as `--set` takes them."""
    recording: Callable[[Recording], Recording] | None = None
    """A change to what was recorded, for what is no setting of the stack."""
    usage: Callable[[Usage], Usage] | None = None
    """A change to how much the stack is used."""


_NATS = {
    "none": (
        "a public IPv4 for each task, no NAT",
        "private subnets and a fixed address; the firewall is all there is",
    ),
    "instance": ("one NAT instance", "redundancy: one machine in one zone, which you patch"),
    "single": ("one NAT gateway", "the way out of all zones when its zone fails"),
    "regional": ("one regional NAT gateway", "the choice of zones: AWS follows the tasks"),
    "endpoints": ("interface endpoints, no internet", "the internet: tasks reach AWS's services only"),
}


def levers(settings: Settings, recording: Recording) -> Iterator[Lever]:
    """Those that would change something here; whether they save is for the estimator to say."""
    other = "serverless" if settings.topology == "container" else "container"
    lost = (
        "the container: nothing in memory between requests, no WebSocket, a cold start now and then"
        if other == "serverless"
        else "paying nothing at rest: balancer and tasks run all the time"
    )
    title = f"topology {other}{' alone' if settings.standby else ''}"
    yield Lever(title=title, lost=lost, overrides=(f"topology={other}", "standby=false", "standbyTraffic=0"))
    if settings.standby:
        title, lost = "no standby", "the way back in one step"
        yield Lever(title=title, lost=lost, overrides=("standby=false", "standbyTraffic=0"))
    if "container" in settings.topologies:
        yield from _container_levers(settings, recording)
    if settings.logs.retention_days > _SHORT_RETENTION_DAYS:
        yield Lever(
            title=f"logs kept {_SHORT_RETENTION_DAYS} days, not {settings.logs.retention_days}",
            lost="what was logged before that",
            overrides=(f"logs.retentionDays={_SHORT_RETENTION_DAYS}",),
        )
    yield from _recorded_levers(recording)


def _container_levers(settings: Settings, recording: Recording) -> Iterator[Lever]:
    if not settings.network.existing:
        for nat, (title, lost) in _NATS.items():
            if nat != settings.network.nat:
                yield Lever(title=title, lost=lost, overrides=(f"network.nat={nat}",))
    if settings.container.load_balancer == "public":
        title, lost = "an internal balancer", "a balancer that can be reached past CloudFront"
        yield Lever(title=title, lost=lost, overrides=("container.loadBalancer=internal",))
    if not settings.container.spot:
        title, lost = "Fargate Spot", "certainty: a task may go with two minutes' notice, and none may be free"
        yield Lever(title=title, lost=lost, overrides=("container.spot=true",))
    services = [each.name for each in recording.of_type("aws:ecs/service:Service")]
    yield Lever(
        title="tasks off at night and on weekends",
        lost="the service outside 12 hours on 5 days; what turns it off is for you to add",
        usage=lambda usage: _part_time(usage, services),
    )


def _part_time(usage: Usage, services: Sequence[str]) -> Usage:
    changed = dict(usage.by_address)
    for name in services:
        hours = usage.of("aws_ecs_service", name).get("monthly_hours", Decimal(730)) * _WORKING_WEEK_SHARE
        changed[f"aws_ecs_service.{name}"] = {**usage.of("aws_ecs_service", name), "monthly_hours": hours}
    return replace(usage, by_address=changed)


_KEY = "aws:kms/key:Key"


def _recorded_levers(recording: Recording) -> Iterator[Lever]:
    keys = recording.of_type(_KEY)
    if keys:
        yield Lever(
            title=f"AWS's own keys in place of {len(keys)} customer keys",
            lost="a key policy of your own, use from other accounts, turning a key off",
            recording=lambda changed: _without(changed, _KEY),
        )
    if any(_to_arm64(each) is not each for each in recording):
        yield Lever(
            title="arm64 in place of x86",
            lost="images and libraries built for x86 alone",
            recording=lambda changed: replace(
                changed, resources={urn: _to_arm64(each) for urn, each in changed.resources.items()}
            ),
        )


def _without(recording: Recording, type_: str) -> Recording:
    kept = {urn: each for urn, each in recording.resources.items() if each.type != type_}
    return replace(recording, resources=kept)


def _to_arm64(resource: Resource) -> Resource:
    """The resource on arm64; itself if it runs nothing, or does so already."""
    match resource.type:
        case "aws:lambda/function:Function" if resource.inputs.get("architectures") != ["arm64"]:
            return replace(resource, inputs={**resource.inputs, "architectures": ["arm64"]})
        case "aws:ecs/taskDefinition:TaskDefinition":
            platform = resource.inputs.get("runtimePlatform", {})
            if platform.get("cpuArchitecture") != "ARM64":
                inputs = {**resource.inputs, "runtimePlatform": {**platform, "cpuArchitecture": "ARM64"}}
                return replace(resource, inputs=inputs)
    return resource
