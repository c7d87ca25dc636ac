"""ViewerRequest: runs the function that stands before the service at the edge, the very code that is deployed."""

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import quickjs


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """The function answered the request itself."""

    status: int
    headers: dict[str, str]
    body: str


class ViewerRequest:
    """One published function, of those that need no module of CloudFront's."""

    def __init__(self, code: str) -> None:
        self._engine = quickjs.Context()
        self._engine.eval(code)

    def __call__(
        self, method: str, target: str, headers: Iterable[tuple[str, str]], viewer: str
    ) -> tuple[str, dict[str, str]] | Refusal:
        """The path and the headers that go on, or the answer to the viewer.

        The event is as https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
        has it: names in lower case, cookies apart.
        """
        path, _, query = target.partition("?")
        fields = _fields((name.lower(), value) for name, value in headers)
        cookies = fields.pop("cookie", {"value": ""})["value"]
        pairs = (each.strip().partition("=") for each in cookies.split(";") if each.strip())
        event = {
            "version": "1.0",
            "context": {"eventType": "viewer-request", "requestId": uuid.uuid4().hex},
            "viewer": {"ip": viewer},
            "request": {
                "method": method,
                "uri": path,
                "querystring": _fields(parse_qsl(query, keep_blank_values=True)),
                "headers": fields,
                "cookies": _fields((name, value) for name, _, value in pairs),
            },
        }
        returned = json.loads(self._engine.eval(f"JSON.stringify(handler({json.dumps(event)}))"))
        told = {name: ",".join(_values(field)) for name, field in returned.get("headers", {}).items()}
        if "statusCode" in returned:
            return Refusal(status=returned["statusCode"], headers=told, body=returned.get("body", ""))
        if cookies:
            told["cookie"] = cookies
        return returned["uri"], told


def _fields(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Each by its name, and all values of one that came more than once."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        field = found.setdefault(name, {"value": value, "multiValue": []})
        field["multiValue"].append({"value": value})
    return {name: field if len(field["multiValue"]) > 1 else {"value": field["value"]} for name, field in found.items()}


def _values(field: dict[str, Any]) -> list[str]:
    return [each["value"] for each in field.get("multiValue", [field])]
