"""Vpc: public and private subnets in several zones, and one of six ways out for the tasks in them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import get_args

import pulumi
import pulumi_aws as aws

from components._checks import between, matches, one_of, refuse, require
from components._cidr import block_problem, plan_zones
from components._logs import RETENTION_DAYS
from components._routing import WayOut, routed_subnet, routed_table
from components._ways_out import Nat, ipv4_ways_out, ipv6_way_out
from components.flow_log import FlowLog, FlowLogArgs
from components.nat_instance import NatInstanceArgs
from components.vpc_endpoints import VpcEndpoints, VpcEndpointsArgs, service_problems

# A load balancer wants two, and no region has more than six.
# Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
ZONES = (2, 6)

# Zones that every account can use; Northern California and Tokyo have one more that only old accounts see.
# Source: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html
ZONES_PER_REGION = {"ap-northeast-2": 4, "us-east-1": 6, "us-west-1": 2, "us-west-2": 4}
_ZONES_ELSEWHERE = 3

# Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
_HEX = "[0-9a-f]{8,17}"
_ZONE_ID = "[a-z0-9-]+-az[0-9]+"


def zones_in(region: str) -> int:
    """How many zones every account can use in this region."""
    return ZONES_PER_REGION.get(region, _ZONES_ELSEWHERE)


@dataclass(frozen=True, kw_only=True)
class ExistingVpc:
    """A network that somebody else owns. ValueError unless there is a subnet and every id looks like one.

    What can't be seen from here is its owner's to know: an internal balancer behind CloudFront wants an internet
    gateway on the VPC, subnets in two zones, and none in a zone without VPC origins (use1-az3 in us-east-1).
    """

    vpc_id: pulumi.Input[str]
    """The VPC, such as vpc-0a1b2c3d4e5f67890."""
    public_subnet_ids: Sequence[pulumi.Input[str]] = ()
    """Subnets routed to an internet gateway. Default none. Tasks run here only if there are no private ones."""
    private_subnet_ids: Sequence[pulumi.Input[str]] = ()
    """Subnets that the internet can't reach. Default none. How they reach out, for images and logs, is the owner's
    affair."""

    def __post_init__(self) -> None:
        refuse(
            self,
            matches("vpc_id", self.vpc_id, f"vpc-{_HEX}", "a VPC id such as vpc-0a1b2c3d4e5f67890"),
            *_not_subnets("public_subnet_ids", self.public_subnet_ids),
            *_not_subnets("private_subnet_ids", self.private_subnet_ids),
            *(_twice(field, getattr(self, field)) for field in ("public_subnet_ids", "private_subnet_ids")),
            require(
                bool(self.public_subnet_ids or self.private_subnet_ids),
                "public_subnet_ids or private_subnet_ids must name a subnet, got none",
            ),
        )


@dataclass(frozen=True, kw_only=True)
class VpcArgs:
    """Inputs of Vpc. ValueError names every field that AWS, or the zones asked for, would refuse."""

    cidr_block: str = "10.0.0.0/16"
    """IPv4 block, /16 to /28, large enough for `zones`: /25 for 2, /24 for 4, /23 for 6. Default 10.0.0.0/16, whose
    subnets are /20. It can't be changed without a new VPC; choose another where networks will be peered."""
    zones: int = 2
    """Availability zones, 2 to 6. Default 2, the fewest a load balancer takes. Adding one later leaves the subnets
    that are there alone."""
    nat: Nat = "none"
    """Way out to IPv4 for the tasks, us-east-1 prices a month. Default `none`, which costs nothing by itself.
    `none`: tasks in public subnets, each with a public IPv4 ($3.65); private subnets have no way out.
    `endpoints`: private subnets without any internet; each interface endpoint costs $7.30 a zone and $0.01 a GB.
    `instance`: one NAT instance, about $7; one machine, one zone.
    `single`: one NAT gateway in the first zone, $36.50 and $0.045 a GB; if that zone fails, nobody gets out.
    `perZone`: one NAT gateway a zone, $36.50 each; zones don't depend on each other.
    `regional`: one NAT gateway that AWS extends to the zones in use; priced as `perZone`, in one resource."""
    nat_instance_ports: Sequence[int] = NatInstanceArgs.ports
    """TCP ports that a NAT instance forwards, 443 among them. Default 443. Gateways forward every port."""
    ipv6: bool = True
    """An Amazon-provided /56, a /64 for each subnet, and a free IPv6 way out from private subnets through an
    egress-only gateway (not with `endpoints`). Default True. ECR and most AWS APIs still want IPv4."""
    flow_logs: bool = True
    """Whether to log all connections. Default True; $0.50 per GB."""
    log_retention_days: int = FlowLogArgs.log_retention_days
    """Days CloudWatch keeps the flow logs, one of RETENTION_DAYS. Default 14."""
    interface_endpoints: Sequence[str] = ("ecr.api", "ecr.dkr", "logs")
    """AWS services to reach privately, by the last part of their endpoint's name. Only with `nat` `endpoints`.
    Default what a Fargate task needs to start and to log; add `secretsmanager`, `ssm` or `ssmmessages` if used."""
    exclude_zone_ids: Sequence[str] = ()
    """Zones to keep out of, by id, such as use1-az3: a zone's name differs between accounts, its id doesn't. Default
    none. Decide before the first deployment: a later change moves subnets to other zones."""
    existing: ExistingVpc | None = None
    """A network to adopt in place of a new one; it stands alone, all other fields at their defaults. Default None."""

    def __post_init__(self) -> None:
        others = [each for each in fields(self) if each.name != "existing"]
        changed = [each.name for each in others if getattr(self, each.name) != each.default]
        refuse(
            self,
            block_problem("cidr_block", self.cidr_block, self.zones),
            between("zones", self.zones, *ZONES),
            one_of("nat", self.nat, get_args(Nat)),
            one_of("log_retention_days", self.log_retention_days, RETENTION_DAYS),
            *service_problems("interface_endpoints", self.interface_endpoints),
            *(
                matches("exclude_zone_ids", each, _ZONE_ID, "zone ids such as use1-az3")
                for each in self.exclude_zone_ids
            ),
            require(not (self.existing and changed), f"existing stands alone: leave out {', '.join(changed)}"),
        )


