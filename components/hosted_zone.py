"""HostedZone: a public Route 53 zone."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components._checks import refuse, require
from components._domains import domain_name

# Source: https://docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZoneConfig.html
LONGEST_COMMENT = 256


@dataclass(frozen=True, kw_only=True)
class HostedZoneArgs:
    """Inputs of HostedZone."""

    name: str
    """The domain the zone answers for, such as `example.com`, in lower case. Changing it makes a new zone."""
    comment: str = ""
    """What the zone is for, shown in the console; at most 256 characters. Default none."""

    def __post_init__(self) -> None:
        size = len(self.comment)
        refuse(
            self,
            domain_name("name", self.name),
            require(size <= LONGEST_COMMENT, f"comment must be at most {LONGEST_COMMENT} characters, got {size}"),
        )


class HostedZone(pulumi.ComponentResource):
    """A public zone. Nobody finds it until the registrar, or the zone above, names its `name_servers`.

    A zone that still holds records of others is not deleted: they would be lost without a trace.

    Children: `<name>`.
    Cost: $0.50 a month, and $0.40 per million queries; queries for alias records are free.
    Raises ValueError for a name or a comment Route 53 would refuse.
    """

    zone_id: pulumi.Output[str]
    """Id, for records and certificates."""
    name_servers: pulumi.Output[Sequence[str]]
    """The four servers to name at the registrar."""

    def __init__(self, name: str, args: HostedZoneArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:HostedZone", name, {}, opts)

        zone = aws.route53.Zone(
            name,
            name=args.name,
            comment=args.comment,
            force_destroy=False,
            opts=pulumi.ResourceOptions(parent=self),
        )

        self.zone_id = zone.zone_id
        self.name_servers = zone.name_servers
        self.register_outputs({"zone_id": self.zone_id, "name_servers": self.name_servers})
