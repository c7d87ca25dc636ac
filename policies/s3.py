"""Policies about buckets."""

from collections.abc import Iterator

from policies.documents import statements
from policies.graph import Resource, Stack, inner, is_hidden, listed
from policies.links import security_hub
from policies.registry import resource_policy, stack_policy

BUCKET = "aws:s3/bucket:Bucket"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
ACL = "aws:s3/bucketAcl:BucketAcl"
_OBJECTS = (
    *("aws:s3/bucketObject:BucketObject", "aws:s3/bucketObjectv2:BucketObjectv2", "aws:s3/objectCopy:ObjectCopy"),
)
_CLOSED = ("private", "bucket-owner-read", "bucket-owner-full-control")
_BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


@resource_policy(
    *(BUCKET, ACL, *_OBJECTS),
    controls=["S3.2", "S3.3", "CIS 2.21"],
    severity="critical",
    fix="leave the ACL out, and set object_ownership to BucketOwnerEnforced",
    link=security_hub("s3", 2),
)
def no_acl_opens_a_bucket(resource: Resource) -> Iterator[str]:
    """No access control list opens a bucket, or an object in one."""
    acl = resource.inputs.get("acl", "private")
    if acl not in _CLOSED or resource.inputs.get("grants"):
        yield f"its ACL is {acl}"
    for grant in listed(inner(resource.inputs, "accessControlPolicy", "grants")):
        if inner(grant, "grantee", "type") != "CanonicalUser":
            yield f"its ACL admits {inner(grant, 'grantee', 'uri') or 'somebody else'}"


