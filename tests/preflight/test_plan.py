"""The plan: counts, the tree, and what deserves attention, drawn from recordings of the SDK's own classes."""

import ipaddress

import pulumi
import pulumi_aws as aws
import pulumi_random as random
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recordings import recording, resource

from preflight import plan as plans
from preflight.plan import Branch, attention, plan


class Group(pulumi.ComponentResource):
    def __init__(self, name, type_="Group", opts=None):
        super().__init__(f"switchyard:index:{type_}", name, {}, opts)


def under(parent) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(parent=parent)


def leaf(kind: str, *names: str) -> Branch:
    return Branch(kind=kind, names=names, is_component=False)


def group(kind: str, name: str, *children: Branch) -> Branch:
    return Branch(kind=kind, names=(name,), is_component=True, children=children)


# Counts and tree


def a_program():
    provider = aws.Provider("aws", region="us-east-1")
    outer = Group("net", "Vpc", pulumi.ResourceOptions(providers=[provider]))
    inner = Group("net-inner", opts=under(outer))
    aws.sns.Topic("net", opts=under(outer))
    for zone in "cab":
        random.RandomId(f"net-id-{zone}", byte_length=4, opts=under(outer))
    aws.sns.Topic("net-topic", opts=pulumi.ResourceOptions(parent=inner, protect=True))
    aws.sns.Topic("alone")


def test_resources_are_counted_by_kind_the_most_frequent_first_without_components_and_providers(record):
    made = plan(record(a_program), None)
    assert list(made.counts.items()) == [("random.RandomId", 3), ("sns.Topic", 3)]
    assert made.components == 2
    assert made.protected == 1


def test_the_tree_has_the_namesake_first_then_components_then_runs_of_one_kind(record):
    assert plan(record(a_program), None).tree == (
        group(
            "Vpc",
            "net",
            leaf("sns.Topic", "net"),
            group("Group", "net-inner", leaf("sns.Topic", "net-topic")),
            leaf("random.RandomId", "net-id-a", "net-id-b", "net-id-c"),
        ),
        leaf("sns.Topic", "alone"),
    )


def test_components_are_never_drawn_together_even_if_empty(record):
    def program():
        Group("a")
        Group("b")

    assert plan(record(program), None).tree == (group("Group", "a"), group("Group", "b"))


def test_a_resource_with_children_stands_alone_with_them_below_it(record):
    def program():
        first = random.RandomId("a", byte_length=4)
        random.RandomId("b", byte_length=4)
        aws.sns.Topic("t", opts=under(first))

    branches = plan(record(program), None).tree
    assert [(each.names, each.is_component, each.children) for each in branches] == [
        (("a",), False, (leaf("sns.Topic", "t"),)),
        (("b",), False, ()),
    ]


