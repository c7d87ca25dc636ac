"""Recording: what a program registered, as plain data. Everything preflight says is derived from this."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime import rpc

UNKNOWN = {"$unknown": True}
"""An input that can't be known, or made up, before AWS has answered."""
SECRET = {"$secret": True}
"""An input that is secret; its value is dropped while recording and kept nowhere."""

_SPECIAL = {
    rpc._special_asset_sig: "$asset",
    rpc._special_archive_sig: "$archive",
    rpc._special_resource_sig: "$resource",
}


@dataclass(frozen=True, kw_only=True)
class Options:
    """The resource options that change what the engine does."""

    protect: bool = False
    depends_on: tuple[str, ...] = ()
    property_dependencies: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    replace_with: tuple[str, ...] = ()
    delete_before_replace: bool = False
    retain_on_delete: bool = False
    aliases: tuple[str, ...] = ()
    provider: str = ""
    version: str = ""
    custom_timeouts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One registered resource. `custom` is False for a component."""

    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    remote: bool
    inputs: dict[str, Any]
    options: Options
    source: str
    outputs: dict[str, Any] = field(default_factory=dict)
    """What a component registered as its outputs; empty for a custom resource."""

    @property
    def is_ours(self) -> bool:
        """False for the engine's own: the stack and the providers."""
        return not self.type.startswith("pulumi:")


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """One call of a provider's function, such as `aws:ec2/getAmi:getAmi`."""

    token: str
    args: dict[str, Any]
    provider: str


@dataclass(frozen=True, kw_only=True)
class Recording:
    """One stack's resources by URN, in the order of their URNs, so that a recording is the same every time."""

    project: str
    stack: str
    resources: dict[str, Resource]
    lookups: tuple[Lookup, ...]
    outputs: dict[str, Any]
    logs: tuple[tuple[str, str], ...]
    """(severity, message) of what the program logged."""
    region: str = "us-east-1"
    """Where the made-up ids and names are from."""

    def of_type(self, type_: str) -> list[Resource]:
        """Every resource of this type token."""
        return [each for each in self.resources.values() if each.type == type_]

    def one(self, type_: str, name: str | None = None) -> Resource:
        """The only resource of this type (and name). LookupError says what there is instead."""
        found = [each for each in self.of_type(type_) if name in (None, each.name)]
        if len(found) != 1:
            there = sorted(f"{each.type} {each.name}" for each in self.resources.values())
            wanted = type_ if name is None else f"{type_} {name}"
            raise LookupError(f"{len(found)} of {wanted}; there is {', '.join(there)}")
        return found[0]

    def children(self, urn: str) -> list[Resource]:
        """The resources whose parent this is."""
        return [each for each in self.resources.values() if each.parent == urn]

    def to_json(self) -> dict[str, Any]:
        """Plain data from which `from_json` makes an equal recording, in another process."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Recording":
        """The recording that `to_json` made, after a way through JSON."""
        return cls(
            project=data["project"],
            stack=data["stack"],
            resources={urn: _resource_from_json(each) for urn, each in data["resources"].items()},
            lookups=tuple(Lookup(**each) for each in data["lookups"]),
            outputs=data["outputs"],
            logs=tuple((severity, message) for severity, message in data["logs"]),
            region=data["region"],
        )

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.resources.values())


def _resource_from_json(data: Mapping[str, Any]) -> Resource:
    options: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in data["options"].items()
    }
    options["property_dependencies"] = {key: tuple(urns) for key, urns in options["property_dependencies"].items()}
    fields: dict[str, Any] = {**data, "options": Options(**options)}
    return Resource(**fields)


def plain(value: struct_pb2.Value) -> Any:
    """Protobuf as JSON-able Python: whole numbers as int, unknowns and secrets as their markers."""
    match value.WhichOneof("kind"):
        case "struct_value":
            return plain_struct(value.struct_value)
        case "list_value":
            return [plain(each) for each in value.list_value.values]
        case "string_value":
            return UNKNOWN if value.string_value == rpc.UNKNOWN else value.string_value
        case "number_value":
            number = value.number_value
            return int(number) if float(number).is_integer() else number
        case "bool_value":
            return value.bool_value
        case _:
            return None


def plain_struct(struct: struct_pb2.Struct) -> Any:
    """As `plain`, for an object; assets, archives and references to resources get a marker of their own."""
    fields = struct.fields
    if rpc._special_sig_key not in fields:
        return {key: plain(fields[key]) for key in sorted(fields)}  # protobuf keeps no order
    signature = fields[rpc._special_sig_key].string_value
    if signature == rpc._special_secret_sig:
        return SECRET
    rest = {key: plain(fields[key]) for key in sorted(fields) if key != rpc._special_sig_key}
    return {_SPECIAL.get(signature, "$special"): rest}
