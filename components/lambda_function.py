"""LambdaFunction: a container image on Lambda, published and behind an alias."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components import _secrets
from components._checks import between, matches, one_of, refuse, require
from components._function_role import JOIN_VPC, SEND_TRACES, function_role
from components._logs import RETENTION_DAYS
from components._web_adapter import (
    HEADER_NAME,
    INVOKE_MODES,
    PATH,
    PATH_MEANING,
    InvokeMode,
    adapter_environment,
)

# Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MEMORY_SIZE_MB = (128, 10_240)
TIMEOUT_SECONDS = (1, 900)
ENVIRONMENT_BYTES = 4_096
"""All variables together, as the JSON object that Lambda's refusal quotes."""

# Source: EnvironmentVariableName in https://docs.aws.amazon.com/lambda/latest/api/API_Environment.html, and
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime (reserved names)
ENVIRONMENT_NAME = "[a-zA-Z]([a-zA-Z0-9_])+"
RESERVED_NAMES = ("LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR")
"""Besides AWS_*, and what begins with _ as the others do."""

# Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
RUNTIME_API_PORT = 9001

# A snapshot, or the network interfaces of a VPC, can take longer than the provider's own 10 minutes.
_PATIENCE = pulumi.CustomTimeouts(create="15m", update="15m", delete="15m")


@dataclass(frozen=True, kw_only=True)
class LambdaFunctionArgs:
    """Inputs of LambdaFunction. ValueError names every field whose value AWS would refuse."""

    image_uri: pulumi.Input[str]
    """Image in a private ECR repository of the same region, built for arm64 alone, named by digest (`...@sha256:...`):
    a tag could move without anything being deployed."""
    memory_size_mb: int = 1024
    """Memory in MB, 128 to 10240; CPU grows with it (1769 MB is one vCPU). Default 1024: with less, a service starts
    and answers more slowly and costs little less, as it is charged by MB times time."""
    timeout_seconds: int = 29
    """Seconds one request may run, 1 to 900. Default 29: an HTTP API gives up after 30."""
    port: int = 8080
    """Port the service listens on, 1 to 65535 but 9001, where Lambda's own runtime API listens. Default 8080, as on
    Fargate. The service is told by PORT, the adapter by AWS_LWA_PORT."""
    health_check_path: str = "/healthz"
    """Path that answers 200 to 399 once the service is ready; Lambda sends no request before. Default /healthz."""
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Environment variables. Default none. With those set here, 4 KB in all. A name has two or more letters, digits and
    _, a letter first; PORT, AWS_*, LAMBDA_TASK_ROOT and LAMBDA_RUNTIME_DIR are not yours to set."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """NAME to the ARN of a Secrets Manager secret or SSM parameter, for the image to fetch at start: the function gets
    NAME_SECRET_ARN, and its role may read exactly these. Default none."""
    log_retention_days: int = 14
    """Days CloudWatch keeps the logs, one of the numbers it offers. Default 14; AWS's own default is for ever."""
    tracing: bool = False
    """Whether X-Ray traces requests. Default False: $5.00 per million traces."""
    snap_start: bool = False
    """Whether a version starts from a snapshot of the started service: in a fraction of a second, for money that is
    charged as long as each published version exists. Default False. The image needs
    `LABEL com.amazonaws.lambda.feature.snapstart="Allow"`, or publishing fails. Not with provisioned_concurrency.
    When the function is created the provider does not wait for the first snapshot, which takes minutes in which
    Lambda refuses calls (hashicorp/terraform-provider-aws#42693): create it as a standby. Later versions are
    waited for."""
    provisioned_concurrency: int = 0
    """Environments kept warm on the alias, 0 or more. Default 0. $8.76 a month each at 1024 MB, used or not."""
    reserved_concurrency: int | None = None
    """Most requests the function may run at once, 1 or more and at least provisioned_concurrency. Default None: the
    account's quota is the limit. What is reserved is taken from all other functions, and AWS refuses to leave them
    less than 100, or anything less than all of a new account's quota of 10."""
    invoke_mode: InvokeMode = "buffered"
    """`buffered`: answers of up to 6 MB. `response_stream`: up to 200 MB, sent as they are written, with a Function URL
    of the same mode only, and not in a VPC. Default buffered."""
    authorization_source: str | None = None
    """Header that the adapter hands to the service as Authorization, because CloudFront's origin access control puts
    its own there, such as `x-forwarded-authorization`. Default None: Authorization passes as it is."""
    subnet_ids: Sequence[pulumi.Input[str]] = ()
    """Subnets of a VPC with a resource that is reachable only there. Default none: no VPC, hence no NAT to pay and
    no network interfaces to wait for. With security_group_ids or not at all."""
    security_group_ids: Sequence[pulumi.Input[str]] = ()
    """Security groups in that VPC. Default none. With subnet_ids or not at all."""

    def __post_init__(self) -> None:
        reserved, header = self.reserved_concurrency, self.authorization_source
        refuse(
            self,
            matches("image_uri", self.image_uri, r".+@sha256:[0-9a-f]{64}", "an image by its digest (...@sha256:...)"),
            between("memory_size_mb", self.memory_size_mb, *MEMORY_SIZE_MB),
            between("timeout_seconds", self.timeout_seconds, *TIMEOUT_SECONDS),
            between("port", self.port, 1, 65_535),
            require(
                self.port != RUNTIME_API_PORT,
                f"port must be another than Lambda's own runtime API has, got {self.port}",
            ),
            matches("health_check_path", self.health_check_path, PATH, PATH_MEANING),
            one_of("log_retention_days", self.log_retention_days, RETENTION_DAYS),
            one_of("invoke_mode", self.invoke_mode, INVOKE_MODES),
            None if header is None else matches("authorization_source", header, HEADER_NAME, "the name of a header"),
            require(
                self.provisioned_concurrency >= 0,
                f"provisioned_concurrency must be 0 or more, got {self.provisioned_concurrency}",
            ),
            require(
                reserved is None or reserved >= max(1, self.provisioned_concurrency),
                f"reserved_concurrency must be 1 or more and at least provisioned_concurrency "
                f"({self.provisioned_concurrency}), got {reserved}",
            ),
            require(
                not (self.snap_start and self.provisioned_concurrency),
                f"snap_start can't go with provisioned_concurrency ({self.provisioned_concurrency}): choose one",
            ),
            require(
                bool(self.subnet_ids) == bool(self.security_group_ids),
                f"subnet_ids and security_group_ids go together, got {len(self.subnet_ids)} and "
                f"{len(self.security_group_ids)}",
            ),
            require(
                not (self.subnet_ids and self.invoke_mode == "response_stream"),
                "invoke_mode must be buffered with subnet_ids: Lambda can't stream from a VPC",
            ),
            *_secrets.problems(self.environment, self.secrets),
            *(_name_problem("environment", name) for name in self.environment),
            *(_name_problem("secrets", name) for name in self.secrets),
            _too_large(function_environment(self)),
        )


