"""VpcEndpoints: which services are reached, from where, and by whom."""

import re

import pytest

from components.vpc_endpoints import VpcEndpoints, VpcEndpointsArgs

ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"


def some_args(**changes) -> VpcEndpointsArgs:
    base = {
        "vpc_id": "vpc-0a1b2c3d",
        "route_table_ids": ["rtb-1", "rtb-2"],
        "interface_services": ("ecr.api", "logs"),
        "subnet_ids": ["subnet-1", "subnet-2"],
        "client_cidr_block": "10.7.0.0/16",
        "client_ipv6_cidr_block": "2600:1f18:abc:de00::/56",
    }
    return VpcEndpointsArgs(**(base | changes))


@pytest.fixture
def recorded(record):
    return record(lambda: VpcEndpoints("reach", some_args()), region="eu-west-1")


def children(recording) -> set[tuple[str, str]]:
    component = recording.one("switchyard:index:VpcEndpoints", "reach")
    return {(each.type, each.name) for each in recording.children(component.urn)}


@pytest.mark.parametrize("service", ["", "ecr.", "ECR", "ecr api", "com_aws"])
def test_what_is_no_name_of_a_service_is_refused(service):
    message = f"interface_services must be short names such as ecr.api, got {service!r}"
    with pytest.raises(ValueError, match=re.escape(message)):
        some_args(interface_services=[service])


@pytest.mark.parametrize("service", ["s3", "dynamodb"])
def test_an_interface_for_a_service_that_has_a_gateway_is_refused(service):
    with pytest.raises(ValueError, match=f"interface_services must leave out {service}, which its gateway endpoint"):
        some_args(interface_services=["logs", service])


def test_a_service_named_twice_is_refused():
    with pytest.raises(ValueError, match=re.escape("interface_services must differ, got logs, ecr.api, logs")):
        some_args(interface_services=["logs", "ecr.api", "logs"])


@pytest.mark.parametrize("missing", [{"subnet_ids": ()}, {"client_cidr_block": ""}])
def test_interfaces_without_a_place_or_a_caller_are_refused(missing):
    with pytest.raises(ValueError, match="interface_services need subnet_ids and client_cidr_block, got none"):
        some_args(**missing)


def test_without_interface_services_there_are_the_two_free_gateways_alone(record):
    recording = record(lambda: VpcEndpoints("reach", VpcEndpointsArgs(vpc_id="vpc-1", route_table_ids=["rtb-1"])))
    assert children(recording) == {(ENDPOINT, "reach-s3"), (ENDPOINT, "reach-dynamodb")}


def test_it_creates_these_children_and_no_others(recorded):
    assert children(recorded) == {
        *((ENDPOINT, f"reach-{service}") for service in ("s3", "dynamodb", "ecr.api", "logs")),
        (GROUP, "reach-security-group"),
        (INGRESS, "reach-from-ipv4"),
        (INGRESS, "reach-from-ipv6"),
    }
    assert len(recorded.resources) == 8


@pytest.mark.parametrize("service", ["s3", "dynamodb"])
def test_a_gateway_is_on_every_route_table(recorded, service):
    assert recorded.one(ENDPOINT, f"reach-{service}").inputs == {
        "vpcId": "vpc-0a1b2c3d",
        "vpcEndpointType": "Gateway",
        "serviceName": f"com.amazonaws.eu-west-1.{service}",
        "routeTableIds": ["rtb-1", "rtb-2"],
        "tags": {"Name": f"reach-{service}"},
    }


@pytest.mark.parametrize("service", ["ecr.api", "logs"])
def test_an_interface_is_in_every_subnet_under_the_services_public_name(recorded, service):
    endpoint = recorded.one(ENDPOINT, f"reach-{service}")
    assert endpoint.inputs == {
        "vpcId": "vpc-0a1b2c3d",
        "vpcEndpointType": "Interface",
        "serviceName": f"com.amazonaws.eu-west-1.{service}",
        "subnetIds": ["subnet-1", "subnet-2"],
        "privateDnsEnabled": True,
        "securityGroupIds": [recorded.one(INGRESS, "reach-from-ipv4").inputs["securityGroupId"]],
        "tags": {"Name": f"reach-{service}"},
    }
    assert endpoint.options.property_dependencies["securityGroupIds"] == (recorded.one(GROUP).urn,)


def test_the_vpc_gets_in_on_443_and_nothing_else_does(recorded):
    rules = {each.name: each.inputs for each in recorded.of_type(INGRESS)}
    https = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
    dropped = {"description", "securityGroupId"}
    assert {name: {k: v for k, v in rule.items() if k not in dropped} for name, rule in rules.items()} == {
        "reach-from-ipv4": {**https, "cidrIpv4": "10.7.0.0/16"},
        "reach-from-ipv6": {**https, "cidrIpv6": "2600:1f18:abc:de00::/56"},
    }


def test_the_interfaces_call_nobody(recorded):
    assert not recorded.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
    assert set(recorded.one(GROUP).inputs) == {"vpcId", "description", "tags"}


def test_without_ipv6_clients_there_is_no_ipv6_rule(record):
    recording = record(lambda: VpcEndpoints("reach", some_args(client_ipv6_cidr_block=None)))
    assert [each.name for each in recording.of_type(INGRESS)] == ["reach-from-ipv4"]


def test_descriptions_are_ones_that_aws_takes(recorded):
    for each in (*recorded.of_type(GROUP), *recorded.of_type(INGRESS)):
        assert re.fullmatch(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}", each.inputs["description"])


def test_nothing_stays_unknown(recorded):
    assert "$unknown" not in str([each.inputs for each in recorded])