class Remote(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("awsx:ecr:Image", name, {}, None, remote=True)


def test_a_remote_component_counts_as_a_resource(record):
    made = plan(record(lambda: Remote("image")), None)
    assert (made.counts, made.components) == ({"ecr.Image": 1}, 0)
    assert made.tree == (leaf("ecr.Image", "image"),)


@pytest.mark.parametrize("value", ["", None, [], {}])
def test_an_empty_output_is_left_out(value, record):
    def program():
        pulumi.export("empty", value)
        pulumi.export("zero", 0)
        pulumi.export("no", False)

    assert plan(record(program), None).outputs == {"zero": 0, "no": False}


@pytest.mark.parametrize(
    ("given_step", "shown"),
    [
        (lambda: "push an image", "push an image"),
        (lambda: "", "pulumi up --stack test"),
        (lambda: pulumi.Output.secret("x"), "pulumi up --stack test"),
    ],
)
def test_the_next_step_is_the_programs_own_and_no_output(given_step, shown, record):
    made = plan(record(lambda: pulumi.export("next_step", given_step())), None)
    assert (made.next_step, made.outputs) == (shown, {})


def test_without_a_next_step_of_the_programs_own_it_is_to_deploy(record):
    made = plan(record(lambda: None, stack="prod"), "container")
    assert (made.next_step, made.stack, made.project, made.topology) == (
        "pulumi up --stack prod",
        "prod",
        "switchyard",
        "container",
    )


# What deserves attention


def test_a_harmless_stack_deserves_none(record):
    assert attention(record(a_program)) == ()


def distribution(**inputs) -> tuple[str, ...]:
    origin = resource("cdn", "aws:cloudfront/distribution:Distribution", **inputs)
    return attention(recording(origin))


def test_a_distribution_says_what_stands_in_front_of_it_and_which_tls_it_takes():
    own_name = {"cloudfrontDefaultCertificate": True}
    assert distribution(webAclId="arn:acl", viewerCertificate={"acmCertificateArn": "arn:certificate"}) == (
        "cloudfront.Distribution cdn answers the whole internet.",
    )
    assert distribution(webAclId="arn:acl", viewerCertificate=own_name) == (
        "cloudfront.Distribution cdn answers the whole internet; without a domain AWS takes TLS 1.0 from viewers, too.",
    )
    (line,) = distribution(viewerCertificate=own_name)
    assert "with no firewall in front (switchyard:waf.mode)" in line


def test_logs_that_go_with_what_writes_them_are_named_and_those_that_stay_are_not(record):
    def program():
        aws.cloudwatch.LogGroup("logs")
        aws.cloudwatch.LogGroup("kept", opts=pulumi.ResourceOptions(retain_on_delete=True))

    assert attention(record(program)) == (
        "Logs go with what writes them, when a half is dropped or the stack destroyed: logs.",
    )


@pytest.mark.parametrize(("internal", "is_public"), [(None, True), (False, True), (True, False)])
def test_a_load_balancer_on_the_internet_is_named(internal, is_public, record):
    lines = attention(record(lambda: aws.lb.LoadBalancer("web", internal=internal)))
    expected = "lb.LoadBalancer web has an address on the internet: only its security groups decide who gets through."
    assert lines == ((expected,) if is_public else ())


@pytest.mark.parametrize(("authorization", "is_open"), [("NONE", True), ("AWS_IAM", False)])
def test_a_function_url_without_a_signature_is_named(authorization, is_open, record):
    lines = attention(
        record(lambda: aws.lambda_.FunctionUrl("url", function_name="f", authorization_type=authorization))
    )
    expected = "lambda.FunctionUrl url answers whoever finds its address (authorization type NONE)."
    assert lines == ((expected,) if is_open else ())


def test_routes_without_an_authorizer_are_named_once_for_each_api(record):
    def program():
        api, other = (aws.apigatewayv2.Api(name, protocol_type="HTTP") for name in ("open", "closed"))
        aws.apigatewayv2.Route("b", api_id=api.id, route_key="POST /b")
        aws.apigatewayv2.Route("a", api_id=api.id, route_key="GET /a", authorization_type="NONE")
        aws.apigatewayv2.Route("c", api_id=api.id, route_key="GET /c", authorization_type="JWT")
        aws.apigatewayv2.Route("d", api_id=other.id, route_key="$default", authorization_type="CUSTOM")

    assert attention(record(program)) == (
        "apigatewayv2.Api open answers whoever finds its address, also past CloudFront: "
        "no authorizer on GET /a, POST /b.",
    )


def test_a_route_of_an_api_that_is_not_ours_and_an_api_with_a_route_of_its_own_are_named(record):
    def program():
        aws.apigatewayv2.Route("b", api_id="abc", route_key="$default")
        aws.apigatewayv2.Api("quick", protocol_type="HTTP", target="arn:x")

    assert attention(record(program)) == (
        "API abc answers whoever finds its address, also past CloudFront: no authorizer on $default.",
        "apigatewayv2.Api quick answers whoever finds its address, also past CloudFront: no authorizer on $default.",
    )


def inline(**rule):
    aws.ec2.SecurityGroup("sg", ingress=[{"protocol": "tcp", "from_port": 80, "to_port": 80, **rule}])


def default_group(**rule):
    aws.ec2.DefaultSecurityGroup("sg", ingress=[{"protocol": "tcp", "from_port": 80, "to_port": 80, **rule}])


def old_rule(**rule):
    rule = {"protocol": "tcp", "from_port": 80, "to_port": 80, "type": "ingress", **rule}
    aws.ec2.SecurityGroupRule("sg", security_group_id="sg-1", **rule)


def new_rule(cidr_blocks=None, ipv6_cidr_blocks=None, protocol="tcp", from_port=80, to_port=80):
    (v4,), (v6,) = cidr_blocks or [None], ipv6_cidr_blocks or [None]
    aws.vpc.SecurityGroupIngressRule(
        "sg",
        security_group_id="sg-1",
        ip_protocol=protocol,
        from_port=from_port,
        to_port=to_port,
        cidr_ipv4=v4,
        cidr_ipv6=v6,
    )


RULES = pytest.mark.parametrize("rule", [inline, default_group, old_rule, new_rule])


@RULES
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cidr_blocks": ["0.0.0.0/0"]}, "(0.0.0.0/0) in on port 80."),
        ({"ipv6_cidr_blocks": ["::/0"]}, "(::/0) in on port 80."),
        ({"cidr_blocks": ["0.0.0.0/0"], "ipv6_cidr_blocks": ["::/0"]}, "(0.0.0.0/0, ::/0) in on port 80."),
        ({"cidr_blocks": ["0.0.0.0/0"], "to_port": 90}, "(0.0.0.0/0) in on ports 80 to 90."),
        ({"cidr_blocks": ["0.0.0.0/0"], "protocol": "-1"}, "(0.0.0.0/0) in on every port."),
        ({"cidr_blocks": ["10.0.0.0/16"]}, None),
        ({"ipv6_cidr_blocks": ["fd00::/8"]}, None),
    ],
)
def test_a_rule_that_lets_everyone_in_is_named_wherever_it_is_written(rule, changes, said, record):
    (line,) = attention(record(lambda: rule(**changes))) or (None,)
    assert line is None if said is None else line.endswith(f" sg lets the whole internet {said}")


