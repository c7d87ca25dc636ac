"""HttpApi: one route, closed to callers without the origin secret, throttled, and handed to the alias."""

import hashlib
import json
import re

import botocore.session
import pytest

from components import http_api
from components._logs import RETENTION_DAYS
from components.http_api import ACCESS_LOG_FORMAT, HttpApi, HttpApiArgs

SECRET = "s" * 32
INVOKE_ARN = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:of:alias/invocations"


def some_args(**changes) -> HttpApiArgs:
    base = {"function_name": "web-1", "alias_invoke_arn": INVOKE_ARN, "origin_secrets": [SECRET]}
    return HttpApiArgs(**{**base, **changes})


@pytest.fixture
def make(record):
    return lambda **changes: record(lambda: HttpApi("api", some_args(**changes)) and None)


@pytest.mark.parametrize("seconds", [0, 31])
def test_a_timeout_that_api_gateway_does_not_offer_is_refused(seconds):
    assert [some_args(timeout_seconds=edge).timeout_seconds for edge in (1, 30)] == [1, 30]
    with pytest.raises(ValueError, match=f"HttpApiArgs: timeout_seconds must be 1 to 30, got {seconds}$"):
        some_args(timeout_seconds=seconds)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"throttle_rate": 0}, "throttle_rate must be 1 or more, got 0"),
        ({"throttle_burst": 0}, "throttle_burst must be 1 or more, got 0"),
        ({"log_retention_days": 2}, "log_retention_days must be one of 1, 3, .*, got 2$"),
        ({"origin_secrets": []}, "origin_secrets must hold at least one, got none"),
        ({"origin_secrets": ["short"]}, r"origin_secrets\[0\] must be 32 characters or more, got 5"),
        ({"throttle_rate": -1, "throttle_burst": -2}, "throttle_rate .* got -1; throttle_burst .* got -2$"),
    ],
)
def test_what_can_not_work_is_refused_by_name_and_value(changes, words):
    with pytest.raises(ValueError, match=words):
        some_args(**changes)


def test_what_lies_just_inside_each_rule_is_allowed():
    assert some_args(throttle_rate=1, throttle_burst=1)
    assert [some_args(log_retention_days=days).log_retention_days for days in RETENTION_DAYS] == list(RETENTION_DAYS)


def test_the_args_do_not_show_their_secrets_when_printed():
    assert SECRET not in repr(some_args())


def test_it_creates_these_children_and_no_others(make):
    recording = make()
    component = recording.one("switchyard:index:HttpApi")
    assert {(child.type, child.name) for child in recording.children(component.urn)} == {
        ("aws:apigatewayv2/api:Api", "api"),
        ("aws:apigatewayv2/integration:Integration", "api-integration"),
        ("aws:apigatewayv2/route:Route", "api-route"),
        ("aws:apigatewayv2/stage:Stage", "api-stage"),
        ("aws:lambda/permission:Permission", "api-invoke"),
        ("switchyard:index:OriginAuthorizer", "api-authorizer"),
    }
    gate = recording.one("switchyard:index:OriginAuthorizer")
    inside = len(recording.children(component.urn)) + len(recording.children(gate.urn))
    assert len([each for each in recording if each.is_ours]) == 1 + inside


def test_it_is_an_http_api_and_nothing_else_is_said_of_it(make):
    assert make().one("aws:apigatewayv2/api:Api").inputs == {"protocolType": "HTTP"}


def test_every_request_has_to_pass_the_authorizer(make):
    recording = make()
    routes = recording.of_type("aws:apigatewayv2/route:Route")
    integration = recording.one("aws:apigatewayv2/route:Route").inputs.pop("target")
    assert re.fullmatch("integrations/[0-9a-f]{7}", integration)
    assert [route.inputs for route in routes] == [
        {
            "apiId": recording.one("switchyard:index:HttpApi").outputs["api_id"],
            "routeKey": "$default",
            "authorizationType": "CUSTOM",
            "authorizerId": recording.one("switchyard:index:OriginAuthorizer").outputs["authorizer_id"],
        }
    ]


def test_the_route_exists_only_once_authorizer_and_function_can_be_called(make):
    recording = make()
    waits_for = recording.one("aws:apigatewayv2/route:Route").options.depends_on
    assert {each.urn for each in recording.of_type("aws:lambda/permission:Permission")} <= set(waits_for)
    assert recording.one("aws:apigatewayv2/route:Route").urn in (
        recording.one("aws:apigatewayv2/stage:Stage").options.depends_on
    )


