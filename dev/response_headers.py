"""The security headers of a distribution, as lines of an answer."""

from typing import Any

from multidict import MutableMultiMapping

from components._distribution_parts import security_headers


def add_security_headers(headers: MutableMultiMapping[str], content_security_policy: str | None) -> None:
    """Add what the distribution's response headers policy adds: where the origin has its own, as the policy says."""
    config = security_headers(content_security_policy)
    for name, value in _lines(config).items():
        if config[name]["override"] or _HEADERS[name] not in headers:
            headers[_HEADERS[name]] = value


_HEADERS = {
    "strict_transport_security": "strict-transport-security",
    "content_type_options": "x-content-type-options",
    "frame_options": "x-frame-options",
    "referrer_policy": "referrer-policy",
    "content_security_policy": "content-security-policy",
}


def _lines(config: dict[str, Any]) -> dict[str, str]:
    """Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html"""
    lines = {}
    for name, setting in config.items():
        match name:
            case "strict_transport_security":
                subdomains = "; includeSubDomains" if setting["include_subdomains"] else ""
                lines[name] = f"max-age={setting['access_control_max_age_sec']}{subdomains}"
            case "content_type_options":
                lines[name] = "nosniff"
            case "frame_options":
                lines[name] = setting["frame_option"]
            case _:
                lines[name] = setting[name]
    return lines
