"""FlowLog: what it records, where to, and that it may write nowhere else."""

import json

import pytest

from components._logs import RETENTION_DAYS
from components.flow_log import FlowLog, FlowLogArgs

FLOW_LOG = "aws:ec2/flowLog:FlowLog"


@pytest.fixture
def recorded(record):
    return record(lambda: FlowLog("flows", FlowLogArgs(vpc_id="vpc-0a1b2c3d", log_retention_days=30)))


@pytest.mark.parametrize("days", [0, 2, 3654])
def test_a_retention_that_cloudwatch_does_not_know_is_refused(days):
    with pytest.raises(ValueError, match=f"log_retention_days must be one of 1, 3, 5, .*, got {days}$"):
        FlowLogArgs(vpc_id="vpc-0a1b2c3d", log_retention_days=days)


@pytest.mark.parametrize("days", RETENTION_DAYS)
def test_a_retention_that_cloudwatch_knows_is_allowed(days):
    assert FlowLogArgs(vpc_id="vpc-0a1b2c3d", log_retention_days=days).log_retention_days == days


def test_it_creates_these_children_and_no_others(recorded):
    component = recorded.one("switchyard:index:FlowLog", "flows")
    assert {(each.type, each.name) for each in recorded.children(component.urn)} == {
        (FLOW_LOG, "flows"),
        ("aws:cloudwatch/logGroup:LogGroup", "flows-records"),
        ("aws:iam/role:Role", "flows-role"),
        ("aws:iam/rolePolicy:RolePolicy", "flows-write"),
    }
    assert len(recorded.resources) == 5


def test_all_traffic_of_the_vpc_goes_to_its_log_group_through_its_role(recorded):
    log = recorded.one(FLOW_LOG)
    expected = {
        "vpcId": "vpc-0a1b2c3d",
        "trafficType": "ALL",
        "maxAggregationInterval": 600,
        "logDestinationType": "cloud-watch-logs",
    }
    assert log.inputs.items() >= expected.items()
    group, role = recorded.one("aws:cloudwatch/logGroup:LogGroup"), recorded.one("aws:iam/role:Role")
    assert log.options.property_dependencies["logDestination"] == (group.urn,)
    assert log.options.property_dependencies["iamRoleArn"] == (role.urn,)


def test_the_records_are_kept_as_long_as_asked(recorded):
    assert recorded.one("aws:cloudwatch/logGroup:LogGroup").inputs == {"retentionInDays": 30}


def test_the_role_may_write_to_that_group_and_nothing_else(recorded):
    (statement,) = json.loads(recorded.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"])["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        "Resource": [f"{recorded.one(FLOW_LOG).inputs['logDestination']}:*"],
    }


def test_only_flow_logs_of_this_account_may_assume_the_role(recorded):
    (statement,) = json.loads(recorded.one("aws:iam/role:Role").inputs["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}


def test_it_starts_only_when_its_role_may_write(recorded):
    assert recorded.one("aws:iam/rolePolicy:RolePolicy").urn in recorded.one(FLOW_LOG).options.depends_on


def test_it_hands_back_the_log_group(recorded):
    name = recorded.one(FLOW_LOG).inputs["logDestination"].rpartition(":")[2]
    assert recorded.one("switchyard:index:FlowLog").outputs == {"log_group_name": name}


def test_nothing_stays_unknown(recorded):
    assert "$unknown" not in str([each.inputs for each in recorded])
