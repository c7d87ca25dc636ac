"""Every policy is alive: it catches the program that is wrong in its way, and not the same program put right."""

import pytest
from twins import TWINS
from verdicts import caught

from policies.judge import POLICIES
from preflight.recorder import record_program


def test_every_policy_has_its_twins():
    assert set(TWINS) == set(POLICIES)


@pytest.mark.parametrize("policy", sorted(TWINS))
def test_a_policy_catches_the_wrong_program_and_not_the_right_one(policy):
    wrong, right = TWINS[policy]
    assert policy in caught(record_program(wrong))
    assert policy not in caught(record_program(right))
