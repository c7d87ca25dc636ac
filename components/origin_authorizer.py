"""OriginAuthorizer: the Lambda authorizer that keeps an HTTP API to callers who know the origin secret."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pulumi
import pulumi_aws as aws

from components import authorizer_handler
from components._checks import one_of, refuse, require
from components._function_role import function_role
from components._logs import RETENTION_DAYS

# Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
RUNTIME = "python3.13"

# Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
RESULT_TTL_SECONDS = 3_600

MINIMUM_SECRET_LENGTH = 32
"""Characters. Only a secret that can't be guessed can't be found from its digest either."""


@dataclass(frozen=True, kw_only=True)
class OriginAuthorizerArgs:
    """Inputs of OriginAuthorizer. ValueError names every field that can't work."""

    api_id: pulumi.Input[str]
    """HTTP API that the authorizer belongs to."""
    api_execution_arn: pulumi.Input[str]
    """Its execution ARN (`arn:aws:execute-api:...:<api id>`), for the permission to call the function."""
    origin_secrets: Sequence[pulumi.Input[str]] = field(repr=False)
    """Accepted values of the header `x-origin-secret`, at least one; random, 32 characters or more. While a secret is
    replaced, the new one and the old one."""
    log_retention_days: int = 14
    """Days CloudWatch keeps the logs, one of the numbers it offers. Default 14."""

    def __post_init__(self) -> None:
        refuse(
            self,
            *secrets_problems(self.origin_secrets),
            one_of("log_retention_days", self.log_retention_days, RETENTION_DAYS),
        )


def secrets_problems(secrets: Sequence[pulumi.Input[str]]) -> list[str | None]:
    """What is wrong with `origin_secrets`, for `refuse`; never the secret itself."""
    return [
        require(len(secrets) > 0, "origin_secrets must hold at least one, got none"),
        *(
            require(
                len(secret) >= MINIMUM_SECRET_LENGTH,
                f"origin_secrets[{index}] must be {MINIMUM_SECRET_LENGTH} characters or more, got {len(secret)}",
            )
            for index, secret in enumerate(secrets)
            if isinstance(secret, str)
        ),
    ]


class OriginAuthorizer(pulumi.ComponentResource):
    """Admits a request only if its header `x-origin-secret` holds one of the accepted secrets.

    API Gateway answers 401 by itself when the header is missing, and asks the function once an hour for each value it
    sees, whatever the route: a secret that is no longer accepted works for up to an hour more. Each wrong value runs
    the function, for some milliseconds of 128 MB and without a log line. No concurrency is reserved for it: a new
    account's quota of 10 leaves nothing to reserve.

    Children: `<name>` (function), `<name>-logs`, `<name>-role`, `<name>-permissions`, `<name>-authorizer`,
    `<name>-invoke`.
    Cost: some calls an hour, $0.00.
    Raises: ValueError (OriginAuthorizerArgs).
    """

    authorizer_id: pulumi.Output[str]
    """What a route names to be authorized by it."""
    function_name: pulumi.Output[str]
    """Name of the function, for alarms."""
    log_group_name: pulumi.Output[str]
    """Log group of the function."""

    def __init__(self, name: str, args: OriginAuthorizerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:OriginAuthorizer", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        own = function_role(name, self, log_retention_days=args.log_retention_days)
        function = aws.lambda_.Function(
            name,
            runtime=RUNTIME,
            handler=f"{authorizer_handler.__name__.rpartition('.')[2]}.{authorizer_handler.handler.__name__}",
            code=_package(),
            architectures=["arm64"],
            role=own.role.arn,
            memory_size=128,
            timeout=3,  # API Gateway gives up after 10; this needs milliseconds
            environment={"variables": {authorizer_handler.ACCEPTED: _digests(args.origin_secrets)}},
            # WARN: no START, END and REPORT lines, or whoever tries wrong values would write our logs at $0.50 a GB.
            logging_config={"log_format": "JSON", "log_group": own.log_group.name, "system_log_level": "WARN"},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[own.policy]),
        )
        authorizer = aws.apigatewayv2.Authorizer(
            f"{name}-authorizer",
            api_id=args.api_id,
            authorizer_type="REQUEST",
            authorizer_uri=function.invoke_arn,
            authorizer_payload_format_version="2.0",
            enable_simple_responses=True,
            # This is also the key of the cache: nothing else of a request may change the answer.
            identity_sources=[f"$request.header.{authorizer_handler.HEADER}"],
            authorizer_result_ttl_in_seconds=RESULT_TTL_SECONDS,
            opts=child,
        )
        aws.lambda_.Permission(
            f"{name}-invoke",
            action="lambda:InvokeFunction",
            function=function.name,
            principal="apigateway.amazonaws.com",
            source_arn=pulumi.Output.concat(args.api_execution_arn, "/authorizers/", authorizer.id),
            opts=child,
        )

        self.authorizer_id = authorizer.id
        self.function_name = function.name
        self.log_group_name = own.log_group.name
        self.register_outputs(
            {
                "authorizer_id": self.authorizer_id,
                "function_name": self.function_name,
                "log_group_name": self.log_group_name,
            }
        )


def _package() -> pulumi.AssetArchive:
    """The one file. As text, so that what is planned does not depend on where this checkout lies."""
    source = Path(authorizer_handler.__file__)
    return pulumi.AssetArchive({source.name: pulumi.StringAsset(source.read_text(encoding="utf-8"))})


def _digests(secrets: Sequence[pulumi.Input[str]]) -> pulumi.Output[str]:
    """SHA-256 of each secret, joined by commas, and no longer a secret itself.

    Safe to show: the secrets are random and long, so nobody can find one from its digest by trying, and a digest is
    not admitted in place of the secret. Shown, a preview tells which secrets a deployment would accept.
    """
    digests = pulumi.Output.all(*secrets).apply(
        lambda values: ",".join(hashlib.sha256(value.encode()).hexdigest() for value in values)
    )
    return pulumi.Output.unsecret(digests)
