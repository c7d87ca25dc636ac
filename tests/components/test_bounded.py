"""bounded: every role gets the boundary and its path, nothing else changes, and a stack may have it as a setting."""

import re

import pulumi
import pulumi_aws as aws
import pytest
from stacks import ROOT, recorded

from components._bounded import BOUNDARY, bounded, path_of
from preflight.stackfile import load
from settings import parse

ARN = "arn:aws:iam::123456789012:policy/switchyard/dev/boundary-1a2b3c4"
ROLE, PROFILE = "aws:iam/role:Role", "aws:iam/instanceProfile:InstanceProfile"
EVERYTHING = ("prod", "standby=true", "network.nat=instance")


def test_every_role_of_a_stack_is_bounded_wherever_it_is_made():
    recording = recorded(*EVERYTHING, f"permissionsBoundary={ARN}")
    roles = recording.of_type(ROLE)
    assert len(roles) > 5
    assert {each.inputs.get("permissionsBoundary") for each in roles} == {ARN}
    assert {each.inputs.get("path") for each in [*roles, *recording.of_type(PROFILE)]} == {"/switchyard/dev/"}


def test_nothing_else_is_changed_by_it():
    without, with_it = recorded(*EVERYTHING), recorded(*EVERYTHING, f"permissionsBoundary={ARN}")
    assert set(without.resources) == set(with_it.resources)
    for urn, each in without.resources.items():
        if each.type not in (ROLE, PROFILE):
            changed = {key for key, value in each.inputs.items() if with_it.resources[urn].inputs[key] != value}
            assert not changed or "/switchyard/dev/" in str(with_it.resources[urn].inputs), urn
        assert with_it.resources[urn].options == each.options, urn


def test_a_stack_without_it_has_roles_of_the_account():
    assert not any("permissionsBoundary" in each.inputs for each in recorded(*EVERYTHING).of_type(ROLE))


def test_what_a_program_says_of_a_role_beside_stays(record):
    def program():
        aws.iam.Role(
            "role",
            assume_role_policy="{}",
            description="mine",
            opts=pulumi.ResourceOptions(transforms=list(bounded(ARN)), protect=True),
        )

    role = record(program).one(ROLE)
    assert (role.inputs["description"], role.options.protect) == ("mine", True)


def test_without_a_boundary_there_is_nothing_to_transform():
    assert bounded(None) == []


@pytest.mark.parametrize(
    ("arn", "path"),
    [
        (ARN, "/switchyard/dev/"),
        ("arn:aws:iam::123456789012:policy/boundary", "/"),
        ("arn:aws:iam::123456789012:policy/a/b", "/a/"),
    ],
)
def test_the_path_is_the_policys_own(arn, path):
    assert path_of(arn) == path == re.fullmatch(BOUNDARY, arn)["path"]


@pytest.mark.parametrize("wrong", ["boundary", "arn:aws:iam::aws:policy/AdministratorAccess", f"{ARN}*", ARN + "\n"])
def test_a_setting_that_is_no_policy_of_an_account_is_refused(wrong):
    _, (refusal,) = parse({**load(ROOT, "dev").config, "switchyard:permissionsBoundary": wrong})
    assert str(refusal).startswith("permissionsBoundary: got ")
    assert "allowed: the ARN of an account's own policy" in str(refusal)
