"""Which distributions an origin lets in: those of this account, named before there is one."""

import pulumi
import pulumi_aws as aws


def own_distributions(parent: pulumi.Resource) -> pulumi.Output[str]:
    """The ARN pattern of every distribution of this account, for `StringLike` on `aws:SourceArn`.

    One distribution's own ARN would be narrower, but is known only once it is deployed, and it sends viewers here
    from then on: the origin has to let it in before.
    """
    lookup = pulumi.InvokeOutputOptions(parent=parent)
    return pulumi.Output.concat(
        "arn:",
        aws.get_partition_output(opts=lookup).partition,
        ":cloudfront::",
        aws.get_caller_identity_output(opts=lookup).account_id,
        ":distribution/*",
    )
