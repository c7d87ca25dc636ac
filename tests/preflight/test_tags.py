"""Default tags: they reach what the provider can tag, and a change of them is a change of all of it."""

from engine.double.sdk import shape
from stacks import recorded

from preflight.difference import difference
from preflight.force_new import REPLACED_BY
from preflight.tags import UNTAGGED


def test_the_list_of_what_takes_no_tags_is_that_of_the_installed_provider():
    shapes = {each: shape(each) for each in REPLACED_BY if each.startswith("aws:")}
    assert {each for each, known in shapes.items() if "tagsAll" not in known.outputs} == UNTAGGED


def test_another_default_tag_changes_all_that_it_reaches_and_nothing_else():
    before = recorded("dev")
    found = difference(before, recorded("dev", "tags={team: shop}"))
    reached = {each.urn for each in before if each.type in REPLACED_BY and each.type not in UNTAGGED}
    assert {each.urn for each in found.changes} == {urn for urn in reached if "aws:" in urn}
    assert {each.kind for each in found.changes} == {"updated"}
    assert {(one.path, one.after) for each in found.changes for one in each.properties} == {("tagsAll.team", "shop")}
