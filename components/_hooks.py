"""bind: hooks by names of their own, which the engine asks of each; plain: what they are told."""

from itertools import count
from typing import Any

import pulumi

_numbers = count(1)


def bind(of: str, **hooks: pulumi.ResourceHookFunction) -> pulumi.ResourceHookBinding:
    """Do these around operations on the resource `of`: `bind("web", after_create=check)`.

    The SDK would name them after the resource's type and name alone, and the engine takes no name twice: two resources
    that differ in their parents only could not be in one program.
    """
    number = next(_numbers)
    named: dict[str, Any] = {when: [pulumi.ResourceHook(f"{of}-{when}-{number}", does)] for when, does in hooks.items()}
    return pulumi.ResourceHookBinding(**named)


async def plain(value: Any) -> Any:
    """The value of an input or an output. What holds a secret, or is made of one, arrives as an Output."""
    return await pulumi.Output.from_input(value).future()
