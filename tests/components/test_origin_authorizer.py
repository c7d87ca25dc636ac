"""OriginAuthorizer: what its function holds, what it may touch, and how the API asks it."""

import hashlib
import json
import re
from pathlib import Path

import botocore.session
import pulumi
import pytest

from components import authorizer_handler, origin_authorizer
from components._logs import RETENTION_DAYS
from components.origin_authorizer import OriginAuthorizer, OriginAuthorizerArgs

NEW, OLD = "n" * 32, "o" * 32
EXECUTION_ARN = "arn:aws:execute-api:us-east-1:123456789012:abc123"


def some_args(**changes) -> OriginAuthorizerArgs:
    base = {"api_id": "abc123", "api_execution_arn": EXECUTION_ARN, "origin_secrets": [NEW, OLD]}
    return OriginAuthorizerArgs(**{**base, **changes})


@pytest.fixture
def make(record):
    return lambda **changes: record(lambda: OriginAuthorizer("gate", some_args(**changes)) and None)


def digests(*secrets: str) -> str:
    return ",".join(hashlib.sha256(secret.encode()).hexdigest() for secret in secrets)


def function(recording) -> dict:
    return recording.one("aws:lambda/function:Function").inputs


def test_no_secret_at_all_is_refused():
    with pytest.raises(ValueError, match="OriginAuthorizerArgs: origin_secrets must hold at least one, got none"):
        some_args(origin_secrets=[])


def test_a_secret_that_could_be_guessed_is_refused_without_showing_it():
    assert some_args(origin_secrets=["s" * 32])
    with pytest.raises(ValueError, match=r"origin_secrets\[1\] must be 32 characters or more, got 31$") as refusal:
        some_args(origin_secrets=[NEW, "s" * 31])
    assert "sss" not in str(refusal.value)


def test_a_secret_that_is_known_later_is_not_checked(record):
    record(lambda: some_args(origin_secrets=[pulumi.Output.secret("short")]) and None)


def test_retention_is_one_that_cloudwatch_offers():
    assert [some_args(log_retention_days=days).log_retention_days for days in RETENTION_DAYS] == list(RETENTION_DAYS)
    with pytest.raises(ValueError, match=r"log_retention_days must be one of 1, 3, .*, got 2$"):
        some_args(log_retention_days=2)


def test_the_args_do_not_show_their_secrets_when_printed():
    assert NEW not in repr(some_args())


def test_it_creates_these_children_and_no_others(make):
    recording = make()
    component = recording.one("switchyard:index:OriginAuthorizer")
    assert {(child.type, child.name) for child in recording.children(component.urn)} == {
        ("aws:lambda/function:Function", "gate"),
        ("aws:cloudwatch/logGroup:LogGroup", "gate-logs"),
        ("aws:iam/role:Role", "gate-role"),
        ("aws:iam/rolePolicy:RolePolicy", "gate-permissions"),
        ("aws:apigatewayv2/authorizer:Authorizer", "gate-authorizer"),
        ("aws:lambda/permission:Permission", "gate-invoke"),
    }
    assert len([each for each in recording if each.is_ours]) == 7


def test_the_function_is_small_quick_and_reserves_nothing(make):
    inputs = function(make())
    assert {key: inputs[key] for key in ("runtime", "architectures", "memorySize", "timeout")} == {
        "runtime": "python3.13",
        "architectures": ["arm64"],
        "memorySize": 128,
        "timeout": 3,
    }
    assert not {"reservedConcurrentExecutions", "vpcConfig", "tracingConfig"} & inputs.keys()


def test_the_package_is_exactly_the_handlers_file_and_the_entry_point_is_in_it(make):
    inputs = function(make())
    source = Path(authorizer_handler.__file__).read_text()
    assert inputs["code"] == {"$archive": {"assets": {"authorizer_handler.py": {"$asset": {"text": source}}}}}
    assert inputs["handler"] == "authorizer_handler.handler"


def test_the_environment_holds_the_digests_and_nothing_else(make):
    assert function(make())["environment"] == {"variables": {"ACCEPTED_SHA256": digests(NEW, OLD)}}


