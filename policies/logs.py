"""Policies about log groups."""

from collections.abc import Iterator

from policies.graph import Resource
from policies.links import security_hub
from policies.registry import resource_policy

GROUP = "aws:cloudwatch/logGroup:LogGroup"
LOG_STORES = ("aws:s3/bucket:Bucket", "aws:s3/bucketPolicy:BucketPolicy", GROUP)
"""What a log may be written to; a bucket's policy stands for the bucket, where the writer waits for it."""
_YEAR = 365
_TWO_WEEKS = 14


@resource_policy(
    GROUP,
    controls=["retention"],
    severity="medium",
    fix="set retention_in_days; in a stack file, logs.retentionDays",
    link="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",
)
def logs_expire(resource: Resource) -> Iterator[str]:
    """A log group says how long it keeps its lines; AWS's default is for ever."""
    if not resource.inputs.get("retentionInDays"):
        yield "its lines are kept, and paid for, for ever"


@resource_policy(
    GROUP,
    controls=["retention"],
    severity="medium",
    fix="set logs.retentionDays to 14 or more",
    link="https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_detect_investigate_events_logs.html",
)
def logs_last_until_somebody_looks(resource: Resource) -> Iterator[str]:
    """A log group keeps its lines for two weeks at least: what went wrong is often noticed late."""
    days = resource.inputs.get("retentionInDays")
    if isinstance(days, int) and 0 < days < _TWO_WEEKS:
        yield f"its lines are gone after {days} days, before anybody asks"


@resource_policy(
    GROUP,
    controls=["CloudWatch.16"],
    severity="medium",
    fix="set logs.retentionDays to 365 or more",
    link=security_hub("cloudwatch", 16),
)
def logs_are_kept_for_a_year(resource: Resource) -> Iterator[str]:
    """A log group keeps its lines for a year."""
    days = resource.inputs.get("retentionInDays")
    if isinstance(days, int) and 0 < days < _YEAR:
        yield f"its lines are gone after {days} days"


@resource_policy(
    GROUP,
    controls=["SY.120"],
    severity="low",
    fix="set kms_key_id to a key of your own",
    link="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
)
def logs_are_under_a_key_of_ours(resource: Resource) -> Iterator[str]:
    """Logs are encrypted with a customer managed key."""
    if not resource.inputs.get("kmsKeyId"):
        yield "its lines are encrypted with AWS's own key"