class LambdaFunction(pulumi.ComponentResource):
    """A service in a container image, run for each request, behind the alias `live`.

    Callers name the alias, so that a deployment moves them from one published version to the next at once. The role
    may write the function's own logs and read its secrets; tracing and a VPC add what Lambda needs for those.

    Children: `<name>`, `<name>-logs`, `<name>-role`, `<name>-permissions`, `<name>-live`, and `<name>-warm` with
    provisioned_concurrency.
    Cost: $0.20 per million requests and $0.0000133334 per GB-second (arm64), $0.50 per GB of logs; nothing by the
    hour, except provisioned concurrency and snapshots.
    Raises: ValueError (LambdaFunctionArgs).
    """

    function_name: pulumi.Output[str]
    """Name, for permissions, alarms and log queries."""
    function_arn: pulumi.Output[str]
    """ARN without alias. Nothing should call it: it means the unpublished $LATEST."""
    alias_name: pulumi.Output[str]
    """Name of the alias, `live`: the qualifier of permissions and of a Function URL."""
    alias_arn: pulumi.Output[str]
    """ARN of the alias: what to invoke."""
    alias_invoke_arn: pulumi.Output[str]
    """ARN an API Gateway integration calls to reach the alias."""
    log_group_name: pulumi.Output[str]
    """Log group of the function and its service."""
    role_name: pulumi.Output[str]
    """Role to attach further policies to."""

    def __init__(self, name: str, args: LambdaFunctionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:LambdaFunction", name, {}, opts)
        own = function_role(name, self, log_retention_days=args.log_retention_days, statements=_statements(args))
        function = aws.lambda_.Function(
            name,
            package_type="Image",
            image_uri=args.image_uri,
            architectures=["arm64"],
            role=own.role.arn,
            memory_size=args.memory_size_mb,
            timeout=args.timeout_seconds,
            environment={"variables": function_environment(args)},
            logging_config={"log_format": "JSON", "log_group": own.log_group.name},
            tracing_config={"mode": "Active" if args.tracing else "PassThrough"},
            publish=True,
            snap_start={"apply_on": "PublishedVersions"} if args.snap_start else None,
            reserved_concurrent_executions=args.reserved_concurrency,
            vpc_config=_vpc_config(args),
            # Lambda keeps its network interfaces for up to 45 minutes after the function is gone, and a security group
            # can't be deleted while they use it: the provider first gives them the VPC's default group instead.
            replace_security_groups_on_destroy=True if args.subnet_ids else None,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[own.policy], custom_timeouts=_PATIENCE),
        )
        alias = aws.lambda_.Alias(
            f"{name}-live",
            name="live",
            function_name=function.name,
            function_version=function.version,
            opts=pulumi.ResourceOptions(parent=self),
        )
        if args.provisioned_concurrency:
            aws.lambda_.ProvisionedConcurrencyConfig(
                f"{name}-warm",
                function_name=function.name,
                # The alias, not the version: Lambda warms a new version up when the alias moves to it. skip_destroy
                # stays off, or what is kept warm would be charged for after the setting is gone.
                qualifier=alias.name,
                provisioned_concurrent_executions=args.provisioned_concurrency,
                opts=pulumi.ResourceOptions(parent=self),
            )

        self.function_name = function.name
        self.function_arn = function.arn
        self.alias_name = alias.name
        self.alias_arn = alias.arn
        self.alias_invoke_arn = alias.invoke_arn
        self.log_group_name = own.log_group.name
        self.role_name = own.role.name
        self.register_outputs(
            {
                "function_name": self.function_name,
                "function_arn": self.function_arn,
                "alias_name": self.alias_name,
                "alias_arn": self.alias_arn,
                "alias_invoke_arn": self.alias_invoke_arn,
                "log_group_name": self.log_group_name,
                "role_name": self.role_name,
            }
        )


