"""Serverless: the service as a Lambda function, behind an HTTP API or a Function URL."""

import pulumi

from components.daily_call import DailyCall, DailyCallArgs
from components.function_url import FunctionUrl, FunctionUrlArgs
from components.http_api import HttpApi, HttpApiArgs
from components.lambda_function import LambdaFunction, LambdaFunctionArgs
from components.log_bucket import LogBucket
from components.origin import AUTHORIZATION_HEADER, Origin
from components.origin_secret import HEADER, OriginSecret
from settings import Settings
from topologies.half import Half


class Serverless(Half):
    """Nothing by the hour: a function, and what lets our distribution call it.

    Children: `<name>` (LambdaFunction), `<name>-api` or `<name>-url`, and as a standby `<name>-daily-call`.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        image: pulumi.Input[str],
        origin_secret: OriginSecret,
        log_bucket: LogBucket | None,  # noqa: ARG002 - the API logs to CloudWatch
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("switchyard:index:Serverless", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        behind_url = settings.serverless.front_door == "functionUrl"
        invoke_mode = "response_stream" if behind_url and "streaming" in settings.service.needs else "buffered"

        function = LambdaFunction(
            name,
            LambdaFunctionArgs(
                image_uri=image,
                memory_size_mb=settings.serverless.memory_mb,
                timeout_seconds=settings.timeouts.function,
                port=settings.service.port,
                health_check_path=settings.service.health_check_path,
                environment=settings.service.environment,
                secrets=settings.service.secrets,
                log_retention_days=settings.logs.retention_days,
                tracing=settings.serverless.tracing,
                snap_start=settings.serverless.snap_start,
                provisioned_concurrency=settings.serverless.provisioned_concurrency,
                reserved_concurrency=settings.serverless.reserved_concurrency,
                invoke_mode=invoke_mode,
                authorization_source=AUTHORIZATION_HEADER if behind_url else None,
            ),
            child,
        )
        if behind_url:
            url = FunctionUrl(
                f"{name}-url",
                FunctionUrlArgs(
                    function_name=function.function_name, alias_name=function.alias_name, invoke_mode=invoke_mode
                ),
                child,
            )
            self.origin = Origin(
                id="serverless",
                domain_name=url.domain_name,
                origin_access_control_id=url.origin_access_control_id,
                read_timeout_seconds=settings.timeouts.origin_read,
                ready=(function, url),
            )
        else:
            api = HttpApi(
                f"{name}-api",
                HttpApiArgs(
                    function_name=function.function_name,
                    alias_name=function.alias_name,
                    alias_invoke_arn=function.alias_invoke_arn,
                    origin_secrets=origin_secret.accepted,
                    timeout_seconds=settings.timeouts.integration,
                    access_logs=settings.logs.access,
                    log_retention_days=settings.logs.retention_days,
                ),
                child,
            )
            self.origin = Origin(
                id="serverless",
                domain_name=api.domain_name,
                headers={HEADER: origin_secret.current},
                read_timeout_seconds=settings.timeouts.origin_read,
                ready=(function, api),
            )
            self.api_id = api.api_id
        if settings.topology != "serverless":  # a standby: nobody else would call it, and Lambda puts the idle to sleep
            DailyCall(
                f"{name}-daily-call",
                DailyCallArgs(alias_arn=function.alias_arn, health_check_path=settings.service.health_check_path),
                child,
            )

        self.function_name = function.function_name
        self.log_group = function.log_group_name
        self.register_outputs({"function_name": self.function_name, "log_group": self.log_group})
