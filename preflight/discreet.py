"""discreet: the inputs of a function or a task without what looks like a secret in its environment.

Whatever is written from a recording is written without it. Pulumi marks nothing here: it came as plain text.
"""

import json
from typing import Any

from policies.graph import inner, is_hidden
from policies.secrets import secret_looking
from preflight.recording import SECRET


def discreet(type_: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """The inputs, with the marker of a secret in its place."""
    if type_ == "aws:lambda/function:Function":
        variables = inner(inputs, "environment", "variables")
        if isinstance(variables, dict) and not is_hidden(variables):
            shown = {name: SECRET if secret_looking(name, value) else value for name, value in variables.items()}
            return {**inputs, "environment": {"variables": shown}}
    if type_ == "aws:ecs/taskDefinition:TaskDefinition":
        text = inputs.get("containerDefinitions")
        shown = _without_secrets(text) if isinstance(text, str) else text
        return inputs if shown == text else {**inputs, "containerDefinitions": shown}
    return inputs


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
