"""ApplicationLoadBalancer: what it refuses, who reaches it, what it forwards, and what it hands back."""

import botocore.session
import pulumi
import pulumi_aws as aws
import pytest

from components import application_load_balancer
from components.application_load_balancer import ApplicationLoadBalancer, ApplicationLoadBalancerArgs
from preflight.recorder import record_program

TOKEN = "switchyard:index:ApplicationLoadBalancer"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-1111-2222-3333-444455556666"


def some_args(**changes) -> ApplicationLoadBalancerArgs:
    base = {"vpc_id": "vpc-1", "subnet_ids": ["subnet-a", "subnet-b"], "origin_secrets": ["s3cret"]}
    return ApplicationLoadBalancerArgs(**(base | changes))


@pytest.fixture(scope="module")
def build():
    """Record a balancer; tests that want the same one share a recording, which none of them changes."""
    built = {}

    def build(**changes):
        key = repr(sorted(changes.items()))
        if key not in built:
            built[key] = record_program(lambda: ApplicationLoadBalancer("web", some_args(**changes)))
        return built[key]

    return build


def inputs(recording, type_: str) -> dict:
    return recording.one(type_).inputs


@pytest.mark.parametrize(
    ("field", "low", "high"),
    [("target_port", 1, 65_535), ("idle_timeout_seconds", 1, 4000), ("deregistration_delay_seconds", 0, 3600)],
)
def test_a_number_is_refused_just_past_each_limit_and_allowed_on_it(field, low, high):
    assert [getattr(some_args(**{field: edge}), field) for edge in (low, high)] == [low, high]
    for bad in (low - 1, high + 1):
        with pytest.raises(ValueError, match=f"{field} must be {low} to {high}, got {bad}$"):
            some_args(**{field: bad})


def test_the_limits_agree_with_the_api():
    api = botocore.session.get_session().get_service_model("elbv2")
    group = api.shape_for("CreateTargetGroupInput").members
    assert (group["Port"].metadata["min"], group["Port"].metadata["max"]) == application_load_balancer.PORT
    assert group["HealthCheckPath"].metadata["max"] == application_load_balancer.HEALTH_CHECK_PATH_LENGTH
    documented = api.shape_for("LoadBalancerAttribute").members["Key"].documentation
    assert "The valid range is {}-{} seconds".format(*application_load_balancer.IDLE_TIMEOUT_SECONDS) in documented
    documented = api.shape_for("TargetGroupAttribute").members["Key"].documentation
    assert "The range is {}-{} seconds".format(*application_load_balancer.DEREGISTRATION_DELAY_SECONDS) in documented


def test_fewer_than_two_subnets_are_refused():
    with pytest.raises(ValueError, match=r"subnet_ids must be 2 or more, got 1$"):
        some_args(subnet_ids=["subnet-a"])


def test_an_unknown_scheme_is_refused():
    with pytest.raises(ValueError, match=r"scheme must be one of internal, public, got 'internet-facing'$"):
        some_args(scheme="internet-facing")


def test_a_public_balancer_without_a_certificate_is_refused(record):
    with pytest.raises(ValueError, match="certificate_arn must be given when scheme is public"):
        some_args(scheme="public")
    assert some_args(scheme="public", certificate_arn=CERTIFICATE).scheme == "public"
    record(lambda: some_args(scheme="public", certificate_arn=pulumi.Output.from_input("known later")))


@pytest.mark.parametrize("arn", ["", "certificate", CERTIFICATE.replace(":acm:", ":iam:"), f"{CERTIFICATE}/*"])
def test_what_is_not_the_arn_of_a_certificate_is_refused(arn):
    with pytest.raises(ValueError, match=r"certificate_arn must be an ACM certificate's ARN, got "):
        some_args(certificate_arn=arn)


@pytest.mark.parametrize("path", ["", "healthz", "/health check", "/healthz?full", "/a\n"])
def test_what_is_not_a_path_is_refused(path):
    with pytest.raises(ValueError, match="health_check_path must be a path"):
        some_args(health_check_path=path)


