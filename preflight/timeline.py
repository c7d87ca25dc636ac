"""Timeline: when each step of a schedule begins and ends, and which of them decide how long it all takes."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Literal

from preflight.durations import Duration, Source
from preflight.recording import Recording
from preflight.schedule import Schedule, deployment, update


@dataclass(frozen=True, kw_only=True)
class Step:
    """One operation that takes time. Seconds are counted from the beginning, everything taking its typical time."""

    urn: str
    name: str
    kind: str
    """The type, shortened, as `LoadBalancer`."""
    component: str
    """The outermost component it is in, as `Container container`; empty outside of any."""
    action: Literal["create", "update", "delete", "wait"]
    start_seconds: float
    duration: Duration
    on_critical_path: bool

    @property
    def typical_seconds(self) -> float:
        return self.duration.typical

    @property
    def source(self) -> Source:
        return self.duration.source

    @property
    def end_seconds(self) -> float:
        return self.start_seconds + self.duration.typical


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """All steps that take time, by when they begin."""

    steps: tuple[Step, ...]
    typical_seconds: float
    low_seconds: float
    """Were every step as short as it is likely to be."""
    high_seconds: float
    """Were every step as long as it is likely to be; the path that decides may then be another."""

    @property
    def critical_path(self) -> tuple[Step, ...]:
        """The steps that decide how long it takes, each beginning when the one before ends."""
        return tuple(each for each in self.steps if each.on_critical_path)


def deployment_timeline(recording: Recording) -> Timeline:
    """The first deployment of a stack."""
    return timeline(deployment(recording))


def update_timeline(before: Recording, after: Recording) -> Timeline:
    """An update of a stack, a switch too."""
    return timeline(update(before, after))


def timeline(tasks: Schedule) -> Timeline:
    """Every task as early as it can be."""
    typical, low, high = (
        _ends(tasks, seconds) for seconds in (lambda it: it.typical, lambda it: it.low, lambda it: it.high)
    )
    critical = set(_critical(tasks, typical))
    steps = [
        Step(
            urn=task.resource.urn,
            name=task.name or task.resource.name,
            kind=task.resource.type.rpartition(":")[2],
            component=task.component,
            action=task.action,
            start_seconds=typical[key] - task.duration.typical,
            duration=task.duration,
            on_critical_path=key in critical,
        )
        for key, task in tasks.items()
        if task.duration.typical
    ]
    return Timeline(
        steps=tuple(sorted(steps, key=lambda each: (each.start_seconds, each.end_seconds, each.urn, each.action))),
        typical_seconds=max(typical.values(), default=0),
        low_seconds=max(low.values(), default=0),
        high_seconds=max(high.values(), default=0),
    )


def _ends(tasks: Schedule, seconds: Callable[[Duration], float]) -> dict[str, float]:
    """When each task ends: as long after the last of what it waits for as it takes itself."""
    found: dict[str, float] = {}
    for key in TopologicalSorter({key: task.after for key, task in tasks.items()}).static_order():
        task = tasks[key]
        found[key] = max((found[each] for each in task.after), default=0) + seconds(task.duration)
    return found


def _critical(tasks: Schedule, end: dict[str, float]) -> Iterator[str]:
    """The keys from the last task to end back to the first, always by way of what ended last."""
    here: Iterable[str] = end
    while key := max(here, key=lambda each: (end[each], each), default=None):
        yield key
        here = tasks[key].after