def function_environment(args: LambdaFunctionArgs) -> dict[str, pulumi.Input[str]]:
    """All variables of the function: the caller's, where its secrets are, and what the adapter reads."""
    adapter = adapter_environment(
        port=args.port,
        health_check_path=args.health_check_path,
        invoke_mode=args.invoke_mode,
        authorization_source=args.authorization_source,
        own=args.environment,
    )
    return {**args.environment, **_secrets.secret_environment(args.secrets), **adapter}


def _name_problem(field: str, name: str) -> str | None:
    """What Lambda alone refuses, or would lose; what any platform refuses is said already."""
    variable = name if field == "environment" else next(iter(_secrets.secret_environment({name: ""})))
    if re.fullmatch(_secrets.NAME, name) and not re.fullmatch(ENVIRONMENT_NAME, variable):
        return f"{field}: Lambda wants names of two characters or more, a letter first, got {variable!r}"
    return require(name not in RESERVED_NAMES, f"{field}: {', '.join(RESERVED_NAMES)} are Lambda's, got {name!r}")


def _too_large(environment: Mapping[str, pulumi.Input[str]]) -> str | None:
    plain = {name: value for name, value in environment.items() if isinstance(value, str)}
    size = len(json.dumps(plain, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass"))
    return require(
        size <= ENVIRONMENT_BYTES,
        f"environment must be at most {ENVIRONMENT_BYTES} bytes with its names and the variables set here, got {size}",
    )


def _statements(args: LambdaFunctionArgs) -> list[Mapping[str, Any]]:
    tracing = [SEND_TRACES] if args.tracing else []
    network = [JOIN_VPC] if args.subnet_ids else []
    return [*_secrets.read_statements(args.secrets), *tracing, *network]


def _vpc_config(args: LambdaFunctionArgs) -> "aws.lambda_.FunctionVpcConfigArgsDict | None":
    if not args.subnet_ids:
        return None
    return {"subnet_ids": list(args.subnet_ids), "security_group_ids": list(args.security_group_ids)}
