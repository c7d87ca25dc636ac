"""Logs: one JSON object a line on stdout, with the same fields in Lambda, on Fargate and here."""

import json
import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from service.place import Place

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The request that is being answered; None between requests."""


class JsonFormatter(logging.Formatter):
    """`timestamp` and `level` are the names by which Lambda filters JSON logs.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
    """

    def __init__(self, place: Place) -> None:
        super().__init__()
        self._place = place

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            "request_id": request_id.get(),
            "served_by": self._place.served_by,
            "instance": self._place.instance,
        }
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["exception"] = "".join(traceback.format_exception(*record.exc_info)).strip()
        return json.dumps(line, default=str)


def set_up(place: Place, level: str) -> None:
    """Send every logger's lines through the formatter. uvicorn's own go too; its access log is left out for ours."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(place))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("uvicorn.error").setLevel("WARNING")  # it says when it starts and stops; so do we
