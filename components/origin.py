"""Origin: what CloudFront has to know to call one origin. Both topologies and the static site hand back one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import pulumi

from components._checks import between, count, matches, one_of, refuse, require

OriginProtocol = Literal["http-only", "https-only"]

AUTHORIZATION_HEADER = "x-forwarded-authorization"
"""Carries the viewer's Authorization to an origin whose access control overwrites that one with its signature."""

# Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-web-distributions
READ_TIMEOUT_SECONDS = (1, 120)
CUSTOM_HEADERS_MAX = 30
# Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html
_ID = r"[A-Za-z0-9_-]{1,128}"
# Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/add-origin-custom-headers.html
_HEADER = r"(?i:(?!x-amz-|x-edge-|proxy-)[a-z0-9][a-z0-9-]{0,255})"


@dataclass(frozen=True, kw_only=True)
class Origin:
    """One origin of a distribution. ValueError names the field when CloudFront would refuse its value.

    `vpc_origin_id` or `is_bucket` says that it is no public web server; never both.
    """

    id: str
    """Its id in the distribution: `serverless`, `container` or `site`. Letters, digits, - and _, 1 to 128."""
    domain_name: pulumi.Input[str]
    """Host name CloudFront resolves and names in TLS; for a bucket its regional domain name."""
    ready: Sequence[pulumi.Resource] = ()
    """What must be live before traffic may go here; a distribution waits for all of it. Default nothing."""
    protocol: OriginProtocol = "https-only"
    """How CloudFront talks to a public web server. A VPC origin and a bucket settle that themselves. Default https."""
    headers: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Headers sent to the origin; a viewer's own of the same name is overwritten. At most 30. Default none."""
    origin_access_control_id: pulumi.Input[str] | None = None
    """Signs the requests: for a Function URL, and required for a bucket. Default none."""
    vpc_origin_id: pulumi.Input[str] | None = None
    """The VPC origin through which a private load balancer is reached. Default none: a public name."""
    read_timeout_seconds: int = 30
    """Longest silence of the origin, in seconds, before CloudFront answers 504; 1 to 120. Default 30, as AWS has it."""
    is_bucket: bool = False
    """An S3 bucket, to which CloudFront speaks S3 instead of HTTP of the origin's own. Default False."""

    def __post_init__(self) -> None:
        refuse(
            self,
            matches("id", self.id, _ID, "1 to 128 letters, digits, - or _"),
            one_of("protocol", self.protocol, get_args(OriginProtocol)),
            between("read_timeout_seconds", self.read_timeout_seconds, *READ_TIMEOUT_SECONDS),
            count("headers", self.headers, 0, CUSTOM_HEADERS_MAX),
            *(matches("headers", each, _HEADER, "names CloudFront may add to a request") for each in self.headers),
            require(
                not (self.is_bucket and self.vpc_origin_id), "is_bucket and vpc_origin_id exclude each other, got both"
            ),
            require(
                not self.is_bucket or self.origin_access_control_id is not None,
                "origin_access_control_id must be set for a bucket, which has to stay private",
            ),
        )
