"""AliasRecord: a name that leads to an AWS resource, over IPv4 and IPv6."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components._checks import refuse
from components._domains import domain_name


@dataclass(frozen=True, kw_only=True)
class AliasRecordArgs:
    """Inputs of AliasRecord."""

    zone_id: pulumi.Input[str]
    """The hosted zone the name lies in."""
    name: str
    """The whole name, such as `app.example.com`, in lower case; it may be the zone's own name."""
    target_domain_name: pulumi.Input[str]
    """Where the name leads: the domain name of a distribution or of a load balancer."""
    target_zone_id: pulumi.Input[str]
    """The target's own hosted zone, which AWS says next to the target's domain name."""

    def __post_init__(self) -> None:
        refuse(self, domain_name("name", self.name))


class AliasRecord(pulumi.ComponentResource):
    """An A and an AAAA alias. A target without IPv6 answers the AAAA with nothing, and viewers use IPv4.

    Children: `<name>` (A), `<name>-ipv6` (AAAA).
    Cost: none; queries for aliases of AWS resources are free.
    Raises ValueError for a name that is not one.
    """

    fqdn: pulumi.Output[str]
    """The name, once it is in the zone."""

    def __init__(self, name: str, args: AliasRecordArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:AliasRecord", name, {}, opts)

        ipv4 = self._alias(name, "A", args)
        self._alias(f"{name}-ipv6", "AAAA", args)

        self.fqdn = ipv4.fqdn
        self.register_outputs({"fqdn": self.fqdn})

    def _alias(self, name: str, type_: str, args: AliasRecordArgs) -> "aws.route53.Record":
        return aws.route53.Record(
            name,
            zone_id=args.zone_id,
            name=args.name,
            type=type_,
            aliases=[
                {
                    "name": args.target_domain_name,
                    "zone_id": args.target_zone_id,
                    # CloudFront has no health to evaluate, and with a single target there is nowhere else to go.
                    "evaluate_target_health": False,
                }
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )
