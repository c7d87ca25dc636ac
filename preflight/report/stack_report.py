"""StackReport: what the page and the comment say about one stack, found out beforehand."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from preflight.breakeven import Breakeven
from preflight.cost.difference import LineChange
from preflight.cost.estimate import Estimate
from preflight.diff_view import summary
from preflight.difference import Difference, Kind
from preflight.drawing.sketch import Architecture
from preflight.plan import Plan
from preflight.recording import Recording
from preflight.switch import Topology
from preflight.timeline import Timeline
from preflight.usage import Workload

Level = Literal["danger", "change", "calm"]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The stack against another state of itself."""

    against: str
    """The other state, for a person: `1a2b3c4`, `dev as it is`."""
    before: Recording
    before_plan: Plan
    before_drawing: Architecture
    difference: Difference
    dangers: tuple[str, ...]
    notes: tuple[str, ...]
    """How far the comparison can be believed."""
    goes_along: tuple[str, ...] = ()
    """What is lost with it, without being a danger by itself."""
    changed: tuple[str, ...] = ()
    """The settings that make the difference, as `key=value`; empty where it is another commit."""

    @property
    def kinds(self) -> dict[str, Kind]:
        """What happens to each resource, by its URN, the old and the new one."""
        found = self.difference.changes
        return {each.old_urn: each.kind for each in found if each.old_urn} | {each.urn: each.kind for each in found}


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What the stack costs a month, and what the change does to that."""

    estimate: Estimate
    workload: Workload
    before: Estimate | None = None
    changes: tuple[LineChange, ...] = ()
    """Line by line, the largest first."""
    breakeven: Breakeven | None = None
    no_breakeven: str = ""
    """Why there is none, for a person."""

    @property
    def change(self) -> Decimal | None:
        """USD a month more than before; None where there is no before."""
        return None if self.before is None else self.estimate.total - self.before.total


@dataclass(frozen=True, kw_only=True)
class Switch:
    """The way to the other topology."""

    to: Topology
    timeline: Timeline
    """Of the switch in one step, or of the first of several."""
    refused: str = ""
    """Why it takes several."""


@dataclass(frozen=True, kw_only=True)
class StackReport:
    """One stack. What is None was not asked for, or can't be known here, and gets no place."""

    recording: Recording
    plan: Plan
    settings: tuple[str, ...]
    """The settings that differ from the stack file, as `key=value`."""
    costs: Costs
    timeline: Timeline
    """Of the change, or of the first deployment where nothing changes."""
    drawing: Architecture
    switch: Switch | None = None
    """Where nothing changes: how long a switch would take."""
    comparison: Comparison | None = None
    uncompared: str = ""
    """Why there is no comparison, where one was to be expected."""
    findings: tuple[Mapping[str, Any], ...] | None = None
    """As in the JSON document: policy, controls, severity, urn, message, fix, waived."""

    @property
    def stack(self) -> str:
        return self.plan.stack

    @property
    def topologies(self) -> tuple[str, ...]:
        """The one, or from which to which."""
        before = self.comparison.before_plan.topology if self.comparison else None
        return tuple(each for each in dict.fromkeys((before, self.plan.topology)) if each)

    @property
    def notes(self) -> tuple[str, ...]:
        """How far the comparison can be believed, or why there is none."""
        if self.comparison:
            return self.comparison.notes
        return (f"Compared with nothing: {self.uncompared}.",) if self.uncompared else ()

    @property
    def both(self) -> tuple[str, ...]:
        """The settings that both sides of the comparison have."""
        changed = self.comparison.changed if self.comparison else ()
        return tuple(each for each in self.settings if each not in changed)

    @property
    def attention(self) -> tuple[str, ...]:
        """What deserves attention, in a comparison only what is new."""
        known = self.comparison.before_plan.attention if self.comparison else ()
        return tuple(each for each in self.plan.attention if each not in known)

    @property
    def what_takes(self) -> str:
        """What the timeline is of."""
        return "the update" if self.comparison and self.comparison.difference else "the first deployment"

    @property
    def redrawn(self) -> bool:
        """Whether the architecture looks different than before, marks aside."""
        return bool(self.comparison) and self.comparison.before_drawing != self.drawing

    @property
    def level(self) -> Level:
        if self.comparison and self.comparison.dangers:
            return "danger"
        return "change" if self.comparison and self.comparison.difference else "calm"

    @property
    def verdict(self) -> str:
        """The whole report in a few words."""
        if not self.comparison:
            return "A first look: nothing to compare with"
        if self.comparison.dangers:
            return f"Danger: read {'this' if len(self.comparison.dangers) == 1 else 'these'} before you go on"
        return "Changes, none of them dangerous" if self.comparison.difference else "Nothing changes"

    @property
    def extent(self) -> str:
        """How much there is, or changes."""
        if self.comparison:
            return summary(self.comparison.difference)
        resources = plural(sum(self.plan.counts.values()), "resource")
        return f"{resources} in {plural(self.plan.components, 'component')}"


def plural(count: int, word: str) -> str:
    """`1 resource`, `2 resources`, `2 properties`."""
    if count == 1:
        return f"{count} {word}"
    return f"{count} {word[:-1]}ies" if word.endswith("y") else f"{count} {word}s"