def test_rules_for_the_way_out_and_from_other_groups_are_not_named(record):
    def program():
        everyone = {"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}
        aws.ec2.SecurityGroup("out", egress=[everyone])
        aws.ec2.SecurityGroupRule("out", security_group_id="sg-1", type="egress", **everyone)
        aws.vpc.SecurityGroupEgressRule("out", security_group_id="sg-1", ip_protocol="-1", cidr_ipv4="0.0.0.0/0")
        aws.vpc.SecurityGroupIngressRule(
            "in", security_group_id="sg-1", ip_protocol="-1", referenced_security_group_id="sg-2"
        )

    assert attention(record(program)) == ()


def test_a_rule_whose_addresses_nobody_knows_is_not_named(record):
    def program():
        unknown = random.RandomId("r", byte_length=4).dec
        aws.vpc.SecurityGroupIngressRule("in", security_group_id="sg-1", ip_protocol="-1", cidr_ipv4=unknown)
        aws.ec2.SecurityGroup("sg", ingress=pulumi.Output.secret([{"protocol": "-1", "from_port": 0, "to_port": 0}]))

    assert attention(record(program)) == ()


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)), st.integers(0, 32))
def test_only_a_network_of_all_addresses_is_everyone(address, length):
    spelt = f"{address}/{length}"
    everyone = {ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0")}
    assert plans._is_everyone(spelt) == (ipaddress.ip_network(spelt, strict=False) in everyone)


@pytest.mark.parametrize("cidr", ["", "text", None, {"$unknown": True}, [], "0.0.0.0"])
def test_what_is_no_network_is_not_everyone(cidr):
    assert not plans._is_everyone(cidr)


def test_what_is_deleted_with_its_content_is_named_in_one_line(record):
    def program():
        keep = pulumi.ResourceOptions(protect=True)
        aws.s3.Bucket("site", force_destroy=True)
        aws.s3.Bucket("kept", force_destroy=True, opts=keep)
        aws.s3.Bucket("left", force_destroy=True, opts=pulumi.ResourceOptions(retain_on_delete=True))
        aws.s3.Bucket("careful")
        aws.ecr.Repository("app", force_delete=True)
        aws.ecr.Repository("app-kept", force_delete=True, opts=keep)
        aws.ecr.Repository("app-careful", force_delete=False)

    assert attention(record(program)) == (
        "pulumi destroy deletes these and all that is in them: s3.Bucket site, ecr.Repository app. "
        "switchyard:protect: true keeps them.",
    )


FIXED = {"type": "fixed-response", "fixed_response": {"content_type": "text/plain", "status_code": "403"}}
TO_HTTPS = {"type": "redirect", "redirect": {"protocol": "HTTPS", "port": "443", "status_code": "HTTP_301"}}
TO_HTTP = {"type": "redirect", "redirect": {"protocol": "HTTP", "port": "80", "status_code": "HTTP_301"}}


@pytest.mark.parametrize(
    ("inputs", "is_plain"),
    [
        ({"protocol": "HTTP", "port": 8080, "default_actions": [FIXED]}, True),
        ({"port": 80, "default_actions": [FIXED]}, True),
        ({"protocol": "HTTP", "port": 80, "default_actions": [TO_HTTP]}, True),
        ({"protocol": "HTTP", "port": 80, "default_actions": [FIXED, TO_HTTPS]}, True),
        ({"protocol": "HTTP", "port": 80, "default_actions": [TO_HTTPS]}, False),
        ({"protocol": "HTTPS", "port": 443, "default_actions": [FIXED]}, False),
        ({"protocol": "TCP", "port": 80, "default_actions": [FIXED]}, False),
    ],
)
def test_a_listener_without_tls_is_named_unless_it_sends_everyone_to_https(inputs, is_plain, record):
    lines = attention(record(lambda: aws.lb.Listener("web", load_balancer_arn="arn:x", **inputs)))
    expected = (
        "lb.Listener web speaks HTTP: the way from CloudFront to the app is not encrypted, and an app that insists on "
        "HTTPS would redirect for ever. With a domain it gets a certificate."
    )
    assert lines == ((expected,) if is_plain else ())


def test_the_programs_own_warnings_are_there_once_each_on_one_line_in_a_fixed_order(record):
    def program():
        for text in ("zone c\n  is full", "a bucket is old", "a bucket is old"):
            pulumi.log.warn(text)
        pulumi.log.info("not this")

    assert attention(record(program)) == ("a bucket is old", "zone c is full")
