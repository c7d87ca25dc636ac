"""LambdaFunction: what it refuses, what it creates, what its role may touch, what it hands back."""

import json

import botocore.session
import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components import lambda_function
from components._logs import RETENTION_DAYS
from components._web_adapter import INVOKE_MODES, adapter_environment
from components.lambda_function import LambdaFunction, LambdaFunctionArgs, function_environment

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/web@sha256:" + "0" * 64
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf"
PARAMETER = "arn:aws:ssm:us-east-1:123456789012:parameter/web/token"
VPC = {"subnet_ids": ["subnet-1", "subnet-2"], "security_group_ids": ["sg-1"]}
LOGS = ["logs:CreateLogStream", "logs:PutLogEvents"]


def some_args(**changes) -> LambdaFunctionArgs:
    return LambdaFunctionArgs(**{"image_uri": IMAGE, **changes})


@pytest.fixture
def make(record):
    return lambda **changes: record(lambda: LambdaFunction("web", some_args(**changes)) and None)


def function(recording) -> dict:
    return recording.one("aws:lambda/function:Function").inputs


def variables(recording) -> dict:
    return function(recording)["environment"]["variables"]


def statements(recording) -> list[dict]:
    return json.loads(recording.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"])["Statement"]


@pytest.mark.parametrize(
    ("field", "low", "high"), [("memory_size_mb", 128, 10_240), ("timeout_seconds", 1, 900), ("port", 1, 65_535)]
)
def test_a_number_is_refused_just_past_each_limit_and_allowed_on_it(field, low, high):
    assert [getattr(some_args(**{field: edge}), field) for edge in (low, high)] == [low, high]
    for bad in (low - 1, high + 1):
        with pytest.raises(ValueError, match=f"LambdaFunctionArgs: {field} must be {low} to {high}, got {bad}$"):
            some_args(**{field: bad})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"image_uri": "repo/web:latest"}, r"image_uri must be an image by its digest .*, got 'repo/web:latest'"),
        ({"image_uri": IMAGE[:-1]}, r"image_uri must be an image by its digest"),
        ({"port": 9001}, "port must be another than Lambda's own runtime API has, got 9001"),
        ({"health_check_path": "healthz"}, "health_check_path must be a path .*, got 'healthz'"),
        ({"health_check_path": "/health?deep=1"}, "health_check_path must be a path .*, got '/health[?]deep=1'"),
        ({"log_retention_days": 2}, "log_retention_days must be one of 1, 3, .*, got 2$"),
        ({"invoke_mode": "stream"}, "invoke_mode must be one of buffered, response_stream, got 'stream'"),
        ({"authorization_source": "x auth"}, "authorization_source must be the name of a header, got 'x auth'"),
        ({"authorization_source": ""}, "authorization_source must be the name of a header, got ''"),
        ({"provisioned_concurrency": -1}, "provisioned_concurrency must be 0 or more, got -1"),
        ({"reserved_concurrency": 0}, r"reserved_concurrency must be 1 or more .* \(0\), got 0"),
        (
            {"reserved_concurrency": 4, "provisioned_concurrency": 5},
            r"reserved_concurrency must be 1 or more and at least provisioned_concurrency \(5\), got 4",
        ),
        (
            {"snap_start": True, "provisioned_concurrency": 1},
            r"snap_start can't go with provisioned_concurrency \(1\): choose one",
        ),
        ({"subnet_ids": ["subnet-1"]}, "subnet_ids and security_group_ids go together, got 1 and 0"),
        ({"security_group_ids": ["sg-1"]}, "subnet_ids and security_group_ids go together, got 0 and 1"),
        ({**VPC, "invoke_mode": "response_stream"}, "invoke_mode must be buffered with subnet_ids"),
        ({"environment": {"PORT": "1"}}, "environment: PORT and AWS_[*] are reserved, got 'PORT'"),
        ({"environment": {"A": "1"}}, "environment: Lambda wants names of two characters or more, .* got 'A'"),
        ({"environment": {"_X": "1"}}, "environment: Lambda wants .* a letter first, got '_X'"),
        ({"secrets": {"_DB": SECRET}}, "secrets: Lambda wants .* a letter first, got '_DB_SECRET_ARN'"),
        ({"secrets": {"LAMBDA_TASK_ROOT": SECRET}}, "secrets: .* are Lambda's, got 'LAMBDA_TASK_ROOT'"),
        ({"environment": {"LAMBDA_TASK_ROOT": "/"}}, "environment: .* are Lambda's, got 'LAMBDA_TASK_ROOT'"),
        ({"environment": {"AWS_LWA_PORT": "1"}}, "environment: PORT and AWS_[*] are reserved, got 'AWS_LWA_PORT'"),
        ({"secrets": {"DB_URL": "arn:db"}}, r"secrets\['DB_URL'\] must be the full ARN .*, got 'arn:db'"),
        (
            {"environment": {"DB_URL": "x"}, "secrets": {"DB_URL": SECRET}},
            "environment must be free of the names that secrets sets, got 'DB_URL'",
        ),
    ],
)
def test_what_can_not_work_is_refused_by_name_and_value(changes, words):
    with pytest.raises(ValueError, match=words):
        some_args(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"port": 9000},
        {"port": 9002},
        {"reserved_concurrency": 1},
        {"reserved_concurrency": 5, "provisioned_concurrency": 5},
        {"snap_start": True, "reserved_concurrency": 5},
        VPC,
        {"invoke_mode": "response_stream"},
    ],
)
def test_what_lies_just_inside_each_rule_is_allowed(changes):
    assert some_args(**changes)