def test_the_authorizer_is_this_apis_own_with_the_secrets_it_was_given(make):
    recording = make(origin_secrets=[SECRET, "t" * 32], log_retention_days=5)
    outputs = recording.one("switchyard:index:HttpApi").outputs
    authorizer = recording.one("aws:apigatewayv2/authorizer:Authorizer")
    assert authorizer.inputs["apiId"] == outputs["api_id"]
    permission = recording.one("aws:lambda/permission:Permission", "api-authorizer-invoke").inputs
    assert permission["sourceArn"].startswith(
        f"arn:aws:execute-api:us-east-1:123456789012:{outputs['api_id']}/authorizers/"
    )
    environment = recording.one("aws:lambda/function:Function").inputs["environment"]["variables"]
    assert environment["ACCEPTED_SHA256"].split(",") == [
        hashlib.sha256(each.encode()).hexdigest() for each in (SECRET, "t" * 32)
    ]
    assert recording.one("aws:cloudwatch/logGroup:LogGroup").inputs == {"retentionInDays": 5}


def test_requests_are_handed_to_the_alias_in_the_format_the_adapter_reads(make):
    recording = make(timeout_seconds=7)
    assert recording.one("aws:apigatewayv2/integration:Integration").inputs == {
        "apiId": recording.one("switchyard:index:HttpApi").outputs["api_id"],
        "integrationType": "AWS_PROXY",
        "integrationUri": INVOKE_ARN,
        "payloadFormatVersion": "2.0",
        "timeoutMilliseconds": 7000,
    }


@pytest.mark.parametrize("alias", ["live", "canary"])
def test_only_this_api_may_call_the_function_and_only_its_alias(make, alias):
    recording = make(alias_name=alias)
    api = recording.one("switchyard:index:HttpApi").outputs["api_id"]
    assert recording.one("aws:lambda/permission:Permission", "api-invoke").inputs == {
        "action": "lambda:InvokeFunction",
        "function": "web-1",
        "qualifier": alias,
        "principal": "apigateway.amazonaws.com",
        "sourceArn": f"arn:aws:execute-api:us-east-1:123456789012:{api}/*/*",
    }


def test_the_stage_is_the_default_one_deploys_by_itself_and_throttles(make):
    recording = make()
    assert recording.one("aws:apigatewayv2/stage:Stage").inputs == {
        "apiId": recording.one("switchyard:index:HttpApi").outputs["api_id"],
        "name": "$default",
        "autoDeploy": True,
        "defaultRouteSettings": {"throttlingRateLimit": 1000, "throttlingBurstLimit": 500},
    }


def test_throttling_is_what_was_asked_for(make):
    stage = make(throttle_rate=7, throttle_burst=3).one("aws:apigatewayv2/stage:Stage").inputs
    assert stage["defaultRouteSettings"] == {"throttlingRateLimit": 7, "throttlingBurstLimit": 3}


def test_access_logs_go_to_a_log_group_of_their_own_that_forgets(make):
    recording = make(access_logs=True, log_retention_days=3)
    group = recording.one("aws:cloudwatch/logGroup:LogGroup", "api-access-logs")
    assert group.inputs == {"retentionInDays": 3}
    assert group.parent == recording.one("switchyard:index:HttpApi").urn
    settings = recording.one("aws:apigatewayv2/stage:Stage").inputs["accessLogSettings"]
    assert settings["format"] == ACCESS_LOG_FORMAT
    assert re.fullmatch("arn:aws:logs:us-east-1:123456789012:log-group:api-access-logs-.*", settings["destinationArn"])


def test_a_line_of_the_access_log_is_one_json_object_and_has_no_header_in_it():
    fields = json.loads(ACCESS_LOG_FORMAT)
    assert {"requestId", "ip", "method", "path", "status", "latency", "integrationError"} <= fields.keys()
    assert all(re.fullmatch(r"\$context(\.[A-Za-z]+)+", value) for value in fields.values())
    assert "\n" not in ACCESS_LOG_FORMAT
    assert "header" not in ACCESS_LOG_FORMAT.lower()


def test_it_hands_back_the_endpoint_and_its_host_name(make):
    outputs = make().one("switchyard:index:HttpApi").outputs
    host = f"{outputs['api_id']}.execute-api.us-east-1.amazonaws.com"
    assert outputs == {"api_id": outputs["api_id"], "domain_name": host, "api_endpoint": f"https://{host}"}


def test_the_limits_and_names_are_the_apis_own():
    model = botocore.session.Session().get_service_model("apigatewayv2")
    integration = model.operation_model("CreateIntegration").input_shape.members
    assert integration["TimeoutInMillis"].metadata["max"] == http_api.TIMEOUT_SECONDS[1] * 1000
    assert integration["TimeoutInMillis"].metadata["min"] <= http_api.TIMEOUT_SECONDS[0] * 1000
    assert "AWS_PROXY" in integration["IntegrationType"].enum
    assert "CUSTOM" in model.shape_for("AuthorizationType").enum
