"""Policies about web ACLs."""

import re
from collections.abc import Iterator
from typing import Any

from policies.graph import Resource, Stack, inner, listed
from policies.links import security_hub
from policies.logs import LOG_STORES
from policies.registry import resource_policy, stack_policy

ACL = "aws:wafv2/webAcl:WebAcl"
LOGGING = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
WANTED = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
)
_MOST = 100_000
"""Requests of one address in 5 minutes, 333 a second, above which a limit limits nobody."""
_COUNTED = {"SizeRestrictions_BODY"}
"""Refuses bodies over 8 KB, uploads among them."""
_STATEMENTS = ("managedRuleGroupStatement", "rateBasedStatement")
HEADERS_WITH_SECRETS = {"authorization", "cookie", "x-switchyard-smoke"}
"""What logs a viewer in, and what lets a request choose its origin."""
_GROUPS = "https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html"


# Source: https://docs.aws.amazon.com/waf/latest/developerguide/logging-destinations.html
_LOG = re.compile(r":log-group:aws-waf-logs-|:::aws-waf-logs-|:deliverystream/aws-waf-logs-")


def _groups(acl: Resource) -> dict[str, Any]:
    """AWS's managed groups by name, each with its rule; another vendor may give his the same name."""
    found = {}
    for rule in listed(acl.inputs.get("rules")):
        group = inner(rule, "statement", "managedRuleGroupStatement")
        if inner(group, "vendorName") == "AWS":
            found[str(inner(group, "name"))] = rule
    return found


@resource_policy(
    ACL,
    controls=["WAF.10"],
    severity="medium",
    fix="add AWS's reputation list, common rules and known bad inputs, and a limit per address",
    link=security_hub("waf", 10),
)
def firewalls_have_the_rules_everybody_needs(resource: Resource) -> Iterator[str]:
    """A web ACL has AWS's basic groups and a limit per address."""
    for name in WANTED:
        if name not in _groups(resource):
            yield f"{name} is missing"
    limits = [limit for rule in listed(resource.inputs.get("rules")) if (limit := _per_5_minutes(rule))]
    if not limits or min(limits) > _MOST:
        yield f"one address may ask {f'{min(limits):,.0f} times in 5 minutes' if limits else 'as often as it likes'}"


def _per_5_minutes(rule: Any) -> float | None:
    limit = inner(rule, "statement", "rateBasedStatement")
    asked, seconds = inner(limit, "limit"), inner(limit, "evaluationWindowSec") or 300
    return asked * 300 / seconds if isinstance(asked, int) and isinstance(seconds, int) else None


@resource_policy(
    ACL,
    controls=["SY.33", "SY.71", "SY.106"],
    severity="medium",
    fix="set waf.mode to block",
    link=_GROUPS,
)
def known_attacks_are_blocked(resource: Resource) -> Iterator[str]:
    """What AWS's basic groups find, Log4j among it, and what comes too often is refused and not just counted."""
    for name, rule in _groups(resource).items():
        if name in WANTED and inner(rule, "overrideAction", "none") is None:
            yield f"what {name} finds is only counted"
    for rule in listed(resource.inputs.get("rules")):
        if inner(rule, "statement", "rateBasedStatement") and inner(rule, "action", "block") is None:
            yield f"{inner(rule, 'name')} only counts"
        if inner(rule, "action", "allow") is not None:
            yield f"{inner(rule, 'name')} lets requests past the rules behind it"
        if any(inner(rule, "statement", kind, "scopeDownStatement") for kind in _STATEMENTS):
            yield f"{inner(rule, 'name')} looks at some requests only"
    for name in WANTED:
        overrides = inner(_groups(resource).get(name), "statement", "managedRuleGroupStatement", "ruleActionOverrides")
        off = {str(inner(each, "name")) for each in listed(overrides) if inner(each, "actionToUse", "block") is None}
        if off - _COUNTED:
            yield f"of {name}, {', '.join(sorted(off - _COUNTED))} is turned off"


@stack_policy(
    ACL,
    controls=["WAF.11"],
    severity="low",
    fix="give the web ACL a logging configuration that redacts authorization and cookie",
    link=security_hub("waf", 11),
)
def firewalls_log_without_credentials(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A web ACL logs what it refused, without what logs a viewer in."""
    for acl in stack.of_type(ACL):
        logs = stack.users(acl, LOGGING, "resourceArn")
        if not logs:
            yield acl, "nobody knows what it refused"
        for each in logs:
            if not stack.sources(each, "logDestinationConfigs", *LOG_STORES):
                yield each, "its log goes to a place that is not in this stack"
            if any(
                isinstance(arn, str) and not _LOG.search(arn)
                for arn in listed(each.inputs.get("logDestinationConfigs"))
            ):
                yield each, "AWS refuses it: the log's name must begin with aws-waf-logs-"
            redacted = {
                str(inner(field, "singleHeader", "name")).lower() for field in listed(each.inputs.get("redactedFields"))
            }
            if missing := HEADERS_WITH_SECRETS - redacted:
                yield each, f"its log shows {' and '.join(sorted(missing))}"
            if left_out := {"BLOCK", "COUNT", "EXCLUDED_AS_COUNT"} - _kept(each.inputs.get("loggingFilter")):
                yield each, f"its log leaves out {', '.join(sorted(left_out))}"


def _kept(log_filter: Any) -> set[str]:
    """The actions that a filter keeps in the log; all of them without one."""
    if log_filter is None or inner(log_filter, "defaultBehavior") == "KEEP":
        return {"BLOCK", "COUNT", "EXCLUDED_AS_COUNT"}
    filters = [each for each in listed(inner(log_filter, "filters")) if inner(each, "behavior") == "KEEP"]
    conditions = [each for one in filters for each in listed(inner(one, "conditions"))]
    return {str(inner(each, "actionCondition", "action")) for each in conditions}


@resource_policy(
    ACL,
    controls=["WAF.12"],
    severity="medium",
    fix="set cloudwatch_metrics_enabled to True, and sampled_requests_enabled to False",
    link=security_hub("waf", 12),
)
def firewalls_report_metrics(resource: Resource) -> Iterator[str]:
    """A web ACL and each of its rules report metrics; samples, which show every header, are off."""
    for part in (resource.inputs, *listed(resource.inputs.get("rules"))):
        name = part.get("name", "the web ACL") if isinstance(part, dict) else "a rule"
        if inner(part, "visibilityConfig", "cloudwatchMetricsEnabled") is not True:
            yield f"{name} reports no metrics"
        if inner(part, "visibilityConfig", "sampledRequestsEnabled") is not False:
            yield f"{name} samples requests with their credentials"
