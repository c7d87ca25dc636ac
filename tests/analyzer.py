"""Analyzer: the policy pack as a process of its own, spoken to over the protocol by which the engine does.

The engine starts the pack in its folder, reads the port from its output, asks what policies there are, sends their
configuration back, has each resource analyzed as it is registered, and at the end the whole stack with its outputs.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf import struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE
from stacks import ROOT

from preflight import made_up
from preflight.recording import SECRET, UNKNOWN, Recording, Resource

REGION = "us-east-1"
VALUE_OF_SECRETS = "s" * 48


@dataclass(frozen=True)
class Violation:
    """One diagnostic of the pack."""

    policy: str
    urn: str
    message: str
    level: str


class Analyzer:
    """A running pack."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = analyzer_pb2_grpc.AnalyzerStub(channel)
        self.info = self._stub.GetAnalyzerInfo(struct_pb2.Value(), wait_for_ready=True)
        self._stub.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=dict(self.info.initialConfig)))

    def judge(self, recording: Recording) -> list[Violation]:
        """Everything the pack says about a stack, in the engine's order: each resource, then the stack."""
        found = []
        for each in recording:
            request = analyzer_pb2.AnalyzeRequest(
                type=each.type, urn=each.urn, name=each.name, properties=wire(each.inputs), options=_options(each)
            )
            found += self._stub.Analyze(request).diagnostics
        request = analyzer_pb2.AnalyzeStackRequest(resources=[_stack_resource(each) for each in recording])
        found += self._stub.AnalyzeStack(request).diagnostics
        levels = analyzer_pb2.EnforcementLevel.Name
        return [Violation(each.policyName, each.urn, each.message, levels(each.enforcementLevel)) for each in found]


@contextmanager
def analyzer() -> Iterator[Analyzer]:
    """Start the pack as the engine does; it is stopped at the end."""
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", "."]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    with subprocess.Popen(
        command, cwd=ROOT / "policies", env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            port = process.stdout.readline().strip()
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                yield Analyzer(channel)
        finally:
            process.kill()


def wire(values: dict[str, Any]) -> struct_pb2.Struct:
    """Recorded inputs as the engine sends them: secrets in their envelope, unknowns as the engine's own sentinel."""
    struct = struct_pb2.Struct()
    struct.update(_sent(values))
    return struct


def _sent(value: Any) -> Any:
    if value == UNKNOWN:
        return UNKNOWN_STRING_VALUE
    if value == SECRET:
        return {rpc._special_sig_key: rpc._special_secret_sig, "value": VALUE_OF_SECRETS}
    if isinstance(value, dict):
        return {key: _sent(each) for key, each in value.items() if not key.startswith("$")}
    if isinstance(value, list):
        return [_sent(each) for each in value]
    return value


def _outputs(values: dict[str, Any]) -> dict[str, Any]:
    """Inputs as they come back from a provider: for one secret in a list the engine marks all of it.

    Source: annotateSecrets in
    https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/plugin/provider_plugin.go
    """
    return {key: _output(value) for key, value in values.items()}


def _output(value: Any) -> Any:
    if isinstance(value, dict) and value != SECRET:
        return _outputs(value)
    if isinstance(value, list) and str(SECRET) in str(value):
        return {rpc._special_sig_key: rpc._special_secret_sig, "value": _sent(value)}
    return value


def _options(each: Resource) -> analyzer_pb2.AnalyzerResourceOptions:
    return analyzer_pb2.AnalyzerResourceOptions(protect=each.options.protect, parent=each.parent)


def _stack_resource(each: Resource) -> analyzer_pb2.AnalyzerResource:
    outputs = made_up.outputs(each, REGION) if each.custom else {}
    dependencies = {
        key: analyzer_pb2.AnalyzerPropertyDependencies(urns=urns)
        for key, urns in each.options.property_dependencies.items()
    }
    return analyzer_pb2.AnalyzerResource(
        type=each.type,
        urn=each.urn,
        name=each.name,
        properties=wire(_outputs({**outputs, **each.inputs})),
        options=_options(each),
        parent=each.parent,
        dependencies=each.options.depends_on,
        propertyDependencies=dependencies,
    )
