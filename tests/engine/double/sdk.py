"""What a resource type takes and gives, read off the installed SDK: its wheel holds no schema."""

import importlib
import inspect
import re
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Any

from engine.double.wire import UNKNOWN, is_marked, plain
from pulumi import Output, _types

_NOT_IN_THE_SDK = {"__defaults", "tagsAll"}
"""Inputs the provider knows of and the SDK does not offer: the engine hands them back under `ignore_changes`."""


@dataclass(frozen=True)
class Shape:
    """One type's inputs and outputs by the names they have on the wire, each with its type in Python."""

    inputs: Mapping[str, Any]
    required: frozenset[str]
    outputs: Mapping[str, Any]


@cache
def shape(token: str) -> Shape | None:
    """The shape of a type such as `aws:ec2/vpc:Vpc`; None where the SDK knows no such type."""
    package = token.partition(":")[0]
    where = _modules(package).get(token)
    if where is None:
        return None
    module, name = importlib.import_module(where[0]), where[1]
    # The SDK calls it InitArgs where another type's nested arguments have the name already.
    inputs, required = _arguments(getattr(module, f"{name}InitArgs", None) or getattr(module, f"{name}Args"))
    return Shape(inputs=inputs, required=required, outputs=_outputs(getattr(module, name)))


def problems(token: str, inputs: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(property, what is wrong) for each input that is missing, unknown to the type, or of another kind."""
    known = shape(token)
    if known is None:
        return [("", f"there is no resource type {token}")]
    return _object_problems(inputs, known.inputs, known.required, "")


@cache
def _modules(package: str) -> dict[str, tuple[str, str]]:
    """Type token to (module, class), from the registrations in the package's __init__."""
    try:
        found = importlib.import_module(f"pulumi_{package.replace('-', '_')}")
    except ImportError:
        return {}
    text = Path(str(found.__file__)).read_text(encoding="utf-8")
    return {
        token: (block.group(1), name)
        for block in re.finditer(r'"fqn":\s*"([^"]+)",\s*"classes":\s*\{(.*?)\}', text, re.S)
        for token, name in re.findall(r'"([^"]+)":\s*"([^"]+)"', block.group(2))
    }


@cache
def _arguments(cls: type) -> tuple[Mapping[str, Any], frozenset[str]]:
    names = _types.input_type_py_to_pulumi_names(cls)
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
    required = frozenset(names[each.name] for each in parameters if each.default is inspect.Parameter.empty)
    return _types.input_type_types(cls), required


def _outputs(cls: type) -> Mapping[str, Any]:
    names = {python: wire for python, wire, _ in _types._py_properties(cls)}
    hints = {name: typing.get_type_hints(each.fget).get("return") for name, _, each in _types._py_properties(cls)}
    return {wire: _inner(hints[python]) for python, wire in names.items()}


def _inner(hint: Any) -> Any:
    """T of Output[T]."""
    return typing.get_args(hint)[0] if typing.get_origin(hint) is Output else hint


def _arms(hint: Any) -> list[Any]:
    """What a property may be, without None, awaitables and outputs, which never reach the wire."""
    if typing.get_origin(hint) is typing.Union:
        return [arm for each in typing.get_args(hint) for arm in _arms(each)]
    if hint is NoneType or typing.get_origin(hint) in (Output, typing.get_origin(typing.Awaitable[int])):
        return []
    return [hint]


def _problems(value: Any, hint: Any, at: str) -> list[tuple[str, str]]:
    value, arms = plain(value), _arms(hint)
    if value is None or value == UNKNOWN or is_marked(value) or not arms or Any in arms:
        return []
    first, origin = arms[0], typing.get_origin(arms[0])
    is_object = _types.is_input_type(first)
    wanted = (
        dict if is_object or origin in (Mapping, dict) else list if origin in (Sequence, list) else str | int | float
    )
    if not isinstance(value, wanted):
        return [(at, f"must be {_KINDS[wanted]}, got {value!r}")]
    if is_object:
        return _object_problems(value, *_arguments(first), at)
    each = typing.get_args(first)[-1:]
    if isinstance(value, list):
        return [found for index, item in enumerate(value) for found in _problems(item, each[0], f"{at}[{index}]")]
    if isinstance(value, dict):
        return [found for key, item in value.items() for found in _problems(item, each[0], f"{at}.{key}")]
    return []


_KINDS = {dict: "an object", list: "a list", str | int | float: "one value"}


def _object_problems(
    values: Mapping[str, Any], known: Mapping[str, Any], required: frozenset[str], at: str
) -> list[tuple[str, str]]:
    prefix = f"{at}." if at else ""
    found = [
        (prefix + key, f"there is no such property; there are {', '.join(sorted(known))}")
        for key in values
        if key not in known and key not in _NOT_IN_THE_SDK
    ]
    found += [(prefix + key, "is required") for key in sorted(required) if values.get(key) is None]
    return found + [
        each for key, value in values.items() if key in known for each in _problems(value, known[key], prefix + key)
    ]