def test_everything_that_is_wrong_is_said_at_once():
    with pytest.raises(ValueError, match=r"memory_size_mb must be .*; timeout_seconds must be .*; port must be"):
        some_args(memory_size_mb=1, timeout_seconds=0, port=0)


def test_the_environment_may_be_4096_bytes_as_json_with_what_is_set_here_and_not_one_more():
    at_rest = len(json.dumps(function_environment(some_args(environment={"AA": ""})), separators=(",", ":")))
    room = 4096 - at_rest
    assert some_args(environment={"AA": "x" * room})
    with pytest.raises(ValueError, match=r"environment must be at most 4096 bytes .*, got 4097$"):
        some_args(environment={"AA": "x" * (room + 1)})


def test_the_environment_is_measured_in_bytes_not_characters():
    some_args(environment={"AA": "x" * 3000})
    with pytest.raises(ValueError, match="environment must be at most 4096 bytes"):
        some_args(environment={"AA": "\u00e9" * 3000})


def test_what_is_known_later_is_neither_checked_nor_measured(record):
    def program() -> None:
        later = pulumi.Output.from_input("x" * 5000)
        assert some_args(image_uri=later, environment={"AA": later})

    record(program)


def test_it_creates_these_children_and_no_others(make):
    recording = make()
    component = recording.one("switchyard:index:LambdaFunction")
    assert {(child.type, child.name) for child in recording.children(component.urn)} == {
        ("aws:cloudwatch/logGroup:LogGroup", "web-logs"),
        ("aws:iam/role:Role", "web-role"),
        ("aws:iam/rolePolicy:RolePolicy", "web-permissions"),
        ("aws:lambda/function:Function", "web"),
        ("aws:lambda/alias:Alias", "web-live"),
    }
    assert len([each for each in recording if each.is_ours]) == 6  # itself and these five: all are parented to it


def test_a_plain_function_is_created_with_exactly_these_inputs(make):
    recording = make()
    logs = recording.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"]
    group = function(recording)["loggingConfig"].pop("logGroup")
    assert f":log-group:{group}:*" in logs
    assert function(recording).pop("role").startswith("arn:aws:iam::123456789012:role/web-role-")
    assert function(recording) == {
        "architectures": ["arm64"],
        "environment": {
            "variables": {
                "PORT": "8080",
                "AWS_LWA_PORT": "8080",
                "AWS_LWA_READINESS_CHECK_PATH": "/healthz",
                "AWS_LWA_READINESS_CHECK_HEALTHY_STATUS": "200-399",
            }
        },
        "imageUri": IMAGE,
        "loggingConfig": {"logFormat": "JSON"},
        "memorySize": 1024,
        "packageType": "Image",
        "publish": True,
        "timeout": 29,
        "tracingConfig": {"mode": "PassThrough"},
    }


