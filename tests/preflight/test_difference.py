"""Difference: what an update does to each resource, which property forces a replacement, and what follows from it."""

from dataclasses import replace
from hashlib import sha256
from shutil import copytree, ignore_patterns

import pulumi
import pulumi_aws as aws
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import recording, resource
from stacks import ROOT, recorded

from preflight.difference import ABSENT, RENEWED, difference, leaves
from preflight.force_new import REPLACED_BY
from preflight.recorder import record_stack
from preflight.recording import SECRET, Options
from preflight.sets import SETS
from preflight.stackfile import load


def only(before, after):
    (change,) = difference(recording(*before), recording(*after)).changes
    return change


LOGS = resource("logs", retentionInDays=14)


def test_the_same_recording_twice_is_no_difference():
    found = difference(recording(LOGS, url="x"), recording(LOGS, url="x"))
    assert not found
    assert (found.changes, found.outputs) == ((), ())


def test_a_resource_that_comes_is_added_and_one_that_goes_is_removed():
    assert only([], [LOGS]).kind == "added"
    assert only([LOGS], []).kind == "removed"


def test_a_property_that_can_change_in_place_is_an_update():
    change = only([LOGS], [resource("logs", retentionInDays=30)])
    assert change.kind == "updated"
    assert change.forced_by == ()
    assert [(each.path, each.before, each.after) for each in change.properties] == [("retentionInDays", 14, 30)]


def test_a_property_that_cannot_is_a_replacement_and_is_named():
    change = only([resource("logs", name="a", retentionInDays=14)], [resource("logs", name="b", retentionInDays=30)])
    assert (change.kind, change.forced_by) == ("replaced", ("name",))
    assert [each.path for each in change.properties] == ["name", "retentionInDays"]


def test_what_the_program_says_to_replace_for_is_a_replacement():
    options = Options(replace_on_changes=("retentionInDays",))
    change = only([LOGS], [resource("logs", options=options, retentionInDays=30)])
    assert (change.kind, change.forced_by) == ("replaced", ("retentionInDays",))


def test_what_the_program_says_to_ignore_is_no_change():
    ignoring = resource("logs", options=Options(ignore_changes=("retentionInDays",)), retentionInDays=30)
    assert not difference(recording(LOGS), recording(ignoring))


def test_a_replacement_goes_on_to_what_can_only_be_made_from_the_old_one():
    network = "aws:ec2/vpc:Vpc"
    was, now = resource("net", network, cidrBlock="10.0.0.0/16"), resource("net", network, cidrBlock="10.1.0.0/16")
    uses = Options(property_dependencies={"vpcId": (was.urn,)})
    subnet = resource("subnet", "aws:ec2/subnet:Subnet", options=uses, vpcId="vpc-1")
    gateway = resource("gateway", "aws:ec2/internetGateway:InternetGateway", options=uses, vpcId="vpc-1")
    found = {
        each.name: each for each in difference(recording(was, subnet, gateway), recording(now, subnet, gateway)).changes
    }
    assert {name: each.kind for name, each in found.items()} == {
        "net": "replaced",
        "subnet": "replaced",
        "gateway": "updated",
    }
    assert found["subnet"].forced_by == ("vpcId",)
    assert found["gateway"].properties[0].after == RENEWED


def test_a_resource_bound_to_another_is_replaced_with_it():
    was, now = resource("a", name="x"), resource("a", name="y")
    bound = resource("b", options=Options(replace_with=(was.urn,)), retentionInDays=1)
    found = {each.name: each for each in difference(recording(was, bound), recording(now, bound)).changes}
    assert found["b"].forced_by == ("replaced with a",)


def test_of_a_type_that_nobody_has_looked_up_it_is_said_that_it_may_be_replaced():
    queue = "aws:sqs/queue:Queue"
    found = difference(recording(resource("q", queue, fifo=True)), recording(resource("q", queue, fifo=False)))
    assert [each.kind for each in found.changes] == ["updated"]
    assert found.doubts == (
        "aws:sqs/queue:Queue is not in preflight/force_new.py: it may be replaced where this says updated.",
    )
    assert difference(recording(LOGS), recording(resource("logs", retentionInDays=30))).doubts == ()


