"""Reports of the project's own stacks, made as the command makes them, each once however many tests look at it."""

import json
from dataclasses import replace
from functools import cache

from stacks import ROOT

from preflight.cli import Recorded
from preflight.difference import difference
from preflight.drawing.architecture import architecture
from preflight.recorder import record_stack
from preflight.recording import Recording
from preflight.report.assemble import Before, assemble
from preflight.report.stack_report import StackReport
from preflight.stackfile import StackFile, load
from preflight.timeline import update_timeline
from preflight.usage import Usage

SMALL, FLIP, DANGEROUS = (
    ("dev", "logs.retentionDays=30"),
    ("dev", "topology=container"),
    ("dev", "image=none"),
)
"""Changes as `change` takes them."""
_RECORDED: dict[str, Recorded] = {}


def record(file: StackFile) -> Recorded:
    """A stack with a configuration, each recorded once."""
    key = f"{file.stack} {sorted(file.config.items())}"
    if key not in _RECORDED:
        _RECORDED[key] = Recorded(file=file, recording=record_stack(file))
    return _RECORDED[key]


def as_recorded(stack: str, *overrides: str) -> Recorded:
    return record(load(ROOT, stack, overrides))


@cache
def first_look(stack: str, *overrides: str) -> StackReport:
    """A stack by itself."""
    return assemble(as_recorded(stack, *overrides), None, overrides, Usage(), record=record)


@cache
def change(stack: str, *changes: str) -> StackReport:
    """A stack compared with itself, these settings changed."""
    before = Before(against=f"{stack} as it is", recorded=as_recorded(stack), is_same_tree=True, changed=changes)
    return assemble(as_recorded(stack, *changes), before, changes, Usage(), record=record)


@cache
def of_everything() -> StackReport:
    """prod where dev was: about everything changes."""
    report = change(*FLIP)
    before, after = renamed(as_recorded("dev").recording, "prod"), as_recorded("prod", "standby=true").recording
    comparison = replace(report.comparison, difference=difference(before, after))
    drawing = architecture(after, "us-east-1")
    return replace(
        report, comparison=comparison, recording=after, drawing=drawing, timeline=update_timeline(before, after)
    )


def renamed(recording: Recording, stack: str) -> Recording:
    """The recording as if its stack had another name."""
    was, now = (f"urn:pulumi:{each}::" for each in (recording.stack, stack))
    return Recording.from_json(json.loads(json.dumps(recording.to_json()).replace(was, now)) | {"stack": stack})


FINDINGS = (
    {
        "policy": "balancer-logs",
        "controls": ["ELB.5"],
        "severity": "medium",
        "urn": "urn:pulumi:dev::p::aws:lb/loadBalancer:LoadBalancer::balancer",
        "message": "writes no access logs",
        "fix": "set logs.access to true",
        "waived": None,
    },
    {
        "policy": "bucket-versions",
        "controls": [],
        "severity": "low",
        "urn": "urn:pulumi:dev::p::aws:s3/bucket:Bucket::logs",
        "message": "keeps no versions",
        "fix": "Turn versioning on.",
        "waived": {"reason": "logs are written once"},
    },
)

HOSTILE = "@octocat <img src=x onerror=alert(1)> [x](https://example.com) #12 ``` | </details> `"


def poisoned():
    """A report in which everything that a program or a stack file can name is hostile."""
    report = change(*FLIP)
    comparison = report.comparison
    changes = tuple(
        replace(
            each,
            name=HOSTILE,
            urn=f"urn:pulumi:dev::p::t::{HOSTILE}",
            components=(f"Vpc {HOSTILE}",),
            forced_by=(HOSTILE,),
            properties=tuple(replace(one, path=HOSTILE, before=HOSTILE, after=HOSTILE) for one in each.properties),
        )
        for each in comparison.difference.changes
    )
    outputs = tuple(
        replace(each, path=HOSTILE, before=HOSTILE, after=HOSTILE) for each in comparison.difference.outputs
    )
    places = tuple(replace(each, title=HOSTILE, detail=HOSTILE) for each in report.drawing.places)
    lines = tuple(replace(each, urn=f"x::{HOSTILE}", what=HOSTILE) for each in report.costs.changes)
    return replace(
        report,
        settings=(HOSTILE,),
        plan=replace(report.plan, stack=HOSTILE, topology=HOSTILE, attention=(HOSTILE,), next_step=HOSTILE),
        drawing=replace(report.drawing, places=places),
        costs=replace(report.costs, changes=lines),
        findings=tuple({**each, "message": HOSTILE, "fix": HOSTILE, "severity": HOSTILE} for each in FINDINGS),
        timeline=replace(report.timeline, steps=tuple(replace(each, name=HOSTILE) for each in report.timeline.steps)),
        comparison=replace(
            comparison,
            against=HOSTILE,
            dangers=(HOSTILE,),
            notes=(HOSTILE,),
            difference=replace(comparison.difference, changes=changes, outputs=outputs),
        ),
    )
