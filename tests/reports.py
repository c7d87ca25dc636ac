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
