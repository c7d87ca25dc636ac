"""The policies as pulumi-policy takes them. What is waived is not reported; low severity only advises."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyComplianceFramework,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy import policy as servicer
from pulumi_policy.deserialize import SPECIAL_SECRET_SIG, SPECIAL_SIG_KEY, deserialize_properties
from pulumi_policy.proxy import UnknownValueError

from policies import judge
from policies import registry as ours
from policies.graph import SECRET, UNKNOWN, Resource, Stack, canonical
from policies.waivers import load


def marked(value: Any) -> Any:
    """The engine's properties, each secret with a mark; pulumi-policy opens it, and leaves no trace that it was one.

    The inputs of a resource are then judged as preflight judges them, secrets unseen. A stack policy sees outputs, in
    which the engine marks all of a list for one secret in it; there they are opened again.
    """
    if isinstance(value, dict):
        if value.get(SPECIAL_SIG_KEY) == SPECIAL_SECRET_SIG:
            return {**SECRET, "value": marked(value.get("value"))}
        return {key: marked(each) for key, each in value.items()}
    return [marked(each) for each in value] if isinstance(value, list) else value


def _deserialized(props: dict[str, Any], proxy_secrets: bool = False) -> dict[str, Any]:
    return deserialize_properties(marked(props), proxy_secrets)


setattr(servicer, "deserialize_properties", _deserialized)  # noqa: B010 - the type checker knows it as one function


def pack_policies() -> list[Policy]:
    """One for each policy of the registry."""
    return [_stack_policy(each) if each.stack_check else _resource_policy(each) for each in ours.POLICIES.values()]


def _resource_policy(policy: ours.Policy) -> ResourceValidationPolicy:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        _given[args.urn] = frozenset(args.props)
        if not policy.is_about(canonical(args.resource_type)):
            return
        resource = Resource(
            urn=args.urn,
            type=args.resource_type,
            name=args.name,
            inputs=plain(args.props),
            protect=args.opts.protect,
        )
        _report(policy, [resource], report)

    return ResourceValidationPolicy(validate=validate, **_described(policy))


def _stack_policy(policy: ours.Policy) -> StackValidationPolicy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        _report(policy, [_resource(each) for each in args.resources], report)

    return StackValidationPolicy(validate=validate, **_described(policy))


def _described(policy: ours.Policy) -> dict[str, Any]:
    return {
        "name": policy.name,
        "description": policy.what,
        "enforcement_level": EnforcementLevel.ADVISORY if policy.severity == "low" else EnforcementLevel.MANDATORY,
        "severity": Severity(policy.severity),
        "framework": PolicyComplianceFramework(name="switchyard", reference=", ".join(policy.controls)),
        "remediation_steps": policy.fix,
        "url": policy.link,
    }


def _report(policy: ours.Policy, resources: Sequence[Resource], report: ReportViolation) -> None:
    if not resources:
        return
    stack = Stack.of(resources[0].urn.split(":")[2], resources)
    for each in judge.judge(stack, load(), (policy,)):
        if not each.waiver:
            report(f"{each.message}. To mend it: {policy.fix}. {policy.link}", each.urn)


_given: dict[str, frozenset[str]] = {}
"""The names of each resource's inputs, by its URN. A stack policy comes last, and is shown what AWS filled in, too."""


def _resource(each: PolicyResource) -> Resource:
    shown = plain(each.props, opened=True)
    return Resource(
        urn=each.urn,
        type=each.resource_type,
        name=each.name,
        inputs={key: shown[key] for key in shown if key in _given.get(each.urn, shown)},
        protect=each.opts.protect,
        depends_on=[before.urn for before in each.dependencies],
        property_dependencies={
            key: [source.urn for source in sources] for key, sources in each.property_dependencies.items()
        },
    )


def plain(value: Any, *, opened: bool = False) -> Any:
    """The engine's properties as preflight records them: whole numbers as int, unknowns and secrets as their markers.

    `opened`: what is secret is there to be read.
    """
    if isinstance(value, Mapping):
        if "$secret" in value:
            return _item(value, "value", opened) if opened else SECRET
        return {key: _item(value, key, opened) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_item(value, index, opened) for index in range(len(value))]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, pulumi.Asset | pulumi.Archive):
        return {"$asset": {}}  # no policy looks into a file
    return value


def _item(holder: Any, key: Any, opened: bool) -> Any:
    try:
        return plain(holder[key], opened=opened)
    except UnknownValueError:
        return UNKNOWN
