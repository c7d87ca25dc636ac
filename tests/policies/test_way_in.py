"""The way in: from the internet, only the distribution answers; what else has an address wants the origin secret."""

import json
from dataclasses import replace

import pytest
from attacker import (
    ACCOUNT,
    ANY_DISTRIBUTION,
    ANYBODY,
    ASSOCIATION,
    CLOUDFRONT_LIST,
    DEFAULT_TABLE,
    GATEWAY,
    INGRESS,
    TABLE,
    walk,
)
from stacks import recorded
from verdicts import BOTH, FEW, URL, every_configuration

from preflight.recording import Options, Recording, Resource

EVERYTHING = [*FEW, *(pytest.param(each, marks=pytest.mark.policies_all) for each in every_configuration())]
PUBLIC = "container.loadBalancer=public"


@pytest.mark.parametrize("configuration", EVERYTHING, ids=" ".join)
def test_from_the_internet_only_the_distribution_answers(configuration):
    reached = walk(recorded(*configuration))
    assert {each.what for each in reached if each.is_open} == {"Distribution cdn"}


@pytest.mark.parametrize("configuration", EVERYTHING, ids=" ".join)
def test_what_else_has_an_address_wants_the_origin_secret(configuration):
    recording = recorded(*configuration)
    closed = {(each.what, each.who, each.needs) for each in walk(recording) if not each.is_open}
    expected = set()
    if recording.of_type("aws:apigatewayv2/route:Route"):
        expected.add(("Route serverless-api-route", ANYBODY, "$request.header.x-origin-secret"))
    if PUBLIC in configuration and recording.of_type("aws:lb/listener:Listener"):
        expected.add(("Listener container-balancer-listener", ANY_DISTRIBUTION, "x-origin-secret"))
    assert closed == expected


def changed(recording: Recording, name: str, type_: str, **inputs) -> Recording:
    found = recording.one(type_, name)
    worse = replace(found, inputs={**found.inputs, **inputs})
    return replace(recording, resources={**recording.resources, worse.urn: worse})


def with_rule(recording: Recording, group: str, type_: str = INGRESS, **inputs) -> Recording:
    owner = recording.one("aws:ec2/securityGroup:SecurityGroup", group)
    rule = Resource(
        urn=f"urn:pulumi:prod::switchyard::{type_}::hole",
        type=type_,
        name="hole",
        parent="",
        custom=True,
        remote=False,
        inputs={"ipProtocol": "tcp", "fromPort": 8080, "toPort": 8080, **inputs},
        options=Options(property_dependencies={"securityGroupId": (owner.urn,)}),
        source="",
    )
    return replace(recording, resources={**recording.resources, rule.urn: rule})


def open_now(recording: Recording) -> set[str]:
    return {each.what for each in walk(recording) if each.is_open} - {"Distribution cdn"}


@pytest.mark.parametrize("block", [{"cidrIpv4": "0.0.0.0/0"}, {"cidrIpv6": "::/0"}, {"cidrIpv4": "198.51.100.0/24"}])
def test_the_attacker_finds_tasks_whose_group_lets_the_internet_in_over_either_family(block):
    assert open_now(with_rule(recorded("prod"), "container-tasks", **block)) == {"Service container"}


@pytest.mark.parametrize(
    ("type_", "inputs"),
    [
        ("aws:ec2/securityGroupRule:SecurityGroupRule", {"type": "ingress", "cidrBlocks": ["0.0.0.0/0"]}),
        (INGRESS, {"prefixListId": "pl-of-somebody"}),
    ],
)
def test_the_attacker_reads_every_kind_of_rule(type_, inputs):
    assert open_now(with_rule(recorded("prod"), "container-tasks", type_, **inputs)) == {"Service container"}