def test_the_digests_of_secret_outputs_are_shown_and_the_secrets_nowhere(record):
    def program() -> None:
        OriginAuthorizer("gate", some_args(origin_secrets=[pulumi.Output.secret(NEW), pulumi.Output.secret(OLD)]))

    recording = record(program)
    (shown,) = function(recording)["environment"]["variables"].values()
    assert shown == digests(NEW, OLD)
    everything = json.dumps([[each.inputs, each.outputs] for each in recording])
    assert NEW not in everything
    assert OLD not in everything


def test_what_the_component_hands_over_is_what_the_handler_accepts(make, monkeypatch):
    for name, value in function(make())["environment"]["variables"].items():
        monkeypatch.setenv(name, value)
    answers = [
        authorizer_handler.handler({"headers": {"x-origin-secret": each}}, None) for each in (NEW, OLD, "x" * 32)
    ]
    assert [answer["isAuthorized"] for answer in answers] == [True, True, False]


def test_the_role_may_write_to_its_own_log_group_and_nothing_else(make):
    recording = make()
    group = function(recording)["loggingConfig"]["logGroup"]
    policy = recording.one("aws:iam/rolePolicy:RolePolicy").inputs
    assert json.loads(policy["policy"])["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": [f"arn:aws:logs:us-east-1:123456789012:log-group:{group}:*"],
        }
    ]
    assert function(recording)["role"].endswith(f":role/{policy['role']}")
    (trusted,) = json.loads(recording.one("aws:iam/role:Role").inputs["assumeRolePolicy"])["Statement"]
    assert trusted["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert recording.one("aws:iam/rolePolicy:RolePolicy").urn in (
        recording.one("aws:lambda/function:Function").options.depends_on
    )


def test_logs_are_json_without_a_line_per_call_and_kept_as_long_as_asked(make):
    recording = make(log_retention_days=3)
    logging = function(recording)["loggingConfig"]
    assert (logging["logFormat"], logging["systemLogLevel"]) == ("JSON", "WARN")
    assert recording.one("aws:cloudwatch/logGroup:LogGroup").inputs == {"retentionInDays": 3}


def test_the_api_asks_by_the_header_alone_and_keeps_the_answer_for_an_hour(make):
    recording = make()
    authorizer = recording.one("aws:apigatewayv2/authorizer:Authorizer").inputs
    assert authorizer.pop("authorizerUri").startswith(
        "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
        "arn:aws:lambda:us-east-1:123456789012:function:gate-"
    )
    assert authorizer == {
        "apiId": "abc123",
        "authorizerType": "REQUEST",
        "authorizerPayloadFormatVersion": "2.0",
        "enableSimpleResponses": True,
        "identitySources": ["$request.header.x-origin-secret"],
        "authorizerResultTtlInSeconds": 3600,
    }


def test_only_this_authorizer_of_this_api_may_call_the_function(make):
    recording = make()
    outputs = recording.one("switchyard:index:OriginAuthorizer").outputs
    assert recording.one("aws:lambda/permission:Permission").inputs == {
        "action": "lambda:InvokeFunction",
        "function": outputs["function_name"],
        "principal": "apigateway.amazonaws.com",
        "sourceArn": f"{EXECUTION_ARN}/authorizers/{outputs['authorizer_id']}",
    }


def test_it_hands_back_the_authorizer_the_function_and_its_logs(make):
    recording = make()
    outputs = recording.one("switchyard:index:OriginAuthorizer").outputs
    assert outputs.keys() == {"authorizer_id", "function_name", "log_group_name"}
    assert re.fullmatch("[0-9a-f]{6}", outputs["authorizer_id"])
    assert outputs["function_name"].startswith("gate-")
    assert outputs["log_group_name"] == function(recording)["loggingConfig"]["logGroup"]


def test_runtime_and_time_to_live_are_ones_that_aws_has():
    session = botocore.session.Session()
    assert origin_authorizer.RUNTIME in session.get_service_model("lambda").shape_for("Runtime").enum
    create = session.get_service_model("apigatewayv2").operation_model("CreateAuthorizer").input_shape
    assert create.members["AuthorizerResultTtlInSeconds"].metadata["max"] == origin_authorizer.RESULT_TTL_SECONDS
    assert "REQUEST" in create.members["AuthorizerType"].enum
    assert "WARN" in session.get_service_model("lambda").shape_for("SystemLogLevel").enum
