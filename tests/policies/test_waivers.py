"""Waivers say what, where, why, who and until when; and cover that and nothing else."""

from datetime import date

import pytest

from policies.graph import Resource
from policies.judge import POLICIES
from policies.waivers import Waiver, WaiverError, load

ENTRY = """
- control: ELB.6
  resource: container-*
  environment: dev
  reason: because
  who: me
  revisit: 2027-05-01
"""
POLICY = POLICIES["balancers-are-protected-from-deletion"]


def balancer(name: str) -> Resource:
    return Resource(urn=f"urn:pulumi:dev::p::t::{name}", type=POLICY.types[0], name=name, inputs={})


def waiver(**changes) -> Waiver:
    given = {"control": "ELB.6", "resource": "container-*", "environment": "dev", "reason": "because", "who": "me"}
    return Waiver(**{**given, "revisit": date(2027, 5, 1), **changes})


def read(tmp_path, text: str) -> tuple[Waiver, ...]:
    path = tmp_path / "waivers.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def test_a_waiver_is_read_as_it_is_written(tmp_path):
    assert read(tmp_path, ENTRY) == (waiver(),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "waivers.yaml: must be a list of waivers"),
        ("- a: [", "waivers.yaml: while parsing"),
        (ENTRY.replace("  reason: because\n", ""), "waiver 1: reason must be a text, got None"),
        (ENTRY.replace("2027-05-01", "soon"), "waiver 1: revisit must be a date such as 2027-05-01, got 'soon'"),
        (ENTRY + ENTRY.replace("who: me", "who: ''"), "waiver 2: who must be a text, got ''"),
        (ENTRY + "  stack: dev\n", "waiver 1: no such key: stack; there is control, resource"),
        (ENTRY + "  says: 3\n", "waiver 1: says must be a text, got 3"),
        ("- 1", "waiver 1: control must be a text, got None"),
    ],
)
def test_what_is_no_waiver_is_refused_with_its_number_and_key(tmp_path, text, message):
    with pytest.raises(WaiverError) as refusal:
        read(tmp_path, text)
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("changes", "covers"),
    [
        ({}, True),
        ({"control": POLICY.name}, True),
        ({"control": "ELB.5"}, False),
        ({"resource": "other"}, False),
        ({"resource": "*"}, True),
        ({"environment": "prod"}, False),
        ({"environment": "d*"}, True),
        ({"says": "one call*"}, True),
        ({"says": "another half*"}, False),
    ],
    ids=str,
)
def test_a_waiver_covers_its_control_resource_environment_and_message_alone(changes, covers):
    covered = waiver(**changes).covers(POLICY, balancer("container-balancer"), "one call deletes it", "dev")
    assert covered is covers


def test_every_shipped_waiver_names_a_control_or_a_policy_that_there_is():
    known = set(POLICIES) | {control for policy in POLICIES.values() for control in policy.controls}
    assert {each.control for each in load()} <= known
