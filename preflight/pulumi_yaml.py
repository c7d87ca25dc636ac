"""PulumiYaml: YAML as the Pulumi CLI reads it, and no further than a configuration can go."""

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

from config_json import DEPTH
from refusals import cut, harmless, path


# The CLI reads YAML 1.2: `off` and `yes` are text, `1:30` is no number, a date stays text.
class _Loader(yaml.SafeLoader):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._steps: list[str | int] = []

    def compose_node(self, parent, index):
        # PyYAML composes by recursion. A mapping's keys come without an index, the root without a parent.
        self._steps.append(index if isinstance(index, int) else _name(index))
        if len(self._steps) > DEPTH + 1:
            raise _unusable(f"nested deeper than {DEPTH} maps and lists", self._steps[1:], self.peek_event().start_mark)
        node = super().compose_node(parent, index)
        self._steps.pop()
        return node

    def construct_mapping(self, node, deep=False):
        seen: set[object] = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key!r} is there twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)

    def construct_number(self, node) -> int | float:
        text = node.value.replace("_", "").lower()
        if re.fullmatch("[-+]?0[0-7]+", text):
            return int(text, 8)
        if re.fullmatch("[-+]?0[xob].+", text):
            return int(text, 0)
        if re.fullmatch("[-+]?[0-9]+", text):
            return int(text)
        number = float(text)
        return int(number) if number.is_integer() else number  # the CLI hands 1.0 on as 1


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.rpartition(":")[2] in ("null", "merge")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), "tTfF")
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(
        r"^[-+]?(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+"
        r"|(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?)$"
    ),
    "-+.0123456789",
)
for _tag in ("int", "float"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _Loader.construct_number)

_NODES = 10_000
"""Most values in a file, each counted as often as it is referred to: references to references can be billions."""
_PLAIN: dict[type[yaml.Node], dict[str, str]] = {
    yaml.ScalarNode: {
        "null": "nothing",
        "bool": "true or false",
        "int": "a number",
        "float": "a number",
        "str": "text",
    },
    yaml.SequenceNode: {"seq": "a list"},
    yaml.MappingNode: {"map": "a map"},
}


def parse_yaml(text: str) -> Any:
    """YAML as the Pulumi CLI reads it. Raises yaml.YAMLError, which names the key if a value is to blame."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        for count, (each, steps) in enumerate(_nodes(node, [])):
            if problem := _problem(loader, each, steps, count):
                raise _unusable(problem, steps, each.start_mark)
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _nodes(node: yaml.Node, steps: list[str | int]) -> Iterator[tuple[yaml.Node, list[str | int]]]:
    """Every value with the way to it; a value that is within itself never ends."""
    yield node, steps
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.tag != "tag:yaml.org,2002:merge":
                yield key, [*steps, _name(key)]
            yield from _nodes(value, [*steps, _name(key)])
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _nodes(value, [*steps, index])


def _name(key: yaml.Node | None) -> str:
    return key.value if isinstance(key, yaml.ScalarNode) else "?"


def _problem(loader: _Loader, node: yaml.Node, steps: list[str | int], count: int) -> str | None:
    if len(steps) > DEPTH:
        return f"nested deeper than {DEPTH} maps and lists"
    if count >= _NODES:
        return f"more than {_NODES} values, with those that are referred to"
    tag = node.tag.removeprefix("tag:yaml.org,2002:")
    if tag not in _PLAIN[type(node)]:
        return f"the tag {cut(node.tag.replace('tag:yaml.org,2002:', '!!'))} means nothing here; remove it"
    if isinstance(node, yaml.MappingNode) and not all(isinstance(key, yaml.ScalarNode) for key, _ in node.value):
        return "a key must be text"
    if isinstance(node, yaml.ScalarNode):
        try:
            json.dumps(loader.construct_object(node))
        except (ValueError, KeyError):
            return f"can't be read as {_PLAIN[yaml.ScalarNode][tag]}"
    return None


class UnusableValue(yaml.MarkedYAMLError):
    """Valid YAML, and a value that no configuration has."""


def _unusable(problem: str, steps: list[str | int], mark: Any) -> UnusableValue:
    key = path(steps).removeprefix("config.")
    return UnusableValue(problem=harmless(f"{key}: {problem}" if key else problem), problem_mark=mark)
