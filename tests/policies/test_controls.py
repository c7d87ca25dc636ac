"""Every row of the controls is answered, and each answer is one that something holds."""

import ast

import pytest
from stacks import ROOT, recorded
from verdicts import FEW, every_configuration

from policies.controls import Control, load
from policies.graph import Stack
from policies.judge import POLICIES
from preflight.findings import graph

ROWS = 132
EVERYTHING = [*FEW, *(pytest.param(each, marks=pytest.mark.policies_all) for each in every_configuration())]
BEYOND = {
    "way-in",
    "way-out",
    "behind",
    "readable",
    "retention",
    "encryption",
    "shared-answers",
    "EC2.3",
    "EC2.8",
    "CIS 6.7",
}
"""What the policies ask that no row does."""


def ids(control: Control) -> set[str]:
    return {*control.controls, f"SY.{control.row}"}


def test_no_row_is_missing():
    assert [each.row for each in load()] == list(range(1, ROWS + 1))


@pytest.mark.parametrize("control", load(), ids=lambda each: each.row)
def test_a_row_is_answered_in_exactly_one_way(control):
    answers = [bool(control.policies), bool(control.construction), bool(control.not_applicable)]
    assert sum(answers) == 1
    assert bool(control.construction) == bool(control.test)
    assert not control.absent or control.not_applicable


@pytest.mark.parametrize("control", [each for each in load() if each.policies], ids=lambda each: each.row)
def test_the_policies_of_a_row_stand_for_it(control):
    assert set(control.policies) <= set(POLICIES)
    named = {one for each in control.policies for one in POLICIES[each].controls}
    assert named & ids(control)


def test_every_control_that_a_policy_stands_for_is_in_a_row_that_names_it():
    for policy in POLICIES.values():
        for one in set(policy.controls) - BEYOND:
            rows = [each for each in load() if one in ids(each)]
            assert rows, f"{policy.name}: {one}"
            assert any(policy.name in each.policies for each in rows), f"{policy.name}: {one}"


@pytest.mark.parametrize("row", [56, 116, 123])
def test_a_row_about_what_is_not_there_is_not_said_to_hold(row):
    (control,) = [each for each in load() if each.row == row]
    stack = graph(recorded("prod"))
    bare = Stack.of("prod", [each for each in stack if each.type not in control.types])
    assert control.verdict(bare) == "nothing there"


@pytest.mark.parametrize("control", [each for each in load() if each.test], ids=lambda each: each.row)
def test_the_test_of_a_construction_is_there(control):
    file, _, name = control.test.partition("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("configuration", EVERYTHING, ids=" ".join)
def test_what_does_not_apply_for_want_of_a_resource_is_not_there(configuration):
    absent = {type_ for each in load() for type_ in each.absent}
    assert absent & {each.type for each in recorded(*configuration)} == set()
