"""Half: what every topology is to the rest of the program, whichever it is."""

from typing import Protocol

import pulumi

from components.log_bucket import LogBucket
from components.origin import Origin
from components.origin_secret import OriginSecret
from settings import Settings


class Half(pulumi.ComponentResource):
    """One topology of the service: its origin, and the names to find it by, empty where it has no such thing."""

    origin: Origin
    """What CloudFront needs to call it, and what must be live before it does."""
    log_group: pulumi.Input[str] = ""
    """CloudWatch log group of the service."""
    cluster: pulumi.Input[str] = ""
    """ECS cluster."""
    service: pulumi.Input[str] = ""
    """ECS service."""
    function_name: pulumi.Input[str] = ""
    """Lambda function."""
    api_id: pulumi.Input[str] = ""
    """HTTP API."""


class MakeHalf(Protocol):
    """The constructor that every topology has."""

    def __call__(
        self,
        name: str,
        settings: Settings,
        image: pulumi.Input[str],
        origin_secret: OriginSecret,
        log_bucket: LogBucket | None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> Half:
        """`image` by digest; `log_bucket` for access logs, where they are asked for."""
