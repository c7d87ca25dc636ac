"""DailyCall: one request a day to exactly one alias, in the words an HTTP API would use."""

import json

import botocore.session
import pytest

from components._web_adapter import get_event
from components.daily_call import DailyCall, DailyCallArgs

ALIAS = "arn:aws:lambda:us-east-1:123456789012:function:web-1:live"


def some_args(**changes) -> DailyCallArgs:
    return DailyCallArgs(**{"alias_arn": ALIAS, **changes})


@pytest.fixture
def make(record):
    return lambda **changes: record(lambda: DailyCall("awake", some_args(**changes)) and None)


def target(recording) -> dict:
    return recording.one("aws:scheduler/schedule:Schedule").inputs["target"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"alias_arn": ALIAS.removesuffix(":live")}, "alias_arn must be the ARN of a function's alias, got 'arn:"),
        ({"health_check_path": "up"}, "DailyCallArgs: health_check_path must be a path .*, got 'up'"),
        ({"health_check_path": ""}, "health_check_path must be a path .*, got ''"),
        ({"health_check_path": "/<aws.scheduler.attempt-number>"}, "health_check_path must be a path"),
        ({"health_check_path": "/a b"}, "health_check_path must be a path .*, got '/a b'"),
    ],
)
def test_what_can_not_work_is_refused_by_name_and_value(changes, words):
    with pytest.raises(ValueError, match=words):
        some_args(**changes)


@pytest.mark.parametrize("path", ["/", "/healthz", "/a/b-c_d.e~f", "/%20", "/v1;x=1"])
def test_any_plain_path_is_allowed(path):
    assert some_args(health_check_path=path).health_check_path == path


def test_it_creates_these_children_and_no_others(make):
    recording = make()
    component = recording.one("switchyard:index:DailyCall")
    assert {(child.type, child.name) for child in recording.children(component.urn)} == {
        ("aws:scheduler/schedule:Schedule", "awake"),
        ("aws:iam/role:Role", "awake-role"),
        ("aws:iam/rolePolicy:RolePolicy", "awake-permissions"),
    }
    assert len([each for each in recording if each.is_ours]) == 4


def test_the_alias_is_called_once_a_day_with_few_retries(make):
    recording = make()
    inputs = recording.one("aws:scheduler/schedule:Schedule").inputs
    assert (inputs["scheduleExpression"], inputs["flexibleTimeWindow"]) == ("rate(1 day)", {"mode": "OFF"})
    assert "state" not in inputs
    assert target(recording)["arn"] == ALIAS
    assert target(recording)["retryPolicy"] == {"maximumRetryAttempts": 2, "maximumEventAgeInSeconds": 3600}


@pytest.mark.parametrize("path", ["/healthz", "/up"])
def test_it_asks_for_the_health_check_as_an_http_api_would(make, path):
    event = json.loads(target(make(health_check_path=path))["input"])
    assert event == get_event(path)
    assert (event["version"], event["routeKey"], event["rawPath"], event["rawQueryString"]) == (
        "2.0",
        "$default",
        path,
        "",
    )
    assert event["isBase64Encoded"] is False
    assert event["headers"]["host"] == event["requestContext"]["domainName"]
    http = event["requestContext"]["http"]
    assert (http["method"], http["path"]) == ("GET", path)
    assert http.keys() == {"method", "path", "protocol", "sourceIp", "userAgent"}
    # The adapter takes an event that names its method at the top for one of a REST API.
    assert "httpMethod" not in event
    assert "multiValueHeaders" not in event


def test_the_event_is_the_same_every_time():
    assert json.dumps(get_event("/")) == json.dumps(get_event("/"))


def test_the_role_may_invoke_exactly_this_alias(make):
    recording = make()
    policy = recording.one("aws:iam/rolePolicy:RolePolicy").inputs
    assert json.loads(policy["policy"])["Statement"] == [
        {"Effect": "Allow", "Action": ["lambda:InvokeFunction"], "Resource": [ALIAS]}
    ]
    assert target(recording)["roleArn"] == f"arn:aws:iam::123456789012:role/{policy['role']}"


def test_only_the_scheduler_of_this_account_may_assume_the_role(make):
    (statement,) = json.loads(make().one("aws:iam/role:Role").inputs["assumeRolePolicy"])["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": "scheduler.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
    }


def test_the_schedule_waits_until_its_role_may_call(make):
    recording = make()
    assert recording.one("aws:iam/rolePolicy:RolePolicy").urn in (
        recording.one("aws:scheduler/schedule:Schedule").options.depends_on
    )


def test_it_hands_back_the_schedule(make):
    outputs = make().one("switchyard:index:DailyCall").outputs
    assert outputs.keys() == {"schedule_name"}
    assert outputs["schedule_name"].startswith("awake-")


def test_the_retries_are_within_what_the_scheduler_takes():
    model = botocore.session.Session().get_service_model("scheduler")
    retry = model.shape_for("RetryPolicy").members
    assert retry["MaximumRetryAttempts"].metadata["min"] <= 2 <= retry["MaximumRetryAttempts"].metadata["max"]
    age = retry["MaximumEventAgeInSeconds"].metadata
    assert age["min"] <= 3600 <= age["max"]
