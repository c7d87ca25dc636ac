"""Refusal: one thing that is wrong with a stack's configuration, in the words that a reader of its YAML knows."""

import ast
import difflib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_SHOWN = 80
"""Characters of a value that a message shows."""
NOT_SHOWN = "a value that is not shown"
"""What is said of a value that is, or may be, a secret."""
_LONGEST = 500
"""Characters of a message that quotes a value on its way: more than any of ours has."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A key's path, what it was, what is allowed, and what to change where that isn't plain.

    `got` is None for a key that is not there, and empty where `allowed` is a sentence that tells all.
    """

    key: str
    got: str | None
    allowed: str
    change: str = ""

    @property
    def top_level_key(self) -> str:
        """The key as `pulumi config` lists it, without the path into its object."""
        return re.split(r"[.\[]", self.key, maxsplit=1)[0]

    def __str__(self) -> str:
        key = cut(self.key, _LONGEST)
        if self.got == "":
            return harmless(f"{key}: {self.allowed}")
        got = "nothing" if self.got is None else self.got
        change = f"; {self.change}" if self.change else ""
        return harmless(f"{key}: got {got}; allowed: {self.allowed}{change}")


def shown(value: object) -> str:
    """A value as JSON, cut short, on one line, without anything that would act on a terminal."""
    return cut(harmless(json.dumps(value, ensure_ascii=False, default=str)))


def what_it_is(value: object) -> str:
    """The kind of a value, where it may be a secret or hold one."""
    if value is None or isinstance(value, bool):
        return shown(value)
    kinds = {int: "a number", float: "a number", list: "a list", dict: "a map"}
    return f"{kinds.get(type(value), 'a text')} that is not shown"


def unwritable(given: Mapping[str, Any]) -> list[Refusal]:
    """Text with half of a character in it, which nothing could write down again."""
    found = []
    for key, value in given.items():
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            found.append(
                Refusal(key=key, got="half of a character", allowed="Unicode text; a \\ud800 to \\udfff alone is none")
            )
    return found


_USERINFO = re.compile(r"://[^/\s]*@")


def cut(text: str, length: int = _SHOWN) -> str:
    """As much of a text as a message shows, and of a URL not who calls and by which password."""
    text = _USERINFO.sub("://...@", text)
    return text if len(text) <= length else f"{text[: length - 1]}…"


def harmless(text: str) -> str:
    """The text with what can't be printed, or turns the direction of writing round, spelt as an escape."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def path(steps: Sequence[str | int]) -> str:
    """Steps into an object as `pulumi config set --path` spells them: `service.paths[0]`."""
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        elif re.fullmatch(r"[A-Za-z0-9_:-]+", step):
            text += f".{cut(step)}" if text else cut(step)
        else:
            text += f"[{cut(harmless(json.dumps(step, ensure_ascii=False)))}]"
    return text


_WANTED = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "string_type": "text",
    "tuple_type": "a list",
    "dict_type": "a map of keys",
    "model_type": "a map of keys",
    "model_attributes_type": "a map of keys",
}


def from_pydantic(error: Mapping[str, Any], keys_at: Mapping[str, Sequence[str]]) -> Refusal:
    """One of pydantic's errors; `keys_at` lists the keys allowed at each path, `''` being the top."""
    steps = [step for step in error["loc"] if step != "[key]"]
    key, kind, bounds = path(steps), error["type"], error.get("ctx") or {}
    if kind == "missing":
        return Refusal(key=key, got=None, allowed="this key is required")
    if kind == "extra_forbidden":
        allowed = keys_at.get(path(steps[:-1]), ())
        close = difflib.get_close_matches(str(steps[-1]), allowed, n=1)
        change = f"did you mean {path([*steps[:-1], close[0]])}?" if close else "remove it"
        return Refusal(
            key=key, got=what_it_is(error["input"]), allowed=f"one of the keys {', '.join(allowed)}", change=change
        )
    if kind == "literal_error":
        wanted = bounds["expected"].replace("'", "")
    elif "ge" in bounds or "le" in bounds:
        wanted = f"{bounds['ge']} or more" if "ge" in bounds else f"{bounds['le']} or less"
    else:
        wanted = _WANTED.get(kind, error["msg"].removeprefix("Value error, "))
    # YAML and `pulumi config set --path` take 5 and true for what they look like.
    change = _AS_TEXT if kind == "string_type" and isinstance(error["input"], bool | int | float) else ""
    may_hold_a_secret = steps[:2] in _SECRETS_AT or kind in _COMPOSITE or isinstance(error["input"], dict | list)
    got = what_it_is(error["input"]) if may_hold_a_secret else shown(error["input"])
    return Refusal(key=key, got=got, allowed=wanted, change=change)


_SECRETS_AT = (["service", "environment"], ["service", "secrets"])
_COMPOSITE = ("tuple_type", "dict_type", "model_type", "model_attributes_type")
_AS_TEXT = "put it in quotes in the file, or add --type string to pulumi config set"
_WORDING = re.compile(r"(?P<field>\S+) must be (?P<allowed>.*), got (?P<got>.*)", re.DOTALL)


_ENTRY = re.compile(r"\['([A-Za-z0-9_:-]+)'\]")


def _as_json(got: str) -> str:
    """What an Args class got, in Python's words, as all other values are shown."""
    try:
        return shown(ast.literal_eval(got))
    except (ValueError, SyntaxError):
        return cut(got)


def from_args(problem: str, keys: Mapping[str, str]) -> Refusal:
    """A problem as an Args class words it, with the Args' field names replaced by the configuration's keys."""
    names = "|".join(sorted(map(re.escape, keys), key=len, reverse=True))
    text = re.sub(rf"(?<![\w'\"])(?:{names})(?![\w'\"])", lambda match: keys[match.group()], problem)
    if match := _WORDING.fullmatch(text):
        return Refusal(key=_ENTRY.sub(r".\1", match["field"]), got=_as_json(match["got"]), allowed=match["allowed"])
    first = re.match(r"\S*?(?=[:,\s]|$)", text)
    key = first.group() if first else text
    rest = text.removeprefix(key).lstrip(": ")
    return Refusal(key=key, got="", allowed=rest if len(rest) <= _LONGEST else f"{rest[:_LONGEST]}…")
