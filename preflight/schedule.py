"""Schedule: what an update has to do, how long each part takes, and what each waits for.

The engine works on as much as possible at a time: a resource waits for what it depends on and for its parent, which
waits for what that depends on. What goes is deleted when all else is done, in rounds, each after the one before has
ended: in the last round is what depends on nothing else that goes, in the one before it what depends on that alone,
and so on. A component is one of those that go, though it takes no time.

Source: ScheduleDeletes in
https://github.com/pulumi/pulumi/blob/v3.259.0/pkg/resource/deploy/step_generator.go
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from preflight.carried import Carried
from preflight.difference import Change, difference
from preflight.durations import Action, Duration, Source, load
from preflight.moves import longest_request_seconds, origin_leaves, traffic_moved
from preflight.recording import Recording, Resource

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
WITH_WAITS = "switchyard:index:Distribution"
"""The component whose distribution waits before an origin leaves, and after traffic moved."""
_TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
_AT_ONCE = Duration(low=0, typical=0, high=0, source=Source(says="nothing to do", url=""))


@dataclass(frozen=True, kw_only=True)
class Task:
    """One operation on one resource."""

    key: str
    resource: Resource
    action: Literal["create", "update", "delete", "wait"]
    duration: Duration
    after: tuple[str, ...]
    """Keys of what must have ended before it begins."""
    component: str = ""
    """The outermost component it is in, as `Container container`; empty outside of any."""
    name: str = ""
    """What a person reads in place of the resource's name."""


Schedule = Mapping[str, Task]
"""By key."""


def deployment(recording: Recording) -> Schedule:
    """The first one: everything is created."""
    return _by_key(_forward(recording, dict.fromkeys(recording.resources, "create")))


def update(before: Recording, after: Recording) -> Schedule:
    """From one recording to another: what is created and updated, then what is deleted."""
    changes = difference(before, after).changes
    actions: dict[str, Action] = {
        each.urn: "update" if each.kind == "updated" else "create"
        for each in changes
        if each.kind in ("added", "updated", "replaced")
    }
    retagged = {each.urn for each in changes if each.kind == "updated" and _is_tagging(each)}
    tasks = {
        key: replace(task, duration=load().quick) if key in retagged and task.duration.typical else task
        for key, task in _by_key(_forward(after, actions)).items()
    }
    kept = set(Carried(before, after).old_urns.values())
    gone = {each.urn for each in before if each.is_ours and not each.custom and each.urn not in kept}
    for change in changes:
        if change.kind == "replaced" and after.resources[change.urn].options.delete_before_replace:
            tasks |= _by_key(_deleted_first(before, change, tasks[change.urn]))
        elif change.kind in ("removed", "replaced"):
            gone.add(change.old_urn or change.urn)
        if change.kind == "updated" and change.type == DISTRIBUTION:
            tasks |= _by_key(_with_waits(before, after, change, tasks[change.urn]))
    return {**tasks, **_by_key(_deletions(before, frozenset(gone), tuple(tasks)))}


def _is_tagging(change: Change) -> bool:
    """Whether only tags change: that is a call of its own, after which nothing is deployed anywhere."""
    return bool(change.properties) and all(each.property in ("tags", "tagsAll") for each in change.properties)


def _by_key(tasks: Iterator[Task]) -> dict[str, Task]:
    return {task.key: task for task in tasks}


def _forward(recording: Recording, actions: Mapping[str, Action]) -> Iterator[Task]:
    """A task for every resource, also for what stays as it is: what comes after it waits for what is before it."""
    for each in recording:
        action = actions.get(each.urn)
        is_work = action and each.is_ours and (each.custom or each.remote)
        yield Task(
            key=each.urn,
            resource=each,
            action=action or "update",
            duration=_duration(recording, each, action) if action and is_work else _AT_ONCE,
            after=_waits_for(recording, each),
            component=_component(recording, each),
        )


