"""The Lambda Web Adapter: an HTTP server on Lambda, told by environment variables and called with API events.

Outside Lambda nothing starts it, so the same image serves on Fargate.
"""

from collections.abc import Collection
from typing import Any, Literal

InvokeMode = Literal["buffered", "response_stream"]
INVOKE_MODES = ("buffered", "response_stream")

# Source: https://www.rfc-editor.org/rfc/rfc3986#section-3.3
PATH = r"/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*"
PATH_MEANING = "a path that starts with / and has no query, such as /healthz"

# Source: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
HEADER_NAME = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"


def adapter_environment(
    *,
    port: int,
    health_check_path: str,
    invoke_mode: InvokeMode,
    authorization_source: str | None,
    own: Collection[str] = (),
) -> dict[str, str]:
    """The variables the adapter reads, and PORT, which the service reads: the two must agree.

    `own` are the names of those that the service sets itself.

    Source: https://github.com/aws/aws-lambda-web-adapter#configurations
    """
    environment = {
        "PORT": str(port),
        "AWS_LWA_PORT": str(port),
        "AWS_LWA_READINESS_CHECK_PATH": health_check_path,
        # The adapter's own 100-499 takes a 404 for ready.
        "AWS_LWA_READINESS_CHECK_HEALTHY_STATUS": "200-399",
    }
    if invoke_mode != "buffered":
        environment["AWS_LWA_INVOKE_MODE"] = invoke_mode
    if authorization_source:
        environment["AWS_LWA_AUTHORIZATION_SOURCE"] = authorization_source
        if "RUST_LOG" not in own:  # the service may be in Rust too
            # Of each request that brings no such header it would warn, in lines unlike the service's own.
            environment["RUST_LOG"] = "error"
    return environment


def get_event(path: str) -> dict[str, Any]:
    """What an HTTP API would send for GET `path`, in payload format 2.0; times are those of no real request.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    host = "localhost"  # what a service that checks its host name most likely lets in
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"accept": "*/*", "host": host, "user-agent": "daily-call", "x-forwarded-proto": "https"},
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "daily-call",
            "domainName": host,
            "domainPrefix": host,
            "http": {
                "method": "GET",
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "daily-call",
            },
            "requestId": "daily-call",
            "routeKey": "$default",
            "stage": "$default",
            "time": "01/Jan/1970:00:00:00 +0000",
            "timeEpoch": 0,
        },
        "isBase64Encoded": False,
    }
