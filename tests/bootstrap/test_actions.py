"""The table of actions: a row for each type of the program, every action one of AWS's, looking told from changing."""

import pytest
from iam import parliament
from stacks import DOMAIN, recorded
from verdicts import every_configuration

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
LOOK_UPS = {each for each in ROWS if each.rpartition(":")[2].startswith("get")}
ASKS_NOTHING = {"aws:index/getPartition:getPartition", "aws:index/getRegion:getRegion"}


def test_every_type_that_is_deployed_has_a_row_and_none_has_one_in_vain():
    # test_force_new.py holds that table to what is registered.
    deployed = {each for each in REPLACED_BY if each.startswith("aws:")} - OF_BOOTSTRAP
    assert set(ROWS) - LOOK_UPS == deployed


def test_every_look_up_of_a_stack_has_a_row_and_none_has_one_in_vain():
    asked = {each.token for each in recorded("prod", DOMAIN, "network.nat=instance", "standby=true").lookups}
    assert asked == LOOK_UPS
    assert not any(ROWS[each].write for each in LOOK_UPS)


@pytest.mark.policies_all
@pytest.mark.parametrize("configuration", every_configuration(), ids=" ".join)
def test_the_look_ups_of_every_configuration_have_rows(configuration):
    assert {each.token for each in recorded(*configuration).lookups} <= LOOK_UPS


def test_a_look_up_may_make_all_the_calls_that_the_provider_makes_for_it():
    assert "ec2:GetManagedPrefixListEntries" in ROWS["aws:ec2/getManagedPrefixList:getManagedPrefixList"].read
    assert "route53:ListTagsForResource" in ROWS["aws:route53/getZone:getZone"].read


def test_an_update_may_ask_what_the_distribution_and_its_functions_are_right_now():
    asked = {"cloudformation:GetResource", "cloudfront:GetDistribution", "cloudfront:GetDistributionConfig"}
    assert asked <= ROWS["aws:cloudfront/distribution:Distribution"].read
    assert {"cloudfront:GetFunction", "cloudfront:DescribeFunction"} <= ROWS["aws:cloudfront/function:Function"].read


@pytest.mark.parametrize("type_", sorted(ROWS), ids=lambda each: each.rpartition(":")[2])
def test_every_action_is_one_that_aws_has_and_does_what_the_row_says(type_):
    row = ROWS[type_]
    assert bool(row.read | row.write) is (type_ not in ASKS_NOTHING)
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
