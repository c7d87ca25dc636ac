"""Every policy is alive: it catches the program that is wrong in its way, and not the same program put right."""

from dataclasses import replace
from pathlib import Path

import pulumi_aws as aws
import pytest
from twins import ACCOUNT, ALSO_WRONG, TWINS, role
from verdicts import caught

from policies.graph import Resource, Stack
from policies.judge import POLICIES, at_least, judge
from preflight.findings import graph
from preflight.recorder import record_program


def test_every_policy_has_its_twins():
    assert set(TWINS) == set(POLICIES)


@pytest.mark.parametrize("policy", sorted(TWINS))
def test_a_policy_catches_the_wrong_program_and_not_the_right_one(policy):
    wrong, right = TWINS[policy]
    assert policy in caught(record_program(wrong))
    assert policy not in caught(record_program(right))


@pytest.mark.parametrize(
    ("policy", "wrong"), ALSO_WRONG, ids=[f"{name}-{at}" for at, (name, _) in enumerate(ALSO_WRONG)]
)
def test_a_policy_catches_other_ways_of_the_same_wrong(policy, wrong):
    assert policy in caught(record_program(wrong))


def test_a_route_inside_of_a_table_makes_a_subnet_public_too():
    def program() -> None:
        gateway = aws.ec2.InternetGateway("gateway")
        routes = [{"ipv6_cidr_block": "::/0", "gateway_id": gateway.id}]
        table = aws.ec2.RouteTable("table", vpc_id="vpc-1", routes=routes)
        subnet = aws.ec2.Subnet("subnet", vpc_id="vpc-1", cidr_block="10.0.0.0/24")
        aws.ec2.RouteTableAssociation("association", subnet_id=subnet.id, route_table_id=table.id)
        aws.ec2.NetworkInterface("interface", subnet_id=subnet.id)

    assert "what-stands-in-a-public-subnet-is-guarded" in caught(record_program(program))


@pytest.mark.parametrize(
    ("type_", "closed"),
    [
        ("aws:elb/loadBalancer:LoadBalancer", {"internal": True}),
        ("aws:eks/cluster:Cluster", {"vpcConfig": {"endpointPublicAccess": False}}),
        ("aws:transfer/server:Server", {"endpointType": "VPC"}),
        (
            "aws:apprunner/service:Service",
            {"networkConfiguration": {"ingressConfiguration": {"isPubliclyAccessible": False}}},
        ),
        ("aws:iam/userLoginProfile:UserLoginProfile", None),
        ("aws:appsync/apiKey:ApiKey", None),
    ],
)
def test_what_aws_opens_unless_it_is_told_not_to_is_a_way_in(type_, closed):
    policy = POLICIES["there-is-no-other-way-in"]
    door = Resource(urn="urn:pulumi:prod::p::a::door", type=type_, name="door", inputs={})
    assert list(policy.complaints(Stack.of("prod", [door])))
    assert closed is None or not list(policy.complaints(Stack.of("prod", [replace(door, inputs=closed)])))


def test_every_type_that_a_policy_is_about_is_one_of_the_sdk():
    named = {
        type_ for each in POLICIES.values() for type_ in each.types if type_.startswith("aws:") and type_ != "aws:*"
    }
    tokens = Path(str(aws.__file__)).read_text(encoding="utf-8")
    assert [type_ for type_ in named if f'"{type_}"' not in tokens] == []


def test_what_a_user_adds_of_other_types_is_no_finding():
    def program() -> None:
        worker = role()
        group = aws.ec2.SecurityGroup("database", description="a", vpc_id="vpc-1")
        aws.rds.Instance("database", instance_class="db.t4g.micro", vpc_security_group_ids=[group.id])
        aws.dynamodb.Table("orders", attributes=[{"name": "id", "type": "S"}], hash_key="id", tags={"role": "orders"})
        queue = aws.sqs.Queue("jobs", kms_master_key_id="alias/aws/sqs")
        machine = aws.sfn.StateMachine("steps", role_arn=worker.arn, definition="{}")
        rule = aws.cloudwatch.EventRule("nightly", schedule_expression="rate(1 day)")
        aws.cloudwatch.EventTarget("starts", rule=rule.name, target_id="a", arn=machine.arn, role_arn=worker.arn)
        aws.cloudwatch.EventTarget("sends", rule=rule.name, target_id="b", arn=queue.arn)
        aws.grafana.RoleAssociation("viewers", role="VIEWER", workspace_id="g-1", user_ids=["a"])
        bucket = aws.s3.Bucket.get("there", "uploads")
        aws.s3.BucketNotification("new", bucket=bucket.id, queues=[{"queue_arn": queue.arn, "events": ["s3:*"]}])
        scaling = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/A"
        limits = {"min_capacity": 1, "max_capacity": 2, "scalable_dimension": "a", "service_namespace": "dynamodb"}
        aws.appautoscaling.Target("reads", resource_id="table/orders", role_arn=scaling, **limits)

    found = at_least("medium", judge(graph(record_program(program))))
    assert [(each.policy.name, each.name, each.message) for each in found] == []
