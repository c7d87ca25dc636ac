"""WebAcl: which rules, in which order, what they do in which mode, and what the log keeps."""

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components._waf_rules import (
    ALWAYS,
    CAPACITY_WITHOUT_SURCHARGE,
    GROUP_CAPACITY,
    GROUPS_WITH_A_FEE,
    RATE_RULE,
    RATE_RULE_CAPACITY,
)
from components.web_acl import REQUESTS_PER_5_MINUTES, WebAcl, WebAclArgs

COMPONENT = "switchyard:index:WebAcl"
WEB_ACL = "aws:wafv2/webAcl:WebAcl"
LOGGING = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
SQL, PHP = "AWSManagedRulesSQLiRuleSet", "AWSManagedRulesPHPRuleSet"
IN_ORDER = [
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "RequestsPerAddress",
]
WAF = botocore.session.get_session().get_service_model("wafv2")


def made(record, **changes):
    return record(lambda: WebAcl("waf", WebAclArgs(**changes)), region="eu-west-1")


def rules_of(recording):
    return {rule["name"]: rule for rule in recording.one(WEB_ACL).inputs["rules"]}


def test_it_makes_the_web_acl_its_log_group_and_its_logging_and_nothing_else(record):
    recording = made(record)
    children = recording.children(recording.one(COMPONENT).urn)
    assert {(each.type, each.name) for each in children} == {
        (LOGS, "waf-logs"),
        (WEB_ACL, "waf"),
        (LOGGING, "waf-logging"),
    }


def test_everything_is_in_us_east_1_where_cloudfront_looks_whatever_the_stacks_region(record):
    recording = made(record)
    assert [recording.one(type_).inputs["region"] for type_ in (LOGS, WEB_ACL, LOGGING)] == ["us-east-1"] * 3
    assert recording.one(WEB_ACL).inputs["scope"] == "CLOUDFRONT"


def test_what_no_rule_objects_to_passes(record):
    assert made(record).one(WEB_ACL).inputs["defaultAction"] == {"allow": {}}


def test_rules_are_evaluated_in_this_order_and_further_groups_last(record):
    rules = made(record, managed_groups=(SQL, PHP)).one(WEB_ACL).inputs["rules"]
    assert [rule["name"] for rule in sorted(rules, key=lambda rule: rule["priority"])] == [*IN_ORDER, SQL, PHP]
    assert len({rule["priority"] for rule in rules}) == len(rules)


def test_each_group_is_the_one_of_aws_that_its_rule_is_named_after(record):
    for name, rule in rules_of(made(record, managed_groups=(SQL,))).items():
        if name != RATE_RULE:
            group = rule["statement"]["managedRuleGroupStatement"]
            assert (group["vendorName"], group["name"]) == ("AWS", name)


def test_in_mode_count_nothing_is_blocked(record):
    rules = rules_of(made(record, mode="count", managed_groups=(SQL,)))
    assert rules.pop(RATE_RULE)["action"] == {"count": {}}
    assert [rule["overrideAction"] for rule in rules.values()] == [{"count": {}}] * 4


def test_in_mode_block_every_rule_blocks(record):
    rules = rules_of(made(record, mode="block", managed_groups=(SQL,)))
    assert rules.pop(RATE_RULE)["action"] == {"block": {}}
    assert [rule["overrideAction"] for rule in rules.values()] == [{"none": {}}] * 4


def test_counting_is_the_default(record):
    assert made(record).one(WEB_ACL).inputs == made(record, mode="count").one(WEB_ACL).inputs


@pytest.mark.parametrize("mode", ["count", "block"])
def test_a_large_body_is_never_blocked_and_nothing_else_is_excepted(record, mode):
    exceptions = {
        name: rule["statement"]["managedRuleGroupStatement"]["ruleActionOverrides"]
        for name, rule in rules_of(made(record, mode=mode, managed_groups=(SQL,))).items()
        if name != RATE_RULE
    }
    only_counted = [{"name": "SizeRestrictions_BODY", "actionToUse": {"count": {}}}]
    assert exceptions.pop("AWSManagedRulesCommonRuleSet") == only_counted
    assert exceptions == {
        "AWSManagedRulesAmazonIpReputationList": [],
        "AWSManagedRulesKnownBadInputsRuleSet": [],
        SQL: [],
    }


@pytest.mark.parametrize("requests", [10, 3000])
def test_an_address_is_limited_to_these_requests_in_five_minutes(record, requests):
    rule = rules_of(made(record, requests_per_5_minutes=requests))[RATE_RULE]
    assert rule["statement"] == {
        "rateBasedStatement": {"aggregateKeyType": "IP", "limit": requests, "evaluationWindowSec": 300}
    }


def test_every_rule_has_a_metric_of_its_own_and_no_samples_that_would_show_credentials(record):
    recording = made(record, managed_groups=(SQL,))
    for name, rule in rules_of(recording).items():
        assert rule["visibilityConfig"] == {
            "cloudwatchMetricsEnabled": True,
            "metricName": name,
            "sampledRequestsEnabled": False,
        }


def test_the_web_acls_metric_is_named_uniquely_in_the_account(record):
    recording = made(record)
    visibility = recording.one(WEB_ACL).inputs["visibilityConfig"]
    assert visibility["metricName"].startswith("aws-waf-logs-waf-")
    assert recording.one(WEB_ACL).options.property_dependencies["visibilityConfig"] == (recording.one(LOGS).urn,)
    assert (visibility["cloudwatchMetricsEnabled"], visibility["sampledRequestsEnabled"]) == (True, False)


