"""The JavaScript of the CloudFront functions: bodies in .js files, and the constants written above them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

RUNTIME = "cloudfront-js-2.0"
# Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-functions
MAX_CODE_BYTES = 10_240

SMOKE_HEADER = "x-switchyard-smoke"
"""`<side>:<token>` sends a request to the side it names, while there is a standby."""
FORGEABLE = (
    "x-forwarded-host",
    "x-request-id",
    "x-viewer-address",
    SMOKE_HEADER,
    # Set by the Lambda Web Adapter, which overwrites a viewer's; outside Lambda nothing does.
    # Source: https://github.com/aws/aws-lambda-web-adapter
    "x-amzn-request-context",
    "x-amzn-lambda-context",
    "x-amz-tenant-id",
)
"""Headers a viewer may not bring along."""

# The first line must import the module, for the store and the choice of an origin alike.
# Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/helper-functions-origin-modification.html
_IMPORTS = "import cf from 'cloudfront';\nimport crypto from 'crypto';"


@dataclass(frozen=True, kw_only=True)
class Split:
    """What the function before the service is told about the two origins it may name."""

    origins: Sequence[str]
    """Their ids, sorted; which of them is active it needn't know."""
    epoch: str
    """A stored value of another epoch doesn't count."""
    key: str
    """Where in the store the value is."""
    token_sha256: str
    """SHA-256 of the smoke token, in hex."""


def service_code(
    authorization_source: str | None = None,
    split: Split | None = None,
    *,
    max_body_bytes: int | None = None,
    max_header_bytes: int | None = None,
) -> str:
    """The function before the service: what it tells it and what it refuses, and with `split` which origin it names.

    It copies Authorization to `authorization_source`, if one is given. No maximum: nothing is refused for its size.
    """
    constants: dict[str, object] = {
        "FORGEABLE": [*FORGEABLE, *([authorization_source] if authorization_source else [])],
        "AUTHORIZATION_SOURCE": authorization_source,
        "MAX_BODY_BYTES": max_body_bytes,
        "MAX_HEADER_BYTES": max_header_bytes,
    }
    if split is None:
        return _code(constants, "viewer_request.js", "one_origin.js")
    constants |= {
        "ORIGINS": list(split.origins),
        "EPOCH": split.epoch,
        "KEY": split.key,
        "SMOKE_HEADER": SMOKE_HEADER,
        "TOKEN_SHA256": split.token_sha256,
    }
    return f"{_IMPORTS}\n{_code(constants, 'viewer_request.js', 'two_origins.js')}"


def site_code() -> str:
    """The function before the static site."""
    return _code({}, "site_request.js")


def _code(constants: dict[str, object], *files: str) -> str:
    lines = [f"const {name} = {json.dumps(value)};" for name, value in constants.items()]
    return "\n".join([*lines, *((Path(__file__).parent / file).read_text(encoding="utf-8") for file in files)])
