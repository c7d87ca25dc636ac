"""The JSON document of one stack. Its keys, and their order, are a contract with the tools that read it."""

from typing import Any

from preflight.plan import attention
from preflight.recording import Recording, Resource

SCHEMA = 1


def document(recording: Recording, topology: str | None) -> dict[str, Any]:
    """One stack as JSON-able data; what only other commands find out is None."""
    return {
        "schema": SCHEMA,
        "stack": recording.stack,
        "topology": topology,
        "resources": [_resource(each, recording) for each in recording],
        "outputs": recording.outputs,
        "warnings": list(attention(recording)),
        "cost": None,
        "findings": None,
        "diff": None,
        "switch": None,
        "breakeven": None,
    }


def _resource(resource: Resource, recording: Recording) -> dict[str, Any]:
    options = resource.options
    return {
        "urn": resource.urn,
        "type": resource.type,
        "name": resource.name,
        # The stack itself is no entry of the list, so that a parent is either one or nothing.
        "parent": resource.parent if resource.parent in recording.resources else "",
        "custom": resource.custom,
        "inputs": resource.inputs,
        "options": {
            "protect": options.protect,
            "dependsOn": list(options.depends_on),
            "propertyDependencies": {key: list(urns) for key, urns in options.property_dependencies.items()},
            "ignoreChanges": list(options.ignore_changes),
            "retainOnDelete": options.retain_on_delete,
            "aliases": list(options.aliases),
            "provider": options.provider,
        },
        "source": resource.source,
    }
