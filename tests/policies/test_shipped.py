"""The stacks that are shipped, in every configuration, have no finding that nobody has waived."""

import json
from dataclasses import replace
from functools import cache

import pytest
from stacks import ROOT, recorded
from verdicts import FEW, SECRETS, every_configuration, unwaived

from policies.graph import Stack
from policies.judge import judge
from policies.waivers import load
from preflight import made_up
from preflight.findings import findings, graph
from preflight.recorder import record_stack
from preflight.recording import Recording
from preflight.stackfile import load as load_stack


@pytest.mark.parametrize("configuration", FEW, ids=" ".join)
def test_a_shipped_stack_has_no_finding_without_a_waiver(configuration):
    assert unwaived(recorded(*configuration)) == []


@pytest.mark.policies_all
@pytest.mark.parametrize("configuration", every_configuration(), ids=" ".join)
def test_no_configuration_has_a_finding_without_a_waiver(configuration):
    assert unwaived(recorded(*configuration)) == []


def test_a_secret_of_another_account_that_a_setting_names_is_no_finding():
    secrets = SECRETS.replace("123456789012", "444455556666")
    assert unwaived(recorded("prod", "standby=true", secrets)) == []


def test_an_account_has_no_finding_without_a_waiver():
    assert unwaived(account()) == []


# What the waivers of an account's roles must not hide: each would be a way to every right there is.
@pytest.mark.parametrize(
    ("name", "actions", "resource"),
    [
        ("preview-dev-guard", ["iam:AttachUserPolicy", "iam:CreateAccessKey"], "*"),
        ("preview-dev-guard", ["sts:AssumeRole"], "*"),
        ("preview-dev-guard", ["lambda:CreateFunction"], "*"),
        ("preview-dev-guard", ["s3:GetObject"], "arn:aws:s3:::*"),
        ("preview-dev-guard", ["s3:PutObject"], "arn:aws:s3:::state-1/*"),
        ("preview-dev-read", ["iam:PassRole"], "*"),
        ("preview-dev-read", ["lambda:UpdateFunctionCode"], "*"),
        ("deploy-dev-guard", ["iam:CreateRole", "iam:PutRolePolicy"], "*"),
        ("deploy-dev-guard", ["iam:CreateAccessKey"], f"arn:aws:iam::{made_up.ACCOUNT}:user/admin"),
        ("deploy-dev-guard", ["iam:PassRole"], f"arn:aws:iam::{made_up.ACCOUNT}:role/*"),
        ("deploy-dev-guard", ["ecr:PutImage"], f"arn:aws:ecr:us-east-1:{made_up.ACCOUNT}:repository/*"),
        ("deploy-dev-network", ["lambda:CreateFunction"], "*"),
        ("deploy-dev-serve", ["iam:PassRole"], "*"),
        ("deploy-dev-serve", ["lambda:UpdateFunctionCode"], f"arn:aws:lambda:us-east-1:{made_up.ACCOUNT}:function:*"),
        ("boundary-dev", ["iam:CreateUser"], "*"),
        ("boundary-dev", ["sts:AssumeRole"], f"arn:aws:iam::{made_up.ACCOUNT}:role/admin"),
    ],
)
def test_no_waiver_hides_that_a_role_of_an_account_gets_more(name, actions, resource):
    stack = graph(account())
    (policy,) = [each for each in stack if each.name == name and each.type == "aws:iam/policy:Policy"]
    document = json.loads(policy.inputs["policy"])
    document["Statement"].append({"Effect": "Allow", "Action": actions, "Resource": [resource]})
    worse = replace(policy, inputs={**policy.inputs, "policy": json.dumps(document)})
    found = judge(Stack(stack.name, {**stack.resources, worse.urn: worse}), load())
    assert {each.name for each in found if not each.waiver} == {name}


@cache
def account() -> Recording:
    return record_stack(load_stack(ROOT / "bootstrap", "main", ("zone=example.com",)))


def test_every_waiver_is_needed():
    recordings = [*(recorded(*configuration) for configuration in FEW), account()]
    used = {each.waiver for recording in recordings for each in findings(recording) if each.waiver}
    assert used == set(load())


def test_no_waiver_is_for_what_prod_has():
    """What dev alone does without is a setting that prod has: its waivers name dev."""
    for_dev = [each for each in load() if each.environment == "dev"]
    assert for_dev
    for each in for_dev:
        prod = findings(recorded("prod", "topology=container"))
        assert not [
            found
            for found in prod
            if each.control in (found.policy.name, *found.policy.controls)
            and found.name == each.resource
            and not (found.waiver and found.waiver.environment == "*")
        ]


@pytest.mark.parametrize("configuration", FEW[2:4], ids=" ".join)
def test_a_first_preview_in_which_nothing_of_aws_is_known_raises_no_false_alarm(configuration, monkeypatch):
    """As the engine's own: ids, ARNs and names are unknown, and with them every document that holds one."""
    monkeypatch.setattr(made_up, "outputs", lambda resource, region: {"id": ""} if resource.custom else {})
    stack, *overrides = configuration
    recording = record_stack(load_stack(ROOT, stack, tuple(overrides)))
    assert "$unknown" in str([each.inputs for each in recording])
    assert [f"{each.policy.name} {each.name}: {each.message}" for each in unwaived(recording)] == []
