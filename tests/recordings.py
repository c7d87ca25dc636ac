"""Recordings made by hand, for tests of what is derived from one."""

from preflight.recording import Options, Recording, Resource


def resource(
    label: str, /, type_: str = "aws:cloudwatch/logGroup:LogGroup", parent: str = "", options=None, **inputs
) -> Resource:
    qualified = f"{parent.split('::')[2]}${type_}" if parent else type_
    return Resource(
        urn=f"urn:pulumi:test::p::{qualified}::{label}",
        type=type_,
        name=label,
        parent=parent,
        custom=not type_.startswith("switchyard:"),
        remote=False,
        inputs=inputs,
        options=options or Options(),
        source="",
    )


def recording(*resources: Resource, **outputs) -> Recording:
    return Recording(
        project="p",
        stack="test",
        resources={each.urn: each for each in sorted(resources, key=lambda each: each.urn)},
        lookups=(),
        outputs=outputs,
        logs=(),
    )
