"""The JSON schema of a stack file, drawn from the settings."""

import ast
from collections.abc import Mapping
from functools import cache
from inspect import cleandoc
from itertools import pairwise
from pathlib import Path
from typing import Any

import settings
from aws_keys import AWS_KEYS, REGION
from settings import NAMESPACE, Settings


def stack_file_schema() -> dict[str, Any]:
    """JSON schema of a `Pulumi.<stack>.yaml`, for editors and for the documentation."""
    schema = _described(Settings.model_json_schema(by_alias=True))
    ours = {f"{NAMESPACE}:{key}": _or_as_text(value) for key, value in schema["properties"].items()}
    aws = {f"aws:{key}": {} for key in AWS_KEYS} | {"aws:region": {"type": "string", "pattern": f"^{REGION}$"}}
    required = ["aws:region", *(f"{NAMESPACE}:{key}" for key in schema["required"])]
    config = {
        "type": "object",
        "description": schema["description"],
        "properties": aws | ours,
        "patternProperties": {f"^(?!aws:|{NAMESPACE}:)": {}},
        "additionalProperties": False,
        "required": required,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "switchyard stack file",
        "type": "object",
        "properties": {"config": config},
        "required": ["config"],
        "$defs": schema["$defs"],
    }


@cache
def descriptions() -> Mapping[str, Mapping[str, str]]:
    """What each field means, as the text under it in the settings says, by class and field."""
    tree = ast.parse(Path(settings.__file__).read_text(encoding="utf-8"))
    return {
        each.name: {
            field.target.id: cleandoc(under.value.value)
            for field, under in pairwise(each.body)
            if isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(under, ast.Expr)
            and isinstance(under.value, ast.Constant)
            and isinstance(under.value.value, str)
        }
        for each in tree.body
        if isinstance(each, ast.ClassDef)
    }


def _described(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema, what each key means included."""
    for name, fields in descriptions().items():
        properties = (schema if name == Settings.__name__ else schema["$defs"].get(name, {})).get("properties", {})
        for field, text in fields.items():
            alias = getattr(settings, name).model_fields[field].alias
            properties[alias] = dict(sorted({**properties[alias], "description": text}.items()))
    return schema


_AS_TEXT = {"boolean": "^(true|false)$", "integer": "^(0|-?[1-9][0-9]*)$"}


def _or_as_text(value: dict[str, Any]) -> dict[str, Any]:
    """`pulumi config set` writes true, false and numbers as text, and the program takes them so."""
    pattern = _AS_TEXT.get(value.get("type", ""))
    if pattern is None:
        return value
    about = {key: value[key] for key in ("title", "description", "default") if key in value}
    rest = {key: each for key, each in value.items() if key not in about}
    return about | {"anyOf": [rest, {"type": "string", "pattern": pattern}]}
