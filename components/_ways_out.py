"""How private subnets get out: the NAT or the gateway that each kind of way out stands for."""

from collections.abc import Mapping, Sequence
from typing import Literal

import pulumi
import pulumi_aws as aws

from components._routing import WayOut
from components.nat_instance import NatInstance, NatInstanceArgs

Nat = Literal["none", "endpoints", "instance", "single", "perZone", "regional"]


def ipv4_ways_out(
    parent: pulumi.Resource,
    name: str,
    nat: Nat,
    *,
    vpc: "aws.ec2.Vpc",
    internet_gateway: pulumi.Resource,
    public_subnet_ids: Mapping[str, pulumi.Output[str]],
    instance_ports: Sequence[int],
) -> dict[str, WayOut]:
    """The way out of each zone's private subnet, by zone; empty if there is none. Names start with `<name>`."""
    child = pulumi.ResourceOptions(parent=parent)
    after_gateway = pulumi.ResourceOptions(parent=parent, depends_on=[internet_gateway])
    zones = list(public_subnet_ids)

    def zonal_gateway(zone: str) -> WayOut:
        named = {"Name": f"{name}-{zone}"}
        address = aws.ec2.Eip(f"{name}-{zone}", domain="vpc", tags=named, opts=after_gateway)
        gateway = aws.ec2.NatGateway(
            f"{name}-{zone}",
            subnet_id=public_subnet_ids[zone],
            allocation_id=address.allocation_id,
            tags=named,
            opts=after_gateway,
        )
        return WayOut(target={"nat_gateway_id": gateway.id}, ready=gateway)

    match nat:
        case "instance":
            args = NatInstanceArgs(
                vpc_id=vpc.id,
                subnet_id=public_subnet_ids[zones[0]],
                client_cidr_block=vpc.cidr_block,
                ports=instance_ports,
            )
            instance = NatInstance(name, args, child)
            return dict.fromkeys(
                zones, WayOut(target={"network_interface_id": instance.network_interface_id}, ready=instance)
            )
        case "single":
            return dict.fromkeys(zones, zonal_gateway(zones[0]))
        case "perZone":
            return {zone: zonal_gateway(zone) for zone in zones}
        case "regional":
            # AWS brings its own addresses and needs no subnet; a request that names either is refused.
            gateway = aws.ec2.NatGateway(
                name, vpc_id=vpc.id, availability_mode="regional", tags={"Name": name}, opts=after_gateway
            )
            return dict.fromkeys(zones, WayOut(target={"nat_gateway_id": gateway.id}, ready=gateway))
        case "none" | "endpoints":
            return {}


def ipv6_way_out(parent: pulumi.Resource, name: str, vpc_id: pulumi.Input[str]) -> WayOut:
    """Out over IPv6 and never in: the egress-only gateway `name`, which costs nothing."""
    gateway = aws.ec2.EgressOnlyInternetGateway(
        name, vpc_id=vpc_id, tags={"Name": name}, opts=pulumi.ResourceOptions(parent=parent)
    )
    return WayOut(target={"egress_only_gateway_id": gateway.id}, ready=gateway)
