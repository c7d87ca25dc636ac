"""Place: where this process runs, as the platform's own environment variables tell."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

ServedBy = Literal["serverless", "container", "local"]


@dataclass(frozen=True, kw_only=True)
class Place:
    """One running copy of the service."""

    served_by: ServedBy
    """`serverless` in Lambda, `container` on ECS, `local` elsewhere."""
    instance: str = field(default_factory=lambda: secrets.token_hex(4))
    """Tells this copy from others: a task, or an execution environment of Lambda. Those that were restored from one
    snapshot share it."""
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Place":
        # Sources: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html
        if "AWS_LAMBDA_FUNCTION_NAME" in environment:
            return cls(served_by="serverless")
        return cls(served_by="container" if "ECS_CONTAINER_METADATA_URI_V4" in environment else "local")
