"""The network: a VPC with its zones and subnets, made by the stack or adopted, and the ways out of it."""

from collections.abc import Iterator

from preflight.drawing.sketch import Sketch
from preflight.drawing.view import OUTSIDE, View
from preflight.recording import Resource

_VPC, _SUBNET = "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet"
_ROUTE, _TABLE = "aws:ec2/route:Route", "aws:ec2/routeTable:RouteTable"
_ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
_INTERNET_GATEWAY = "aws:ec2/internetGateway:InternetGateway"
_NAT_GATEWAY = "aws:ec2/natGateway:NatGateway"
_INTERFACE = "aws:ec2/networkInterface:NetworkInterface"
_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
_EVERYWHERE = "0.0.0.0/0"


def draw_vpc(view: View, sketch: Sketch, group: Resource) -> str:
    """The VPC that a security group is in, with all its subnets."""
    region = view.draw_region(sketch)
    for vpc in view.behind(group, "vpcId", _VPC):
        detail = str(vpc.inputs.get("cidrBlock", ""))
        key = sketch.place(vpc.urn, f"VPC {vpc.name}", detail, within=region, role="vpc", of=[vpc])
        for subnet in view.users(vpc, _SUBNET, "vpcId"):
            _draw_subnet(view, sketch, subnet, key)
        return key
    adopted = str(group.inputs.get("vpcId", "VPC"))
    return sketch.place(adopted, f"VPC {adopted}", "adopted", within=region, role="vpc")


def _draw_subnet(view: View, sketch: Sketch, subnet: Resource, vpc: str) -> str:
    zone = str(subnet.inputs.get("availabilityZone", ""))
    within = sketch.place(f"{vpc} {zone}", zone, within=vpc, role="zone") if zone else vpc
    is_public = any(view.behind(route, "gatewayId", _INTERNET_GATEWAY) for route in routes_out(view, subnet))
    title = f"{'public' if is_public else 'private'} subnet"
    detail = str(subnet.inputs.get("cidrBlock", ""))
    return sketch.place(subnet.urn, title, detail, within=within, role="subnet", of=[subnet])


def draw_subnet_of(view: View, sketch: Sketch, subnet_id: object, vpc: str) -> str:
    """The subnet with this id, in a VPC that is drawn already."""
    subnet = view.at(subnet_id)
    if subnet:
        return _draw_subnet(view, sketch, subnet, vpc)
    return sketch.place(str(subnet_id), f"subnet {subnet_id}", "adopted", within=vpc, role="subnet")


def routes_out(view: View, subnet: Resource) -> Iterator[Resource]:
    """The routes of a subnet to everywhere, over IPv4."""
    for association in view.users(subnet, _ASSOCIATION, "subnetId"):
        for table in view.behind(association, "routeTableId", _TABLE):
            for route in view.users(table, _ROUTE, "routeTableId"):
                if route.inputs.get("destinationCidrBlock") == _EVERYWHERE:
                    yield route


def draw_ways_out(view: View, sketch: Sketch, tasks: str, subnet: Resource, vpc: str, label: str) -> None:
    """From tasks in a subnet to the internet, and to AWS's services by the endpoints of their network."""
    for route in dict.fromkeys(route.urn for route in routes_out(view, subnet)):
        way = view.recording.resources[route]
        for gateway in view.behind(way, "gatewayId", _INTERNET_GATEWAY):
            sketch.arrow(tasks, _draw_internet_gateway(sketch, gateway, vpc), label, of=[way], aside=True)
        for gateway in view.behind(way, "natGatewayId", _NAT_GATEWAY):
            within = next((each.urn for each in view.behind(gateway, "subnetId", _SUBNET)), vpc)
            detail = "in every zone" if within == vpc else ""
            nat = sketch.place(gateway.urn, f"NAT gateway {gateway.name}", detail, within=within, of=[gateway])
            _onwards(view, sketch, tasks, nat, vpc, label, way)
        for interface in view.behind(way, "networkInterfaceId", _INTERFACE):
            within = next((each.urn for each in view.behind(interface, "subnetId", _SUBNET)), vpc)
            machines = view.users(interface, "aws:ec2/instance:Instance", "primaryNetworkInterface")
            detail = ", ".join(str(each.inputs.get("instanceType", "")) for each in machines)
            nat = sketch.place(interface.urn, "NAT instance", detail, within=within, of=[interface, *machines])
            _onwards(view, sketch, tasks, nat, vpc, label, way)
    _draw_endpoints(view, sketch, tasks, vpc, label)


def _onwards(view: View, sketch: Sketch, tasks: str, nat: str, vpc: str, label: str, way: Resource) -> None:
    sketch.arrow(tasks, nat, label, of=[way], aside=True)
    network = view.recording.resources.get(vpc)
    for gateway in view.users(network, _INTERNET_GATEWAY, "vpcId") if network else []:
        sketch.arrow(nat, _draw_internet_gateway(sketch, gateway, vpc), of=[gateway], aside=True)


def _draw_internet_gateway(sketch: Sketch, gateway: Resource, vpc: str) -> str:
    key = sketch.place(gateway.urn, "Internet gateway", within=vpc, of=[gateway])
    sketch.arrow(key, sketch.place(OUTSIDE, "Internet", role="outside"), of=[gateway], aside=True)
    return key


def _draw_endpoints(view: View, sketch: Sketch, tasks: str, vpc: str, label: str) -> None:
    network = view.recording.resources.get(vpc)
    endpoints = view.users(network, _ENDPOINT, "vpcId") if network else []
    for kind in ("Interface", "Gateway"):
        found = [each for each in endpoints if each.inputs.get("vpcEndpointType") == kind]
        if not found:
            continue
        services = ", ".join(sorted(str(each.inputs.get("serviceName")).split(".", 3)[-1] for each in found))
        key = sketch.place(f"{vpc} {kind}", f"{kind} endpoints", services, within=vpc, of=found)
        sketch.arrow(tasks, key, label if kind == "Interface" else "", of=found, aside=True)
