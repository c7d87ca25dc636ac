"""WebAcl: AWS WAF in front of a CloudFront distribution."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import pulumi
import pulumi_aws as aws

from components import _wafv2 as wafv2
from components._checks import between, one_of, refuse
from components._logs import RETENTION_DAYS
from components._viewer_request import SMOKE_HEADER
from components._waf_rules import Mode, group_problems, rules, visibility

SECRET_HEADERS = ("authorization", "cookie", SMOKE_HEADER)
"""Headers that hold what no log may."""
# Source: https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html
REQUESTS_PER_5_MINUTES = (10, 2_000_000_000)
# Source: https://docs.aws.amazon.com/waf/latest/APIReference/API_CreateWebACL.html
REGION = "us-east-1"
"""Where WAF keeps what belongs to CloudFront, whatever the stack's region."""


@dataclass(frozen=True, kw_only=True)
class WebAclArgs:
    """Inputs of WebAcl."""

    mode: Mode = "count"
    """`count` lets every request pass and logs which would have been blocked; `block` blocks them. Default `count`:
    look at the log before you block, since managed rules don't know the service."""
    requests_per_5_minutes: int = 2000
    """Requests one IP address may make in any 5 minutes, 10 to 2,000,000,000. Default 2000, about 7 a second for
    5 minutes on end; an office behind one address may need more."""
    managed_groups: Sequence[str] = ()
    """Names of further AWS managed rule groups, such as `AWSManagedRulesSQLiRuleSet`, evaluated in this order after
    all others. Default none. $1 a month each; those with a fee of their own are not offered."""
    log_retention_days: int = 14
    """Days the log is kept, one of those CloudWatch offers. Default 14; $0.03 per GB-month kept."""

    def __post_init__(self) -> None:
        refuse(
            self,
            one_of("mode", self.mode, get_args(Mode)),
            between("requests_per_5_minutes", self.requests_per_5_minutes, *REQUESTS_PER_5_MINUTES),
            *group_problems("managed_groups", self.managed_groups),
            one_of("log_retention_days", self.log_retention_days, RETENTION_DAYS),
        )


class WebAcl(pulumi.ComponentResource):
    """A web ACL for CloudFront: IP reputation, common attacks, known bad inputs, a limit per IP address, then yours.

    Bodies over 8 KB, which the common rules would block, are only ever counted: uploads would fail with a 403 that
    no log of the service shows. The log has what was blocked or counted, without credentials.

    Children: `<name>`, `<name>-logs`, `<name>-logging`. All of them live in us-east-1.
    Cost: $5 a month, $1 for each of the four rules and each further group, so $9 by default; $0.60 per million
    requests; $0.50 per GB of log.
    Raises ValueError for values WAF would refuse, and for groups that would raise the price of every request.
    """

    web_acl_arn: pulumi.Output[str]
    """ARN, which is what a distribution's `web_acl_id` takes."""

    def __init__(self, name: str, args: WebAclArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:WebAcl", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        logs = aws.cloudwatch.LogGroup(
            f"{name}-logs",
            name_prefix=f"aws-waf-logs-{name}-",  # WAF refuses a log group whose name starts otherwise
            retention_in_days=args.log_retention_days,
            region=REGION,
            opts=child,
        )
        web_acl = wafv2.WebAcl(
            name,
            scope="CLOUDFRONT",
            region=REGION,
            default_action={"allow": {}},
            rules=rules(args.mode, args.requests_per_5_minutes, args.managed_groups),
            # The log group's name is unique in the account; under one name, the metrics of two stacks would add up.
            visibility_config=visibility(logs.name),
            opts=child,
        )
        wafv2.WebAclLoggingConfiguration(
            f"{name}-logging",
            resource_arn=web_acl.arn,
            log_destination_configs=[logs.arn],
            redacted_fields=[{"single_header": {"name": header}} for header in SECRET_HEADERS],
            logging_filter={
                "default_behavior": "DROP",
                "filters": [
                    {
                        "behavior": "KEEP",
                        "requirement": "MEETS_ANY",
                        # EXCLUDED_AS_COUNT: a rule inside a group that is overridden to count, as big bodies are.
                        "conditions": [
                            {"action_condition": {"action": action}}
                            for action in ("BLOCK", "COUNT", "EXCLUDED_AS_COUNT")
                        ],
                    }
                ],
            },
            region=REGION,
            opts=child,
        )

        self.web_acl_arn = web_acl.arn
        self.register_outputs({"web_acl_arn": self.web_acl_arn})