def test_sizes_time_and_retention_reach_what_they_are_for(make):
    recording = make(memory_size_mb=512, timeout_seconds=7, log_retention_days=3, reserved_concurrency=9)
    inputs = function(recording)
    assert (inputs["memorySize"], inputs["timeout"], inputs["reservedConcurrentExecutions"]) == (512, 7, 9)
    assert recording.one("aws:cloudwatch/logGroup:LogGroup").inputs == {"retentionInDays": 3}


def test_port_and_health_check_are_the_same_for_the_service_and_for_the_adapter(make):
    environment = variables(make(port=3000, health_check_path="/up"))
    assert (environment["PORT"], environment["AWS_LWA_PORT"]) == ("3000", "3000")
    assert environment["AWS_LWA_READINESS_CHECK_PATH"] == "/up"


def test_the_callers_variables_and_where_its_secrets_are_reach_the_function(make):
    environment = variables(make(environment={"STAGE": "dev"}, secrets={"DB_URL": SECRET}))
    assert environment["STAGE"] == "dev"
    assert environment["DB_URL_SECRET_ARN"] == SECRET
    assert "DB_URL" not in environment


def test_streaming_and_the_authorization_header_are_told_to_the_adapter_only_when_asked_for(make):
    environment = variables(make(invoke_mode="response_stream", authorization_source="x-forwarded-authorization"))
    assert environment["AWS_LWA_INVOKE_MODE"] == "response_stream"
    assert environment["AWS_LWA_AUTHORIZATION_SOURCE"] == "x-forwarded-authorization"
    assert not {"AWS_LWA_INVOKE_MODE", "AWS_LWA_AUTHORIZATION_SOURCE", "RUST_LOG"} & variables(make()).keys()


def test_the_adapter_does_not_warn_of_requests_without_authorization_unless_the_caller_wants_it(make):
    source = "x-forwarded-authorization"
    assert variables(make(authorization_source=source))["RUST_LOG"] == "error"
    assert variables(make(authorization_source=source, environment={"RUST_LOG": "info"}))["RUST_LOG"] == "info"


@given(
    port=st.integers(1, 65_535),
    mode=st.sampled_from(INVOKE_MODES),
    source=st.none() | st.just("x-forwarded-authorization"),
)
def test_the_adapter_always_listens_where_the_service_does_and_sets_nothing_of_the_callers(port, mode, source):
    environment = adapter_environment(port=port, health_check_path="/", invoke_mode=mode, authorization_source=source)
    assert environment["PORT"] == environment["AWS_LWA_PORT"] == str(port)
    assert all(name in ("PORT", "RUST_LOG") or name.startswith("AWS_LWA_") for name in environment)


def test_the_role_may_write_to_its_own_log_group_and_nothing_else(make):
    recording = make()
    (statement,) = statements(recording)
    group = function(recording)["loggingConfig"]["logGroup"]
    assert statement == {
        "Effect": "Allow",
        "Action": LOGS,
        "Resource": [f"arn:aws:logs:us-east-1:123456789012:log-group:{group}:*"],
    }
    policy = recording.one("aws:iam/rolePolicy:RolePolicy").inputs
    assert function(recording)["role"].endswith(f":role/{policy['role']}")


def test_the_role_may_read_exactly_the_secrets_it_is_told_of(make):
    _, secret, parameter = statements(make(secrets={"DB_URL": SECRET, "TOKEN": PARAMETER}))
    assert (secret["Action"], secret["Resource"]) == (["secretsmanager:GetSecretValue"], [SECRET])
    assert parameter["Resource"] == [PARAMETER]


def test_tracing_turns_x_ray_on_and_lets_the_role_send_traces(make):
    recording = make(tracing=True)
    assert function(recording)["tracingConfig"] == {"mode": "Active"}
    _, tracing = statements(recording)
    assert tracing["Action"] == ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
    assert tracing["Resource"] == ["*"]


