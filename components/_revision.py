"""The revision of an ECS service: what a deployment brings, and a rollback takes back all at once.

A rollback ends at the last revision that was deployed. A new network or other capacity providers make another revision
as a new task definition does.
"""

from collections.abc import Iterator, Mapping
from typing import Any

# Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceRevision.html (what this project sets)
REVISION = ("taskDefinition", "networkConfiguration", "capacityProviderStrategies", "loadBalancers")


def differences(asked: Mapping[str, Any], live: Mapping[str, Any]) -> list[str]:
    """`<property> is <what runs>, not <what was asked for>`, for each in which they differ.

    Only what was asked for counts: AWS and the provider fill in the rest. A property that nothing is told of is not
    judged. The provider reads lists back in an order of its own, for AWS has them as sets, and false or 0 where nothing
    was given.
    Source: resourceServiceRead in
    https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/ecs/service.go
    """
    judged = [key for key in REVISION if asked.get(key) is not None and live.get(key) is not None]
    return list(_differences({key: asked[key] for key in judged}, live, ""))


def _differences(asked: Mapping[str, Any], live: Mapping[str, Any], path: str) -> Iterator[str]:
    for key, wanted in _given(asked).items():
        found = live.get(key)
        if isinstance(wanted, Mapping):
            yield from _differences(wanted, found or {}, f"{path}{key}.")
        elif _comparable(wanted, wanted) != _comparable(found, wanted):
            yield f"{path}{key} is {_text(found)}, not {_text(wanted)}"


def _given(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Without the engine's own notes, such as `__defaults`."""
    return {key: value for key, value in asked.items() if not key.startswith("__") and value is not None}


def _comparable(value: Any, asked: Any) -> Any:
    """A list as a set, of its objects only what the asked ones hold; nothing, false and 0 are one."""
    if not isinstance(asked, list):
        return value or None
    keys = sorted({key for each in asked if isinstance(each, Mapping) for key in _given(each)})
    return {
        tuple(_text(each.get(key) or None) for key in keys) if isinstance(each, Mapping) else each
        for each in value or ()
    }


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(sorted(map(_text, value))) or "none"
    if isinstance(value, Mapping):
        return " ".join(f"{key} {_text(each)}" for key, each in sorted(_given(value).items()) if each)
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value or "none")
