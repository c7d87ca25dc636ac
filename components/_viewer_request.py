"""The JavaScript of the two CloudFront functions: a body in a .js file, and the constants written above it."""

import json
from pathlib import Path

RUNTIME = "cloudfront-js-2.0"
# Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-functions
MAX_CODE_BYTES = 10_240

FORGEABLE = (
    "x-forwarded-host",
    # Set by the Lambda Web Adapter, which overwrites a viewer's; outside Lambda nothing does.
    # Source: https://github.com/aws/aws-lambda-web-adapter
    "x-amzn-request-context",
    "x-amzn-lambda-context",
    "x-amz-tenant-id",
)
"""Headers a viewer may not bring along."""


def service_code(authorization_source: str | None = None) -> str:
    """The function before the service; it copies Authorization to `authorization_source`, if one is given."""
    forgeable = [*FORGEABLE, *([authorization_source] if authorization_source else [])]
    return _code("viewer_request.js", FORGEABLE=forgeable, AUTHORIZATION_SOURCE=authorization_source)


def site_code() -> str:
    """The function before the static site."""
    return _code("site_request.js")


def _code(file: str, **constants: object) -> str:
    lines = [f"const {name} = {json.dumps(value)};" for name, value in constants.items()]
    return "\n".join([*lines, (Path(__file__).parent / file).read_text(encoding="utf-8")])