def test_a_vpc_brings_network_interfaces_and_lets_go_of_its_security_groups_when_destroyed(make):
    recording = make(**VPC)
    inputs = function(recording)
    assert inputs["vpcConfig"] == {"subnetIds": ["subnet-1", "subnet-2"], "securityGroupIds": ["sg-1"]}
    assert inputs["replaceSecurityGroupsOnDestroy"] is True
    _, network = statements(recording)
    assert network["Action"] == [
        "ec2:CreateNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:DeleteNetworkInterface",
        "ec2:AssignPrivateIpAddresses",
        "ec2:UnassignPrivateIpAddresses",
    ]
    assert network["Resource"] == ["*"]


def test_only_lambda_may_assume_the_role_and_for_this_account_alone(make):
    (statement,) = json.loads(make().one("aws:iam/role:Role").inputs["assumeRolePolicy"])["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
    }


def test_the_function_waits_for_its_permissions_and_longer_than_the_provider_would(make):
    recording = make()
    options = recording.one("aws:lambda/function:Function").options
    assert recording.one("aws:iam/rolePolicy:RolePolicy").urn in options.depends_on
    assert recording.one("aws:cloudwatch/logGroup:LogGroup").urn in options.depends_on
    assert options.custom_timeouts == {"create": "15m", "update": "15m", "delete": "15m"}


def test_the_alias_is_live_and_points_at_the_version_that_was_published(make):
    recording = make()
    alias = recording.one("aws:lambda/alias:Alias")
    assert alias.inputs == {
        "name": "live",
        "functionName": recording.one("switchyard:index:LambdaFunction").outputs["function_name"],
        "functionVersion": "1",
    }
    assert alias.options.property_dependencies["functionVersion"] == (
        recording.one("aws:lambda/function:Function").urn,
    )


def test_snap_start_takes_its_snapshot_of_published_versions(make):
    assert function(make(snap_start=True))["snapStart"] == {"applyOn": "PublishedVersions"}


def test_what_is_kept_warm_is_the_alias(make):
    recording = make(provisioned_concurrency=3)
    warm = recording.one("aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig", "web-warm")
    assert warm.inputs == {
        "functionName": recording.one("switchyard:index:LambdaFunction").outputs["function_name"],
        "qualifier": "live",
        "provisionedConcurrentExecutions": 3,
    }
    assert recording.one("aws:lambda/alias:Alias").urn in warm.options.depends_on
    assert warm.parent == recording.one("switchyard:index:LambdaFunction").urn


def test_it_hands_back_the_function_its_alias_its_logs_and_its_role(make):
    recording = make()
    outputs = recording.one("switchyard:index:LambdaFunction").outputs
    name = outputs["function_name"]
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{name}"
    assert outputs == {
        "function_name": name,
        "function_arn": arn,
        "alias_name": "live",
        "alias_arn": f"{arn}:live",
        "alias_invoke_arn": f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}:live/invocations",
        "log_group_name": function(recording)["loggingConfig"]["logGroup"],
        "role_name": recording.one("aws:iam/rolePolicy:RolePolicy").inputs["role"],
    }
    assert name.startswith("web-")
    assert outputs["role_name"].startswith("web-role-")


def test_the_limits_are_within_what_the_api_knows():
    model = botocore.session.Session().get_service_model("lambda")
    for shape, (low, high) in {
        "MemorySize": lambda_function.MEMORY_SIZE_MB,
        "Timeout": lambda_function.TIMEOUT_SECONDS,
    }.items():
        known = model.shape_for(shape).metadata
        assert known["min"] == low
        assert high <= known["max"]  # more is for managed instances, which this is not
    assert "PublishedVersions" in model.shape_for("SnapStartApplyOn").enum
    assert {"Active", "PassThrough"} == set(model.shape_for("TracingMode").enum)
    assert "arm64" in model.shape_for("Architecture").enum
    assert {mode.upper() for mode in INVOKE_MODES} == set(model.shape_for("InvokeMode").enum)


def test_every_retention_that_is_offered_is_accepted():
    assert [some_args(log_retention_days=days).log_retention_days for days in RETENTION_DAYS] == list(RETENTION_DAYS)


def test_the_names_of_variables_are_those_that_lambda_itself_takes():
    model = botocore.session.Session().get_service_model("lambda")
    assert model.shape_for("EnvironmentVariableName").metadata["pattern"] == lambda_function.ENVIRONMENT_NAME
