"""Moves: what an update of a distribution does to the traffic, as components/_waits.py asks it of the live one."""

from typing import Any

from preflight.recording import Resource


def origin_leaves(old: Resource, new: Resource) -> bool:
    """Whether the distribution had an origin that it is to have no longer."""
    return bool(_addresses(old).keys() - _addresses(new).keys())


def traffic_moved(old: Resource, new: Resource) -> bool:
    """Whether an origin left, is somewhere else now, or no longer serves the paths it served."""
    was, now = _addresses(old), _addresses(new)
    targets, targets_now = _targets(old), _targets(new)
    return any(now.get(origin) != address for origin, address in was.items()) or any(
        targets_now.get(path, target) != target for path, target in targets.items()
    )


def _addresses(distribution: Resource) -> dict[str, tuple[Any, Any]]:
    return {
        each["originId"]: (each.get("domainName"), (each.get("vpcOriginConfig") or {}).get("vpcOriginId"))
        for each in distribution.inputs.get("origins", ())
    }


def _targets(distribution: Resource) -> dict[str, Any]:
    inputs = distribution.inputs
    behaviors = [*inputs.get("orderedCacheBehaviors", ()), inputs.get("defaultCacheBehavior", {})]
    return {each.get("pathPattern", "*"): each.get("targetOriginId") for each in behaviors}


def longest_request_seconds(distribution: Resource) -> int:
    """The service's longest request: CloudFront waits one second more for an answer."""
    configs = [
        each.get(kind) or {}
        for each in distribution.inputs.get("origins", ())
        for kind in ("vpcOriginConfig", "customOriginConfig")
    ]
    return max((each.get("originReadTimeout", 1) - 1 for each in configs), default=0)