def test_the_attacker_asks_whose_prefix_list_was_looked_up():
    recording = recorded("prod")
    other = replace(
        recording,
        lookups=tuple(
            replace(each, args={"name": "com.amazonaws.us-east-1.s3"}) if "PrefixList" in each.token else each
            for each in recording.lookups
        ),
    )
    hole = with_rule(other, "container-tasks", prefixListId=CLOUDFRONT_LIST[0])
    assert {each.who for each in walk(hole) if each.what == "Service container"} == {ANYBODY}
    hole = with_rule(recording, "container-tasks", prefixListId=CLOUDFRONT_LIST[0])
    assert {each.who for each in walk(hole) if each.what == "Service container"} == {ANY_DISTRIBUTION}


def test_the_attacker_asks_a_balancer_over_both_families():
    recording = changed(
        recorded(*BOTH), "container-balancer", "aws:lb/loadBalancer:LoadBalancer", ipAddressType="dualstack"
    )
    rule = "aws:lb/listenerRule:ListenerRule"
    recording = changed(recording, "container-balancer-with-secret", rule, conditions=[])
    hole = with_rule(recording, "container-balancer-balancer", cidrIpv6="::/0")
    assert {(each.who, each.way.partition(",")[0]) for each in walk(hole) if "Listener" in each.what} == {
        (ANY_DISTRIBUTION, "ipv4"),
        (ANY_DISTRIBUTION, "ipv6"),
        (ANYBODY, "ipv6"),
    }


def test_the_attacker_follows_routes_that_stand_inside_of_a_table():
    private = recorded("prod", "network.nat=regional")
    table = next(each for each in private.of_type(TABLE) if "private" in each.name)
    gateway = private.of_type(GATEWAY)[0]
    ours = {**table.options.property_dependencies, "routes": (gateway.urn,)}
    worse = replace(
        table,
        inputs={**table.inputs, "routes": [{"ipv6CidrBlock": "::/0", "gatewayId": "igw-1"}]},
        options=replace(table.options, property_dependencies=ours),
    )
    hole = replace(private, resources={**private.resources, table.urn: worse})
    assert open_now(with_rule(hole, "container-tasks", cidrIpv6="::/0")) == {"Service container"}


@pytest.mark.parametrize("type_", ["aws:rds/instance:Instance", "aws:apprunner/service:Service", "aws:iam/user:User"])
def test_the_attacker_walks_past_nothing_that_it_does_not_know(type_):
    recording = recorded("prod")
    door = replace(recording.one("aws:ecs/cluster:Cluster"), urn=f"urn:pulumi:prod::p::{type_}::door", type=type_)
    with pytest.raises(ValueError, match=type_):
        walk(replace(recording, resources={**recording.resources, door.urn: door}))


@pytest.mark.parametrize(
    ("name", "type_", "key", "where"),
    [
        ("container", "aws:ecs/service:Service", "networkConfiguration", "Service container"),
        (
            "container-vpc-nat-interface",
            "aws:ec2/networkInterface:NetworkInterface",
            "securityGroups",
            "NetworkInterface container-vpc-nat-interface",
        ),
    ],
)
def test_the_attacker_trusts_no_security_group_beside_our_own(name, type_, key, where):
    stack = recorded(
        "prod", "topology=container", "network.nat=none" if name == "container" else "network.nat=instance"
    )
    ours = stack.one(type_, name).inputs[key]
    given = ours if isinstance(ours, list) else ours["securityGroups"]
    both = [*given, "sg-0bad"]
    worse = changed(stack, name, type_, **{key: both if isinstance(ours, list) else {**ours, "securityGroups": both}})
    assert open_now(worse) == {where}


def test_the_attacker_takes_the_main_route_table_where_a_subnet_has_no_other():
    private = recorded("prod", "network.nat=regional")
    vpc, gateway = private.one("aws:ec2/vpc:Vpc"), private.of_type(GATEWAY)[0]
    lost = {
        each.urn: replace(each, options=Options()) for each in private.of_type(ASSOCIATION) if "private" in each.name
    }
    main = replace(
        private.of_type(TABLE)[0],
        urn=f"urn:pulumi:prod::switchyard::{DEFAULT_TABLE}::main",
        type=DEFAULT_TABLE,
        inputs={"routes": [{"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-1"}]},
        options=Options(property_dependencies={"defaultRouteTableId": (vpc.urn,), "routes": (gateway.urn,)}),
    )
    hole = replace(private, resources={**private.resources, **lost, main.urn: main})
    service = "aws:ecs/service:Service"
    network = {**private.one(service).inputs["networkConfiguration"], "assignPublicIp": True}
    hole = changed(hole, "container", service, networkConfiguration=network)
    assert open_now(with_rule(hole, "container-tasks", cidrIpv4="0.0.0.0/0")) == {"Service container"}