def test_another_image_is_built_and_what_runs_it_follows(tmp_path):
    copy = tmp_path / "project"
    copytree(ROOT, copy, ignore=ignore_patterns(".*", "tests", "docs", "bench", "tools"))
    (copy / "app" / "added.py").write_text("")
    found = difference(recorded("dev"), record_stack(load(copy, "dev")))
    assert {each.name: each.kind for each in found.changes} == {
        "image": "updated",
        "serverless": "updated",
        "serverless-live": "updated",
    }


def test_an_alias_carries_a_resource_over_a_new_name_and_a_new_parent():
    old = resource("old", retentionInDays=14)
    renamed = resource("new", options=Options(aliases=(old.urn,)), retentionInDays=14)
    change = only([old], [renamed])
    assert (change.kind, change.old_urn) == ("renamed", old.urn)
    home = resource("home", "switchyard:index:Home")
    moved = resource("old", parent=home.urn, options=Options(aliases=(old.urn,)), retentionInDays=14)
    change = only([old], [home, moved])
    assert (change.kind, change.components) == ("moved", ("Home home",))


def site(name="site", *, type_="Site", bucket="", begins="files-", **options):
    """A program with a component, a bucket in it, and what is made of that by its id and by its ARN's digest."""

    class Site(pulumi.ComponentResource):
        def __init__(self, opts):
            super().__init__(f"switchyard:index:{type_}", name, {}, opts)
            child = pulumi.ResourceOptions(parent=self)
            kept = pulumi.ResourceOptions(
                ignore_changes=["bucketPrefix"], aliases=[pulumi.Alias(name=name)] if bucket else None
            )
            self.files = aws.s3.Bucket(
                f"{name}{bucket}", bucket_prefix=begins, opts=pulumi.ResourceOptions.merge(child, kept)
            )
            aws.s3.BucketVersioning(
                f"{name}-versioning", bucket=self.files.id, versioning_configuration={"status": "Enabled"}, opts=child
            )
            digest = self.files.arn.apply(lambda arn: sha256(arn.encode()).hexdigest())
            policy = pulumi.Output.concat('{"Resource": "', self.files.arn, '/*", "Of": "', digest, '"}')
            aws.s3.BucketPolicy(f"{name}-policy", bucket=self.files.id, policy=policy, opts=child)

    def program():
        outer = pulumi.ComponentResource("switchyard:index:Outer", "outer") if options.get("inside") else None
        given = {key: value for key, value in options.items() if key != "inside"}
        pulumi.export("url", Site(pulumi.ResourceOptions(parent=outer, **given)).files.bucket)

    return program


ALIASED = {
    "a component with another name": site("pages", aliases=[pulumi.Alias(name="site")]),
    "a component with another type": site(type_="Pages", aliases=[pulumi.Alias(type_="switchyard:index:Site")]),
    "a component in another": site(inside=True, aliases=[pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)]),
    "a resource with another name": site(bucket="-files"),
}


@pytest.mark.parametrize("after", ALIASED.values(), ids=ALIASED)
def test_what_an_alias_carries_over_keeps_its_children_its_ids_and_what_is_made_of_them(record, after):
    found = difference(record(site()), record(after))
    assert {each.kind for each in found.changes} in ({"renamed", "moved"}, {"moved"}, {"renamed"})
    assert found.outputs == ()


def test_what_is_made_of_a_name_stays_where_its_beginning_is_not_looked_at(record):
    assert not difference(record(site()), record(site(begins="papers-")))


def test_without_its_alias_a_component_takes_its_children_along(record):
    found = difference(record(site()), record(site("pages")))
    assert {each.kind for each in found.changes} == {"added", "removed"}
    assert len(found.changes) == 6


def test_what_a_replaced_resource_only_hands_on_stays():
    alias, permission = "aws:lambda/alias:Alias", "aws:lambda/permission:Permission"
    was, now = (resource("live", alias, name="live", functionName=each) for each in ("a", "b"))
    uses = Options(property_dependencies={"qualifier": (was.urn,), "function": (was.urn,)})
    arn = "arn:aws:lambda:us-east-1:1:function:a:live"
    caller = resource("caller", permission, options=uses, qualifier="live", function=arn)
    found = {each.name: each for each in difference(recording(was, caller), recording(now, caller)).changes}
    assert [each.path for each in found["caller"].properties] == ["function"]


