"""Assemble: a StackReport from a recorded stack and, if there is one, what it is compared with."""

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass

from preflight.breakeven import Breakeven
from preflight.breakeven_command import compare, prices_missing
from preflight.cli import Recorded, explain, patience
from preflight.cost.difference import difference as cost_difference
from preflight.cost.estimate import Estimate
from preflight.cost.graph import HOURS
from preflight.danger import dangers
from preflight.difference import difference
from preflight.drawing.architecture import architecture
from preflight.findings import as_data, findings
from preflight.plan import plan
from preflight.pricing import estimate_with_notes, region_of, usage_of
from preflight.recorder import record_stack
from preflight.report.stack_report import Comparison, Costs, StackReport
from preflight.stackfile import NAMESPACE, StackFile, StackFileError, load
from preflight.switch import OTHER
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
    notes: tuple[str, ...] = ()


Record = Callable[[StackFile], Recorded]
"""Run the program with a configuration."""


def record(file: StackFile) -> Recorded:
    """As `Record`, with a word on the terminal if it takes long."""
    with patience(f"running the program for {file.stack}, the other way"), redirect_stdout(sys.stderr):
        return Recorded(file=file, recording=record_stack(file))


def assemble(
    now: Recorded, before: Before | None, settings: Sequence[str], usage: Usage, record: Record = record
) -> StackReport:
    """Everything about one stack. `settings` are those that it was recorded with, beside its stack file."""
    comparison = _comparison(now, before) if before else None
    sides, no_breakeven = _sides(now, before, settings, record)
    found: Breakeven | None = None
    if sides:
        no_breakeven = next(
            filter(None, (prices_missing(each, usage, HOURS, free_tier=True) for each in sides.values())), ""
        )
        if not no_breakeven:
            found = compare(now.file.stack, sides, usage, HOURS, free_tier=True)
    estimate = _estimate(now, usage)
    was = _estimate(before.recorded, usage) if before else None
    other = OTHER.get(now.topology or "")
    switch = None
    changes = bool(comparison and comparison.difference)
    if sides and other and not changes and not _stands_by(now):
        switch = other, update_timeline(now.recording, sides[other].recording)
    return StackReport(
        recording=now.recording,
        plan=plan(now.recording, now.topology),
        settings=tuple(settings),
        costs=Costs(
            estimate=estimate,
            workload=usage_of(now, usage).workload,
            before=was,
            changes=cost_difference(was, estimate) if was else (),
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
    )


def _comparison(now: Recorded, before: Before) -> Comparison:
    old, new = before.recorded.recording, now.recording
    found = difference(old, new)
    return Comparison(
        against=before.against,
        before=old,
        before_plan=plan(old, before.recorded.topology),
        before_drawing=architecture(old, region_of(before.recorded)),
        difference=found,
        dangers=dangers(found, old, new, configs=(before.recorded.file.config, now.file.config)),
        notes=(*before.notes, *found.doubts),
    )


def _estimate(recorded: Recorded, usage: Usage) -> Estimate:
    return estimate_with_notes(recorded, usage_of(recorded, usage), HOURS, free_tier=True)


def _stands_by(recorded: Recorded) -> bool:
    return recorded.file.config.get(f"{NAMESPACE}:standby") == "true"


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
