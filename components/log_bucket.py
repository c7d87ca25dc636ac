"""LogBucket: where the load balancer, the distribution and the site's bucket put their access logs."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components._checks import between, refuse
from components._private_bucket import bucket_policy, let_service, private_bucket

BALANCER_PREFIX = "balancer"
"""Folder of the load balancer's logs: the `prefix` of its `access_logs`."""
CDN_PREFIX = "cdn"
"""Folder of CloudFront's logs: what its delivery destination's ARN ends in."""
SITE_PREFIX = "site"
"""Folder of the static site's bucket's logs: what the `target_prefix` of its logging starts with."""

# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html (1 or more);
# the upper end is the longest that CloudWatch Logs knows, so that one setting can govern both.
RETENTION_DAYS = (1, 3653)


@dataclass(frozen=True, kw_only=True)
class LogBucketArgs:
    """Inputs of LogBucket. ValueError names the field when its value can't be used."""

    retention_days: int = 14
    """Days a log object is kept, 1 to 3653. Default 14: enough to look into an incident. $0.023 per GB and month."""
    force_destroy: bool = True
    """Whether destroying the stack may delete the logs with it. Default True, or a destroy would stop half-way."""
    named_after: str = ""
    """What the bucket's name goes on with after the component's, such as the stack: a role can be held to it. Default
    nothing; letters that S3 refuses become `-`."""

    def __post_init__(self) -> None:
        refuse(self, between("retention_days", self.retention_days, *RETENTION_DAYS))


class LogBucket(pulumi.ComponentResource):
    """A bucket that AWS's log deliveries for this account may write to, each in a folder of its own.

    Encrypted with S3's own keys, since a load balancer can't write to a bucket with any other. Not versioned: a log
    object is written once, and a noncurrent copy would only outlive the retention that was asked for. Doesn't log
    access to itself, which would never end.

    Children: `<name>`, `<name>-ownership`, `<name>-public-access`, `<name>-encryption`, `<name>-lifecycle`,
    `<name>-policy`.
    Cost: $0.023 per GB and month, $0.005 per 1,000 log objects written; deliveries from CloudFront to S3 as JSON are
    free of charge.
    Raises ValueError (LogBucketArgs).
    """

    bucket_name: pulumi.Output[str]
    """Name, known only once the policy is in place: whoever uses it can be sure that delivery may write."""
    bucket_arn: pulumi.Output[str]
    """ARN, known only once the policy is in place."""

    def __init__(self, name: str, args: LogBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:LogBucket", name, {}, opts)

        account = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self)).account_id
        private = private_bucket(
            name,
            force_destroy=args.force_destroy,
            named_after=args.named_after,
            lifecycle={"expiration": {"days": args.retention_days}},
            parent=self,
        )
        arn = private.bucket.arn
        ours = {"aws:SourceAccount": account}
        policy = bucket_policy(
            private,
            # Elastic Load Balancing documents no condition and has denied deliveries where a policy had one. What
            # keeps other accounts out is the path: it puts the number of the balancer's owner there itself.
            # Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
            let_service(
                "logdelivery.elasticloadbalancing.amazonaws.com",
                "s3:PutObject",
                pulumi.Output.concat(arn, f"/{BALANCER_PREFIX}/AWSLogs/", account, "/*"),
            ),
            # CloudFront's deliveries live in us-east-1, wherever the bucket is.
            # Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
            let_service(
                "delivery.logs.amazonaws.com",
                "s3:PutObject",
                pulumi.Output.concat(arn, f"/{CDN_PREFIX}/*"),
                condition={
                    "StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", **ours},
                    "ArnLike": {
                        "aws:SourceArn": pulumi.Output.concat("arn:aws:logs:us-east-1:", account, ":delivery-source:*")
                    },
                },
            ),
            # Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
            let_service(
                "logging.s3.amazonaws.com",
                "s3:PutObject",
                pulumi.Output.concat(arn, f"/{SITE_PREFIX}/*"),
                condition={"StringEquals": ours},
            ),
            parent=self,
        )

        self.bucket_name = policy.bucket
        self.bucket_arn = pulumi.Output.all(arn, policy.id).apply(lambda known: known[0])
        self.register_outputs({"bucket_name": self.bucket_name, "bucket_arn": self.bucket_arn})