def _deleted_first(before: Recording, change: Change, creation: Task) -> Iterator[Task]:
    """What may not be there twice is deleted, then created."""
    old = before.resources[change.old_urn or change.urn]
    key = f"delete {old.urn}"
    yield Task(
        key=key,
        resource=old,
        action="delete",
        duration=_duration(before, old, "delete"),
        after=creation.after,
        component=creation.component,
    )
    yield replace(creation, after=(key,))


def _deletions(before: Recording, gone: frozenset[str], everything: tuple[str, ...]) -> Iterator[Task]:
    @cache
    def depth(urn: str) -> int:
        needed = (each for each in _waits_for(before, before.resources[urn]) if each in gone)
        return 1 + max(map(depth, needed), default=0)

    rounds: dict[int, list[str]] = {}
    for urn in sorted(gone):
        rounds.setdefault(depth(urn), []).append(urn)
    after = everything
    for _, urns in sorted(rounds.items(), reverse=True):
        for urn in urns:
            old = before.resources[urn]
            is_work = old.custom and not old.options.retain_on_delete
            yield Task(
                key=f"delete {urn}",
                resource=old,
                action="delete",
                duration=_duration(before, old, "delete") if is_work else _AT_ONCE,
                after=after,
                component=_component(before, old),
            )
        after = tuple(f"delete {urn}" for urn in urns)


def _with_waits(before: Recording, after: Recording, change: Change, moving: Task) -> Iterator[Task]:
    """The pauses of components/_waits.py around the update of a distribution; the second takes over its key."""
    parent = after.resources.get(moving.resource.parent)
    if not parent or parent.type != WITH_WAITS:
        return
    old, new = before.resources[change.old_urn or change.urn], moving.resource
    if origin_leaves(old, new):
        key = f"before {moving.key}"
        wait = load().waits["edges"]
        name = "until no edge names the origin that leaves"
        yield replace(moving, key=key, action="wait", duration=wait, name=name)
        moving = replace(moving, after=(key,))
    if not traffic_moved(old, new):
        yield moving
        return
    seconds = longest_request_seconds(new) or longest_request_seconds(old)
    drained = Duration(low=seconds, typical=seconds, high=seconds, source=load().waits["edges"].source)
    key = f"update {moving.key}"
    yield replace(moving, key=key)
    name = "for requests under way"
    yield replace(moving, action="wait", duration=drained, after=(key,), name=name)


def _waits_for(recording: Recording, resource: Resource) -> tuple[str, ...]:
    options = resource.options
    urns = {
        resource.parent,
        *options.depends_on,
        *(urn for urns in options.property_dependencies.values() for urn in urns),
    }
    return tuple(sorted(urn for urn in urns if urn in recording.resources and urn != resource.urn))


def _component(recording: Recording, resource: Resource) -> str:
    top = ""
    while resource.parent in recording.resources:
        resource = recording.resources[resource.parent]
        top = f"{resource.type.rpartition(':')[2]} {resource.name}"
    return top


def _duration(recording: Recording, resource: Resource, action: Action) -> Duration:
    found = load().of(resource, action)
    for name in found.plus:
        found = found.longer(_PLUS[name](recording, resource))
    return found


def _health_checks(recording: Recording, service: Resource) -> float:
    """Seconds until a new target counts as healthy."""
    checks = [each.inputs.get("healthCheck") or {} for each in _target_groups(recording, service)]
    return max((each.get("interval", 30) * each.get("healthyThreshold", 3) for each in checks), default=0)


def _deregistration(recording: Recording, service: Resource) -> float:
    """Seconds until an old target is let go."""
    groups = _target_groups(recording, service)
    return max((each.inputs.get("deregistrationDelay", 300) for each in groups), default=0)


def _target_groups(recording: Recording, service: Resource) -> list[Resource]:
    urns = service.options.property_dependencies.get("loadBalancers", ())
    found = (recording.resources.get(urn) for urn in urns)
    return [each for each in found if each and each.type == _TARGET_GROUP]


_PLUS: Mapping[str, Callable[[Recording, Resource], float]] = {
    "health_checks": _health_checks,
    "deregistration": _deregistration,
}
"""What durations.yaml names under `plus`."""
