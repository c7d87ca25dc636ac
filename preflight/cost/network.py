"""Rules of the network: ways out, addresses, endpoints."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from preflight.cost.graph import Graph
from preflight.cost.rule import Charge, Finding, Free, Rule, Unpriced, free, priced
from preflight.recording import Resource

# The usual root volume of an Amazon Linux image, where the program asks for no other size.
# Source: https://docs.aws.amazon.com/linux/al2023/ug/ec2.html
_ROOT_DISK_GB = 8
_SUBNET = "aws:ec2/subnet:Subnet"
_ADDRESS = "aws:ec2/eip:Eip"


def nat_gateway(graph: Graph, gateway: Resource) -> Iterator[Finding]:
    """By the hour and the GB; a regional one by the hour of each zone it serves, with an address in each."""
    processed = graph.given(gateway, "aws_nat_gateway").get("monthly_data_processed_gb", Decimal(0))
    if gateway.inputs.get("availabilityMode") != "regional":
        yield Charge(price="nat_gateway.hour", quantity=graph.hours, what="NAT gateway")
        yield Charge(price="nat_gateway.gb", quantity=processed, what="NAT data")
        return
    zones = _zones_served(graph, gateway)
    yield Charge(
        price="nat_gateway_regional.az_hour", quantity=zones * graph.hours, what=f"regional NAT gateway, {zones} zones"
    )
    yield Charge(price="nat_gateway_regional.gb", quantity=processed, what="NAT data")
    if "allocationId" not in gateway.inputs and "availabilityZoneAddresses" not in gateway.inputs:
        yield _public_ipv4(graph, zones, f"public IPv4, {zones} of the NAT gateway")


def _zones_served(graph: Graph, gateway: Resource) -> int:
    """Zones with a subnet whose routes name the gateway; AWS extends it to those in use."""
    tables = {
        table.urn
        for route in graph.users(gateway, "aws:ec2/route:Route", "natGatewayId")
        for table in graph.behind(route, "routeTableId", "aws:ec2/routeTable:RouteTable")
    }
    associations = graph.recording.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation")
    zones = {
        subnet.inputs.get("availabilityZone")
        for each in associations
        if tables & set(each.options.property_dependencies.get("routeTableId", ()))
        for subnet in graph.behind(each, "subnetId", _SUBNET)
    }
    return max(len(zones), 1)


def _public_ipv4(graph: Graph, addresses: int, what: str) -> Charge:
    return Charge(price="public_ipv4.in_use_hour", quantity=addresses * graph.hours, what=what)


def elastic_ip(graph: Graph, _address: Resource) -> Iterator[Finding]:
    """By the hour, in use or idle."""
    yield _public_ipv4(graph, 1, "public IPv4")


def instance(graph: Graph, machine: Resource) -> Iterator[Finding]:
    """The machine, its disk, and the address it asks for itself; an elastic one is a resource of its own."""
    kind = machine.inputs.get("instanceType")
    price = f"ec2.{kind}.hour"
    if not graph.prices.has(price):
        yield Unpriced(what=f"instance {kind}", reason=f"the price list has no {price}")
    else:
        yield Charge(price=price, quantity=graph.hours, what=f"instance {kind}")
    disk = machine.inputs.get("rootBlockDevice", {})
    size = disk.get("volumeSize", _ROOT_DISK_GB)
    yield Charge(price="ebs.gp3.gb_month", quantity=size * graph.months, what=f"disk of {size} GB")
    if machine.inputs.get("associatePublicIpAddress") is True and not graph.users(machine, _ADDRESS, "instance"):
        yield _public_ipv4(graph, 1, "public IPv4 of the instance")


def endpoint(graph: Graph, endpoint: Resource) -> Iterator[Finding]:
    """An interface endpoint by the hour of each subnet, and the GB; a gateway endpoint is free."""
    service = str(endpoint.inputs.get("serviceName", "")).partition(f"{graph.region_of(endpoint)}.")[2]
    kind = endpoint.inputs.get("vpcEndpointType", "Gateway")
    if kind == "Gateway":
        yield Free(reason="gateway endpoints are free")
        return
    if kind != "Interface":
        yield Unpriced(what=f"endpoint of type {kind}", reason="only gateway and interface endpoints have a rule")
        return
    zones = len(endpoint.inputs.get("subnetIds", ()))
    processed = graph.given(endpoint, "aws_vpc_endpoint").get("monthly_data_processed_gb", Decimal(0))
    what = f"endpoint {service}, {zones} zones"
    yield Charge(price="vpc_endpoint_interface.az_hour", quantity=zones * graph.hours, what=what)
    yield Charge(price="vpc_endpoint_interface.gb", quantity=processed, what=f"endpoint {service}, data")


_ROUTING = "subnets, routes and internet gateways are free"
_FIREWALL = "security groups are free"
RULES: Mapping[str, Rule] = {
    "aws:ec2/natGateway:NatGateway": priced(nat_gateway),
    _ADDRESS: priced(elastic_ip),
    "aws:ec2/instance:Instance": priced(instance),
    "aws:ec2/vpcEndpoint:VpcEndpoint": priced(endpoint),
    "aws:ec2/vpc:Vpc": free("a VPC is free"),
    "aws:ec2/subnet:Subnet": free(_ROUTING),
    "aws:ec2/route:Route": free(_ROUTING),
    "aws:ec2/routeTable:RouteTable": free(_ROUTING),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": free(_ROUTING),
    "aws:ec2/internetGateway:InternetGateway": free(_ROUTING),
    "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway": free(_ROUTING),
    "aws:ec2/networkInterface:NetworkInterface": free("network interfaces are free"),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": free(_FIREWALL),
    "aws:ec2/securityGroup:SecurityGroup": free(_FIREWALL),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": free(_FIREWALL),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": free(_FIREWALL),
    "aws:ec2/flowLog:FlowLog": free("a flow log's records are charged to their log group"),
}
