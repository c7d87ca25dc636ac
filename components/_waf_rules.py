"""The rules of WebAcl: which there are, in which order, what they do in which mode. Pure."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import pulumi

from components._checks import one_of

if TYPE_CHECKING:
    from pulumi_aws.wafv2 import WebAclRuleArgsDict, WebAclVisibilityConfigArgsDict

Mode = Literal["count", "block"]

# Source: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
GROUP_CAPACITY = {
    "AWSManagedRulesAdminProtectionRuleSet": 100,
    "AWSManagedRulesAmazonIpReputationList": 25,
    "AWSManagedRulesAnonymousIpList": 50,
    "AWSManagedRulesCommonRuleSet": 700,
    "AWSManagedRulesKnownBadInputsRuleSet": 200,
    "AWSManagedRulesLinuxRuleSet": 200,
    "AWSManagedRulesPHPRuleSet": 100,
    "AWSManagedRulesSQLiRuleSet": 200,
    "AWSManagedRulesUnixRuleSet": 100,
    "AWSManagedRulesWindowsRuleSet": 200,
    "AWSManagedRulesWordPressRuleSet": 100,
}
# Same source. These cost a monthly fee and more per request, and want to be told about the site's own pages.
GROUPS_WITH_A_FEE = (
    "AWSManagedRulesACFPRuleSet",
    "AWSManagedRulesATPRuleSet",
    "AWSManagedRulesAntiDDoSRuleSet",
    "AWSManagedRulesBotControlRuleSet",
)
ALWAYS = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
)
# Source: https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based.html
RATE_RULE_CAPACITY = 2
# Source: https://docs.aws.amazon.com/waf/latest/developerguide/aws-waf-capacity-units.html
CAPACITY_WITHOUT_SURCHARGE = 1500
RATE_RULE = "RequestsPerAddress"
# Source: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
ONLY_COUNTED = {"AWSManagedRulesCommonRuleSet": ("SizeRestrictions_BODY",)}


def rules(mode: Mode, requests: int, groups: Sequence[str]) -> "list[WebAclRuleArgsDict]":
    """The rules in the order in which WAF evaluates them: those that are always there, then the further groups."""
    order = enumerate([*ALWAYS, RATE_RULE, *groups])
    return [
        _rate_rule(priority, requests, mode) if each == RATE_RULE else _group_rule(priority, each, mode)
        for priority, each in order
    ]


def group_problems(field: str, groups: Sequence[str]) -> list[str | None]:
    """What is wrong with these further groups: each by itself, and all of them together."""
    return [*(_group_problem(field, each) for each in groups), _repeated(field, groups), _too_much(field, groups)]


def visibility(metric_name: pulumi.Input[str]) -> "WebAclVisibilityConfigArgsDict":
    """Metrics of a rule or a web ACL, under this name."""
    return {
        "cloudwatch_metrics_enabled": True,
        "metric_name": metric_name,
        # Samples show every header, credentials too; the log says the same without them.
        "sampled_requests_enabled": False,
    }


def _rate_rule(priority: int, requests: int, mode: Mode) -> "WebAclRuleArgsDict":
    return {
        "name": RATE_RULE,
        "priority": priority,
        "action": {"block": {}} if mode == "block" else {"count": {}},
        "statement": {
            "rate_based_statement": {
                "aggregate_key_type": "IP",
                "limit": requests,
                "evaluation_window_sec": 300,
            }
        },
        "visibility_config": visibility(RATE_RULE),
    }


def _group_rule(priority: int, group: str, mode: Mode) -> "WebAclRuleArgsDict":
    return {
        "name": group,
        "priority": priority,
        "override_action": {"none": {}} if mode == "block" else {"count": {}},
        "statement": {
            "managed_rule_group_statement": {
                "vendor_name": "AWS",
                "name": group,
                "rule_action_overrides": [
                    {"name": rule, "action_to_use": {"count": {}}} for rule in ONLY_COUNTED.get(group, ())
                ],
            }
        },
        "visibility_config": visibility(group),
    }


def _group_problem(field: str, group: str) -> str | None:
    if group in GROUPS_WITH_A_FEE:
        return f"{field} can't have {group}: it has a fee of its own, and needs settings that WebAcl lacks"
    return one_of(field, group, tuple(GROUP_CAPACITY))


def _repeated(field: str, groups: Sequence[str]) -> str | None:
    all_groups = [*ALWAYS, *groups]
    twice = ", ".join(sorted({each for each in all_groups if all_groups.count(each) > 1}))
    return f"{field} has {twice} twice, or it is always there: leave it out" if twice else None


def _too_much(field: str, groups: Sequence[str]) -> str | None:
    capacity = RATE_RULE_CAPACITY + sum(GROUP_CAPACITY.get(each, 0) for each in [*ALWAYS, *groups])
    if capacity <= CAPACITY_WITHOUT_SURCHARGE:
        return None
    advice = f"over {CAPACITY_WITHOUT_SURCHARGE} every request costs more: leave a group out"
    return f"{field} make {capacity} capacity units in all, and {advice}"
