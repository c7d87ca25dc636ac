"""The policies' findings about a recording."""

from typing import Any

from policies.graph import Resource, Stack
from policies.judge import Finding, judge
from policies.waivers import load
from preflight.recording import Recording


def graph(recording: Recording) -> Stack:
    """The recording as the policies see a stack."""
    return Stack.of(
        recording.stack,
        (
            Resource(
                urn=each.urn,
                type=each.type,
                name=each.name,
                inputs=each.inputs,
                protect=each.options.protect,
                depends_on=each.options.depends_on,
                property_dependencies=each.options.property_dependencies,
            )
            for each in recording
        ),
    )


def findings(recording: Recording) -> list[Finding]:
    """Every finding about the stack, waived ones included, the worst first. WaiverError if waivers.yaml is wrong."""
    return judge(graph(recording), load())


def as_data(found: list[Finding]) -> list[dict[str, Any]]:
    """The `findings` of the JSON document; `waived` is the reason, or None."""
    return [
        {
            "policy": each.policy.name,
            "controls": list(each.policy.controls),
            "severity": each.policy.severity,
            "urn": each.urn,
            "message": each.message,
            "fix": each.policy.fix,
            "waived": each.waiver.reason if each.waiver else None,
        }
        for each in found
    ]
