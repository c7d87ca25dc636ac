"""The stacks that are shipped, in every configuration, have no finding that nobody has waived."""

import pytest
from stacks import ROOT, recorded
from verdicts import FEW, SECRETS, every_configuration, unwaived

from policies.waivers import load
from preflight import made_up
from preflight.findings import findings
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
