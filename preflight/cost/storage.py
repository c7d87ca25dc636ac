"""Rules of what is kept: images, objects, keys and secrets."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from preflight.cost.graph import Graph
from preflight.cost.rule import Charge, Finding, Rule, free, priced, used
from preflight.recording import Resource


def repository(graph: Graph, repository: Resource) -> Iterator[Finding]:
    """Images by the GB-month."""
    stored = graph.given(repository, "aws_ecr_repository").get("storage_gb", graph.workload.image_gb)
    yield Charge(price="ecr.gb_month", quantity=stored * graph.months, what="images")


def bucket(graph: Graph, bucket: Resource) -> Iterator[Finding]:
    """What it holds, and requests: tier 1 writes and lists, tier 2 reads."""
    given = graph.given(bucket, "aws_s3_bucket")
    stored = given.get("standard.storage_gb", Decimal(0))
    for price, quantity, what in (
        ("s3.standard.gb_month", stored * graph.months, "objects"),
        ("s3.put_request", given.get("standard.monthly_tier_1_requests", Decimal(0)), "S3 writes"),
        ("s3.get_request", given.get("standard.monthly_tier_2_requests", Decimal(0)), "S3 reads"),
    ):
        yield Charge(price=price, quantity=quantity, what=what)


def key(graph: Graph, key: Resource) -> Iterator[Finding]:
    """A customer's key by the month, and requests."""
    requests = graph.given(key, "aws_kms_key").get("monthly_requests", Decimal(0))
    yield Charge(price="kms.key_month", quantity=graph.months, what="customer key")
    yield Charge(price="kms.request", quantity=requests, what="KMS requests")


def secret(graph: Graph, secret: Resource) -> Iterator[Finding]:
    """A secret by the month, and calls."""
    calls = graph.given(secret, "aws_secretsmanager_secret").get("monthly_requests", Decimal(0))
    yield Charge(price="secrets_manager.secret_month", quantity=graph.months, what="secret")
    yield Charge(price="secrets_manager.call", quantity=calls, what="secret reads")


_BUCKET = "a setting of the bucket"
_IAM = "IAM is free"
RULES: Mapping[str, Rule] = {
    "aws:ecr/repository:Repository": used(repository),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": free("a setting of the repository"),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": free("a setting of the repository"),
    "awsx:ecr:Image": free("charged to the repository that stores it"),
    "aws:s3/bucket:Bucket": used(bucket),
    "aws:s3/bucketObjectv2:BucketObjectv2": free("charged to the bucket that holds it"),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": free(_BUCKET),
    "aws:s3/bucketLogging:BucketLogging": free("the log's objects are charged to the bucket that holds them"),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": free(_BUCKET),
    "aws:s3/bucketPolicy:BucketPolicy": free(_BUCKET),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": free(_BUCKET),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": free(_BUCKET),
    "aws:s3/bucketVersioning:BucketVersioning": free(_BUCKET),
    "aws:kms/key:Key": priced(key),
    "aws:kms/alias:Alias": free("a name for a key"),
    "aws:secretsmanager/secret:Secret": priced(secret),
    "aws:secretsmanager/secretVersion:SecretVersion": free("charged to the secret"),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": free(_IAM),
    "aws:iam/policy:Policy": free(_IAM),
    "aws:iam/role:Role": free(_IAM),
    "aws:iam/rolePolicy:RolePolicy": free(_IAM),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": free(_IAM),
    "aws:iam/instanceProfile:InstanceProfile": free(_IAM),
    "random:index/randomPassword:RandomPassword": free("kept in the stack's state, not in AWS"),
    "random:index/randomId:RandomId": free("kept in the stack's state, not in AWS"),
}