def test_a_path_of_more_than_1024_characters_is_refused():
    assert some_args(health_check_path="/" + "a" * 1023)
    with pytest.raises(ValueError, match="health_check_path must be 1024 characters or less"):
        some_args(health_check_path="/" + "a" * 1024)


@pytest.mark.parametrize("count", [0, 4])
def test_none_or_more_than_three_secrets_are_refused(count):
    assert [len(some_args(origin_secrets=["s"] * fine).origin_secrets) for fine in (1, 3)] == [1, 3]
    with pytest.raises(ValueError, match=f"origin_secrets must be 1 to 3 values, got {count}$"):
        some_args(origin_secrets=["s"] * count)


@pytest.mark.parametrize("value", ["", "*", "abc?", "a b", "a\n", "x" * 129])
def test_a_secret_that_the_balancer_would_read_as_a_pattern_is_refused_and_not_quoted(value):
    assert some_args(origin_secrets=["x" * 128])
    with pytest.raises(ValueError, match=r"origin_secrets\[1\] must be 1 to 128 letters") as caught:
        some_args(origin_secrets=["fine", value])
    assert str(caught.value).endswith("(the value is secret)")
    if value:
        assert f"'{value}'" not in str(caught.value)


@pytest.mark.parametrize("name", ["a" * 21, "my_web", "web-", "-web", "internal-web", ""])
def test_a_name_that_aws_or_a_target_group_has_no_room_for_is_refused(record, name):
    with pytest.raises(ValueError, match=f"name must be 1 to 20 letters, digits and hyphens, .*, got '{name}'$"):
        record(lambda: ApplicationLoadBalancer(name, some_args()))


@pytest.mark.parametrize("name", ["a" * 20, "My-Web", "internal"])
def test_any_other_name_is_taken(record, name):
    record(lambda: ApplicationLoadBalancer(name, some_args()))


def test_everything_that_is_wrong_is_said_at_once():
    with pytest.raises(ValueError, match=r"^ApplicationLoadBalancerArgs: scheme .*; subnet_ids .*; target_port "):
        some_args(scheme="x", subnet_ids=[], target_port=0)


def test_it_creates_these_children_under_these_names_and_no_others(build):
    recording = build()
    children = recording.children(recording.one(TOKEN).urn)
    assert {(child.type, child.name) for child in children} == {
        ("aws:lb/loadBalancer:LoadBalancer", "web"),
        ("aws:ec2/securityGroup:SecurityGroup", "web-balancer"),
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "web-from-cloudfront"),
        ("aws:lb/targetGroup:TargetGroup", "web-app"),
        ("aws:lb/listener:Listener", "web-listener"),
        ("aws:lb/listenerRule:ListenerRule", "web-with-secret"),
    }
    assert len([each for each in recording if each.is_ours]) == len(children) + 1


def test_the_balancer_is_internal_and_strict_about_what_it_takes(build):
    recording = build()
    assert inputs(recording, "aws:lb/loadBalancer:LoadBalancer") == {
        "loadBalancerType": "application",
        "internal": True,
        "ipAddressType": "ipv4",
        "subnets": ["subnet-a", "subnet-b"],
        "securityGroups": [_group(recording)],
        "dropInvalidHeaderFields": True,
        "desyncMitigationMode": "defensive",
        "enableHttp2": True,
        "idleTimeout": 60,
        "enableDeletionProtection": False,
        "accessLogs": {"enabled": False, "bucket": "", "prefix": "balancer"},
    }


def _group(recording) -> str:
    return recording.one(TOKEN).outputs["security_group_id"]