@pytest.mark.parametrize(
    ("name", "type_", "key"),
    [
        ("serverless-api-authorizer-authorizer", "aws:apigatewayv2/authorizer:Authorizer", "authorizerUri"),
        ("serverless-api-authorizer", "aws:lambda/function:Function", "environment"),
    ],
)
def test_the_attacker_knows_what_somebody_elses_authorizer_asks_for(name, type_, key):
    both = recorded(*BOTH)
    found = both.one(type_, name)
    others = {each: urns for each, urns in found.options.property_dependencies.items() if each != key}
    foreign = replace(found, options=replace(found.options, property_dependencies=others))
    hole = replace(both, resources={**both.resources, foreign.urn: foreign})
    assert open_now(hole) == {"Route serverless-api-route"}


def test_an_account_in_what_is_given_is_no_condition_on_who_takes_it():
    given = {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::a/{ACCOUNT}/*"}
    allowed = {"Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"}, **given}
    policy = json.dumps({"Statement": [allowed]})
    hole = changed(recorded(*BOTH), "site-policy", "aws:s3/bucketPolicy:BucketPolicy", policy=policy)
    assert open_now(hole) == {"BucketPolicy site-policy"}


def test_the_attacker_cannot_reach_tasks_in_private_subnets_even_then():
    private = recorded("prod", "network.nat=regional")
    assert open_now(with_rule(private, "container-tasks", cidrIpv4="0.0.0.0/0", cidrIpv6="::/0")) == set()


def test_the_attacker_finds_a_nat_instance_that_lets_the_internet_in():
    hole = with_rule(recorded(*BOTH), "container-vpc-nat-security-group", cidrIpv4="0.0.0.0/0")
    assert open_now(hole) == {"NetworkInterface container-vpc-nat-interface"}


def test_the_attacker_finds_a_balancer_that_forwards_without_the_secret():
    rule = "aws:lb/listenerRule:ListenerRule"
    paths = [{"pathPattern": {"values": ["/*"]}}]
    hole = changed(recorded(*BOTH), "container-balancer-with-secret", rule, conditions=paths)
    assert open_now(hole) == {"Listener container-balancer-listener"}
    readable = [{"httpHeader": {"httpHeaderName": "x-origin-secret", "values": ["in the clear"]}}]
    hole = changed(recorded(*BOTH), "container-balancer-with-secret", rule, conditions=readable)
    assert open_now(hole) == {"Listener container-balancer-listener"}


def test_the_attacker_finds_what_aws_puts_on_the_internet():
    by_url = recorded("prod", "standby=true", *URL)
    hole = changed(by_url, "serverless-url", "aws:lambda/functionUrl:FunctionUrl", authorizationType="NONE")
    assert open_now(hole) == {"FunctionUrl serverless-url"}
    both = recorded(*BOTH)
    hole = changed(both, "serverless-api-route", "aws:apigatewayv2/route:Route", authorizationType="NONE")
    assert open_now(hole) == {"Route serverless-api-route"}
    hole = changed(both, "serverless-api-invoke", "aws:lambda/permission:Permission", principal="*")
    assert open_now(hole) == {"Permission serverless-api-invoke"}
    public = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}]}'
    hole = changed(both, "site-policy", "aws:s3/bucketPolicy:BucketPolicy", policy=public)
    assert open_now(hole) == {"BucketPolicy site-policy"}
    hole = changed(both, "repository-lambda-pulls", "aws:ecr/repositoryPolicy:RepositoryPolicy", policy=public)
    assert open_now(hole) == {"RepositoryPolicy repository-lambda-pulls"}
    block = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    assert open_now(changed(both, "logs-public-access", block, restrictPublicBuckets=False)) == {"Bucket logs"}
