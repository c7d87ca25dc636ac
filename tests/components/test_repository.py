"""Repository: what it refuses, what it keeps, who may pull, and that its URL waits for that."""

import json
import re

import botocore.session
import pulumi
import pulumi_aws as aws
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.repository import Repository, RepositoryArgs, functions_beside, keep_newest

REPOSITORY = "aws:ecr/repository:Repository"
LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
POLICY = "aws:ecr/repositoryPolicy:RepositoryPolicy"
ECR = botocore.session.get_session().get_service_model("ecr")


def made(record, **changes):
    return record(lambda: Repository("images", RepositoryArgs(**changes)), region="eu-west-1")


def test_it_makes_the_repository_and_its_two_policies_and_nothing_else(record):
    recording = made(record)
    children = recording.children(recording.one("switchyard:index:Repository").urn)
    assert {(each.type, each.name) for each in children} == {
        (REPOSITORY, "images"),
        (LIFECYCLE, "images-keep-newest"),
        (POLICY, "images-lambda-pulls"),
    }


@pytest.mark.parametrize("name", ["Images", "a", "a..b", "a-", "a" * 249])
def test_a_name_that_ecr_takes_no_repository_by_is_refused(record, name):
    with pytest.raises(ValueError, match=r"^Repository: name must be lower-case letters, digits "):
        record(lambda: Repository(name, RepositoryArgs()))


@pytest.mark.parametrize("name", ["ab", "team/shop_1.web", "a" * 248])
def test_a_name_that_is_taken_is_one_for_ecr_with_what_pulumi_adds(record, name):
    record(lambda: Repository(name, RepositoryArgs()))
    shape = ECR.shape_for("RepositoryName")
    assert re.fullmatch(shape.metadata["pattern"], f"{name}-0123456")
    assert len(f"{name}-0123456") <= shape.metadata["max"]


def test_tags_never_move_and_every_push_is_scanned(record):
    assert made(record).one(REPOSITORY).inputs == {
        "imageTagMutability": "IMMUTABLE",
        "imageScanningConfiguration": {"scanOnPush": True},
        "encryptionConfigurations": [{"encryptionType": "AES256"}],
        "forceDelete": True,
    }


def test_mutability_and_encryption_are_words_ecr_knows():
    assert "IMMUTABLE" in ECR.shape_for("ImageTagMutability").enum
    assert "AES256" in ECR.shape_for("EncryptionType").enum


def test_images_can_be_kept_from_going_with_the_repository(record):
    assert made(record, force_delete=False).one(REPOSITORY).inputs["forceDelete"] is False


@pytest.mark.parametrize("images", [2, 7])
def test_the_newest_images_are_kept_by_count_whatever_their_tags_and_age(record, images):
    (rule,) = json.loads(made(record, keep_images=images).one(LIFECYCLE).inputs["policy"])["rules"]
    assert rule["selection"] == {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": images}
    assert rule["action"] == {"type": "expire"}


def test_thirty_images_are_kept_by_default():
    assert RepositoryArgs().keep_images == 30


def test_both_policies_are_for_the_repository(record):
    recording = made(record)
    name = recording.one("switchyard:index:Repository").outputs["repository_name"]
    assert [recording.one(type_).inputs["repository"] for type_ in (LIFECYCLE, POLICY)] == [name, name]


def test_only_lambda_may_pull_and_only_for_functions_of_this_account_and_region(record):
    (statement,) = json.loads(made(record).one(POLICY).inputs["policy"])["Statement"]
    assert statement == {
        "Sid": "LambdaPulls",
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        "Condition": {"StringLike": {"aws:sourceArn": "arn:aws:lambda:eu-west-1:123456789012:function:*"}},
    }


def test_it_hands_back_what_those_who_push_need(record):
    outputs = made(record).one("switchyard:index:Repository").outputs
    name = outputs["repository_name"]
    assert name.startswith("images-")
    assert outputs == {
        "repository_url": f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/{name}",
        "repository_arn": f"arn:aws:ecr:eu-west-1:123456789012:repository/{name}",
        "repository_name": name,
    }


def test_whoever_uses_the_url_waits_until_lambda_may_pull(record):
    def program():
        aws.ssm.Parameter("user", type="String", value=Repository("images", RepositoryArgs()).repository_url)

    recording = record(program)
    waits_for = recording.one("aws:ssm/parameter:Parameter").options.property_dependencies["value"]
    assert recording.one(POLICY).urn in waits_for


@pytest.mark.parametrize("images", [1, 1001])
def test_a_number_of_images_is_refused_just_past_each_limit(images):
    with pytest.raises(ValueError, match=f"RepositoryArgs: keep_images must be 2 to 1000, got {images}$"):
        RepositoryArgs(keep_images=images)


def test_a_number_of_images_is_allowed_on_each_limit():
    assert [RepositoryArgs(keep_images=edge).keep_images for edge in (2, 1000)] == [2, 1000]


@given(st.integers(2, 1000))
def test_every_lifecycle_policy_is_of_a_length_ecr_takes(images):
    limits = ECR.shape_for("LifecyclePolicyText").metadata
    assert limits["min"] <= len(json.dumps(keep_newest(images))) <= limits["max"]


def test_functions_are_named_in_the_repositorys_own_partition():
    china = functions_beside("arn:aws-cn:ecr:cn-north-1:123456789012:repository/a/b:c")
    assert china == "arn:aws-cn:lambda:cn-north-1:123456789012:function:*"


def test_protection_is_for_the_images_and_lets_the_number_that_is_kept_change(record):
    recording = record(lambda: Repository("app", RepositoryArgs(), pulumi.ResourceOptions(protect=True)) and None)
    protected = {each.name for each in recording if each.options.protect}
    assert {"app", "app-lambda-pulls"} <= protected
    assert "app-keep-newest" not in protected
