"""deliver_access_logs: a distribution's access logs into the LogBucket, by CloudFront's standard logging (v2)."""

import pulumi
import pulumi_aws as aws

from components.log_bucket import CDN_PREFIX

# CloudFront's log deliveries can be made nowhere else.
# Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
_REGION = "us-east-1"


def deliver_access_logs(
    name: str, distribution: "aws.cloudfront.Distribution", bucket_arn: pulumi.Input[str], *, parent: pulumi.Resource
) -> None:
    """Make `<name>-logs`, `<name>-logs-destination` and `<name>-logs-delivery`, children of `parent`.

    The first two have to be given names, unique in the account: they carry the distribution's id.
    """
    child = pulumi.ResourceOptions(parent=parent)
    source = aws.cloudwatch.LogDeliverySource(
        f"{name}-logs",
        region=_REGION,
        name=pulumi.Output.concat("cloudfront-", distribution.id),
        log_type="ACCESS_LOGS",
        resource_arn=distribution.arn,
        opts=child,
    )
    destination = aws.cloudwatch.LogDeliveryDestination(
        f"{name}-logs-destination",
        region=_REGION,
        name=pulumi.Output.concat("cloudfront-", distribution.id, "-s3"),
        output_format="json",
        # The folder is in the ARN: without one CloudFront makes up its own, on creation but not on an update.
        delivery_destination_configuration={
            "destination_resource_arn": pulumi.Output.concat(bucket_arn, f"/{CDN_PREFIX}")
        },
        opts=child,
    )
    aws.cloudwatch.LogDelivery(
        f"{name}-logs-delivery",
        region=_REGION,
        delivery_source_name=source.name,
        delivery_destination_arn=destination.arn,
        s3_delivery_configurations=[
            {"suffix_path": "{DistributionId}/{yyyy}/{MM}/{dd}/{HH}", "enable_hive_compatible_path": False}
        ],
        # A source may have one delivery to S3, so a new one can't exist beside the old.
        opts=pulumi.ResourceOptions(parent=parent, delete_before_replace=True),
    )
