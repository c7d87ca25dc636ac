"""Reports of the project's own stacks, made as the command makes them, each once however many tests look at it."""

import json
from dataclasses import replace
from functools import cache

from stacks import ROOT, recorded

from preflight.cli import Recorded
from preflight.recording import Recording
from preflight.report.assemble import Before, assemble
from preflight.report.stack_report import StackReport
from preflight.stackfile import load
from preflight.usage import Usage


def as_recorded(stack: str, *overrides: str) -> Recorded:
    return Recorded(file=load(ROOT, stack, overrides), recording=recorded(stack, *overrides))


SMALL, FLIP, NETWORK = (
    ("dev", "logs.retentionDays=30"),
    ("dev", "topology=container"),
    ("prod", "network.cidr=10.9.0.0/16"),
)
"""Changes as `change` takes them; the last is dangerous."""


@cache
def first_look(stack: str, *overrides: str) -> StackReport:
    """A stack by itself."""
    return assemble(as_recorded(stack, *overrides), None, overrides, Usage())


@cache
def change(stack: str, *changes: str) -> StackReport:
    """A stack compared with itself, these settings changed."""
    before = Before(against=f"{stack} as it is", recorded=as_recorded(stack), is_same_tree=True)
    return assemble(as_recorded(stack, *changes), before, changes, Usage())


@cache
def of_everything() -> StackReport:
    """prod where dev was: about everything changes."""
    before = Before(against="dev", recorded=as_recorded("dev"))
    now = as_recorded("prod", "standby=true", "network.nat=perZone")
    moved = replace(before, recorded=replace(before.recorded, recording=renamed(before.recorded.recording, "prod")))
    return assemble(now, moved, (), Usage())


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
        "fix": "Set logs.access to true.",
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
