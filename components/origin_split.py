"""OriginSplit: what the function at the edge needs to divide viewers between two origins."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components._checks import between, one_of, refuse, require

KEY = "split"
"""The one key of the store. One value is written and read whole; two would be seen at different times."""
TOKEN_LENGTH = 48
"""Letters and digits of the smoke token: 285 bits, so its SHA-256 gives nothing away."""
PERCENT = (0, 100)


@dataclass(frozen=True, kw_only=True)
class OriginSplitArgs:
    """Inputs of OriginSplit. ValueError unless there are one or two different origins."""

    origins: Sequence[str]
    """Ids of the service's origins. With one, nothing is divided."""

    def __post_init__(self) -> None:
        ids = list(self.origins)
        refuse(
            self, require(len(set(ids)) == len(ids) in (1, 2), f"origins must be one or two different ids, got {ids}")
        )


class OriginSplit(pulumi.ComponentResource):
    """A store that says which part of the viewers goes where, and what makes an old value of it invalid.

    The epoch is in the function's code and in the stored value, and a value of another epoch doesn't count. It is
    there also while there is only one origin, and another one then: so a value that outlives its standby, because an
    update failed half-way, is invalid before the distribution drops an origin, and stays so when that origin is back.

    Children: `<name>-epoch`; with two origins `<name>` (the store) and `<name>-smoke-token`, and with `weigh` also
    `<name>-weight`.
    Cost: a read with each request, $0.03 per million; nothing by the hour.
    Raises: ValueError (OriginSplitArgs, `weigh`).
    """

    origins: tuple[str, ...]
    """Ids of the origins the function may name, sorted; empty when there is nothing to divide."""
    epoch: pulumi.Output[str]
    """16 hex digits, others whenever `origins` changes."""
    epoch_resource: pulumi.Resource
    """What the function must wait for, so that an old epoch ends before anything else changes."""
    store_arn: pulumi.Output[str] | None
    """ARN of the store to associate the function with; None when there is nothing to divide."""
    smoke_token: pulumi.Output[str]
    """Lets a request choose its origin; secret, and empty when there is nothing to divide."""
    smoke_token_sha256: pulumi.Output[str]
    """SHA-256 of the token in hex; not secret."""

    def __init__(self, name: str, args: OriginSplitArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:OriginSplit", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        self._name = name

        self.origins = tuple(sorted(args.origins)) if len(args.origins) > 1 else ()
        epoch = random.RandomId(f"{name}-epoch", byte_length=8, keepers={"origins": ",".join(self.origins)}, opts=child)
        self.epoch, self.epoch_resource = epoch.hex, epoch
        self.store_arn = None
        self.smoke_token = pulumi.Output.from_input("")
        if self.origins:
            self.store_arn = aws.cloudfront.KeyValueStore(name, opts=child).arn
            token = random.RandomPassword(f"{name}-smoke-token", length=TOKEN_LENGTH, special=False, opts=child)
            self.smoke_token = token.result
        self.smoke_token_sha256 = pulumi.Output.unsecret(self.smoke_token.apply(_sha256))
        self.register_outputs({"epoch": self.epoch})

    def weigh(self, active: str, standby_percent: int, after: pulumi.Input[object]) -> None:
        """Send this part of the viewers to the origin that isn't `active`, once `after` is known."""
        if self.store_arn is None:
            return
        refuse(
            self,
            one_of("active", active, self.origins),
            between("standby_percent", standby_percent, *PERCENT),
        )
        aws.cloudfront.KeyvaluestoreKey(
            f"{self._name}-weight",
            key_value_store_arn=self.store_arn,
            key=KEY,
            value=pulumi.Output.all(self.epoch, after).apply(
                lambda known: weight_of(known[0], self.origins, active, standby_percent)
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )


def weight_of(epoch: str, origins: Sequence[str], active: str, standby_percent: int) -> str:
    """The stored value: percent of the viewers that go to the first of the two origins, whichever of them is active."""
    percent = standby_percent if active != origins[0] else 100 - standby_percent
    return json.dumps({"epoch": epoch, origins[0]: percent})


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
