"""StateBucket: where Pulumi keeps what it knows of every stack, and every version of that."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components._checks import between, refuse
from components._private_bucket import bucket_policy, let_service, private_bucket

# Ours: less than a year back, somebody may still find out what was lost; S3 itself takes 1 or more.
KEEP_DAYS = (30, 3653)


@dataclass(frozen=True, kw_only=True)
class StateBucketArgs:
    """Inputs of StateBucket. ValueError names the field when its value can't be used."""

    keep_versions_days: int = 365
    """Days that an older version of a stack's state can be restored, 30 to 3653. Default 365. A version is some 100 KB,
    so a thousand updates a month come to $0.03 a month after a year."""
    keep_access_log_days: int = 365
    """Days that the log of who read or wrote state is kept, 30 to 3653. Default 365."""

    def __post_init__(self) -> None:
        refuse(
            self,
            between("keep_versions_days", self.keep_versions_days, *KEEP_DAYS),
            between("keep_access_log_days", self.keep_access_log_days, *KEEP_DAYS),
        )


class StateBucket(pulumi.ComponentResource):
    """A private, versioned bucket for Pulumi's state, and another that logs every access to it.

    Encrypted by KMS with the account's own S3 key, which costs nothing by the month. Secrets inside of the state are
    encrypted once more, with the key of their environment. A destroy never empties it: what is in here is all there is
    to tell what belongs to a stack.

    Children: `<name>`, `<name>-ownership`, `<name>-public-access`, `<name>-encryption`, `<name>-lifecycle`,
    `<name>-policy`, `<name>-versioning`, `<name>-logging`, and the same six of `<name>-access-log`.
    Cost: $0.023 per GB and month, and fractions of a cent for requests.
    Raises ValueError (StateBucketArgs).
    """

    bucket_name: pulumi.Output[str]
    """Name. Known once the bucket is versioned, so that no state is written before that."""
    bucket_arn: pulumi.Output[str]
    """ARN, for the policies of those who deploy."""

    def __init__(self, name: str, args: StateBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:StateBucket", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        account = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self)).account_id

        state = private_bucket(
            name,
            force_destroy=False,
            encryption="aws:kms",
            lifecycle={"noncurrent_version_expiration": {"noncurrent_days": args.keep_versions_days}},
            parent=self,
        )
        bucket_policy(state, parent=self)
        versioning = aws.s3.BucketVersioning(
            f"{name}-versioning",
            bucket=state.bucket.id,
            versioning_configuration={"status": "Enabled"},
            opts=child,
        )
        log = private_bucket(
            f"{name}-access-log",
            force_destroy=False,
            lifecycle={"expiration": {"days": args.keep_access_log_days}},
            parent=self,
        )
        # Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
        deliveries = bucket_policy(
            log,
            let_service(
                "logging.s3.amazonaws.com",
                "s3:PutObject",
                pulumi.Output.concat(log.bucket.arn, "/*"),
                condition={
                    "StringEquals": {"aws:SourceAccount": account},
                    "ArnLike": {"aws:SourceArn": state.bucket.arn},
                },
            ),
            parent=self,
        )
        aws.s3.BucketLogging(
            f"{name}-logging",
            bucket=state.bucket.id,
            target_bucket=deliveries.bucket,
            target_prefix="",
            opts=child,
        )

        self.bucket_name = versioning.bucket
        self.bucket_arn = state.bucket.arn
        self.register_outputs({"bucket_name": self.bucket_name, "bucket_arn": self.bucket_arn})