def test_each_setting_of_the_balancer_reaches_it(build):
    changed = build(
        subnet_ids=["subnet-a", "subnet-b", "subnet-c"],
        scheme="public",
        certificate_arn=CERTIFICATE,
        idle_timeout_seconds=120,
        deletion_protection=True,
        access_log_bucket="logs",
    )
    balancer = inputs(changed, "aws:lb/loadBalancer:LoadBalancer")
    assert balancer["subnets"] == ["subnet-a", "subnet-b", "subnet-c"]
    assert balancer["internal"] is False
    assert balancer["idleTimeout"] == 120
    assert balancer["enableDeletionProtection"] is True
    assert balancer["accessLogs"] == {"enabled": True, "bucket": "logs", "prefix": "balancer"}


@pytest.mark.parametrize(("certificate", "port"), [(None, 80), (CERTIFICATE, 443)])
def test_only_cloudfront_gets_in_and_only_on_the_listeners_port(build, certificate, port):
    recording = build(certificate_arn=certificate)
    assert inputs(recording, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule") == {
        "securityGroupId": _group(recording),
        "prefixListId": "pl-3b927c52",
        "ipProtocol": "tcp",
        "fromPort": port,
        "toPort": port,
        "description": "CloudFront to the listener",
    }
    (lookup,) = recording.lookups
    assert lookup.args["name"] == "com.amazonaws.global.cloudfront.origin-facing"


def test_the_group_has_no_rule_of_its_own_neither_in_nor_out(build):
    recording = build()
    assert inputs(recording, "aws:ec2/securityGroup:SecurityGroup") == {
        "vpcId": "vpc-1",
        "description": "Load balancer: CloudFront in, tasks out",
    }
    assert recording.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule") == []


def test_without_a_certificate_it_listens_on_plain_http(build):
    recording = build()
    listener = inputs(recording, "aws:lb/listener:Listener")
    assert (listener["port"], listener["protocol"]) == (80, "HTTP")
    assert "sslPolicy" not in listener
    assert "certificateArn" not in listener
    outputs = recording.one(TOKEN).outputs
    assert (outputs["listener_port"], outputs["listener_protocol"]) == (80, "HTTP")


