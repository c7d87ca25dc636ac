"""LogBucket: who may write where, how long a log stays, and that nobody hears its name before it is ready."""

import json

import botocore.session
import pulumi_aws as aws
import pytest

from components.log_bucket import BALANCER_PREFIX, CDN_PREFIX, SITE_PREFIX, LogBucket, LogBucketArgs
from preflight.made_up import ACCOUNT


@pytest.fixture
def recorded(record):
    def run(**changes):
        return record(lambda: LogBucket("logs", LogBucketArgs(**changes)))

    return run


def test_it_has_these_children_and_no_others(recorded):
    recording = recorded()
    children = recording.children(recording.one("switchyard:index:LogBucket").urn)
    assert {(child.type.rpartition(":")[2], child.name) for child in children} == {
        ("Bucket", "logs"),
        ("BucketOwnershipControls", "logs-ownership"),
        ("BucketPublicAccessBlock", "logs-public-access"),
        ("BucketServerSideEncryptionConfiguration", "logs-encryption"),
        ("BucketLifecycleConfiguration", "logs-lifecycle"),
        ("BucketPolicy", "logs-policy"),
    }


def test_it_is_private_without_acls_and_encrypted_with_s3s_own_keys(recorded):
    recording = recorded()
    block = recording.one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs
    assert {key: value for key, value in block.items() if key != "bucket"} == {
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    }
    ownership = recording.one("aws:s3/bucketOwnershipControls:BucketOwnershipControls").inputs
    assert ownership["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
    encryption = recording.one(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    ).inputs
    assert encryption["rules"] == [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]


def test_every_child_is_about_this_bucket(recorded):
    recording = recorded()
    component = recording.one("switchyard:index:LogBucket")
    others = [each for each in recording.children(component.urn) if each.name != "logs"]
    assert {each.inputs["bucket"] for each in others} == {component.outputs["bucket_name"]}


def test_the_settings_are_ones_s3_knows():
    model = botocore.session.get_session().get_service_model("s3")
    assert "BucketOwnerEnforced" in model.shape_for("ObjectOwnership").enum
    assert "AES256" in model.shape_for("ServerSideEncryption").enum


@pytest.mark.parametrize("days", [1, 14, 3653])
def test_a_log_goes_after_the_retention_and_an_abandoned_upload_after_a_week(recorded, days):
    lifecycle = recorded(retention_days=days).one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
    assert lifecycle.inputs["rules"] == [
        {
            "id": "expire",
            "status": "Enabled",
            "filter": {},
            "expiration": {"days": days},
            "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
        }
    ]


@pytest.mark.parametrize("bad", [0, 3654])
def test_a_retention_past_the_limits_is_refused(bad):
    with pytest.raises(ValueError, match=f"LogBucketArgs: retention_days must be 1 to 3653, got {bad}$"):
        LogBucketArgs(retention_days=bad)


def test_by_default_logs_stay_two_weeks_and_go_with_the_stack(recorded):
    assert LogBucketArgs() == LogBucketArgs(retention_days=14, force_destroy=True)
    for value in (True, False):
        assert recorded(force_destroy=value).one("aws:s3/bucket:Bucket").inputs["forceDestroy"] is value


def test_each_delivery_may_write_to_its_own_folder_and_nobody_without_tls(recorded):
    recording = recorded()
    arn = recording.one("switchyard:index:LogBucket").outputs["bucket_arn"]
    policy = json.loads(recording.one("aws:s3/bucketPolicy:BucketPolicy").inputs["policy"])
    assert policy["Version"] == "2012-10-17"
    assert policy["Statement"] == [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, f"{arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": ["s3:PutObject"],
            "Resource": [f"{arn}/balancer/AWSLogs/{ACCOUNT}/*"],
        },
        {
            "Effect": "Allow",
            "Principal": {"Service": "delivery.logs.amazonaws.com"},
            "Action": ["s3:PutObject"],
            "Resource": [f"{arn}/cdn/*"],
            "Condition": {
                "StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceAccount": ACCOUNT},
                "ArnLike": {"aws:SourceArn": f"arn:aws:logs:us-east-1:{ACCOUNT}:delivery-source:*"},
            },
        },
        {
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": ["s3:PutObject"],
            "Resource": [f"{arn}/site/*"],
            "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        },
    ]


def test_the_folders_are_apart():
    assert (BALANCER_PREFIX, CDN_PREFIX, SITE_PREFIX) == ("balancer", "cdn", "site")


def test_the_policy_waits_for_what_guards_the_bucket(recorded):
    options = recorded().one("aws:s3/bucketPolicy:BucketPolicy").options
    waits_for = {urn.rpartition("::")[2] for urn in options.depends_on}
    assert {"logs-ownership", "logs-public-access"} <= waits_for


@pytest.mark.parametrize("output", ["bucket_name", "bucket_arn"])
def test_whoever_uses_the_bucket_waits_for_its_policy(record, output):
    def program():
        logs = LogBucket("logs", LogBucketArgs())
        aws.ssm.Parameter("user", type="String", value="x", description=getattr(logs, output))

    recording = record(program)
    user = recording.one("aws:ssm/parameter:Parameter")
    policy = recording.one("aws:s3/bucketPolicy:BucketPolicy")
    assert policy.urn in user.options.property_dependencies["description"]
    assert user.inputs["description"] == recording.one("switchyard:index:LogBucket").outputs[output]


def test_its_outputs_are_the_buckets_own(recorded):
    assert recorded().one("switchyard:index:LogBucket").outputs == {
        "bucket_name": recorded().one("aws:s3/bucketPolicy:BucketPolicy").inputs["bucket"],
        "bucket_arn": f"arn:aws:s3:::{recorded().one('aws:s3/bucketPolicy:BucketPolicy').inputs['bucket']}",
    }


@pytest.mark.parametrize(
    ("stack", "prefix"), [("dev", "logs-dev-"), ("Team_1.dev", "logs-team-1-dev-"), ("x" * 90, f"logs-{'x' * 31}-")]
)
def test_its_name_begins_with_the_stacks_in_letters_that_s3_takes_and_leaves_room_for_the_providers(
    recorded, stack, prefix
):
    recording = recorded(named_after=stack)
    bucket = recording.one("aws:s3/bucket:Bucket")
    assert bucket.inputs["bucketPrefix"] == prefix
    assert bucket.options.ignore_changes == ("bucketPrefix",), "a stack that is renamed loses its buckets"
    assert len(prefix) + 26 <= 63


def test_a_bucket_that_is_named_after_nothing_is_named_by_pulumi(recorded):
    assert "bucketPrefix" not in recorded().one("aws:s3/bucket:Bucket").inputs
