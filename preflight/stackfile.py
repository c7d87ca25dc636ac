"""StackFile: the configuration the Pulumi CLI would hand to a program, read without the CLI.

What the CLI does before a program starts is done here too: values become text (objects JSON), Pulumi.yaml's
defaults apply, its types are checked, and `secure:` values stay sealed.
"""

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from config_json import DEPTH
from preflight.pulumi_yaml import UnusableValue, parse_yaml

NAMESPACE = "switchyard"
"""Where `--set` puts a key that names no namespace: the program reads `switchyard:*` whatever the project's name."""
SEALED = "[secret]"
"""Stands for a `secure:` value, which nobody can open without the stack's key."""


class StackFileError(Exception):
    """A project or stack file that can't be used; the message is one line, for a person."""


@dataclass(frozen=True, kw_only=True)
class StackFile:
    """One stack's configuration as the program will see it."""

    root: Path
    project: str
    stack: str
    config: dict[str, str]
    secret_keys: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """What the CLI would do with the file and this does not."""


def stack_names(root: Path) -> list[str]:
    """Every stack that has a file, in alphabetical order."""
    folder = _config_folder(root, _read(root / "Pulumi.yaml"))
    return sorted(each.name[len("Pulumi.") : -len(".yaml")] for each in folder.glob("Pulumi.*.yaml"))


def load(root: Path, stack: str, overrides: tuple[str, ...] = (), changed: tuple[str, ...] = ()) -> StackFile:
    """Read `Pulumi.yaml` and `Pulumi.<stack>.yaml`, then apply `key=value` overrides as `--set` takes them.

    `changed` are more of them, which a refusal calls `--with`.

    Raises StackFileError for a missing, broken or mistyped file and for an override that makes no sense.
    """
    project = _read(root / "Pulumi.yaml")
    name = project.get("name")
    if not isinstance(name, str):
        raise StackFileError(f"{root / 'Pulumi.yaml'}: the project has no `name`")
    path = _config_folder(root, project) / f"Pulumi.{stack}.yaml"
    if not path.exists():
        known = ", ".join(stack_names(root)) or "none"
        raise StackFileError(f"no stack {stack!r}: there is no Pulumi.{stack}.yaml; the stacks here are: {known}")
    document = _read(path)
    values = document.get("config") or {}
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise StackFileError(f"{path.name}: `config` must be a map of text keys")
    declared = project.get("config") or {}
    if not isinstance(declared, dict):
        raise StackFileError(
            "Pulumi.yaml: `config` must be a map of keys; the folder of the stack files is `stackConfigDir`"
        )
    values = {key if ":" in key else f"{name}:{key}": value for key, value in values.items()}
    for option, given in (("--set", overrides), ("--with", changed)):
        for override in given:
            _override(values, override, option)
    _apply_project_config(values, declared, name, stack)
    unsealed = {key: _unseal(value) for key, value in values.items()}
    return StackFile(
        root=root,
        project=name,
        stack=stack,
        config={key: _as_text(value) for key, (value, _) in unsealed.items()},
        secret_keys=tuple(key for key, (_, is_secret) in unsealed.items() if is_secret),
        notes=(_ESC.format(path.name),) if document.get("environment") else (),
    )


_ESC = "{} has an `environment` (Pulumi ESC): what it would add to the configuration is not in this plan."