def test_the_log_group_is_named_as_waf_demands_and_uniquely(record):
    inputs = made(record).one(LOGS).inputs
    assert inputs["namePrefix"] == "aws-waf-logs-waf-"
    assert "name" not in inputs


def test_the_log_is_kept_as_long_as_asked(record):
    assert made(record).one(LOGS).inputs["retentionInDays"] == 14
    assert made(record, log_retention_days=90).one(LOGS).inputs["retentionInDays"] == 90


def test_the_web_acl_logs_to_its_own_group(record):
    recording = made(record)
    inputs, dependencies = recording.one(LOGGING).inputs, recording.one(LOGGING).options.property_dependencies
    assert dependencies["resourceArn"] == (recording.one(WEB_ACL).urn,)
    assert dependencies["logDestinationConfigs"] == (recording.one(LOGS).urn,)
    (destination,) = inputs["logDestinationConfigs"]
    assert destination.startswith("arn:aws:logs:us-east-1:123456789012:log-group:aws-waf-logs-")


def test_the_log_has_no_credentials(record):
    fields = made(record).one(LOGGING).inputs["redactedFields"]
    assert [each["singleHeader"]["name"] for each in fields] == ["authorization", "cookie", "x-switchyard-smoke"]


def test_the_log_keeps_what_was_blocked_or_counted_and_drops_the_rest(record):
    chosen = made(record).one(LOGGING).inputs["loggingFilter"]
    (kept,) = chosen["filters"]
    actions = [each["actionCondition"]["action"] for each in kept["conditions"]]
    assert (chosen["defaultBehavior"], kept["behavior"], kept["requirement"]) == ("DROP", "KEEP", "MEETS_ANY")
    assert actions == ["BLOCK", "COUNT", "EXCLUDED_AS_COUNT"]
    assert set(actions) <= set(WAF.shape_for("ActionValue").enum)


def test_it_hands_back_the_arn_a_distribution_takes(record):
    outputs = made(record).one(COMPONENT).outputs
    assert set(outputs) == {"web_acl_arn"}
    assert outputs["web_acl_arn"].startswith("arn:aws:wafv2:us-east-1:123456789012:global/webacl/waf-")


def test_the_limits_are_wafs_own():
    limits = WAF.shape_for("RateLimit").metadata
    assert (limits["min"], limits["max"]) == REQUESTS_PER_5_MINUTES


def test_the_groups_that_need_settings_are_those_waf_has_settings_for():
    settings = {name for name in WAF.shape_for("ManagedRuleGroupConfig").members if name.startswith("AWSManagedRules")}
    assert settings == set(GROUPS_WITH_A_FEE)


@pytest.mark.parametrize(("edge", "past"), [(10, 9), (2_000_000_000, 2_000_000_001)])
def test_a_rate_is_refused_just_past_each_limit_and_allowed_on_it(edge, past):
    assert WebAclArgs(requests_per_5_minutes=edge).requests_per_5_minutes == edge
    with pytest.raises(ValueError, match=f"requests_per_5_minutes must be 10 to 2000000000, got {past}$"):
        WebAclArgs(requests_per_5_minutes=past)


def test_another_mode_is_refused():
    with pytest.raises(ValueError, match=r"WebAclArgs: mode must be one of count, block, got 'none'$"):
        WebAclArgs(mode="none")  # ty: ignore[invalid-argument-type]


def test_a_retention_cloudwatch_does_not_offer_is_refused():
    with pytest.raises(ValueError, match=r"log_retention_days must be one of 1, 3, .*, got 2$"):
        WebAclArgs(log_retention_days=2)


def test_an_unknown_group_is_refused():
    with pytest.raises(ValueError, match=r"managed_groups must be one of AWSManagedRulesAdmin.*, got 'SqlRules'$"):
        WebAclArgs(managed_groups=("SqlRules",))


@pytest.mark.parametrize("group", GROUPS_WITH_A_FEE)
def test_a_group_with_a_fee_is_refused_with_the_reason(group):
    with pytest.raises(ValueError, match=f"managed_groups can't have {group}: it has a fee of its own"):
        WebAclArgs(managed_groups=(group,))


@pytest.mark.parametrize("groups", [(SQL, SQL), ("AWSManagedRulesCommonRuleSet",)])
def test_a_group_that_is_there_already_is_refused(groups):
    with pytest.raises(ValueError, match=f"managed_groups has {groups[0]} twice, or it is always there"):
        WebAclArgs(managed_groups=groups)


def test_groups_that_would_make_every_request_dearer_are_refused():
    further = [SQL, "AWSManagedRulesLinuxRuleSet", "AWSManagedRulesUnixRuleSet", "AWSManagedRulesAnonymousIpList"]
    assert WebAclArgs(managed_groups=further)  # 1,477
    with pytest.raises(ValueError, match="managed_groups make 1577 capacity units in all, and over 1500 every request"):
        WebAclArgs(managed_groups=[*further, PHP])


@given(st.sets(st.sampled_from(sorted(set(GROUP_CAPACITY) - set(ALWAYS)))))
def test_groups_are_refused_exactly_when_they_exceed_the_capacity(groups):
    capacity = RATE_RULE_CAPACITY + sum(GROUP_CAPACITY[each] for each in {*ALWAYS, *groups})
    try:
        WebAclArgs(managed_groups=tuple(groups))
    except ValueError:
        assert capacity > CAPACITY_WITHOUT_SURCHARGE
    else:
        assert capacity <= CAPACITY_WITHOUT_SURCHARGE
