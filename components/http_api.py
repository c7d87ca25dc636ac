"""HttpApi: an API Gateway HTTP API in front of a function, for one CloudFront distribution only."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components._checks import between, one_of, refuse, require
from components._logs import RETENTION_DAYS
from components.origin_authorizer import OriginAuthorizer, OriginAuthorizerArgs, secrets_problems

# Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
TIMEOUT_SECONDS = (1, 30)

# Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
ACCESS_LOG_FORMAT = json.dumps(
    {
        "requestId": "$context.requestId",
        "time": "$context.requestTime",
        "ip": "$context.identity.sourceIp",  # CloudFront's; the viewer's is in the distribution's logs
        "method": "$context.httpMethod",
        "path": "$context.path",
        "protocol": "$context.protocol",
        "status": "$context.status",
        "bytes": "$context.responseLength",
        "latency": "$context.responseLatency",
        "integrationLatency": "$context.integrationLatency",
        "integrationError": "$context.integrationErrorMessage",
        "authorizerError": "$context.authorizer.error",
        "error": "$context.error.message",
    }
)
"""One JSON object a line. No header is in it, hence no secret."""


@dataclass(frozen=True, kw_only=True)
class HttpApiArgs:
    """Inputs of HttpApi. ValueError names every field that can't work."""

    function_name: pulumi.Input[str]
    """Function that answers, for the permission to call it."""
    alias_name: pulumi.Input[str] = "live"
    """Alias of the function that is called. Default live; hand over LambdaFunction's output instead where there is one,
    so that AWS is told of the alias only once it exists."""
    alias_invoke_arn: pulumi.Input[str]
    """The alias's invoke ARN, which the integration names; not the alias's own ARN."""
    origin_secrets: Sequence[pulumi.Input[str]] = field(repr=False)
    """Accepted values of the header `x-origin-secret`, at least one; random, 32 characters or more. While a secret is
    replaced, the new one and the old one."""
    timeout_seconds: int = 30
    """Seconds the API waits for the function, 1 to 30. Default 30, the most; keep the function's own below it, so that
    the function's error is what is seen."""
    throttle_rate: int = 1000
    """Requests a second above which the API answers 429, 1 or more (AWS takes 0 for no limit of ours). Default 1000:
    the account's quota of 10000 is shared with every other API in the region."""
    throttle_burst: int = 500
    """Requests that may come at once before the rate counts, 1 or more. Default 500; the account's quota is 5000."""
    access_logs: bool = False
    """Whether each request is logged, in a log group of its own. Default False: $0.50 per GB, about $0.25 per million
    requests."""
    log_retention_days: int = 14
    """Days CloudWatch keeps these logs and the authorizer's, one of the numbers it offers. Default 14."""

    def __post_init__(self) -> None:
        refuse(
            self,
            *secrets_problems(self.origin_secrets),
            between("timeout_seconds", self.timeout_seconds, *TIMEOUT_SECONDS),
            require(self.throttle_rate >= 1, f"throttle_rate must be 1 or more, got {self.throttle_rate}"),
            require(self.throttle_burst >= 1, f"throttle_burst must be 1 or more, got {self.throttle_burst}"),
            one_of("log_retention_days", self.log_retention_days, RETENTION_DAYS),
        )


class HttpApi(pulumi.ComponentResource):
    """Hands every request to the function, if it carries the origin secret; 401 or 403 otherwise.

    An HTTP API has no resource policy and no origin access control, and its own endpoint can't be turned off
    (`disable_execute_api_endpoint`) without a custom domain: the secret header is what keeps callers other than our
    distribution out, on every route, as `$default` is the only one.

    Children: `<name>` (API), `<name>-authorizer` (OriginAuthorizer), `<name>-integration`, `<name>-route`,
    `<name>-stage`, `<name>-invoke`, and `<name>-access-logs` with access_logs.
    Cost: $1.00 per million requests (each 512 KB counts as one); nothing by the hour.
    Raises: ValueError (HttpApiArgs).
    """

    api_id: pulumi.Output[str]
    """Id of the API, for alarms and metrics."""
    domain_name: pulumi.Output[str]
    """Host name of the endpoint, without scheme: what a distribution takes for an origin."""
    api_endpoint: pulumi.Output[str]
    """The endpoint as a URL."""

    def __init__(self, name: str, args: HttpApiArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:HttpApi", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        api = aws.apigatewayv2.Api(name, protocol_type="HTTP", opts=child)
        authorizer = OriginAuthorizer(
            f"{name}-authorizer",
            OriginAuthorizerArgs(
                api_id=api.id,
                api_execution_arn=api.execution_arn,
                origin_secrets=args.origin_secrets,
                log_retention_days=args.log_retention_days,
            ),
            opts=child,
        )
        integration = aws.apigatewayv2.Integration(
            f"{name}-integration",
            api_id=api.id,
            integration_type="AWS_PROXY",
            integration_uri=args.alias_invoke_arn,
            payload_format_version="2.0",
            timeout_milliseconds=args.timeout_seconds * 1000,
            opts=child,
        )
        invoke = aws.lambda_.Permission(
            f"{name}-invoke",
            action="lambda:InvokeFunction",
            function=args.function_name,
            qualifier=args.alias_name,
            principal="apigateway.amazonaws.com",
            source_arn=pulumi.Output.concat(api.execution_arn, "/*/*"),
            opts=child,
        )
        # Last, so that the first request that the endpoint answers finds both functions callable.
        route = aws.apigatewayv2.Route(
            f"{name}-route",
            api_id=api.id,
            route_key="$default",
            target=pulumi.Output.concat("integrations/", integration.id),
            authorization_type="CUSTOM",
            authorizer_id=authorizer.authorizer_id,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[authorizer, invoke]),
        )
        aws.apigatewayv2.Stage(
            f"{name}-stage",
            api_id=api.id,
            name="$default",  # the stage that is served at the root of the endpoint
            auto_deploy=True,
            default_route_settings={
                "throttling_rate_limit": args.throttle_rate,
                "throttling_burst_limit": args.throttle_burst,
            },
            access_log_settings=self._access_log_settings(name, args),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[route]),
        )

        self.api_id = api.id
        self.api_endpoint = api.api_endpoint
        self.domain_name = api.api_endpoint.apply(lambda url: url.removeprefix("https://"))
        self.register_outputs(
            {"api_id": self.api_id, "domain_name": self.domain_name, "api_endpoint": self.api_endpoint}
        )

    def _access_log_settings(
        self, name: str, args: HttpApiArgs
    ) -> "aws.apigatewayv2.StageAccessLogSettingsArgsDict | None":
        if not args.access_logs:
            return None
        logs = aws.cloudwatch.LogGroup(
            f"{name}-access-logs",
            retention_in_days=args.log_retention_days,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return {"destination_arn": logs.arn, "format": ACCESS_LOG_FORMAT}
