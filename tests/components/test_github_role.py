"""GithubRole: whom it lets in, to the letter, what it may do, and what it refuses."""

import json
import re

import botocore.session
import pulumi_aws as aws
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.github_role import SESSION_SECONDS, GithubRole, GithubRoleArgs, subjects

PROVIDER = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
IAM = botocore.session.get_session().get_service_model("iam")
EXACT = re.compile(r"repo:[\w.-]+(@\d+)?/[\w.-]+(@\d+)?:environment:[\w.-]+")


def args(**changes):
    given = {
        "provider_arn": PROVIDER,
        "owner": "acme",
        "repository": "shop",
        "environment": "dev",
        "owner_id": 123456,
        "repository_id": 456789,
        "policies": {"look": "{}", "guard": "{}"},
    }
    return GithubRoleArgs(**{**given, **changes})


def made(record, **changes):
    return record(lambda: GithubRole("deploy", args(**changes)))


def trusted(recording):
    (statement,) = json.loads(recording.one("aws:iam/role:Role").inputs["assumeRolePolicy"])["Statement"]
    return statement


def test_it_makes_a_role_and_a_policy_attached_for_each_document(record):
    recording = made(record)
    children = recording.children(recording.one("switchyard:index:GithubRole").urn)
    assert {each.name for each in children} == {
        "deploy",
        "deploy-look",
        "deploy-look-attached",
        "deploy-guard",
        "deploy-guard-attached",
    }
    attached = {each.inputs["policyArn"] for each in recording.of_type(ATTACHMENT)}
    assert len(attached) == 2
    assert {each.inputs["role"] for each in recording.of_type(ATTACHMENT)} == {"deploy-" + digest(recording)}


def digest(recording):
    return recording.one("switchyard:index:GithubRole").outputs["role_arn"].rpartition("-")[2]


def test_only_a_token_of_this_repository_and_environment_that_is_meant_for_aws_is_let_in(record):
    assert trusted(made(record)) == {
        "Effect": "Allow",
        "Principal": {"Federated": PROVIDER},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {
                "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                "token.actions.githubusercontent.com:sub": [
                    "repo:acme/shop:environment:dev",
                    "repo:acme@123456/shop@456789:environment:dev",
                ],
            }
        },
    }


def test_without_the_numbers_only_the_names_are_trusted():
    assert subjects(args(owner_id=None, repository_id=None)) == ["repo:acme/shop:environment:dev"]


WORDS = st.text("abcXYZ019.-_*?:/@${} \n", min_size=1, max_size=12)


@given(WORDS, WORDS, WORDS)
def test_whatever_is_accepted_makes_subjects_that_mean_one_environment(owner, repository, environment):
    try:
        accepted = args(owner=owner, repository=repository, environment=environment)
    except ValueError:
        return
    for subject in subjects(accepted):
        assert EXACT.fullmatch(subject)


def test_whoever_uses_the_arn_waits_until_every_policy_is_attached(record):
    def program():
        aws.ssm.Parameter("user", type="String", value=GithubRole("deploy", args()).role_arn)

    recording = record(program)
    waits_for = recording.one("aws:ssm/parameter:Parameter").options.property_dependencies["value"]
    assert {each.urn for each in recording.of_type(ATTACHMENT)} <= set(waits_for)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"owner": "acme/shop"}, "owner must be a GitHub user"),
        ({"owner": "acme*"}, "owner must be"),
        ({"repository": "*"}, "repository must be"),
        ({"environment": "dev:ref"}, "environment must be"),
        ({"owner_id": None}, "owner_id must be given together with repository_id, got only one"),
        ({"repository_id": None}, "owner_id must be given together with repository_id, got only one"),
        ({"owner_id": -1}, "owner_id must be 1 or more, got -1"),
        ({"repository_id": -7}, "repository_id must be 1 or more, got -7"),
        ({"max_session_seconds": 3599}, "max_session_seconds must be 3600 to 43200, got 3599"),
        ({"max_session_seconds": 43201}, "max_session_seconds must be 3600 to 43200, got 43201"),
        ({"policies": {}}, "policies must be 1 to 10 entries, got 0"),
    ],
)
def test_what_aws_or_sense_would_refuse_is_refused(change, words):
    with pytest.raises(ValueError, match=f"GithubRoleArgs: .*{re.escape(words)}"):
        args(**change)


def test_the_limits_are_those_of_iam():
    limits = IAM.shape_for("roleMaxSessionDurationType").metadata
    assert (limits["min"], limits["max"]) == SESSION_SECONDS