def test_without_an_alias_a_new_name_is_a_removal_and_an_addition():
    found = difference(recording(resource("old")), recording(resource("new")))
    assert {(each.kind, each.name) for each in found.changes} == {("removed", "old"), ("added", "new")}


def test_a_component_is_no_change_of_its_own():
    assert not difference(recording(), recording(resource("home", "switchyard:index:Home")))


def test_a_secret_is_never_shown_and_changes_with_what_it_is_made_of():
    def rule(*sources):
        options = Options(property_dependencies={"conditions": sources})
        return resource("rule", "aws:lb/listenerRule:ListenerRule", options=options, conditions=[SECRET])

    assert not difference(recording(rule("a")), recording(rule("a")))
    (each,) = only([rule("a")], [rule("a", "b")]).properties
    assert (each.path, each.before, each.after) == ("conditions", SECRET, SECRET)


def test_documents_are_compared_as_what_they_say():
    before = resource("role", "aws:iam/role:Role", policy='{"a": [1, 2], "b": {"c": 1}}')
    after = resource("role", "aws:iam/role:Role", policy='{"b": {"c": 2}, "a": [1, 2]}')
    assert [each.path for each in only([before], [after]).properties] == ["policy.b.c"]
    same = resource("role", "aws:iam/role:Role", policy='{"b": {"c": 1}, "a": [1, 2]}')
    assert not difference(recording(before), recording(same))


def test_entries_of_a_list_are_told_apart_by_what_names_them():
    before = [{"originId": "a", "x": 1}, {"originId": "b", "x": 1}]
    after = [{"originId": "c", "x": 1}, {"originId": "b", "x": 2}, {"originId": "a", "x": 1}]
    found = {each.path: (each.before, each.after) for each in leaves("origins", before, after, {"origins"})}
    assert found == {"origins[b].x": (1, 2), "origins[c]": (ABSENT, {"originId": "c", "x": 1})}


def test_entries_without_a_name_are_compared_by_place():
    found = [
        (each.path, each.before, each.after) for each in leaves("rules", [{"port": 1}], [{"port": 2}, {"port": 1}])
    ]
    assert found == [("rules[0].port", 1, 2), ("rules[1]", ABSENT, {"port": 1})]


def test_a_list_of_plain_values_is_one_leaf():
    found = [(each.path, each.before, each.after) for each in leaves("ports", [443], [80, 443])]
    assert found == [("ports", [443], [80, 443])]


def test_the_order_of_a_list_is_a_leaf_of_its_own_and_that_of_a_set_is_none():
    one, other = {"pathPattern": "/a", "x": 1}, {"pathPattern": "/b", "x": 1}
    found = [(each.path, each.before, each.after) for each in leaves("behaviors", [one, other], [other, one])]
    assert found == [("behaviors[order]", ["/a", "/b"], ["/b", "/a"])]
    assert list(leaves("behaviors", [one, other], [other, one], {"behaviors"})) == []
    assert [each.path for each in leaves("names", ["a", "b"], ["b", "a"])] == ["names"]
    assert list(leaves("names", ["a", "b"], ["b", "a"], {"names"})) == []
    unnamed = [{"x": [1]}, {"x": [2]}]
    assert list(leaves("rules", unnamed, unnamed[::-1], {"rules"})) == []
    found = leaves("rules", unnamed, [{"x": [3]}, *unnamed], {"rules"})
    assert [(each.path, each.after) for each in found] == [("rules[0]", {"x": [3]})]


def test_which_path_comes_first_is_a_change_of_the_distribution():
    paths = (f"service.paths={paths}" for paths in ("[/api/*, /healthz]", "[/healthz, /api/*]"))
    (change,) = difference(*(recorded("dev", each) for each in paths)).changes
    assert (change.name, [each.path for each in change.properties]) == ("cdn", ["orderedCacheBehaviors[order]"])


def test_every_list_that_is_called_a_set_belongs_to_a_type_of_the_table():
    assert set(SETS) <= set(REPLACED_BY)