class Vpc(pulumi.ComponentResource):
    """A network for tasks and their load balancer; or an existing one, adopted, and then without any child.

    A subnet's id resolves only once its routes are there, so whatever is put into a subnet waits for its way out,
    and is gone before that is taken down.

    Children: `<name>`; and, `<zone>` being a zone's name such as us-east-1a, `<name>-default` (default security group,
    emptied); `<name>-internet-gateway`; `<name>-egress-only`;
    `<name>-public` (route table), `<name>-public-ipv4` and `-ipv6` (its routes), `<name>-public-<zone>` (subnet, and
    its association with the table);
    `<name>-private-<zone>` (subnet, route table and association), `<name>-private-<zone>-ipv4` and `-ipv6` (routes);
    `<name>-nat-<zone>` (zonal NAT gateway and its address), `<name>-nat` (regional NAT gateway, or NatInstance);
    `<name>-endpoints` (VpcEndpoints), `<name>-flow-log` (FlowLog).
    Cost: nothing by the hour but what `VpcArgs.nat` says; flow logs by the GB.
    Raises: ValueError if the region has fewer zones than asked for.
    """

    vpc_id: pulumi.Output[str]
    """Id, for security groups and target groups."""
    public_subnet_ids: Sequence[pulumi.Output[str]]
    """Subnets with a route to the internet gateway, one a zone, in the order of the zones' names."""
    private_subnet_ids: Sequence[pulumi.Output[str]]
    """Subnets that the internet can't reach, one a zone, in the same order."""
    task_subnet_ids: Sequence[pulumi.Output[str]]
    """Where tasks go: the private subnets, or the public ones if only those have a way out."""
    task_public_ip: bool
    """Whether a task needs a public IPv4 to get out: True exactly when tasks go to public subnets."""

    def __init__(self, name: str, args: VpcArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:Vpc", name, {}, opts)
        if args.existing:
            self._adopt(args.existing)
            self.task_public_ip = not self.private_subnet_ids
        else:
            self._build(name, args)
            self.task_public_ip = args.nat == "none"
        self.task_subnet_ids = self.public_subnet_ids if self.task_public_ip else self.private_subnet_ids
        self.register_outputs(
            {
                "vpc_id": self.vpc_id,
                "public_subnet_ids": self.public_subnet_ids,
                "private_subnet_ids": self.private_subnet_ids,
                "task_subnet_ids": self.task_subnet_ids,
                "task_public_ip": self.task_public_ip,
            }
        )

    def _adopt(self, existing: ExistingVpc) -> None:
        self.vpc_id = pulumi.Output.from_input(existing.vpc_id)
        self.public_subnet_ids = [pulumi.Output.from_input(each) for each in existing.public_subnet_ids]
        self.private_subnet_ids = [pulumi.Output.from_input(each) for each in existing.private_subnet_ids]

    def _build(self, name: str, args: VpcArgs) -> None:
        plans = dict(zip(self._zones(args), plan_zones(args.cidr_block, args.zones), strict=True))
        child = pulumi.ResourceOptions(parent=self)

        vpc = self._vpc(name, args)
        subnet = partial(routed_subnet, self, vpc=vpc, ipv6=args.ipv6)
        gateway = aws.ec2.InternetGateway(
            f"{name}-internet-gateway", vpc_id=vpc.id, tags={"Name": f"{name}-internet-gateway"}, opts=child
        )
        internet = WayOut(target={"gateway_id": gateway.id}, ready=gateway)
        both = {"ipv4": internet, "ipv6": internet if args.ipv6 else None}
        public_table = routed_table(self, f"{name}-public", vpc.id, both)
        public = {
            zone: subnet(f"{name}-public-{zone}", availability_zone=zone, plan=plan.public, table=public_table)
            for zone, plan in plans.items()
        }

        ipv4 = ipv4_ways_out(
            self,
            f"{name}-nat",
            args.nat,
            vpc=vpc,
            internet_gateway=gateway,
            public_subnet_ids=public,
            instance_ports=args.nat_instance_ports,
        )
        has_ipv6 = args.ipv6 and args.nat != "endpoints"  # which promises that there is no internet
        ipv6 = ipv6_way_out(self, f"{name}-egress-only", vpc.id) if has_ipv6 else None
        tables = {
            zone: routed_table(self, f"{name}-private-{zone}", vpc.id, {"ipv4": ipv4.get(zone), "ipv6": ipv6})
            for zone in plans
        }
        private = {
            zone: subnet(f"{name}-private-{zone}", availability_zone=zone, plan=plan.private, table=tables[zone])
            for zone, plan in plans.items()
        }

        endpoints = VpcEndpointsArgs(
            vpc_id=vpc.id,
            route_table_ids=[public_table.id, *(table.id for table in tables.values())],
            interface_services=args.interface_endpoints if args.nat == "endpoints" else (),
            subnet_ids=list(private.values()),
            client_cidr_block=vpc.cidr_block,
            client_ipv6_cidr_block=vpc.ipv6_cidr_block if args.ipv6 else None,
        )
        VpcEndpoints(f"{name}-endpoints", endpoints, child)

        self.vpc_id = vpc.id
        self.public_subnet_ids = list(public.values())
        self.private_subnet_ids = list(private.values())

    def _vpc(self, name: str, args: VpcArgs) -> "aws.ec2.Vpc":
        child = pulumi.ResourceOptions(parent=self)
        vpc = aws.ec2.Vpc(
            name,
            cidr_block=args.cidr_block,
            assign_generated_ipv6_cidr_block=args.ipv6,
            enable_dns_support=True,
            enable_dns_hostnames=True,  # with support, what private DNS of interface endpoints needs
            tags={"Name": name},
            opts=child,
        )
        # Emptied, for AWS does not let it go: whatever names no group of its own then reaches nothing.
        aws.ec2.DefaultSecurityGroup(
            f"{name}-default", vpc_id=vpc.id, ingress=[], egress=[], tags={"Name": f"{name}-default"}, opts=child
        )
        if args.flow_logs:
            watched = FlowLogArgs(vpc_id=vpc.id, log_retention_days=args.log_retention_days)
            FlowLog(f"{name}-flow-log", watched, child)
        return vpc

    def _zones(self, args: VpcArgs) -> list[str]:
        found = aws.get_availability_zones(
            # Or Local Zones that the account has opted in to would count; a load balancer can't mix them with zones.
            filters=[{"name": "opt-in-status", "values": ["opt-in-not-required"]}],
            exclude_zone_ids=list(args.exclude_zone_ids),
            opts=pulumi.InvokeOptions(parent=self),
        )
        if len(found.names) < args.zones:
            without = f" without {', '.join(args.exclude_zone_ids)}" if args.exclude_zone_ids else ""
            raise ValueError(f"zones must be at most {len(found.names)} in {found.id}{without}, got {args.zones}")
        return sorted(found.names)[: args.zones]


def _twice(field: str, ids: Sequence[pulumi.Input[str]]) -> str | None:
    texts = [each for each in ids if isinstance(each, str)]
    return require(len(set(texts)) == len(texts), f"{field} must be different subnets, got {texts}")


def _not_subnets(field: str, ids: Sequence[pulumi.Input[str]]) -> list[str | None]:
    return [matches(field, each, f"subnet-{_HEX}", "subnet ids such as subnet-0a1b2c3d4e5f67890") for each in ids]
