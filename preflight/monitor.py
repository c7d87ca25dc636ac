"""RecordingMonitor: the engine's side of the conversation, which writes down what it is asked to register.

It subclasses the SDK's own mock monitor, and mends what that leaves out: URNs as the real engine spells
them, a refusal of duplicates, transforms that run, and options, of which mocks see none.
"""

import asyncio
import threading
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote

import pulumi
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime import mocks, rpc
from pulumi.runtime._callbacks import _CallbackServicer
from pulumi.runtime.proto import resource_pb2

from preflight import made_up
from preflight.files import with_hashes
from preflight.recording import Lookup, Options, Resource, plain_struct

STACK = "pulumi:pulumi:Stack"


class _NoMocks(pulumi.runtime.Mocks):
    """The base class wants an object; every method that would use it is overridden below."""

    def call(self, args):
        raise AssertionError("unreachable")

    def new_resource(self, args):
        raise AssertionError("unreachable")


class RecordingMonitor(mocks.MockMonitor):
    """Writes down every registration and look-up, and answers with values of the shape AWS would give."""

    def __init__(self, project: str, stack: str, region: str, root: str):
        super().__init__(_NoMocks())
        self.project, self.stack, self.region, self.root = project, stack, region, root
        self.recorded: dict[str, Resource] = {}
        self.lookups: list[Lookup] = []
        self.outputs: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._transform_requests: list = []
        self._own_transforms: dict[str, list] = {}

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        qualified = parent.split("::")[2] if parent else ""
        if qualified and qualified != STACK:
            type_ = f"{qualified}${type_}"
        return f"urn:pulumi:{self.stack}::{self.project}::{type_}::{name}"

    def RegisterResource(self, request):
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == STACK:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        self._own_transforms[urn] = list(request.transforms)
        self._transform(request)
        resource = Resource(
            urn=urn,
            type=request.type,
            name=request.name,
            parent=request.parent,
            custom=request.custom,
            remote=request.remote,
            inputs=with_hashes(plain_struct(request.object), Path(self.root)),
            options=_options(request, tuple(self._alias(each, request) for each in request.aliases)),
            source=_source(request.stackTrace, self.root),
        )
        with self._lock:
            if urn in self.recorded:
                raise pulumi.RunError(f"Duplicate resource URN '{urn}'; try giving it a unique name")
            self.recorded[urn] = resource
        return self._answer(request, resource)

    def _alias(self, alias, request) -> str:
        """An alias as the URN it stands for: what its spec leaves out is as it is now."""
        if alias.urn:
            return alias.urn
        spec = alias.spec
        parent = "" if spec.noParent else spec.parentUrn or request.parent
        _, _, type_, name = self.make_urn(parent, spec.type or request.type, spec.name or request.name).split("::", 3)
        return f"urn:pulumi:{spec.stack or self.stack}::{spec.project or self.project}::{type_}::{name}"

    def _answer(self, request, resource: Resource) -> resource_pb2.RegisterResourceResponse:
        answer = resource_pb2.RegisterResourceResponse(urn=resource.urn)
        # A remote component's outputs may share a name, but not a type, with its inputs: no echo.
        if not resource.remote:
            answer.object.CopyFrom(request.object)
        computed = made_up.outputs(resource, self.region)
        if resource.custom:
            answer.id = computed.pop("id")
        for key, value in _struct(computed).fields.items():
            if key not in answer.object.fields:
                answer.object.fields[key].CopyFrom(value)
        for key in request.additionalSecretOutputs:
            if key in answer.object.fields:
                _make_secret(answer.object.fields[key])
        registration = mocks.MockMonitor.ResourceRegistration(resource.urn, answer.id, {})
        self.resources[resource.urn] = registration
        return answer

    def RegisterResourceOutputs(self, request):
        outputs = plain_struct(request.outputs)
        with self._lock:
            if request.urn in self.recorded:
                self.recorded[request.urn] = replace(self.recorded[request.urn], outputs=outputs)
            else:
                self.outputs = outputs
        return empty_pb2.Empty()

    def ReadResource(self, request):
        urn = self.make_urn(request.parent, request.type, request.name)
        return resource_pb2.ReadResourceResponse(urn=urn, id=request.id, properties=request.properties)

    def Invoke(self, request):
        args = plain_struct(request.args)
        with self._lock:
            provider = request.provider.rpartition("::")[0]
            self.lookups.append(Lookup(token=request.tok, args=args, provider=provider))
        answer = resource_pb2.ResourceInvokeResponse()
        getattr(answer, "return").CopyFrom(_struct(made_up.lookup(request.tok, args, self.region)))
        return answer

    def RegisterStackTransform(self, request):
        self._transform_requests.append(request)
        return empty_pb2.Empty()

    def RegisterStackInvokeTransform(self, request):
        return empty_pb2.Empty()

    def _transform(self, request) -> None:
        """Run transforms where the engine would: the resource's own, then its ancestors', then the stack's.

        The SDK's callbacks live on the program's event loop, which is free while this thread waits.
        """
        chain, ancestor = list(request.transforms), request.parent
        while ancestor:
            chain += self._own_transforms.get(ancestor, [])
            ancestor = self.recorded[ancestor].parent if ancestor in self.recorded else ""
        for callback in chain + self._transform_requests:
            servicer = next(each for each in _CallbackServicer._servicers if callback.token in each._callbacks)
            asked = resource_pb2.TransformRequest(
                type=request.type,
                name=request.name,
                custom=request.custom,
                parent=request.parent,
                properties=request.object,
                options=_transformable(request),
            )
            running = cast("Coroutine[Any, Any, Any]", servicer._callbacks[callback.token](asked.SerializeToString()))
            answer = asyncio.run_coroutine_threadsafe(running, servicer._loop).result()
            request.object.CopyFrom(answer.properties)
            if answer.HasField("options"):
                _apply_transformed(request, answer.options)


