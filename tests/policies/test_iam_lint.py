"""Every policy document of the program is sound: linted, without a wildcard action, with each wide resource named."""

import json
from dataclasses import replace

import pytest
from iam import documents, grants, linted, parliament, roles
from stacks import recorded
from verdicts import FEW, SECRETS, every_configuration

from components.lambda_function import LambdaFunction, LambdaFunctionArgs
from policies.graph import Resource, Stack
from policies.iam import WITHOUT_A_RESOURCE
from policies.judge import POLICIES, judge
from policies.wildcards import wildcards
from preflight.findings import graph
from preflight.recorder import record_program
from preflight.recording import Recording

ALL_SETTINGS = ("dev", "standby=true", "container.executeCommand=true", "serverless.tracing=true", SECRETS)
SOME = [FEW[2], ALL_SETTINGS]
EVERYTHING = [
    *SOME,
    *(pytest.param(each, marks=pytest.mark.policies_all) for each in every_configuration()),
]
HAS_A_FINER_ONE = {
    "ssm:UpdateInstanceInformation",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
}
"""Actions for which AWS knows a resource that can't be named yet, or that the service that needs them does not name."""


def function_in_a_vpc() -> None:
    image = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/app@sha256:{'0' * 64}"
    LambdaFunction(
        "inside",
        LambdaFunctionArgs(image_uri=image, subnet_ids=["subnet-1", "subnet-2"], security_group_ids=["sg-1"]),
    )


def recordings() -> list[Recording]:
    return [*(recorded(*each) for each in SOME), record_program(function_in_a_vpc)]


@pytest.mark.parametrize("configuration", EVERYTHING, ids=" ".join)
def test_parliament_has_nothing_against_any_document(configuration):
    recording = recorded(*configuration)
    found = {name: linted(text, name) for name, text in documents(recording).items()}
    assert {name: said for name, said in found.items() if said} == {}


def test_parliament_would_say_so():
    wrong = {"Effect": "Allow", "Action": ["logs:PutLogEvnts"], "Resource": ["*"]}
    assert linted(json.dumps({"Version": "2012-10-17", "Statement": [wrong]}))


@pytest.mark.parametrize(
    ("action", "arn"),
    [
        ("iam:PutRolePolicy", "arn:aws:iam::123456789012:role/a"),
        ("iam:CreateAccessKey", "arn:aws:iam::123456789012:user/a"),
        ("iam:UpdateAssumeRolePolicy", "arn:aws:iam::123456789012:role/a"),
        ("secretsmanager:PutResourcePolicy", "arn:aws:secretsmanager:us-east-1:123456789012:secret:a-AbCdEf"),
    ],
)
def test_parliament_would_say_where_a_way_to_more_rights_is(action, arn):
    wrong = {"Effect": "Allow", "Action": [action], "Resource": [arn]}
    assert linted(json.dumps({"Version": "2012-10-17", "Statement": [wrong]}))


def granted(recording: Recording) -> list[dict]:
    texts = [text for role in roles(recording).values() for text in grants(recording, role)]
    return [statement for text in texts for statement in json.loads(text)["Statement"]]


def test_no_action_is_a_wildcard():
    for recording in recordings():
        for statement in granted(recording):
            assert not [each for each in statement["Action"] if "*" in each or "?" in each]


def test_every_action_on_everything_is_named_with_its_reason_and_none_is_named_in_vain():
    wide = {
        action
        for recording in recordings()
        for statement in granted(recording)
        if "*" in statement["Resource"]
        for action in statement["Action"]
    }
    assert wide == set(WITHOUT_A_RESOURCE)
    assert all(WITHOUT_A_RESOURCE.values())


def test_only_the_actions_named_here_have_a_narrower_resource_in_aws():
    finer = set()
    for action in WITHOUT_A_RESOURCE:
        service, _, name = action.partition(":")
        known = [
            kind
            for definition in parliament.iam_definition
            if definition["prefix"] == service
            for each in definition["privileges"]
            if each["privilege"] == name
            for kind in each["resource_types"]
        ]
        assert known, action
        if any(each["resource_type"] for each in known):
            finer.add(action)
    assert finer == HAS_A_FINER_ONE


def test_a_wildcard_that_nobody_gave_a_reason_for_is_refused():
    stack = graph(recorded("prod"))
    assert list(wildcards(stack))
    (policy,) = [each for each in stack if each.name == "container-start-policy"]
    for resource, action in (
        ("arn:aws:dynamodb:us-east-1:123456789012:table/*", "dynamodb:Scan"),
        ("*", "dynamodb:ListTables"),
        ("arn:aws:dynamodb:us-east-1:123456789012:table/a", "dynamodb:*"),
    ):
        wide = {"Statement": [{"Effect": "Allow", "Action": [action], "Resource": [resource]}]}
        worse = replace(policy, inputs={"policy": json.dumps(wide)})
        with pytest.raises(ValueError, match="container-start-policy allows dynamodb:"):
            list(wildcards(Stack(stack.name, {**stack.resources, worse.urn: worse})))


NO_ACCESS_BY_IT = {
    "cloudfront": {"AllowVendedLogDeliveryForResource"},
    "dynamodb": {"UpdateAbacStatus"},
    "lambda": {"DisableReplication", "EnableReplication"},
    "s3": {"BypassGovernanceRetention", "ObjectOwnerOverrideToBucketOwner", "PutBucketOwnershipControls"},
    "secretsmanager": {"ValidateResourcePolicy"},
    "sns": {"SetTopicAttributes"},
}
"""Actions that AWS counts among those on permissions, and that let nobody in by themselves, or do much else besides."""
GIVING = [POLICIES[name] for name in ("a-role-gives-nobody-more-rights", "a-role-changes-no-policy-and-no-code")]
WITH_POLICIES = ("cloudfront", "dynamodb", "ecr", "events", "kms", "lambda", "logs", "s3")


@pytest.mark.parametrize("service", [*WITH_POLICIES, "secretsmanager", "sns", "sqs", "iam"])
def test_no_role_may_change_permissions_by_any_action_that_aws_has_for_it(service):
    known = [
        each
        for definition in parliament.iam_definition
        if definition["prefix"] == service
        for each in definition["privileges"]
    ]
    actions = {each["privilege"] for each in known if each["access_level"] == "Permissions management"}
    assert actions
    for action in sorted(actions - NO_ACCESS_BY_IT.get(service, set())):
        document = {"Statement": [{"Effect": "Allow", "Action": f"{service}:{action}", "Resource": "arn:aws:a"}]}
        policy = Resource(urn="a", type="aws:iam/policy:Policy", name="a", inputs={"policy": document})
        found = {each.policy.name for each in judge(Stack.of("prod", [policy]), policies=GIVING)}
        assert found, action