def _read(path: Path) -> dict[str, Any]:
    try:
        document = parse_yaml(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StackFileError(f"{path.name} is missing in {path.parent}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise StackFileError(f"{path.name} can't be read: {error}") from None
    except yaml.YAMLError as error:
        problem = " ".join(str(getattr(error, "problem", None) or error).split())
        mark = getattr(error, "problem_mark", None)
        where = f"{path.name}:{mark.line + 1}" if mark else path.name
        verdict = "" if isinstance(error, UnusableValue) else " is not valid YAML"
        raise StackFileError(f"{where}{verdict}: {problem}") from None
    if document is None:
        return {}
    if not isinstance(document, dict) or not all(isinstance(key, str) for key in document):
        raise StackFileError(f"{path.name} must be a map of text keys")
    return document


def _config_folder(root: Path, project: dict[str, Any]) -> Path:
    return root / str(project.get("stackConfigDir") or ".")


def _apply_project_config(values: dict[str, Any], declared: dict[str, Any], project: str, stack: str) -> None:
    """What the CLI does with Pulumi.yaml's `config`: defaults, missing keys, types, secrets."""
    missing = []
    for key, spec in declared.items():
        full = key if ":" in key else f"{project}:{key}"
        is_schema = isinstance(spec, dict) and {"type", "default", "value", "secret", "description"} & set(spec)
        schema = spec if is_schema else {"value": spec}
        if full not in values:
            given = schema.get("value", schema.get("default"))
            if given is not None:
                values[full] = given
            elif full.startswith(f"{project}:"):
                missing.append(key)
            continue
        _check_declared(full, values[full], schema, stack)
    if missing:
        raise StackFileError(f"stack {stack!r} is missing configuration value(s) {', '.join(map(repr, missing))}")


_TYPES = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}


def _check_declared(key: str, value: Any, schema: dict[str, Any], stack: str) -> None:
    sealed = isinstance(value, dict) and set(value) == {"secure"}
    if schema.get("secret") and not sealed:
        raise StackFileError(f"stack {stack!r}: {key} must be encrypted, as Pulumi.yaml says it is secret")
    wanted = schema.get("type")
    if wanted is None or sealed:
        return
    if wanted in ("integer", "boolean") and isinstance(value, str):  # `pulumi config set` writes text
        with suppress(yaml.YAMLError):
            value = parse_yaml(value)
    fits = isinstance(value, _TYPES.get(wanted, object)) and not (wanted == "integer" and isinstance(value, bool))
    if not fits:
        raise StackFileError(f"stack {stack!r}: {key} must be of type {wanted!r}, got {_unseal(value)[0]!r}")


def _unseal(value: Any) -> tuple[Any, bool]:
    if isinstance(value, dict):
        if set(value) == {"secure"}:
            return SEALED, True
        inner = {key: _unseal(each) for key, each in value.items()}
        return {key: each for key, (each, _) in inner.items()}, any(is_secret for _, is_secret in inner.values())
    if isinstance(value, list):
        parts = [_unseal(each) for each in value]
        return [each for each, _ in parts], any(is_secret for _, is_secret in parts)
    return value, False


def _as_text(value: Any) -> str:
    if value is None:  # the CLI warns, and takes it for empty text
        return ""
    return value if isinstance(value, str) else json.dumps(value)


# A quoted key may hold anything, `=` and `:` too.
_OVERRIDE = re.compile(
    r"(?:(?P<namespace>[^:=.\[\]\"]+):)?(?P<path>(?:[^=:\"]|\"(?:[^\"\\]|\\.)*\")+)=(?P<value>.*)", re.DOTALL
)
_STEP = re.compile(r"\.?([^.\[\]\"]+)|\[(\d+)\]|\[\"((?:[^\"\\]|\\.)*)\"\]")


def _path(text: str) -> list[str | int]:
    """`a.b[0]["c.d"]` as its steps, as `pulumi config set --path` reads it."""
    steps: list[str | int] = []
    at = 0
    while at < len(text):
        match = _STEP.match(text, at)
        if not match or (at == 0 and text[0] == "."):
            raise ValueError(text)
        name, index, quoted = match.groups()
        steps.append(int(index) if index is not None else name if name is not None else json.loads(f'"{quoted}"'))
        at = match.end()
    return steps


def _override(values: dict[str, Any], text: str, option: str = "--set") -> None:
    refusal = f"{option} {without_value(text)}: expected key=value, such as container.cpu=512 or aws:region=eu-west-1"
    match = _OVERRIDE.fullmatch(text)
    if not match:
        raise StackFileError(refusal)
    try:
        steps = _path(match["path"])
        value = parse_yaml(match["value"])
    except (ValueError, yaml.YAMLError):
        raise StackFileError(refusal) from None
    if not isinstance(steps[0], str) or len(steps) > DEPTH:
        raise StackFileError(refusal)
    steps[0] = f"{match['namespace'] or NAMESPACE}:{steps[0]}"
    _put(
        values,
        steps,
        value,
        f"{option} {without_value(text)}: there is no such place; a value on the way is no map, or a list is too short",
    )


def without_value(override: str) -> str:
    """An override for a message: its value may hold a secret."""
    key, equals, value = override.partition("=")
    return f"{key}{equals}{'...' if value else ''}"


def _put(holder: Any, steps: list[str | int], value: Any, refusal: str) -> None:
    step, *rest = steps
    if isinstance(holder, dict):
        is_place, is_there = isinstance(step, str), step in holder
    else:
        is_place = isinstance(holder, list) and isinstance(step, int) and step <= len(holder)
        is_there = is_place and step < len(holder)
    if not is_place:
        raise StackFileError(refusal)
    if rest:
        inner = holder[step] if is_there else None
        if inner is None:
            if value is None:
                return
            inner = [] if isinstance(rest[0], int) else {}
        _put(inner, rest, value, refusal)
        value = inner
    if isinstance(holder, list) and isinstance(step, int):
        holder[step : step + 1] = [] if value is None else [value]
    elif value is None:
        holder.pop(step, None)
    else:
        holder[step] = value
