"""Revisions: what differs is named, and what the provider only reads back in another way is no difference."""

import random
from copy import deepcopy
from typing import Any

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components._revision import REVISION, differences

ASKED: dict[str, Any] = {
    "taskDefinition": "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:2",
    "networkConfiguration": {"subnets": ["subnet-a", "subnet-b"], "securityGroups": ["sg-1"], "assignPublicIp": False},
    "capacityProviderStrategies": [{"capacityProvider": "FARGATE", "weight": 1}],
    "loadBalancers": [{"targetGroupArn": "arn:target", "containerName": "app", "containerPort": 8080}],
    "desiredCount": 1,
}
"""As the program asks for a service."""
READ_BACK = {
    **deepcopy(ASKED),
    "networkConfiguration": {"subnets": ["subnet-b", "subnet-a"], "securityGroups": ["sg-1"], "assignPublicIp": False},
    "capacityProviderStrategies": [{"base": 0, "capacityProvider": "FARGATE", "weight": 1.0}],
    "loadBalancers": [
        {
            "targetGroupArn": "arn:target",
            "containerName": "app",
            "containerPort": 8080.0,
            "elbName": "",
            "advancedConfiguration": {"productionListenerRule": "arn:rule"},
        }
    ],
    "desiredCount": 3,
    "platformVersion": "LATEST",
    "launchType": "",
}
"""As the provider reads the same service: sets in an order of their own, defaults filled in, numbers as in JSON."""


def test_a_service_that_runs_what_was_asked_for_does_not_differ():
    assert differences(ASKED, READ_BACK) == []
    assert differences(READ_BACK, READ_BACK) == []


@given(st.integers())
def test_the_order_of_what_aws_has_as_a_set_does_not_matter(seed):
    subnets = ["subnet-a", "subnet-b", "subnet-c"]
    strategies = [{"capacityProvider": "FARGATE", "weight": 1, "base": 1}, {"capacityProvider": "FARGATE_SPOT"}]
    asked = {"networkConfiguration": {"subnets": subnets}, "capacityProviderStrategies": strategies}
    live = deepcopy(asked)
    for each in (live["networkConfiguration"]["subnets"], live["capacityProviderStrategies"]):
        random.Random(seed).shuffle(each)
    assert differences(asked, live) == []


def test_the_notes_of_the_engine_and_what_was_not_set_are_not_asked_for():
    asked = deepcopy(ASKED)
    asked["networkConfiguration"] |= {"__defaults": ["assignPublicIp"]}
    asked["loadBalancers"][0] |= {"__defaults": ["elbName"], "elbName": None}
    assert differences(asked, READ_BACK) == []


@pytest.mark.parametrize("nothing", [False, None, 0, ""])
def test_nothing_is_read_back_as_false_or_left_out(nothing):
    asked = {"networkConfiguration": {"assignPublicIp": False}, "loadBalancers": [{"containerPort": 80, "elbName": ""}]}
    live = {
        "networkConfiguration": {"assignPublicIp": nothing},
        "loadBalancers": [{"containerPort": 80, "elbName": nothing}],
    }
    assert differences(asked, live) == []
    assert differences(asked, {"networkConfiguration": {}, "loadBalancers": [{"containerPort": 80}]}) == []


@pytest.mark.parametrize("missing", REVISION)
def test_what_the_provider_tells_nothing_of_or_the_program_does_not_ask_for_is_not_judged(missing):
    assert differences(ASKED, {**READ_BACK, missing: None}) == []
    assert differences(ASKED, {key: value for key, value in READ_BACK.items() if key != missing}) == []
    assert differences({**ASKED, missing: None}, READ_BACK) == []


def _with(property_: str, value: object) -> dict[str, Any]:
    live = deepcopy(READ_BACK)
    key, _, within = property_.partition(".")
    if within:
        live[key][within] = value
    else:
        live[key] = value
    return live


SPOT = [{"base": 0, "capacityProvider": "FARGATE_SPOT", "weight": 1.0}]
OTHER_TARGET = [{"targetGroupArn": "arn:old", "containerName": "app", "containerPort": 8080}]


@pytest.mark.parametrize(
    ("property_", "live", "said"),
    [
        ("taskDefinition", "arn:1", f"arn:1, not {ASKED['taskDefinition']}"),
        ("networkConfiguration.subnets", ["subnet-c", "subnet-a"], "subnet-a, subnet-c, not subnet-a, subnet-b"),
        ("networkConfiguration.subnets", ["subnet-a"], "subnet-a, not subnet-a, subnet-b"),
        ("networkConfiguration.subnets", [], "none, not subnet-a, subnet-b"),
        ("networkConfiguration.securityGroups", ["sg-1", "sg-2"], "sg-1, sg-2, not sg-1"),
        ("networkConfiguration.assignPublicIp", True, "true, not false"),
        ("capacityProviderStrategies", SPOT, "capacityProvider FARGATE_SPOT weight 1, not capacityProvider FARGATE"),
        ("capacityProviderStrategies", [], "none, not capacityProvider FARGATE weight 1"),
        ("loadBalancers", OTHER_TARGET, "containerName app containerPort 8080 targetGroupArn arn:old, not"),
    ],
)
def test_a_service_that_runs_something_else_is_told_by_what_differs(property_, live, said):
    (found,) = differences(ASKED, _with(property_, live))
    assert found.startswith(f"{property_} is {said}")


def test_all_that_is_compared_is_part_of_a_revision_in_the_api():
    members = botocore.session.get_session().get_service_model("ecs").shape_for("ServiceRevision").members
    names = {"capacityProviderStrategies": "capacityProviderStrategy"}
    assert {names.get(each, each) for each in REVISION} <= set(members)
