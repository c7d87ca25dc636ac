"""Every policy is alive: it catches the program that is wrong in its way, and not the same program put right."""

import pulumi_aws as aws
import pytest
from twins import TWINS
from verdicts import caught

from policies.judge import POLICIES
from preflight.recorder import record_program


def test_every_policy_has_its_twins():
    assert set(TWINS) == set(POLICIES)


@pytest.mark.parametrize("policy", sorted(TWINS))
def test_a_policy_catches_the_wrong_program_and_not_the_right_one(policy):
    wrong, right = TWINS[policy]
    assert policy in caught(record_program(wrong))
    assert policy not in caught(record_program(right))


def test_a_route_inside_of_a_table_makes_a_subnet_public_too():
    def program() -> None:
        gateway = aws.ec2.InternetGateway("gateway")
        routes = [{"ipv6_cidr_block": "::/0", "gateway_id": gateway.id}]
        table = aws.ec2.RouteTable("table", vpc_id="vpc-1", routes=routes)
        subnet = aws.ec2.Subnet("subnet", vpc_id="vpc-1", cidr_block="10.0.0.0/24")
        aws.ec2.RouteTableAssociation("association", subnet_id=subnet.id, route_table_id=table.id)
        aws.ec2.NetworkInterface("interface", subnet_id=subnet.id)

    assert "what-stands-in-a-public-subnet-is-guarded" in caught(record_program(program))
