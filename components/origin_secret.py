"""OriginSecret: what CloudFront sends to prove that a request came through our distribution."""

from dataclasses import dataclass

import pulumi
import pulumi_random as random

from components._checks import refuse, require

LENGTH = 48
"""Letters and digits of a secret: 285 bits, so its SHA-256 gives nothing away."""
HEADER = "x-origin-secret"
"""The request header it travels in. CloudFront overwrites what a viewer sends under this name."""


@dataclass(frozen=True, kw_only=True)
class OriginSecretArgs:
    """Inputs of OriginSecret. ValueError when the generation is below 1."""

    generation: int = 1
    """Which secret is sent, 1 or more. Default 1. Raise it by one to rotate: the one before stays accepted. Moved in
    any other way, the origins forget what CloudFront still sends, and viewers are refused until that is deployed."""

    def __post_init__(self) -> None:
        refuse(self, require(self.generation >= 1, f"generation must be 1 or more, got {self.generation}"))


class OriginSecret(pulumi.ComponentResource):
    """A random secret, and the one before it.

    Rotation by one takes one update and refuses nobody: the origins learn the new secret first, then the
    distribution sends it, and the oldest one is deleted last. After a leak, raise the generation by one, twice.

    Children: `<name>-<generation>`, and the generation before where there is one.
    Cost: none. The value is in the stack's state, encrypted.
    """

    current: pulumi.Output[str]
    """The secret to send; secret."""
    accepted: tuple[pulumi.Output[str], ...]
    """The secrets to accept, the current one first; secret."""

    def __init__(self, name: str, args: OriginSecretArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:OriginSecret", name, {}, opts)
        generations = [each for each in (args.generation, args.generation - 1) if each >= 1]
        self.accepted = tuple(
            random.RandomPassword(
                f"{name}-{generation}", length=LENGTH, special=False, opts=pulumi.ResourceOptions(parent=self)
            ).result
            for generation in generations
        )
        self.current = self.accepted[0]
        self.register_outputs({"current": self.current})
