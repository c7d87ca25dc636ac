"""The table of actions: a row for each type of the program, every action one of AWS's, looking told from changing."""

import pytest
from iam import parliament

from bootstrap.actions import load
from preflight.force_new import REPLACED_BY

KNOWN = {
    f"{service['prefix']}:{each['privilege']}": each["access_level"]
    for service in parliament.iam_definition
    for each in service["privileges"]
}
OF_BOOTSTRAP = {
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    "aws:iam/policy:Policy",
    "aws:kms/alias:Alias",
    "aws:kms/key:Key",
    "aws:route53/zone:Zone",
}
"""What only an administrator makes, by hand."""
EMPTIES = {"s3:ListBucketVersions"}
"""What only looks, and is needed for a deletion alone."""
ROWS = load()


def test_every_type_that_is_deployed_has_a_row_and_none_has_one_in_vain():
    # test_force_new.py holds that table to what is registered.
    deployed = {each for each in REPLACED_BY if each.startswith("aws:")} - OF_BOOTSTRAP
    assert set(ROWS) - {""} == deployed


@pytest.mark.parametrize("type_", sorted(ROWS), ids=lambda each: each.rpartition(":")[2] or "look-ups")
def test_every_action_is_one_that_aws_has_and_does_what_the_row_says(type_):
    row = ROWS[type_]
    assert row.read | row.write
    assert {each for each in row.read if KNOWN.get(each) not in ("Read", "List")} == set()
    assert {each for each in row.write - EMPTIES if KNOWN.get(each) in ("Read", "List", None)} == set()


def test_no_row_writes_roles_which_are_granted_more_narrowly():
    assert not [each for row in ROWS.values() for each in row.write if each.startswith("iam:")]


def test_what_can_be_created_can_be_deleted():
    written = {each for row in ROWS.values() for each in row.write}
    made = {each for each in written if each.partition(":")[2].startswith("Create") and not each.endswith("Tags")}
    for each in made - {"elasticloadbalancing:CreateRule"}:
        gone = each.replace(":Create", ":Delete")
        assert gone in written or f"{gone}s" in written, each
