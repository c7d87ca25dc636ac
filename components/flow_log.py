"""FlowLog: who talked to whom in a VPC, in a log group of its own."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components._checks import one_of, refuse
from components._logs import RETENTION_DAYS
from components._policies import allow, document, trust_here

AGGREGATION_SECONDS = 600


@dataclass(frozen=True, kw_only=True)
class FlowLogArgs:
    """Inputs of FlowLog. ValueError when CloudWatch would refuse the retention."""

    vpc_id: pulumi.Input[str]
    """VPC to watch."""
    log_retention_days: int = 14
    """Days CloudWatch keeps the records, one of RETENTION_DAYS. Default 14: long enough to look into an incident."""

    def __post_init__(self) -> None:
        refuse(self, one_of("log_retention_days", self.log_retention_days, RETENTION_DAYS))


class FlowLog(pulumi.ComponentResource):
    """Every connection of a VPC, accepted and rejected, in CloudWatch Logs.

    Records cover up to ten minutes each, AWS's default: a connection that lasts is then one line instead of ten, and
    lines are what is paid for. Interfaces of Nitro instances report every minute whatever is asked for.

    Children: `<name>`, `<name>-records` (log group), `<name>-role`, `<name>-write` (the role's policy).
    Cost: $0.50 per GB written, $0.03 per GB and month kept; a few cents a month for a quiet service.
    """

    log_group_name: pulumi.Output[str]
    """Log group with the records, for queries."""

    def __init__(self, name: str, args: FlowLogArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:FlowLog", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        records = aws.cloudwatch.LogGroup(f"{name}-records", retention_in_days=args.log_retention_days, opts=child)
        # For this account alone, or another customer's flow log could write here through the same service.
        role = aws.iam.Role(
            f"{name}-role", assume_role_policy=trust_here("vpc-flow-logs.amazonaws.com", self), opts=child
        )
        # CreateLogGroup is left out on purpose: the group above carries the retention.
        write = aws.iam.RolePolicy(
            f"{name}-write",
            role=role.name,
            policy=document(
                allow(
                    ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                    [pulumi.Output.concat(records.arn, ":*")],
                )
            ),
            opts=child,
        )
        aws.ec2.FlowLog(
            name,
            vpc_id=args.vpc_id,
            traffic_type="ALL",
            max_aggregation_interval=AGGREGATION_SECONDS,
            log_destination_type="cloud-watch-logs",
            log_destination=records.arn,
            iam_role_arn=role.arn,
            tags={"Name": name},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[write]),
        )

        self.log_group_name = records.name
        self.register_outputs({"log_group_name": self.log_group_name})
