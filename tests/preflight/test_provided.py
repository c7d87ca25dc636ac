"""What the provider adds: a change of its default tags or its region is a change of all that they reach."""

from engine.double.sdk import shape
from stacks import recorded

from preflight.danger import dangers
from preflight.difference import difference
from preflight.force_new import REPLACED_BY
from preflight.provided import GLOBAL, UNTAGGED

AWS = {each for each in REPLACED_BY if each.startswith("aws:")}


def test_the_lists_of_what_is_not_reached_are_those_of_the_installed_provider():
    assert {each for each in AWS if "tagsAll" not in shape(each).outputs} == UNTAGGED
    assert {each for each in AWS if "region" not in shape(each).inputs} == GLOBAL


def reached(recording, but: frozenset[str]) -> set[str]:
    return {each.urn for each in recording if each.type in AWS - but and "tagsAll" not in each.options.ignore_changes}


def test_another_default_tag_changes_all_that_it_reaches_and_nothing_else():
    before = recorded("dev")
    found = difference(before, recorded("dev", "tags={team: shop}"))
    provider = before.one("pulumi:providers:aws").urn
    assert {each.urn for each in found.changes} == reached(before, UNTAGGED) | {provider}
    assert {each.kind for each in found.changes} == {"updated"}
    changed = {(one.path, one.after) for each in found.changes for one in each.properties if each.urn != provider}
    assert changed == {("tagsAll.team", "shop")}


def test_another_region_replaces_all_that_lies_in_it_and_is_a_danger_to_what_keeps_data():
    before, after = recorded("dev"), recorded("dev", "aws:region=eu-west-1")
    found = difference(before, after)
    assert {each.urn for each in found.of_kind("replaced")} >= reached(before, GLOBAL)
    assert "cdn" not in {each.name for each in found.of_kind("replaced")}
    told = "\n".join(dangers(found, before, after))
    assert "Bucket site is replaced (region can't be changed in place), and with it its files." in told


def test_a_resource_with_a_region_of_its_own_stays_there():
    domain = "domain={name: shop.example.com, zone: example.com}"
    found = difference(recorded("dev", domain), recorded("dev", domain, "aws:region=eu-west-1"))
    assert "certificate" not in {each.name for each in found.changes}