@stack_policy(
    BUCKET,
    controls=["S3.5", "CIS 3.1.1"],
    severity="medium",
    fix="deny everything where aws:SecureTransport is false, on the bucket and on /*",
    link=security_hub("s3", 5),
)
def buckets_are_reached_over_tls_only(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A bucket refuses whoever does not come over TLS."""
    for bucket in stack.of_type(BUCKET):
        policies = stack.users(bucket, POLICY, "bucket")
        hidden = any(policies) and not any(statements(each.inputs.get("policy")) for each in policies)
        if not hidden and not any(_refuses_plain_http(each) for each in policies):
            yield bucket, "it answers over plain HTTP"


def _refuses_plain_http(policy: Resource) -> bool:
    return any(
        not each.allows
        and not each.inverted
        and {"*", "s3:*"} & set(each.actions)
        and each.everybody
        and any("/" not in whole and f"{whole}/*" in each.resources for whole in each.resources)
        and each.conditions == (("bool", "aws:securetransport", ("false",)),)
        for each in statements(policy.inputs.get("policy"))
    )


@stack_policy(
    BUCKET,
    controls=["S3.8", "CIS 3.1.4"],
    severity="high",
    fix="give the bucket a BucketPublicAccessBlock with all four settings on",
    link=security_hub("s3", 8),
)
def public_access_is_blocked(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A bucket can't be made public, by policy or by ACL."""
    for bucket in stack.of_type(BUCKET):
        blocks = stack.users(bucket, BLOCK, "bucket")
        off = [key for each in blocks for key in _BLOCKS if each.inputs.get(key) is not True]
        if not blocks or off:
            yield bucket, f"{', '.join(off) or 'nothing'} is {'off' if off else 'blocked'}"


@stack_policy(
    BUCKET,
    controls=["S3.9"],
    severity="medium",
    fix="set logs.access to true",
    link=security_hub("s3", 9),
)
def buckets_log_access(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A bucket logs each request, in another bucket."""
    for bucket in stack.of_type(BUCKET):
        logs = stack.users(bucket, "aws:s3/bucketLogging:BucketLogging", "bucket")
        if not logs:
            yield bucket, "it keeps no access log"
        for each in logs:
            target = each.inputs.get("targetBucket")
            if target == each.inputs.get("bucket") and not is_hidden(target):
                yield bucket, "it logs into itself, for ever"
            elif not stack.sources(each, "targetBucket", BUCKET, POLICY):
                yield bucket, "it logs into a bucket that is not in this stack"


@stack_policy(
    BUCKET,
    controls=["S3.10", "S3.13"],
    severity="medium",
    fix="give the bucket a lifecycle rule: uploads abandoned after 7 days, noncurrent versions after 90 at the latest",
    link=security_hub("s3", 13),
)
def objects_expire(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """Abandoned uploads go within a week, and noncurrent versions within 90 days."""
    for bucket in stack.of_type(BUCKET):
        rules = [
            rule
            for each in stack.users(bucket, LIFECYCLE, "bucket")
            for rule in listed(each.inputs.get("rules"))
            if inner(rule, "status") == "Enabled" and not any(_filtered(rule))
        ]
        uploads = [inner(rule, "abortIncompleteMultipartUpload", "daysAfterInitiation") for rule in rules]
        if not any(isinstance(days, int) and days <= 7 for days in uploads):
            yield bucket, "abandoned uploads stay"
        versioned = any(_is_versioned(each) for each in stack.users(bucket, VERSIONING, "bucket"))
        old = [inner(rule, "noncurrentVersionExpiration", "noncurrentDays") for rule in rules]
        if versioned and not any(isinstance(days, int) and days <= 90 for days in old):
            yield bucket, "old versions stay"


def _filtered(rule: object) -> Iterator[object]:
    """What a rule's filter leaves out; an empty one, or one with an empty prefix, is for every object."""
    kept = inner(rule, "filter")
    yield from kept.values() if isinstance(kept, dict) else ()
    yield inner(rule, "prefix")


def _is_versioned(versioning: Resource) -> bool:
    return inner(versioning.inputs, "versioningConfiguration", "status") == "Enabled"


@stack_policy(
    BUCKET,
    controls=["S3.12"],
    severity="medium",
    fix="set object_ownership to BucketOwnerEnforced",
    link=security_hub("s3", 12),
)
def buckets_know_no_acls(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A bucket owns what is put into it, and has no access control lists."""
    for bucket in stack.of_type(BUCKET):
        rules = [inner(each.inputs, "rule", "objectOwnership") for each in stack.users(bucket, OWNERSHIP, "bucket")]
        if rules != ["BucketOwnerEnforced"]:
            yield bucket, "access control lists count in it"


@stack_policy(
    BUCKET,
    controls=["S3.14"],
    severity="low",
    fix="give the bucket a BucketVersioning with status Enabled",
    link=security_hub("s3", 14),
)
def what_is_overwritten_can_be_had_back(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A bucket keeps the versions of its objects."""
    for bucket in stack.of_type(BUCKET):
        if not any(_is_versioned(each) for each in stack.users(bucket, VERSIONING, "bucket")):
            yield bucket, "what is overwritten is lost"


@stack_policy(
    BUCKET,
    controls=["encryption"],
    severity="medium",
    fix="give the bucket a BucketServerSideEncryptionConfiguration",
    link="https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html",
)
def buckets_say_how_they_encrypt(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A bucket says how its objects are encrypted, so that a change by hand is undone."""
    for bucket in stack.of_type(BUCKET):
        if not _algorithms(stack, bucket):
            yield bucket, "it leaves its encryption to AWS"


@stack_policy(
    BUCKET,
    controls=["S3.17"],
    severity="medium",
    fix="set sse_algorithm to aws:kms with a key of your own, and bucket_key_enabled",
    link=security_hub("s3", 17),
)
def objects_are_under_a_key_of_ours(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """Objects are encrypted with a customer managed key."""
    for bucket in stack.of_type(BUCKET):
        if "aws:kms" not in _algorithms(stack, bucket):
            yield bucket, "its objects are encrypted with S3's own keys"


def _algorithms(stack: Stack, bucket: Resource) -> list[str]:
    found = [
        inner(rule, "applyServerSideEncryptionByDefault", "sseAlgorithm")
        for each in stack.users(bucket, ENCRYPTION, "bucket")
        for rule in listed(each.inputs.get("rules"))
    ]
    return [each for each in found if each in ("AES256", "aws:kms", "aws:kms:dsse")]


@stack_policy(
    BUCKET,
    controls=["S3.7", "S3.11", "S3.15", "S3.20"],
    severity="low",
    fix="replicate the bucket, or lock its objects",
    link=security_hub("s3", 7),
)
def buckets_have_a_second_copy(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A bucket is replicated to another one."""
    for bucket in stack.of_type(BUCKET):
        if not stack.users(bucket, "aws:s3/bucketReplicationConfig:BucketReplicationConfig", "bucket"):
            yield bucket, "there is no second copy of it"
