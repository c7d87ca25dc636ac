"""StateBucket: private, encrypted, versioned and logged; and that nothing is written before it is versioned."""

import json

import botocore.session
import pulumi_aws as aws
import pytest

from components.state_bucket import KEEP_DAYS, StateBucket, StateBucketArgs

BUCKET, VERSIONING = "aws:s3/bucket:Bucket", "aws:s3/bucketVersioning:BucketVersioning"
S3 = botocore.session.get_session().get_service_model("s3")
GUARDS = (
    "Bucket",
    "BucketLifecycleConfiguration",
    "BucketOwnershipControls",
    "BucketPolicy",
    "BucketPublicAccessBlock",
    "BucketServerSideEncryptionConfiguration",
)


def made(record, **changes):
    return record(lambda: StateBucket("state", StateBucketArgs(**changes)))


def statements(recording, name):
    return json.loads(recording.one("aws:s3/bucketPolicy:BucketPolicy", name).inputs["policy"])["Statement"]


def test_it_makes_a_bucket_and_one_for_the_log_each_with_its_guards(record):
    recording = made(record)
    children = recording.children(recording.one("switchyard:index:StateBucket").urn)
    kinds = sorted(each.type.rpartition(":")[2] for each in children)
    assert kinds == sorted([*GUARDS, *GUARDS, "BucketVersioning", "BucketLogging"])
    assert {each.name for each in children if each.type == BUCKET} == {"state", "state-access-log"}


def test_every_version_is_kept_for_a_year(record):
    recording = made(record)
    assert recording.one(VERSIONING).inputs["versioningConfiguration"] == {"status": "Enabled"}
    lifecycle = recording.one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "state-lifecycle")
    (rule,) = lifecycle.inputs["rules"]
    assert rule["noncurrentVersionExpiration"] == {"noncurrentDays": 365}
    assert "expiration" not in rule


def test_it_is_encrypted_by_kms_with_few_requests_and_the_log_with_what_log_delivery_can_write(record):
    type_ = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    recording = made(record)
    (rule,) = recording.one(type_, "state-encryption").inputs["rules"]
    assert rule == {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}, "bucketKeyEnabled": True}
    (rule,) = recording.one(type_, "state-access-log-encryption").inputs["rules"]
    assert rule == {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}
    assert {"aws:kms", "AES256"} <= set(S3.shape_for("ServerSideEncryption").enum)


@pytest.mark.parametrize("name", ["state", "state-access-log"])
def test_both_buckets_refuse_plain_http_and_are_never_emptied_by_a_destroy(record, name):
    recording = made(record)
    assert recording.one(BUCKET, name).inputs["forceDestroy"] is False
    denied = [each for each in statements(recording, f"{name}-policy") if each["Effect"] == "Deny"]
    assert [each["Condition"] for each in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]


def test_nobody_is_let_in_but_s3_itself_that_logs_this_very_bucket(record):
    recording = made(record)
    assert [each for each in statements(recording, "state-policy") if each["Effect"] == "Allow"] == []
    (allowed,) = [each for each in statements(recording, "state-access-log-policy") if each["Effect"] == "Allow"]
    assert allowed["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert allowed["Action"] == ["s3:PutObject"]
    state = recording.one("switchyard:index:StateBucket").outputs["bucket_arn"]
    assert allowed["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": state},
    }


def test_access_is_logged_into_the_other_bucket_once_that_lets_it(record):
    recording = made(record)
    logging = recording.one("aws:s3/bucketLogging:BucketLogging")
    assert logging.inputs["targetBucket"].startswith("state-access-log-")
    policy = recording.one("aws:s3/bucketPolicy:BucketPolicy", "state-access-log-policy")
    assert policy.urn in logging.options.property_dependencies["targetBucket"]


def test_whoever_uses_the_name_waits_until_it_is_versioned(record):
    def program():
        aws.ssm.Parameter("user", type="String", value=StateBucket("state", StateBucketArgs()).bucket_name)

    recording = record(program)
    waits_for = recording.one("aws:ssm/parameter:Parameter").options.property_dependencies["value"]
    assert recording.one(VERSIONING).urn in waits_for


@pytest.mark.parametrize("field", ["keep_versions_days", "keep_access_log_days"])
def test_days_are_refused_just_past_each_limit_and_allowed_on_it(field):
    low, high = KEEP_DAYS
    for days in (low, high):
        assert getattr(StateBucketArgs(**{field: days}), field) == days
    for days in (low - 1, high + 1):
        with pytest.raises(ValueError, match=f"StateBucketArgs: {field} must be {low} to {high}, got {days}$"):
            StateBucketArgs(**{field: days})
