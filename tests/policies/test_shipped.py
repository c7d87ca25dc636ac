"""The stacks that are shipped, in every configuration, have no finding that nobody has waived."""

import pytest
from stacks import recorded
from verdicts import FEW, every_configuration, unwaived

from policies.waivers import load
from preflight.findings import findings


@pytest.mark.parametrize("configuration", FEW, ids=" ".join)
def test_a_shipped_stack_has_no_finding_without_a_waiver(configuration):
    assert unwaived(recorded(*configuration)) == []


@pytest.mark.policies_all
@pytest.mark.parametrize("configuration", every_configuration(), ids=" ".join)
def test_no_configuration_has_a_finding_without_a_waiver(configuration):
    assert unwaived(recorded(*configuration)) == []


def test_every_waiver_is_needed():
    used = {each.waiver for configuration in FEW for each in findings(recorded(*configuration)) if each.waiver}
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
