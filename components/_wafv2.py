"""AWS's own WebAcl and WebAclLoggingConfiguration, without the second it takes to import `pulumi_aws.wafv2`.

The SDK spells out every nesting of a rule's statements: 50,000 lines, as much time as all else that a stack
imports. Type checkers read the SDK's classes; at run time these register the same resources with the same inputs,
which the tests hold against the SDK's. Nested inputs are dicts, as the SDK's TypedDicts have them.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_aws import _utilities

if TYPE_CHECKING:
    from pulumi_aws.wafv2 import WebAcl, WebAclLoggingConfiguration
else:

    class _Resource(pulumi.CustomResource):
        def __init__(self, type_: str, name: str, inputs: dict[str, Any], opts: pulumi.ResourceOptions | None) -> None:
            opts = pulumi.ResourceOptions.merge(_utilities.get_resource_opts_defaults(), opts)
            super().__init__(type_, name, on_the_wire(inputs), opts)

    class WebAcl(_Resource):
        """A WAFv2 web ACL. Of its outputs, only `arn` is declared here."""

        arn: pulumi.Output[str]

        def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **inputs: Any) -> None:
            super().__init__("aws:wafv2/webAcl:WebAcl", name, {**inputs, "arn": None}, opts)

    class WebAclLoggingConfiguration(_Resource):
        """Where a web ACL's log goes, and what is left out of it."""

        def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **inputs: Any) -> None:
            type_ = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
            super().__init__(type_, name, inputs, opts)


def on_the_wire(value: Any) -> Any:
    """The value with the keys of every dict in it in camelCase, as the provider takes them; nothing else changes."""
    if isinstance(value, Mapping):
        return {_camel_case(key): on_the_wire(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [on_the_wire(each) for each in value]
    return value


def _camel_case(key: str) -> str:
    first, *rest = key.split("_")
    return first + "".join(word.capitalize() for word in rest)


__all__ = ["WebAcl", "WebAclLoggingConfiguration", "on_the_wire"]