def test_with_a_certificate_it_listens_on_https_with_the_policy_aws_recommends(build):
    recording = build(certificate_arn=CERTIFICATE)
    listener = inputs(recording, "aws:lb/listener:Listener")
    assert (listener["port"], listener["protocol"], listener["certificateArn"]) == (443, "HTTPS", CERTIFICATE)
    assert listener["sslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
    outputs = recording.one(TOKEN).outputs
    assert (outputs["listener_port"], outputs["listener_protocol"]) == (443, "HTTPS")


@pytest.mark.parametrize("scheme", ["internal", "public"])
def test_who_does_not_know_the_secret_gets_403_in_both_schemes(build, scheme):
    recording = build(scheme=scheme, certificate_arn=CERTIFICATE)
    assert inputs(recording, "aws:lb/listener:Listener")["defaultActions"] == [
        {
            "type": "fixed-response",
            "fixedResponse": {"statusCode": "403", "contentType": "text/plain", "messageBody": "Forbidden"},
        }
    ]
    outputs = recording.one(TOKEN).outputs
    rule = inputs(recording, "aws:lb/listenerRule:ListenerRule")
    assert rule["listenerArn"] == outputs["listener_arn"]
    assert rule["actions"] == [{"type": "forward", "targetGroupArn": outputs["target_group_arn"]}]
    assert rule["priority"] == 1


def test_each_accepted_value_opens_the_way_and_is_recorded_as_a_secret(record):
    def program():
        generated = pulumi.Output.secret("generated")
        ApplicationLoadBalancer("web", some_args(origin_secrets=["only-one"]))
        ApplicationLoadBalancer("rotating", some_args(origin_secrets=[generated, "given-in-clear-text"]))

    recording = record(program)
    for name, count in {"web": 1, "rotating": 2}.items():
        (condition,) = recording.one("aws:lb/listenerRule:ListenerRule", f"{name}-with-secret").inputs["conditions"]
        header = condition["httpHeader"]
        assert header == {"httpHeaderName": "x-origin-secret", "values": [{"$secret": True}] * count}


def test_the_target_group_takes_addresses_and_asks_after_their_health(build):
    assert inputs(build(), "aws:lb/targetGroup:TargetGroup") == {
        "vpcId": "vpc-1",
        "targetType": "ip",
        "protocol": "HTTP",
        "port": 8080,
        "deregistrationDelay": 30,
        "slowStart": 0,
        "healthCheck": {
            "path": "/healthz",
            "protocol": "HTTP",
            "port": "traffic-port",
            "matcher": "200-399",
            "interval": 10,
            "timeout": 5,
            "healthyThreshold": 2,
            "unhealthyThreshold": 3,
        },
    }


def test_each_setting_of_the_target_group_reaches_it(build):
    changed = build(target_port=3000, health_check_path="/up", deregistration_delay_seconds=5, vpc_id="vpc-2")
    group = inputs(changed, "aws:lb/targetGroup:TargetGroup")
    assert (group["port"], group["healthCheck"]["path"], group["deregistrationDelay"]) == (3000, "/up", 5)
    assert group["vpcId"] == "vpc-2"
    assert inputs(changed, "aws:ec2/securityGroup:SecurityGroup")["vpcId"] == "vpc-2"


def test_a_replaced_balancer_gets_a_target_group_of_its_own(record, monkeypatch):
    seen = {}
    original = aws.lb.TargetGroup

    def watched(name, **given):
        seen.update(given)
        return original(name, **given)

    monkeypatch.setattr(aws.lb, "TargetGroup", watched)
    record(lambda: ApplicationLoadBalancer("web", some_args()))
    assert [type(each) for each in seen["opts"].replace_with] == [aws.lb.LoadBalancer]


def test_it_hands_back_what_the_edge_and_the_service_connect_to(build):
    recording = build()
    outputs = recording.one(TOKEN).outputs
    balancer, group = outputs["arn_suffix"], outputs["target_group_arn_suffix"]
    assert balancer.startswith("app/web-")
    assert group.startswith("targetgroup/web-app-")
    assert outputs["arn"].endswith(f":loadbalancer/{balancer}")
    assert outputs["target_group_arn"].endswith(f":{group}")
    assert ":listener/app/" in outputs["listener_arn"]
    assert outputs["dns_name"].endswith(".elb.amazonaws.com")
    assert outputs["zone_id"] == "Z35SXDOTRQ7X7K"
    assert outputs["security_group_id"].startswith("sg-")
    assert set(outputs) == set(ApplicationLoadBalancer.__annotations__)


def test_the_target_group_is_handed_back_only_once_the_balancer_forwards_to_it(record):
    """ECS refuses a target group that no balancer uses."""

    def program():
        web = ApplicationLoadBalancer("web", some_args())
        aws.ssm.Parameter("user", type="String", value=web.target_group_arn)

    recording = record(program)
    user = recording.one("aws:ssm/parameter:Parameter")
    rule = recording.one("aws:lb/listenerRule:ListenerRule")
    assert rule.urn in user.options.property_dependencies["value"]


def test_nothing_is_left_unknown_and_nothing_has_a_name_of_our_choice(build):
    recording = build(certificate_arn=CERTIFICATE)
    for each in recording:
        assert "$unknown" not in str(each.inputs)
        assert "name" not in each.inputs


def test_children_use_the_components_provider_and_so_does_the_look_up(record):
    def program():
        provider = aws.Provider("elsewhere", region="eu-west-1")
        ApplicationLoadBalancer("web", some_args(), pulumi.ResourceOptions(provider=provider))

    recording = record(program)
    elsewhere = recording.one("pulumi:providers:aws").urn
    children = recording.children(recording.one(TOKEN).urn)
    assert {child.options.provider for child in children} == {elsewhere}
    assert {lookup.provider for lookup in recording.lookups} == {elsewhere}