def test_a_file_is_what_it_holds_wherever_it_lies(record, tmp_path):
    def copy(folder, text):
        (tmp_path / folder / "inner").mkdir(parents=True)
        (tmp_path / folder / "inner" / "code.py").write_text(text)
        archive, file = (
            pulumi.FileArchive(str(tmp_path / folder)),
            pulumi.FileAsset(f"{tmp_path}/{folder}/inner/code.py"),
        )
        return record(
            lambda: (
                aws.s3.BucketObjectv2("zip", bucket="b", source=archive),
                aws.s3.BucketObjectv2("file", bucket="b", source=file),
                aws.s3.BucketObjectv2("both", bucket="b", source=pulumi.AssetArchive({"a": file})),
            )
        )

    was = copy("one", "a")
    assert not difference(was, copy("other", "a"))
    found = {each.name: [one.path for one in each.properties] for each in difference(was, copy("third", "b")).changes}
    assert found == {"zip": ["source"], "file": ["source"], "both": ["source.a"]}


def test_a_text_in_an_archive_is_compared_as_text():
    old, new = ({"$archive": {"assets": {"index.py": {"$asset": {"text": text}}}}} for text in ("a\nb", "a\nc"))
    found = [(each.path, each.before, each.after) for each in leaves("code", old, new)]
    assert found == [("code.index.py", "a\nb", "a\nc")]


def provider(**inputs):
    return resource("aws", "pulumi:providers:aws", **inputs)


def test_a_provider_that_leads_elsewhere_is_a_change():
    change = only([provider(profile="a", version="7")], [provider(profile="b", version="7")])
    assert (change.kind, change.name) == ("updated", "aws")
    assert [(each.path, each.before, each.after) for each in change.properties] == [("profile", "a", "b")]
    assert only([provider(region="x")], [provider(region="y")]).kind == "updated"
    assert difference(recording(provider(a=1)), recording(provider(a=2))).doubts == ()
    assert not difference(recording(), recording(provider(profile="a")))


def test_outputs_that_change_are_told():
    found = difference(recording(url="https://a"), recording(url="https://b"))
    assert [(each.path, each.before, each.after) for each in found.outputs] == [("url", "https://a", "https://b")]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(min_size=1, max_size=3), inner, max_size=3)
        | st.lists(st.fixed_dictionaries({"name": st.sampled_from("abc"), "x": inner}), max_size=3)
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(_JSON, _JSON)
def test_a_value_differs_from_itself_in_nothing_and_from_another_in_something(one, other):
    assert list(leaves("x", one, one)) == []
    assert bool(list(leaves("x", one, other))) == (one != other)


@settings(deadline=None)
@given(_JSON, _JSON)
def test_the_way_back_has_the_same_leaves_turned_round(one, other):
    there = {(each.path, str(each.before), str(each.after)) for each in leaves("x", one, other)}
    back = {(each.path, str(each.after), str(each.before)) for each in leaves("x", other, one)}
    assert there == back


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_there_and_back_is_the_same_change_turned_round(stack):
    one, other = recorded(stack, "topology=serverless"), recorded(stack, "topology=container")
    there, back = difference(one, other), difference(other, one)
    assert {each.urn for each in there.of_kind("added")} == {each.urn for each in back.of_kind("removed")}
    assert {each.urn for each in there.of_kind("updated")} == {each.urn for each in back.of_kind("updated")}


def test_the_same_change_gives_the_same_answer_whatever_the_order_of_registration():
    before, after = recorded("prod"), recorded("prod", "network.cidr=10.9.0.0/16")
    turned = replace(after, resources=dict(reversed(after.resources.items())))
    assert difference(before, after) == difference(before, turned)


def test_a_new_size_of_task_replaces_its_definition_and_updates_the_service():
    found = difference(recorded("prod"), recorded("prod", "container.cpu=1024", "container.memoryMb=2048"))
    kinds = {each.name: (each.kind, each.forced_by) for each in found.changes}
    assert kinds == {
        "container-task": ("replaced", ("containerDefinitions", "cpu", "memory")),
        "container": ("updated", ()),
    }
