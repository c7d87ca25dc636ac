"""Steady: whether ECS could start a service's tasks at this moment, judged by what is there and in force.

A task that can't pull its image or read its secrets fails, and after a few of them ECS gives the deployment up. What
is not in this cloud, such as an existing network, is taken to be as it should be.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from engine.double.cloud import Cloud, Thing
from engine.double.wire import plain

HTTPS = 443
# Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
TO_START = {
    "ecr:GetAuthorizationToken",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
}
TO_READ = {"secretsmanager:GetSecretValue", "ssm:GetParameter"}
# Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html (and S3's, where the layers are)
ENDPOINTS = ("ecr.api", "ecr.dkr", "logs")

Outputs = Mapping[str, Any]


def why_not_steady(cloud: Cloud, service: Outputs) -> list[str]:
    """What its tasks lack to start; `service` as the provider has it."""
    return [*_may_start(cloud, service), *_gets_out(cloud, service.get("networkConfiguration") or {})]


def _may_start(cloud: Cloud, service: Outputs) -> Iterator[str]:
    for task in cloud.in_force("aws:ecs/taskDefinition:TaskDefinition", arn=service.get("taskDefinition")):
        outputs = plain(task.outputs)
        granted = {action for each in _statements(cloud, outputs.get("executionRoleArn")) for action in each["Action"]}
        for action in sorted(TO_START - granted):
            yield f"the execution role may not {action}"
        readable = [
            resource
            for each in _statements(cloud, outputs.get("taskRoleArn"))
            if TO_READ & {*each["Action"]}
            for resource in each["Resource"]
        ]
        for arn in _secrets(outputs):
            if not any(arn.startswith(each) for each in readable):
                yield f"the task's role may not read {arn}"


def _statements(cloud: Cloud, role_arn: Any) -> Iterator[dict[str, Any]]:
    for role in cloud.in_force("aws:iam/role:Role", arn=role_arn):
        for policy in cloud.in_force("aws:iam/rolePolicy:RolePolicy", role=plain(role.outputs)["name"]):
            yield from json.loads(plain(policy.outputs)["policy"])["Statement"]


def _secrets(task: Outputs) -> list[str]:
    containers = json.loads(task.get("containerDefinitions") or "[]")
    variables = [each for container in containers for each in container.get("environment", ())]
    return [each["value"] for each in variables if each["name"].endswith("_SECRET_ARN")]


def _gets_out(cloud: Cloud, network: Outputs) -> Iterator[str]:
    if not _opens(cloud, "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", network.get("securityGroups", ())):
        yield f"no rule lets the tasks out on port {HTTPS}"
    for subnet in cloud.in_force("aws:ec2/subnet:Subnet"):
        is_in = subnet.id in network.get("subnets", ())
        if is_in and not any(_ways(cloud, subnet, has_address=network.get("assignPublicIp", False))):
            yield f"tasks in {subnet.name} have no way to the registry"


def _opens(cloud: Cloud, type_: str, groups: list[str]) -> bool:
    ours = [each for each in cloud.in_force("aws:ec2/securityGroup:SecurityGroup") if each.id in groups]
    rules = [plain(rule.outputs) for each in ours for rule in cloud.in_force(type_, securityGroupId=each.id)]
    # Over IPv4, which is what the registry's names mean to a task.
    return not ours or any(each.get("cidrIpv4") and each["fromPort"] <= HTTPS <= each["toPort"] for each in rules)


def _ways(cloud: Cloud, subnet: Thing, *, has_address: bool) -> Iterator[bool]:
    """Each way from there to the registry: an address of one's own, a NAT, or endpoints; whether it is open."""
    for association in cloud.in_force("aws:ec2/routeTableAssociation:RouteTableAssociation", subnetId=subnet.id):
        table = plain(association.outputs)["routeTableId"]
        yield _has_endpoints(cloud, subnet.id, table)
        for route in cloud.in_force("aws:ec2/route:Route", routeTableId=table, destinationCidrBlock="0.0.0.0/0"):
            to = plain(route.outputs)
            yield has_address and _is_there(cloud, "aws:ec2/internetGateway:InternetGateway", to.get("gatewayId"))
            yield _is_there(cloud, "aws:ec2/natGateway:NatGateway", to.get("natGatewayId"))
            yield any(
                plain(each.outputs)["primaryNetworkInterface"]["networkInterfaceId"] == to.get("networkInterfaceId")
                for each in cloud.in_force("aws:ec2/instance:Instance")
            )


def _is_there(cloud: Cloud, type_: str, id_: Any) -> bool:
    return any(each.id == id_ for each in cloud.in_force(type_))


def _has_endpoints(cloud: Cloud, subnet_id: str, table_id: str) -> bool:
    open_ = set()
    for each in cloud.in_force("aws:ec2/vpcEndpoint:VpcEndpoint"):
        outputs = plain(each.outputs)
        if subnet_id in outputs["subnetIds"]:
            rules = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
            if not _opens(cloud, rules, outputs["securityGroupIds"]):
                continue
        elif table_id not in outputs["routeTableIds"]:
            continue
        open_.add(outputs["serviceName"].split(".", 3)[-1])  # after com.amazonaws.<region>
    return {*ENDPOINTS, "s3"} <= open_
