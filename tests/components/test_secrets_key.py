"""SecretsKey: a key that IAM decides about, its alias, and the words Pulumi takes."""

import json

import botocore.session
import pytest

from components.secrets_key import ALIAS, SecretsKey, SecretsKeyArgs

KMS = botocore.session.get_session().get_service_model("kms")


def made(record, alias="switchyard-dev", **options):
    return record(lambda: SecretsKey("secrets", SecretsKeyArgs(alias=alias)), **options)


def test_it_makes_a_key_and_its_alias(record):
    recording = made(record)
    children = recording.children(recording.one("switchyard:index:SecretsKey").urn)
    assert {(each.type, each.name) for each in children} == {
        ("aws:kms/key:Key", "secrets"),
        ("aws:kms/alias:Alias", "secrets-alias"),
    }


def test_its_material_changes_every_year_and_it_can_be_saved_for_a_month(record):
    inputs = made(record).one("aws:kms/key:Key").inputs
    assert (inputs["enableKeyRotation"], inputs["rotationPeriodInDays"]) == (True, 365)
    assert inputs["deletionWindowInDays"] == 30
    limits = KMS.shape_for("RotationPeriodInDaysType").metadata
    assert limits["min"] <= inputs["rotationPeriodInDays"] <= limits["max"]


def test_its_policy_names_the_account_and_nobody_else(record):
    (statement,) = json.loads(made(record).one("aws:kms/key:Key").inputs["policy"])["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}


def test_the_alias_is_what_pulumi_is_told(record):
    recording = made(record, region="eu-west-1")
    alias = recording.one("aws:kms/alias:Alias")
    assert alias.inputs["name"] == "alias/switchyard-dev"
    key = recording.one("aws:kms/key:Key")
    assert alias.options.property_dependencies["targetKeyId"] == (key.urn,)
    outputs = recording.one("switchyard:index:SecretsKey").outputs
    assert outputs["secrets_provider"] == "awskms://alias/switchyard-dev?region=eu-west-1"
    assert outputs["key_arn"].startswith("arn:aws:kms:eu-west-1:123456789012:key/")


@pytest.mark.parametrize("alias", ["", "aws/mine", "a b", "alias:x", "x" * 251])
def test_an_alias_that_kms_would_refuse_is_refused(alias):
    with pytest.raises(ValueError, match=r"SecretsKeyArgs: alias must be letters, digits, .*, got '"):
        SecretsKeyArgs(alias=alias)


def test_an_alias_is_no_longer_than_kms_takes_with_its_prefix():
    assert SecretsKeyArgs(alias="x" * 250)
    assert KMS.shape_for("AliasNameType").metadata["max"] == len("alias/") + 250
    assert "250" in ALIAS
