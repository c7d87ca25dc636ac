"""Assemble: a StackReport from a recorded stack and, if there is one, what it is compared with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from preflight.breakeven import Breakeven
from preflight.breakeven_command import compare, prices_missing
from preflight.cli import Recorded, explain, record
from preflight.cost.difference import difference as cost_difference
from preflight.cost.estimate import Estimate
from preflight.cost.graph import HOURS
from preflight.danger import dangers
from preflight.danger_of_loss import goes_along
from preflight.difference import difference
from preflight.discreet import discreet_override
from preflight.drawing.architecture import architecture
from preflight.findings import as_data, findings
from preflight.plan import plan
from preflight.pricing import estimate_with_notes, region_of, usage_of
from preflight.recording import Recording
from preflight.report.stack_report import Comparison, Costs, StackReport, Switch
from preflight.stackfile import NAMESPACE, StackFileError, load
from preflight.switch import OTHER, Topology, route, state_of
from preflight.switched import Record, switched
from preflight.timeline import deployment_timeline, update_timeline
from preflight.usage import Usage

_ALONE = ("standby=false", "standbyTraffic=0")


@dataclass(frozen=True, kw_only=True)
class Before:
    """What a stack is compared with."""

    against: str
    recorded: Recorded
    is_same_tree: bool = False
    """Whether it is this very program, with other settings."""
    switched: Recording | None = None
    """Of another commit, with only the settings of a switch as they are now; None without a switch."""
    changed: tuple[str, ...] = ()
    """Of the same tree: the settings that it is without."""
    notes: tuple[str, ...] = ()


def assemble(
    now: Recorded,
    before: Before | None,
    settings: Sequence[str],
    usage: Usage,
    *,
    record: Record = record,
    uncompared: str = "",
) -> StackReport:
    """Everything about one stack. `settings` are those that it was recorded with, beside its stack file.

    `uncompared` says why there is no `before`.
    """
    comparison = _comparison(now, before, settings, record) if before else None
    sides, no_breakeven = _sides(now, before, settings, record)
    found: Breakeven | None = None
    if sides:
        no_breakeven = next(
            filter(None, (prices_missing(each, usage, HOURS, free_tier=True) for each in sides.values())), ""
        )
        if not no_breakeven:
            found = compare(now.file.stack, sides, usage, HOURS, free_tier=True)
    estimate = _estimate(now, usage)
    old_urns = {each.urn: each.old_urn for each in comparison.difference.changes if each.old_urn} if comparison else {}
    was = _estimate(before.recorded, usage) if before else None
    other = OTHER.get(now.topology or "")
    changes = bool(comparison and comparison.difference)
    switch = _switch(now, sides[other], other, settings, record) if sides and other and not changes else None
    return StackReport(
        recording=now.recording,
        plan=plan(now.recording, now.topology),
        settings=tuple(map(discreet_override, settings)),
        costs=Costs(
            estimate=estimate,
            workload=usage_of(now, usage).workload,
            before=was,
            changes=cost_difference(was, estimate, old_urns) if was else (),
            breakeven=found,
            no_breakeven=no_breakeven,
        ),
        findings=tuple(as_data(findings(now.recording))),
        timeline=update_timeline(before.recorded.recording, now.recording)
        if before and changes
        else deployment_timeline(now.recording),
        drawing=architecture(now.recording, region_of(now)),
        switch=switch,
        comparison=comparison,
        uncompared="" if before else uncompared,
    )


def _comparison(now: Recorded, before: Before, settings: Sequence[str], record: Record) -> Comparison:
    old, new = before.recorded.recording, now.recording
    found = difference(old, new)
    alone, doubts = before.switched, ()
    if before.is_same_tree:
        both = [each for each in settings if each not in before.changed]
        alone, doubts = switched(before.recorded, now, both, record)
    return Comparison(
        against=before.against,
        before=old,
        before_plan=plan(old, before.recorded.topology),
        before_drawing=architecture(old, region_of(before.recorded)),
        difference=found,
        dangers=dangers(found, old, new, switched=alone, configs=(before.recorded.file.config, now.file.config)),
        goes_along=goes_along(found, old),
        changed=tuple(map(discreet_override, before.changed)),
        notes=(*before.notes, *doubts, *found.doubts),
    )


def _estimate(recorded: Recorded, usage: Usage) -> Estimate:
    return estimate_with_notes(recorded, usage_of(recorded, usage), HOURS, free_tier=True)


def _switch(now: Recorded, alone: Recorded, to: Topology, settings: Sequence[str], record: Record) -> Switch | None:
    """The quick way if it is open, else the first step of the cautious one; nothing if a switch is under way."""
    start = state_of(now.file.config)
    if start.standby:
        return None
    cautious, quick = route(start, to, protect=now.file.config.get(f"{NAMESPACE}:protect") == "true").ways
    if not quick.refused:
        return Switch(to=to, timeline=update_timeline(now.recording, alone.recording))
    changes = (f"{key}={value}" for key, value in cautious.steps[0].changed.items())
    first = record(load(now.file.root, now.file.stack, (*settings, *changes)))
    return Switch(to=to, timeline=update_timeline(now.recording, first.recording), refused=quick.refused)


def _sides(
    now: Recorded, before: Before | None, settings: Sequence[str], record: Record
) -> tuple[dict[str, Recorded], str]:
    """The stack in each topology alone; or nothing, and why that can't be."""
    if now.topology not in OTHER:
        return {}, "This program has no topology to choose."
    known = [now, before.recorded] if before and before.is_same_tree else [now]
    sides: dict[str, Recorded] = {}
    for topology in sorted(OTHER, reverse=True):
        try:
            file = load(now.file.root, now.file.stack, (*settings, f"topology={topology}", *_ALONE))
            same = (each for each in known if _alike(each.file.config) == _alike(file.config))
            sides[topology] = next(same, None) or record(file)
        except StackFileError as error:
            return {}, str(error)
        except (Exception, SystemExit) as error:  # whatever the program may raise
            return {}, f"{topology} can't be had: {explain(error, now.file.root)}"
        if not sides[topology].recording.of_type(f"{NAMESPACE}:index:{topology.capitalize()}"):
            return {}, "With image none there is no topology to compare."
    return sides, ""


def _alike(config: Mapping[str, str]) -> dict[str, str]:
    """The configuration, what is false or 0 by default left out."""
    defaults = {f"{NAMESPACE}:standby": "false", f"{NAMESPACE}:standbyTraffic": "0"}
    return {key: value for key, value in config.items() if defaults.get(key) != value}