_TRANSFORMED_LISTS = {
    "dependencies": "depends_on",
    "ignoreChanges": "ignore_changes",
    "replaceOnChanges": "replace_on_changes",
    "aliases": "aliases",
    "additionalSecretOutputs": "additional_secret_outputs",
}
_TRANSFORMED_FLAGS = {"protect": "protect", "retainOnDelete": "retain_on_delete"}


def _transformable(request) -> resource_pb2.TransformResourceOptions:
    options = resource_pb2.TransformResourceOptions(
        provider=request.provider,
        providers=dict(request.providers),
        version=request.version,
        **{theirs: getattr(request, ours) for ours, theirs in _TRANSFORMED_LISTS.items()},
    )
    for ours, theirs in _TRANSFORMED_FLAGS.items():
        if request.HasField(ours):
            setattr(options, theirs, getattr(request, ours))
    if request.deleteBeforeReplaceDefined:
        options.delete_before_replace = request.deleteBeforeReplace
    return options


def _apply_transformed(request, options: resource_pb2.TransformResourceOptions) -> None:
    for ours, theirs in _TRANSFORMED_LISTS.items():
        request.ClearField(ours)
        getattr(request, ours).extend(getattr(options, theirs))
    for ours, theirs in _TRANSFORMED_FLAGS.items():
        request.ClearField(ours)
        if options.HasField(theirs):  # ty: ignore[invalid-argument-type]
            setattr(request, ours, getattr(options, theirs))
    request.provider = options.provider
    request.deleteBeforeReplaceDefined = options.HasField("delete_before_replace")
    request.deleteBeforeReplace = options.delete_before_replace


def _options(request, aliases: tuple[str, ...]) -> Options:
    timeouts = json_format.MessageToDict(request.customTimeouts) if request.HasField("customTimeouts") else {}
    return Options(
        protect=request.protect,
        depends_on=tuple(sorted(set(request.dependencies))),
        property_dependencies={
            key: tuple(sorted(set(each.urns)))
            for key, each in sorted(request.propertyDependencies.items())
            if each.urns
        },
        ignore_changes=tuple(request.ignoreChanges),
        replace_on_changes=tuple(request.replaceOnChanges),
        replace_with=tuple(sorted(request.replace_with)),
        delete_before_replace=request.deleteBeforeReplace,
        retain_on_delete=request.retainOnDelete,
        aliases=aliases,
        provider=request.provider.rpartition("::")[0],  # a reference is URN::id
        version=request.version,
        custom_timeouts=timeouts,
    )


def _source(trace, root: str) -> str:
    """Where the program asked for it: the nearest frame that is no library's (a provider has one more of the SDK's)."""
    for frame in trace.frames:
        path = unquote(frame.pc.uri).removeprefix("file://")
        if path and "/site-packages/" not in path:
            return f"{path.removeprefix(f'{root}/')}:{frame.pc.line}"
    return ""


def _struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(values)
    return struct


def _make_secret(value: struct_pb2.Value) -> None:
    bare = struct_pb2.Value()
    bare.CopyFrom(value)
    value.Clear()
    value.struct_value.fields[rpc._special_sig_key].string_value = rpc._special_secret_sig
    value.struct_value.fields["value"].CopyFrom(bare)
