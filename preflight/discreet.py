"""discreet: a function or a task without what looks like a secret in its environment.

Whatever is written from a recording is written without it. Pulumi marks nothing here: it came as plain text.
"""

import json
from dataclasses import replace

from policies.graph import inner, is_hidden
from policies.secrets import secret_looking
from preflight.recording import SECRET, Resource


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
    return resource


def _without_secrets(text: str) -> str:
    """Container definitions, as they are written unless there is something to leave out."""
    try:
        definitions = json.loads(text)
        variables = [each for one in definitions for each in one.get("environment") or []]
        secrets = [each for each in variables if secret_looking(each.get("name"), each.get("value"))]
    except (ValueError, TypeError, AttributeError):
        return text  # a policy says that it can't be read
    for each in secrets:
        each["value"] = SECRET
    return json.dumps(definitions) if secrets else text
