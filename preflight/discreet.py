"""discreet: a function, a task or a machine without what looks like a secret in what starts it; and settings without.

Whatever is written from a recording is written without it. Pulumi marks nothing here: it came as plain text.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import yaml

from config_json import read_json
from policies.graph import inner, is_hidden
from policies.secrets import secret_looking
from preflight.pulumi_yaml import parse_yaml
from preflight.recording import SECRET, Resource
from preflight.stackfile import SEALED, without_value


def discreet(resource: Resource) -> Resource:
    """The resource as it is recorded, with the marker of a secret in the place of what looks like one."""
    inputs = resource.inputs
    if resource.type == "aws:lambda/function:Function":
        variables = inner(inputs, "environment", "variables")
        if isinstance(variables, dict) and not is_hidden(variables):
            shown = {name: SECRET if secret_looking(name, value) else value for name, value in variables.items()}
            return replace(resource, inputs={**inputs, "environment": {"variables": shown}})
    if resource.type == "aws:ecs/taskDefinition:TaskDefinition":
        text = inputs.get("containerDefinitions")
        if isinstance(text, str) and (shown := _without_secrets(text)) != text:
            return replace(resource, inputs={**inputs, "containerDefinitions": shown})
    if resource.type == "aws:ec2/instance:Instance":
        shown = _shown({key: each for key, each in inputs.items() if key == "userData"}, SECRET)
        return replace(resource, inputs={**inputs, **shown})
    return resource


def _without_secrets(text: str) -> str:
    """Container definitions, as they are written unless there is something to leave out."""
    try:
        definitions = read_json(text)
    except ValueError:
        return text  # a policy says that it can't be read
    shown = _shown(definitions, SECRET)
    return json.dumps(shown) if shown != definitions else text


def discreet_config(config: Mapping[str, str]) -> dict[str, str]:
    """A stack's configuration, without what looks like a secret in it."""
    return {key: _discreet_text(text) for key, text in config.items()}


def discreet_override(override: str) -> str:
    """`key=value` as it was given, or without the value if there is a secret in it."""
    key, _, text = override.partition("=")
    try:
        value = parse_yaml(text)
    except yaml.YAMLError:
        value = text
    given = {key.rpartition(".")[2].rstrip('"]'): value} if "." in key else [value]
    return override if _shown(given, SEALED) == given else without_value(override)


def _discreet_text(text: str) -> str:
    try:
        value = read_json(text)
    except ValueError:
        value = text
    shown = _shown([value], SEALED)
    return text if shown == [value] else SEALED if isinstance(value, str) else json.dumps(shown[0])


def _shown(value: Any, marker: Any, name: object = "") -> Any:
    """A value, with the marker in the place of each text that looks like a secret, by its key or by itself."""
    if isinstance(value, dict):
        if isinstance(named := value.get("name"), str) and "value" in value:  # as ECS spells a variable
            return {**value, "value": _shown(value["value"], marker, named)}
        return {key: _shown(each, marker, key) for key, each in value.items()}
    if isinstance(value, list):
        return [_shown(each, marker) for each in value]
    return marker if isinstance(value, str) and secret_looking(name, value) else value
