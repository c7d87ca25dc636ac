"""private_bucket: a bucket that only its own policy opens, as the logs, the static site and Pulumi's state need one."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

from components._policies import document

# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpu-abort-incomplete-mpu-lifecycle-config.html
_ABANDONED_UPLOADS = {"abort_incomplete_multipart_upload": {"days_after_initiation": 7}}
# A name takes 63 characters, of which the provider makes the last 26 up.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html and
# https://www.pulumi.com/registry/packages/aws/api-docs/s3/bucket/#bucketprefix_python
MADE_UP = 26
LONGEST_PREFIX = 63 - MADE_UP
# Without a bucket key, S3 would ask KMS for each object.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
_ENCRYPTION: Mapping[str, Any] = {
    "AES256": {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}},
    "aws:kms": {"apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms"}, "bucket_key_enabled": True},
}


@dataclass(frozen=True, kw_only=True)
class PrivateBucket:
    """The bucket, and what guards it: a policy is put on only after those, S3 refuses to do both at once."""

    name: str
    bucket: "aws.s3.Bucket"
    guards: Sequence[pulumi.Resource]


def private_bucket(
    name: str,
    *,
    force_destroy: bool,
    lifecycle: Mapping[str, Any],
    named_after: str = "",
    encryption: Literal["AES256", "aws:kms"] = "AES256",
    parent: pulumi.Resource,
) -> PrivateBucket:
    """A bucket without ACLs or public access, whose objects leave as `lifecycle` says.

    Encrypted with S3's own keys, or with the account's key for S3 in KMS, which load balancers can't write with.
    """
    child = pulumi.ResourceOptions(parent=parent)
    bucket = aws.s3.Bucket(
        name,
        bucket_prefix=_prefix(name, named_after),
        force_destroy=force_destroy,
        # It is a beginning only: a stack that is renamed keeps its buckets and what is in them.
        opts=pulumi.ResourceOptions(parent=parent, ignore_changes=["bucketPrefix"]),
    )
    ownership = aws.s3.BucketOwnershipControls(
        f"{name}-ownership", bucket=bucket.id, rule={"object_ownership": "BucketOwnerEnforced"}, opts=child
    )
    public_access = aws.s3.BucketPublicAccessBlock(
        f"{name}-public-access",
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=child,
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        f"{name}-encryption",
        bucket=bucket.id,
        rules=[_ENCRYPTION[encryption]],
        opts=child,
    )
    aws.s3.BucketLifecycleConfiguration(
        f"{name}-lifecycle",
        bucket=bucket.id,
        rules=[{"id": "expire", "status": "Enabled", "filter": {}, **lifecycle, **_ABANDONED_UPLOADS}],
        opts=child,
    )
    return PrivateBucket(name=name, bucket=bucket, guards=[ownership, public_access])


def _prefix(name: str, named_after: str) -> str | None:
    """The beginning of the bucket's name: who may use those of one stack is told by it, since S3 asks no tags."""
    if not named_after:
        return None
    return re.sub(r"[^a-z0-9-]", "-", f"{name}-{named_after}".lower())[: LONGEST_PREFIX - 1] + "-"


def bucket_policy(
    private: PrivateBucket, *statements: Mapping[str, Any], parent: pulumi.Resource
) -> "aws.s3.BucketPolicy":
    """The bucket's policy: these statements, and nothing over plain HTTP."""
    arn = private.bucket.arn
    tls_only = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, pulumi.Output.concat(arn, "/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return aws.s3.BucketPolicy(
        f"{private.name}-policy",
        bucket=private.bucket.id,
        policy=document(tls_only, *statements),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=list(private.guards)),
    )


def let_service(
    service: str, action: str, resource: pulumi.Input[str], *, condition: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A statement of a bucket's policy: this AWS service may do this."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": [action], "Resource": [resource]}
    return statement | ({"Condition": condition} if condition else {})
