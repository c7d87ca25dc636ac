"""The parts of a distribution that are plain data: its origins, its two kinds of behaviour, its security headers."""

from collections.abc import Sequence
from typing import Any

import pulumi

from components.origin import Origin

# Ids of policies that AWS manages, the same in every account.
# Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
# Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"

# Source: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_AllowedMethods.html
READ_METHODS = ["GET", "HEAD", "OPTIONS"]
ALL_METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]

# Two tries of 3 s: a dead origin is told from a slow one after 6 s, instead of the 30 s that AWS would take.
CONNECTION_ATTEMPTS = 2
CONNECTION_TIMEOUT_SECONDS = 3
# Under the load balancer's idle timeout of 60 s or more: the side that sends the next request closes first, so that
# it never sends one into a connection the other side is just closing.
KEEPALIVE_SECONDS = 55

HSTS_SECONDS = 31_536_000
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
"""Everything from the site's own address."""


def origin_input(origin: Origin) -> Any:
    """An origin as the distribution takes it: exactly one of bucket, VPC origin or public server."""
    common = {
        "origin_id": origin.id,
        "domain_name": origin.domain_name,
        "connection_attempts": CONNECTION_ATTEMPTS,
        "connection_timeout": CONNECTION_TIMEOUT_SECONDS,
        "custom_headers": [{"name": name, "value": value} for name, value in sorted(origin.headers.items())],
    }
    if origin.origin_access_control_id is not None:
        common["origin_access_control_id"] = origin.origin_access_control_id
    if origin.is_bucket:  # the access control alone makes it an S3 origin
        return common
    timeouts = {
        "origin_read_timeout": origin.read_timeout_seconds,
        "origin_keepalive_timeout": KEEPALIVE_SECONDS,
    }
    if origin.vpc_origin_id is not None:
        return {**common, "vpc_origin_config": {"vpc_origin_id": origin.vpc_origin_id, **timeouts}}
    server = {
        "http_port": 80,
        "https_port": 443,
        "origin_protocol_policy": origin.protocol,
        "origin_ssl_protocols": ["TLSv1.2"],
    }
    return {**common, "custom_origin_config": {**server, **timeouts}}


def service_behavior(
    target: str, methods: list[str], function_arn: pulumi.Input[str], headers_policy_id: pulumi.Input[str]
) -> Any:
    """Everything goes to the service and nothing is cached; the service compresses for itself."""
    return {
        **_behavior(target, methods, function_arn, headers_policy_id),
        "cache_policy_id": CACHING_DISABLED,
        # Each origin is chosen by its own host name; the viewer's travels as x-forwarded-host.
        "origin_request_policy_id": ALL_VIEWER_EXCEPT_HOST,
        "compress": False,
    }


def site_behavior(target: str, function_arn: pulumi.Input[str], headers_policy_id: pulumi.Input[str]) -> Any:
    """Files are cached as long as each one says itself, and compressed at the edge."""
    return {
        **_behavior(target, READ_METHODS, function_arn, headers_policy_id),
        "cache_policy_id": CACHING_OPTIMIZED,
        "compress": True,
    }


def for_paths(paths: Sequence[str], behavior: Any) -> Any:
    """The behaviour once for each path pattern, in the order in which CloudFront is to try them."""
    return [{"path_pattern": each, **behavior} for each in paths]


def _behavior(
    target: str, methods: list[str], function_arn: pulumi.Input[str], headers_policy_id: pulumi.Input[str]
) -> dict[str, Any]:
    return {
        "target_origin_id": target,
        "viewer_protocol_policy": "redirect-to-https",
        "allowed_methods": methods,
        "cached_methods": ["GET", "HEAD"],
        "response_headers_policy_id": headers_policy_id,
        "function_associations": [{"event_type": "viewer-request", "function_arn": function_arn}],
    }


def security_headers(content_security_policy: str | None = None) -> Any:
    """Security headers of a response. Where the app may have a reason to say otherwise, what it says stands."""
    headers = {
        "strict_transport_security": {
            "access_control_max_age_sec": HSTS_SECONDS,
            # Of this name alone: whatever else lies under it is not ours to force to HTTPS for a year.
            "include_subdomains": False,
            "override": False,
        },
        "content_type_options": {"override": True},
        "frame_options": {"frame_option": "DENY", "override": False},
        "referrer_policy": {"referrer_policy": "strict-origin-when-cross-origin", "override": False},
    }
    if content_security_policy is None:
        return headers
    policy = {"content_security_policy": content_security_policy, "override": False}
    return {**headers, "content_security_policy": policy}
