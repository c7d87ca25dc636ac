"""Half: what every topology is to the rest of the program, whichever it is."""

import pulumi

from components.origin import Origin


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
