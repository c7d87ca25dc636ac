"""The pack, started and spoken to as the engine does, gives the verdicts that preflight gives."""

from dataclasses import replace

import pytest
from analyzer import VALUE_OF_SECRETS, analyzer
from stacks import recorded
from twins import TWINS, wrong_stack
from verdicts import URL, unwaived

from policies.judge import POLICIES
from policies.waivers import load
from preflight.recording import SECRET, UNKNOWN, Recording


@pytest.fixture(scope="module")
def pack():
    with analyzer() as running:
        yield running


def verdicts(violations) -> set[tuple[str, str, str]]:
    return {(each.policy, each.urn, each.message.partition("\n")[2].partition(" To mend it")[0]) for each in violations}


def expected(recording: Recording) -> set[tuple[str, str, str]]:
    return {(each.policy.name, each.urn, f"{each.message}.") for each in unwaived(recording)}


def test_the_pack_says_the_same_as_preflight_of_a_part_of_all_that_can_be_wrong(pack):
    recording = wrong_stack(sorted(TWINS)[::4])
    assert len(expected(recording)) > 50
    assert verdicts(pack.judge(recording)) == expected(recording)


@pytest.mark.policies_all
def test_the_pack_says_the_same_as_preflight_of_all_that_can_be_wrong(pack):
    recording = wrong_stack(sorted(TWINS))
    ours = expected(recording)
    assert verdicts(pack.judge(recording)) == ours
    everywhere = {each.control for each in load() if (each.resource, each.environment) == ("*", "*")}
    waived = {name for name, policy in POLICIES.items() if everywhere & {name, *policy.controls}}
    assert {policy for policy, _, _ in ours} == set(POLICIES) - waived


@pytest.mark.parametrize(
    "configuration", [("prod", "standby=true", *URL, "network.nat=instance"), ("dev",)], ids=" ".join
)
def test_the_pack_lets_the_shipped_stacks_pass(pack, configuration):
    assert pack.judge(recorded(*configuration)) == []


def test_what_is_secret_or_no_document_blinds_neither_and_the_pack_quotes_no_secret(pack):
    recording = recorded("prod", "standby=true")
    hidden = {
        ("aws:ecs/taskDefinition:TaskDefinition", "container-task", "containerDefinitions"): SECRET,
        ("aws:iam/rolePolicy:RolePolicy", "serverless-permissions", "policy"): SECRET,
        ("aws:iam/role:Role", "serverless-role", "assumeRolePolicy"): SECRET,
        ("aws:s3/bucketPolicy:BucketPolicy", "site-policy", "policy"): "no JSON",
        ("aws:lambda/function:Function", "serverless", "environment"): SECRET,
        ("aws:lambda/function:Function", "serverless-api-authorizer", "environment"): {"variables": {"PLACE": SECRET}},
    }
    for (type_, name, key), value in hidden.items():
        found = recording.one(type_, name)
        worse = replace(found, inputs={**found.inputs, key: value})
        recording = replace(recording, resources={**recording.resources, found.urn: worse})
    told = pack.judge(recording)
    assert verdicts(told) == expected(recording)
    blinded = {each.urn.rpartition("::")[2] for each in told if each.policy == "what-is-judged-can-be-read"}
    assert blinded == {name for _, name, _ in hidden} - {"serverless-api-authorizer"}
    assert VALUE_OF_SECRETS not in str(told)


def test_a_secret_that_belongs_there_hides_nothing_else_of_a_list_from_the_pack(pack):
    recording = recorded("prod", "topology=container")
    cdn = recording.one("aws:cloudfront/distribution:Distribution")
    assert str(SECRET) in str(cdn.inputs["origins"])
    stranger = {"originId": "evil", "domainName": "evil.s3.amazonaws.com", "originAccessControlId": "E1"}
    worse = replace(cdn, inputs={**cdn.inputs, "origins": [*cdn.inputs["origins"], stranger]})
    recording = replace(recording, resources={**recording.resources, cdn.urn: worse})
    told = verdicts(pack.judge(recording))
    assert "a-bucket-behind-it-is-ours" in {policy for policy, _, _ in told}
    assert told == expected(recording)


def test_both_see_one_role_for_two_purposes_before_it_has_an_arn(pack):
    recording = recorded("prod", "topology=container")
    task = recording.one("aws:ecs/taskDefinition:TaskDefinition")
    start = task.options.property_dependencies["executionRoleArn"]
    twice = {**task.options.property_dependencies, "taskRoleArn": start}
    worse = replace(
        task,
        inputs={**task.inputs, "taskRoleArn": UNKNOWN, "executionRoleArn": UNKNOWN},
        options=replace(task.options, property_dependencies=twice),
    )
    recording = replace(recording, resources={**recording.resources, task.urn: worse})
    told = verdicts(pack.judge(recording))
    assert "the-app-is-not-who-starts-it" in {policy for policy, _, _ in told}
    assert told == expected(recording)


def test_every_policy_tells_the_engine_what_it_asks_and_how_to_mend_it(pack):
    told = {each.name: each for each in pack.info.policies}
    assert set(told) == set(POLICIES)
    for name, policy in POLICIES.items():
        assert told[name].description == policy.what
        assert told[name].remediation_steps == policy.fix
        assert told[name].url == policy.link
        assert told[name].severity > 0


def test_low_severity_only_advises_and_all_else_stops_an_update(pack):
    levels = {each.name: each.enforcementLevel for each in pack.info.policies}
    assert {levels[name] for name, policy in POLICIES.items() if policy.severity == "low"} == {0}
    assert {levels[name] for name, policy in POLICIES.items() if policy.severity != "low"} == {1}
