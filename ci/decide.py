"""decide: what an event of a pull request means for the environment of its own."""

from collections.abc import Mapping
from typing import Any, Literal

LABEL = "review"
"""Whoever may label a pull request may have it deployed."""
Action = Literal["up", "down", "none"]
_PUSHED = ("opened", "reopened", "synchronize")


def decide(event: Mapping[str, Any]) -> Action:
    """`up`: make or update it; `down`: destroy it; `none`. A fork's pull request has none, whatever its labels."""
    pull = event["pull_request"]
    head = pull["head"]["repo"]
    if not head or head["id"] != event["repository"]["id"]:
        return "none"
    has_label = LABEL in {each["name"] for each in pull["labels"]}
    match event["action"]:
        case "closed":
            return "down" if has_label else "none"
        case "labeled" | "unlabeled" if event["label"]["name"] == LABEL:
            return "up" if has_label and pull["state"] == "open" else "down"
        case action if action in _PUSHED and has_label:
            return "up"
    return "none"
