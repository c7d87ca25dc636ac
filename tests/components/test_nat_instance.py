"""NatInstance: who it forwards for, how it is reached, what survives its replacement."""

import json
import re

import pytest

from components.nat_instance import NatInstance, NatInstanceArgs

INSTANCE = "aws:ec2/instance:Instance"
INTERFACE = "aws:ec2/networkInterface:NetworkInterface"
ADDRESS = "aws:ec2/eip:Eip"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
ROLE = "aws:iam/role:Role"
PERMISSIONS = "aws:iam/rolePolicy:RolePolicy"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"


def some_args(**changes) -> NatInstanceArgs:
    base = {"vpc_id": "vpc-0a1b2c3d", "subnet_id": "subnet-0a1b2c3d", "client_cidr_block": "10.7.0.0/16"}
    return NatInstanceArgs(**(base | changes))


@pytest.fixture
def recorded(record):
    return record(lambda: NatInstance("nat", some_args()))


@pytest.mark.parametrize("block", ["", "10.7.0.1/16", "fd00::/56", "everybody"])
def test_clients_that_are_no_ipv4_block_are_refused(block):
    message = f"client_cidr_block must be an IPv4 block such as 10.0.0.0/16, got {block!r}"
    with pytest.raises(ValueError, match=re.escape(message)):
        some_args(client_cidr_block=block)


@pytest.mark.parametrize(
    ("ports", "message"),
    [
        ((443, 0), "ports must be 1 to 65535, got 0"),
        ((5432,), "ports must be different, with 443 among them, got [5432]"),
        ((443, 443), "ports must be different, with 443 among them, got [443, 443]"),
    ],
)
def test_ports_that_cannot_be_are_refused(ports, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        some_args(ports=ports)


def test_each_port_that_is_asked_for_is_forwarded_and_no_other(record):
    recording = record(lambda: NatInstance("nat", some_args(ports=(443, 5432))))
    for type_ in (INGRESS, EGRESS):
        assert sorted(each.inputs["fromPort"] for each in recording.of_type(type_)) == [443, 5432]


def test_it_creates_these_children_and_no_others(recorded):
    component = recorded.one("switchyard:index:NatInstance", "nat")
    assert {(each.type, each.name) for each in recorded.children(component.urn)} == {
        (INSTANCE, "nat"),
        (INTERFACE, "nat-interface"),
        (ADDRESS, "nat-address"),
        (ROLE, "nat-role"),
        (PERMISSIONS, "nat-permissions"),
        ("aws:iam/instanceProfile:InstanceProfile", "nat-profile"),
        (GROUP, "nat-security-group"),
        (INGRESS, "nat-from-clients-443"),
        (EGRESS, "nat-to-internet-443"),
    }
    assert len(recorded.resources) == 10


def test_the_instance_is_as_small_and_as_closed_as_it_gets(recorded):
    interface, profile = recorded.one(INTERFACE), recorded.one("aws:iam/instanceProfile:InstanceProfile")
    assert recorded.one(INSTANCE).inputs == {
        "ami": "ami-0123456789abcdef0",
        "instanceType": "t4g.nano",
        "primaryNetworkInterface": {"networkInterfaceId": recorded.one(ADDRESS).inputs["networkInterface"]},
        "iamInstanceProfile": recorded.one(INSTANCE).inputs["iamInstanceProfile"],
        "metadataOptions": {"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1},
        "rootBlockDevice": {"volumeType": "gp3", "encrypted": True},
        "maintenanceOptions": {"autoRecovery": "default"},
        "tags": {"Name": "nat"},
    }
    assert recorded.one(INSTANCE).options.property_dependencies == {
        "primaryNetworkInterface": (interface.urn,),
        "iamInstanceProfile": (profile.urn,),
    }


def test_the_image_is_its_owners_newest_for_arm64(recorded):
    (lookup,) = [each for each in recorded.lookups if each.token == "aws:ec2/getAmi:getAmi"]
    assert lookup.args == {
        "mostRecent": True,
        "owners": ["568608671756"],
        "filters": [
            {"name": "name", "values": ["fck-nat-al2023-*-arm64-ebs"]},
            {"name": "architecture", "values": ["arm64"]},
        ],
    }


def test_a_newer_image_or_the_interfaces_own_check_changes_no_running_instance(recorded):
    assert recorded.one(INSTANCE).options.ignore_changes == ("ami", "sourceDestCheck")


def test_a_replaced_instance_lets_go_of_the_interface_first(recorded):
    assert recorded.one(INSTANCE).options.delete_before_replace is True
    others = [each for each in recorded if each.type != INSTANCE]
    assert not any(each.options.delete_before_replace for each in others)


def test_the_interface_forwards_and_stands_in_the_public_subnet(recorded):
    inputs = recorded.one(INTERFACE).inputs
    group = recorded.one(INGRESS).inputs["securityGroupId"]
    assert (inputs["sourceDestCheck"], inputs["subnetId"]) == (False, "subnet-0a1b2c3d")
    assert inputs["securityGroups"] == [group]


def test_the_address_belongs_to_the_interface_not_to_the_instance(recorded):
    address = recorded.one(ADDRESS)
    interface = recorded.one(INTERFACE)
    assert set(address.inputs) == {"domain", "networkInterface", "tags"}
    assert address.inputs["domain"] == "vpc"
    assert address.options.property_dependencies["networkInterface"] == (interface.urn,)


def test_it_starts_with_its_address_and_its_permissions_in_place(recorded):
    waits_for = set(recorded.one(INSTANCE).options.depends_on)
    assert {recorded.one(ADDRESS).urn, recorded.one(PERMISSIONS).urn} <= waits_for


def test_only_clients_get_in_and_anywhere_is_the_way_out(recorded):
    group = recorded.one(GROUP)
    assert group.inputs["vpcId"] == "vpc-0a1b2c3d"
    assert not {"ingress", "egress"} & set(group.inputs)
    for rule, block in ((INGRESS, "10.7.0.0/16"), (EGRESS, "0.0.0.0/0")):
        inputs = recorded.one(rule).inputs
        assert (inputs["ipProtocol"], inputs["fromPort"], inputs["toPort"], inputs["cidrIpv4"]) == (
            "tcp",
            443,
            443,
            block,
        )
        assert not {"cidrIpv6", "prefixListId"} & set(inputs)
    for each in (group, recorded.one(INGRESS), recorded.one(EGRESS)):
        assert re.fullmatch(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}", each.inputs["description"])


def test_sessions_come_through_systems_manager_alone(recorded):
    (statement,) = json.loads(recorded.one(ROLE).inputs["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Service": "ec2.amazonaws.com"}
    (allowed,) = json.loads(recorded.one(PERMISSIONS).inputs["policy"])["Statement"]
    assert allowed["Action"] == [
        "ssm:UpdateInstanceInformation",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
    ]
    role = recorded.one(ROLE).urn
    profile = recorded.one("aws:iam/instanceProfile:InstanceProfile")
    assert profile.options.property_dependencies["role"] == (role,)


def test_it_hands_back_the_interface_and_the_address(recorded):
    outputs = recorded.one("switchyard:index:NatInstance").outputs
    assert outputs["network_interface_id"] == recorded.one(ADDRESS).inputs["networkInterface"]
    assert outputs["public_ip"].startswith("203.0.113.")
    assert set(outputs) == {"network_interface_id", "public_ip"}


def test_nothing_stays_unknown(recorded):
    assert "$unknown" not in str([each.inputs for each in recorded])
