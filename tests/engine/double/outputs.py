"""What AWS would add to a resource's inputs: shaped as preflight shapes it, and new with every creation.

The first resource of a URN gets the very values that preflight makes up for it, so that a plan of preflight's and
what the engine did can be compared as they are. A second one, after a replacement or a deletion, gets others.
"""

import hashlib
import typing
from collections.abc import Mapping, Sequence, Set
from typing import Any

from engine.double.sdk import shape
from engine.double.wire import UNKNOWN, plain

from preflight import made_up
from preflight.recording import Options, Resource

AUTO_NAMED = {"aws:s3/bucket:Bucket": "bucket"}
"""Where the property that Pulumi names resources by is not `name`."""
NOT_AUTO_NAMED = {"aws:route53/record:Record", "aws:lambda/alias:Alias", "aws:apigatewayv2/stage:Stage"}

DEFAULTS = "__defaults"
"""Where the provider writes down which inputs it filled in."""
CHANGES_WITH = {"aws:lambda/function:Function": ("version", "qualifiedArn", "qualifiedInvokeArn", "lastModified")}
"""Outputs that are new after an update, and so unknown in the preview of one."""


_OF_NO_VERSION = {"tags", "tagsAll", "reservedConcurrentExecutions", DEFAULTS}


def auto_name(type_: str, urn: str, generation: int, inputs: Mapping[str, Any]) -> tuple[str, str] | None:
    """(property, name) that the provider gives a resource whose program gave none."""
    known = shape(type_)
    key = AUTO_NAMED.get(type_, "name")
    if known is None or key not in known.inputs or key in known.required or type_ in NOT_AUTO_NAMED:
        return None
    if inputs.get(key) is not None:
        return None  # the program names it
    prefix = plain(inputs.get(f"{key}Prefix"))
    if prefix == UNKNOWN:
        return None
    name = urn.rpartition("::")[2]
    return key, (prefix or f"{name}-") + digest(urn, generation)[:7]


def is_named_by_the_program(type_: str, inputs: Mapping[str, Any]) -> bool:
    """Whether a replacement would get the same name, so that the provider deletes the old one first."""
    key = AUTO_NAMED.get(type_, "name")
    may_be_named = auto_name(type_, "", 0, {}) is not None
    return may_be_named and key in inputs and key not in inputs.get(DEFAULTS, ())


def computed(
    type_: str, urn: str, generation: int, inputs: Mapping[str, Any], region: str
) -> tuple[str, dict[str, Any]]:
    """(id, outputs) of a resource just created; inputs are not among the outputs."""
    opened = {key: value for key, value in plain(dict(inputs)).items() if value != UNKNOWN}
    resource = Resource(
        urn=_serial(urn, generation),
        type=type_,
        name=urn.rpartition("::")[2],
        parent="",
        custom=True,
        remote=False,
        inputs=opened,
        options=Options(),
        source="",
    )
    region = opened.get("region") or region
    made = {"region": region, **made_up.outputs(resource, region)}
    id_ = str(made.pop("id")) or f"{resource.name}-{generation}"
    if generation and type_ == "aws:ecs/taskDefinition:TaskDefinition":
        revision = generation + 1
        made |= {"revision": revision, "arn": f"{made['arnWithoutRevision']}:{revision}"}
    known = shape(type_)
    for key, hint in (known.outputs if known else {}).items():
        if key not in made and key not in inputs and key not in ("id", "urn") and "None" not in str(hint):
            made[key] = _of_kind(hint, key, id_)
    return id_, {key: value for key, value in made.items() if value is not None and (not known or key in known.outputs)}


def unknown(type_: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The same before anything was created: nothing is known."""
    known = shape(type_)
    return {key: UNKNOWN for key in (known.outputs if known else ()) if key not in inputs and key not in ("id", "urn")}


def after_update(type_: str, old: Mapping[str, Any], changed: Set[str], *, preview: bool) -> dict[str, Any]:
    """Outputs that are others after an update: a function that is published gets the next version.

    For its code and its configuration, that is: tags and reserved concurrency belong to the function, not to a version.
    Source: needsFunctionConfigUpdate and needsFunctionCodeUpdate in
    https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/lambda/function.go
    """
    if type_ not in CHANGES_WITH or not plain(dict(old)).get("publish") or changed <= _OF_NO_VERSION:
        return {}
    if preview:
        return dict.fromkeys(CHANGES_WITH[type_], UNKNOWN)
    version = str(int(old.get("version") or 0) + 1)
    return {"version": version, "qualifiedArn": f"{old['arn']}:{version}"}


def digest(urn: str, generation: int) -> str:
    """64 hex digits, others for each generation."""
    return hashlib.sha256(_serial(urn, generation).encode()).hexdigest()


def _serial(urn: str, generation: int) -> str:
    return f"{urn}#{generation}" if generation else urn


def _of_kind(hint: Any, key: str, id_: str) -> Any:
    """Something of the kind the SDK expects; None for an object, which the SDK then takes as absent."""
    simple = {bool: False, int: 0, float: 0, str: f"{key}-of-{id_}", Sequence: [], Mapping: {}}
    return simple.get(typing.get_origin(hint) or hint)
