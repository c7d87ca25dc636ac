"""The pieces of a network whose order matters: a route table with its default routes, a subnet that uses it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components._cidr import SubnetPlan, nth_64

EVERYWHERE = {"ipv4": {"destination_cidr_block": "0.0.0.0/0"}, "ipv6": {"destination_ipv6_cidr_block": "::/0"}}


@dataclass(frozen=True, kw_only=True)
class WayOut:
    """Where a default route leads."""

    target: Mapping[str, pulumi.Input[str]]
    """What the Route names: one keyword argument of its own, such as `nat_gateway_id`."""
    ready: pulumi.Resource
    """What must be up before traffic takes the route."""


@dataclass(frozen=True, kw_only=True)
class RoutedTable:
    """A route table, with its routes to wait for."""

    id: pulumi.Output[str]
    routes: Sequence[pulumi.Resource]


def routed_table(
    parent: pulumi.Resource, name: str, vpc_id: pulumi.Input[str], ways_out: Mapping[str, WayOut | None]
) -> RoutedTable:
    """The table `name`, with the route `<name>-<family>` for each family, `ipv4` or `ipv6`, that has a way out."""
    table = aws.ec2.RouteTable(name, vpc_id=vpc_id, tags={"Name": name}, opts=pulumi.ResourceOptions(parent=parent))
    routes = [
        aws.ec2.Route(
            f"{name}-{family}",
            route_table_id=table.id,
            **EVERYWHERE[family],
            **way_out.target,
            opts=pulumi.ResourceOptions(parent=parent, depends_on=[way_out.ready]),
        )
        for family, way_out in ways_out.items()
        if way_out
    ]
    return RoutedTable(id=table.id, routes=routes)


def routed_subnet(
    parent: pulumi.Resource,
    name: str,
    *,
    vpc: "aws.ec2.Vpc",
    availability_zone: str,
    plan: SubnetPlan,
    ipv6: bool,
    table: RoutedTable,
) -> pulumi.Output[str]:
    """The id of a subnet, which resolves once the subnet's routes are in force."""
    block = vpc.ipv6_cidr_block.apply(lambda whole: nth_64(whole, plan.number)) if ipv6 else None
    subnet = aws.ec2.Subnet(
        name,
        vpc_id=vpc.id,
        availability_zone=availability_zone,
        cidr_block=plan.cidr_block,
        ipv6_cidr_block=block,
        assign_ipv6_address_on_creation=ipv6,
        map_public_ip_on_launch=False,  # what needs a public address asks for one
        tags={"Name": name},
        opts=pulumi.ResourceOptions(parent=parent),
    )
    association = aws.ec2.RouteTableAssociation(
        name,
        subnet_id=subnet.id,
        route_table_id=table.id,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=table.routes),
    )
    # Of both, so that a preview knows the id and yet whoever uses it waits for the association.
    return pulumi.Output.all(subnet.id, association.subnet_id).apply(lambda ids: ids[0])
