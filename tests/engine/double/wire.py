"""Values as they travel between the engine and a provider: unknowns and secrets are marked, the rest is JSON."""

from typing import Any

from google.protobuf import json_format, struct_pb2
from pulumi.runtime import rpc

UNKNOWN = rpc.UNKNOWN
SIGNATURE = rpc._special_sig_key
SECRET = rpc._special_secret_sig


def to_python(struct: struct_pb2.Struct) -> dict[str, Any]:
    """A message's values, whole numbers as int."""
    return _whole(json_format.MessageToDict(struct))


def to_struct(values: dict[str, Any]) -> struct_pb2.Struct:
    """The values as a message."""
    struct = struct_pb2.Struct()
    struct.update(values)
    return struct


def plain(value: Any) -> Any:
    """The value without its secrets' wrapping: what AWS itself would be told."""
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            return plain(value.get("value"))
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value


def holds_unknown(value: Any) -> bool:
    """Whether any part of it is not known yet."""
    if isinstance(value, dict):
        return any(map(holds_unknown, value.values()))
    return any(map(holds_unknown, value)) if isinstance(value, list) else value == UNKNOWN


def is_marked(value: Any) -> bool:
    """Whether it is an asset, an archive or a reference: something only the engine takes apart."""
    return isinstance(value, dict) and SIGNATURE in value


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _whole(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_whole(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
