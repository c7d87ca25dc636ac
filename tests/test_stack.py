"""The whole stack: what is shared stays, a half is the same active or standby, and nothing depends on luck."""

import asyncio
import itertools
import json
import re

import pulumi
import pytest
from stacks import DOMAIN, PAIRS, ROOT, ancestors, half_of, recorded

from components import authorizer_handler
from components.origin_secret import HEADER
from preflight.pulumi_yaml import parse_yaml
from preflight.recorder import record_stack
from preflight.stackfile import load
from stack import StackOutputs

STACKS = ("dev", "prod")
ONLY_WITH_A_STANDBY = {
    "aws:cloudfront/keyValueStore:KeyValueStore cdn-split",
    "aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey cdn-split-weight",
    "random:index/randomPassword:RandomPassword cdn-split-smoke-token",
}
DAILY_CALL = {"serverless-daily-call", "serverless-daily-call-role", "serverless-daily-call-permissions"}


def pair(topology: str, standby: str) -> tuple[str, str]:
    return f"topology={topology}", f"standby={standby}"


def shared(recording) -> set[str]:
    halves = set()
    for topology in ("serverless", "container"):
        if recording.of_type(f"switchyard:index:{topology.capitalize()}"):
            halves |= set(half_of(recording, topology))
    return set(recording.resources) - halves


@pytest.mark.parametrize("stack", STACKS)
def test_what_is_shared_has_the_same_urns_in_every_topology_with_and_without_a_standby(stack):
    found = {each: shared(recorded(stack, *pair(*each))) for each in PAIRS}
    always = found["serverless", "false"]
    for (topology, standby), urns in found.items():
        recording = recorded(stack, *pair(topology, standby))
        assert always <= urns
        besides = {f"{recording.resources[urn].type} {recording.resources[urn].name}" for urn in urns - always}
        assert besides == (ONLY_WITH_A_STANDBY if standby == "true" else set())
    names = {urn.rpartition("::")[2] for urn in always}
    assert {"repository", "image", "cdn", "site", "origin-secret"} <= names


@pytest.mark.parametrize("stack", STACKS)
def test_a_plan_does_not_depend_on_what_the_same_process_planned_before(stack):
    recorded(stack, *pair("container", "true"), DOMAIN, "network.zones=3")
    assert recorded(stack) == record_stack(load(ROOT, stack))


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("extra", [(), (DOMAIN,), (DOMAIN, "container.loadBalancer=public")], ids=str)
@pytest.mark.parametrize("topology", ["serverless", "container"])
def test_a_half_is_the_same_whether_it_serves_or_stands_by(stack, extra, topology):
    other = "container" if topology == "serverless" else "serverless"
    serving = half_of(recorded(stack, *extra, *pair(topology, "true")), topology)
    standing_by = half_of(recorded(stack, *extra, *pair(other, "true")), topology)
    only_standing_by = {urn.rpartition("::")[2] for urn in set(standing_by) - set(serving)}
    assert set(serving) <= set(standing_by)
    assert only_standing_by == (DAILY_CALL if topology == "serverless" else set())
    for urn, resource in serving.items():
        assert resource.inputs == standing_by[urn].inputs, urn


def test_deletion_protection_is_on_only_where_nothing_stands_by():
    def protection(**keys):
        recording = recorded("prod", *(f"{key}={value}" for key, value in keys.items()))
        return recording.one("aws:lb/loadBalancer:LoadBalancer").inputs["enableDeletionProtection"]

    assert protection(topology="container", standby="false", protect="true") is True
    assert protection(topology="container", standby="true", protect="true") is False
    assert protection(topology="container", standby="false", protect="false") is False


@pytest.mark.parametrize("extra", [(), (DOMAIN,), (DOMAIN, "container.loadBalancer=public")], ids=str)
@pytest.mark.parametrize("front_door", ["httpApi", "functionUrl"])
@pytest.mark.parametrize(("topology", "standby"), PAIRS)
def test_the_distribution_waits_for_every_resource_of_every_half_it_can_reach(topology, standby, front_door, extra):
    front = f"serverless.frontDoor={front_door}"
    recording = recorded("prod", *pair(topology, standby), front, "service.clientsHashBodies=true", *extra)
    waits_for = reachable(recording, recording.one("aws:cloudfront/distribution:Distribution").urn)
    for half in [topology] if standby == "false" else ["serverless", "container"]:
        needed = {
            urn for urn, each in half_of(recording, half).items() if each.custom and "daily-call" not in each.name
        }
        assert needed <= waits_for


def reachable(recording, urn: str) -> set[str]:
    """Everything that must exist before this resource, by dependency."""
    found, frontier = set(), [urn]
    while frontier:
        resource = recording.resources[frontier.pop()]
        # A child is registered after its parent, and a parent after what it depends on.
        above = [recording.resources[each] for each in ancestors(recording, resource)]
        for each in itertools.chain(*(each.options.depends_on for each in (resource, *above))):
            if each not in found and each in recording.resources:
                found.add(each)
                frontier.append(each)
    return found


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize(("topology", "standby"), PAIRS)
def test_viewers_go_to_the_active_half_and_the_standby_is_only_known(stack, topology, standby):
    inputs = recorded(stack, *pair(topology, standby)).one("aws:cloudfront/distribution:Distribution").inputs
    halves = {"serverless", "container"} if standby == "true" else {topology}
    assert {each["originId"] for each in inputs["origins"]} == {"site", *halves}
    assert inputs["defaultCacheBehavior"]["targetOriginId"] == "site"
    behaviors = {each["pathPattern"]: each["targetOriginId"] for each in inputs["orderedCacheBehaviors"]}
    assert behaviors == {"/api/*": topology, "/healthz": topology}


def test_without_a_site_the_service_answers_every_path():
    inputs = recorded("prod", "site=null").one("aws:cloudfront/distribution:Distribution").inputs
    assert inputs["defaultCacheBehavior"]["targetOriginId"] == "container"
    assert not inputs.get("orderedCacheBehaviors")
    assert not inputs.get("defaultRootObject")


@pytest.mark.parametrize("site", ["site={directory: site}", "site=null"])
@pytest.mark.parametrize("traffic", [0, 10, 50])
def test_a_flip_of_a_stack_with_a_standby_changes_nothing_but_the_target_the_weight_and_the_daily_call(site, traffic):
    settings = (site, f"standbyTraffic={traffic}")
    before = recorded("dev", *pair("serverless", "true"), *settings)
    after = recorded("dev", *pair("container", "true"), *settings)
    changed = {
        each.name for each in after if each.urn in before.resources and each.inputs != before.resources[each.urn].inputs
    }
    # At half, each viewer stays where it is: only the behaviour's own target, which nobody is sent to, moves.
    assert changed == ({"cdn"} if traffic == 50 else {"cdn", "cdn-split-weight"})
    added = {urn.rpartition("::")[2] for urn in set(after.resources) ^ set(before.resources)}
    assert added == DAILY_CALL


def test_more_traffic_for_the_standby_changes_the_weight_alone():
    before, after = (recorded("dev", *pair("serverless", "true"), f"standbyTraffic={each}") for each in (0, 10))
    assert set(before.resources) == set(after.resources)
    changed = {each.name for each in after if each.inputs != before.resources[each.urn].inputs}
    assert changed == {"cdn-split-weight"}


@pytest.mark.parametrize(("topology", "standby"), PAIRS)
def test_what_the_service_does_not_take_is_refused_at_the_edge_alike(topology, standby):
    recording = recorded("dev", *pair(topology, standby), "service.maxBodyMb=2", "service.maxHeadersKb=7")
    code = recording.one("aws:cloudfront/function:Function", "cdn-viewer-request").inputs["code"]
    assert f"MAX_BODY_BYTES = {2 * 1024**2};" in code
    assert f"MAX_HEADER_BYTES = {7 * 1024};" in code


def container_share(recording) -> int:
    value = recording.one("aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey").inputs["value"]
    return json.loads(value)["container"]


@pytest.mark.parametrize("traffic", [0, 10, 100])
def test_the_standbys_traffic_is_the_share_of_the_half_that_does_not_serve(traffic):
    asked = f"standbyTraffic={traffic}"
    assert container_share(recorded("prod", *pair("serverless", "true"), asked)) == traffic
    assert container_share(recorded("prod", *pair("container", "true"), asked)) == 100 - traffic


def test_a_new_standby_is_a_new_epoch_and_so_is_none():
    def keepers(topology, standby):
        return recorded("dev", *pair(topology, standby)).one("random:index/randomId:RandomId").inputs["keepers"]

    assert keepers("serverless", "true") == keepers("container", "true") != keepers("container", "false")


def test_an_update_waits_a_minute_for_the_edges_and_then_as_long_as_the_longest_request(monkeypatch):
    bindings, slept = [], []

    class Spy(pulumi.ResourceHookBinding):
        def __init__(self, **hooks):
            super().__init__(**hooks)
            bindings.append(self)

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(pulumi, "ResourceHookBinding", Spy)
    monkeypatch.setattr(pulumi.log, "info", lambda text: None)
    record_stack(load(ROOT, "dev", ["service.maxRequestSeconds=17"]))
    (binding,) = bindings
    leaves = {"old_inputs": {"origins": [{"originId": "serverless"}]}, "new_inputs": {"origins": []}}
    for hook in (*binding.before_update, *binding.after_update):
        hook.callback.__globals__["sleep"] = sleep  # the recorder's own copy of the module
        asyncio.run(hook(pulumi.ResourceHookArgs("urn", "id", "cdn", "type", **leaves)))
    assert slept == [60, 17]


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize(("topology", "standby"), [*PAIRS, ("container", "none")])
def test_every_output_is_there_and_empty_where_there_is_nothing(stack, topology, standby):
    overrides = ("image=none",) if standby == "none" else pair(topology, standby)
    outputs = recorded(stack, f"topology={topology}", *overrides).outputs
    assert set(outputs) == set(StackOutputs.__dataclass_fields__)
    filled = {name for name, value in outputs.items() if value not in ("", False)}
    always = {"url", "topology", "repository_url", "distribution_id", "next_step"}
    always |= {"standby", "smoke_token"} if standby == "true" else set()
    if standby == "none":
        assert filled == always
    elif topology == "serverless":
        assert filled == always | {"image", "log_group", "function_name", "api_id"}
    else:
        assert filled == always | {"image", "log_group", "cluster", "service"}


@pytest.mark.parametrize("stack", STACKS)
def test_without_an_image_there_is_no_half_and_the_next_step_says_how_to_get_one(stack):
    recording = recorded(stack, "image=none", "standby=true")
    assert not recording.of_type("switchyard:index:Serverless")
    assert not recording.of_type("switchyard:index:Container")
    (origin,) = recording.one("aws:cloudfront/distribution:Distribution").inputs["origins"]
    assert origin["originId"] == "site"
    assert recording.outputs["repository_url"] in recording.outputs["next_step"]
    assert "pulumi config set switchyard:image sha256:" in recording.outputs["next_step"]


def test_without_an_image_or_a_site_there_is_nothing_to_reach():
    recording = recorded("dev", "image=none", "site=null", DOMAIN)
    assert recording.outputs["url"] == recording.outputs["distribution_id"] == ""
    for kind in ("cloudfront/distribution:Distribution", "route53/record:Record", "acm/certificate:Certificate"):
        assert recording.of_type(f"aws:{kind}") == []


@pytest.mark.parametrize("stack", STACKS)
def test_both_halves_run_the_same_image_by_digest(stack):
    recording = recorded(stack, "standby=true")
    (container,) = json.loads(recording.one("aws:ecs/taskDefinition:TaskDefinition").inputs["containerDefinitions"])
    image = recording.one("aws:lambda/function:Function", "serverless").inputs["imageUri"]
    assert container["image"] == image == recording.outputs["image"]
    assert "@sha256:" in image


def test_a_digest_from_ci_is_used_as_it_is():
    digest = f"sha256:{'0123456789abcdef' * 4}"
    recording = recorded("dev", f"image={digest}")
    assert recording.outputs["image"] == f"{recording.outputs['repository_url']}@{digest}"
    assert recording.of_type("awsx:ecr:Image") == []


@pytest.mark.parametrize("stack", STACKS)
def test_every_aws_resource_and_look_up_goes_through_the_programs_provider(stack):
    recording = recorded(stack, "standby=true", DOMAIN)
    provider = recording.one("pulumi:providers:aws")
    assert provider.inputs["region"] == "us-east-1"
    for each in recording:
        if each.type.startswith("aws:"):
            assert each.options.provider == provider.urn, each.urn
    assert recording.lookups
    assert {each.provider for each in recording.lookups} == {provider.urn}


def test_the_provider_is_made_of_the_aws_keys_and_the_tags():
    recording = recorded(
        "dev",
        "aws:region=eu-west-1",
        "aws:profile=me",
        'aws:allowedAccountIds=["123456789012"]',
        "aws:assumeRoles=[{roleArn: 'arn:aws:iam::123456789012:role/deploy', externalId: xy}]",
        "tags={team: shop}",
    )
    inputs = recording.one("pulumi:providers:aws").inputs
    assert inputs["region"] == "eu-west-1"
    assert inputs["profile"] == "me"
    assert json.loads(inputs["allowedAccountIds"]) == ["123456789012"]
    assert json.loads(inputs["assumeRoles"]) == [
        {"roleArn": "arn:aws:iam::123456789012:role/deploy", "externalId": "xy"}
    ]
    tags = {"team": "shop", "project": "switchyard", "stack": "dev"}
    assert json.loads(inputs["defaultTags"]) == {"tags": tags}


def test_protect_keeps_what_holds_data_and_never_a_half():
    recording = recorded("prod", "standby=true")
    protected = {each.name for each in recording if each.options.protect and not each.custom}
    assert protected == {"repository", "site", "logs"}
    for topology in ("serverless", "container"):
        assert not any(each.options.protect for each in half_of(recording, topology).values())
    deletable = recorded("prod", "protect=false")
    assert not any(each.options.protect for each in deletable)


@pytest.mark.parametrize("access", ["true", "false"])
def test_access_logs_of_balancer_api_distribution_and_site_are_kept_or_none_is(access):
    recording = recorded("prod", f"logs.access={access}", "standby=true")
    wanted = access == "true"
    balancer = recording.one("aws:lb/loadBalancer:LoadBalancer").inputs.get("accessLogs") or {}
    stage = recording.one("aws:apigatewayv2/stage:Stage").inputs.get("accessLogSettings")
    assert balancer.get("enabled", False) is wanted
    assert (stage is not None) is wanted
    assert bool(recording.of_type("aws:cloudwatch/logDelivery:LogDelivery")) is wanted
    assert bool(recording.of_type("aws:s3/bucketLogging:BucketLogging")) is wanted
    assert bool(recording.of_type("switchyard:index:LogBucket")) is wanted


@pytest.mark.parametrize("protect", ["true", "false"])
def test_what_holds_data_is_emptied_by_destroy_exactly_when_it_is_not_protected(protect):
    recording = recorded("prod", f"protect={protect}")
    assert recording.one("aws:ecr/repository:Repository").inputs["forceDelete"] is (protect == "false")
    for bucket in recording.of_type("aws:s3/bucket:Bucket"):
        assert bucket.inputs["forceDestroy"] is (protect == "false"), bucket.name


# Every pair of a front door or a balancer with a way out; with a standby both halves are there.
COMBINATIONS = [
    (front_door, balancer, nat)
    for nat in ("none", "endpoints", "instance", "single", "perZone", "regional")
    for front_door, balancer in (("httpApi", "internal"), ("functionUrl", "public"))
]


@pytest.mark.parametrize(("front_door", "balancer", "nat"), COMBINATIONS)
def test_every_combination_can_be_planned_with_no_unknown_and_no_secret_in_plain_text(front_door, balancer, nat):
    recording = recorded(
        "prod",
        "standby=true",
        DOMAIN,
        f"serverless.frontDoor={front_door}",
        "service.clientsHashBodies=true",
        f"container.loadBalancer={balancer}",
        f"network.nat={nat}",
    )
    text = json.dumps([each.inputs for each in recording])
    assert "$unknown" not in text
    secrets = [each.urn for each in recording.of_type("random:index/randomPassword:RandomPassword")]
    assert secrets
    senders = recording.one("aws:cloudfront/distribution:Distribution").inputs["origins"]
    values = [header["value"] for each in senders for header in each.get("customHeaders", [])]
    assert values
    assert all(value == {"$secret": True} for value in values)


@pytest.mark.parametrize("generation", [1, 2, 5])
def test_the_secret_sent_is_the_newest_and_the_one_before_stays_accepted(generation):
    recording = recorded("prod", f"originSecret={generation}", "standby=true")
    passwords = {each.name for each in recording.of_type("random:index/randomPassword:RandomPassword")}
    made = passwords - {"cdn-split-smoke-token"}
    assert made == {f"origin-secret-{each}" for each in (generation, generation - 1) if each}
    newest = f"origin-secret-{generation}"
    distribution = recording.one("aws:cloudfront/distribution:Distribution")
    sent = {urn.rpartition("::")[2] for urn in distribution.options.property_dependencies["origins"]}
    assert {each for each in sent if each.startswith("origin-secret")} == {newest}
    for kind, key in (
        ("aws:lb/listenerRule:ListenerRule", "conditions"),
        ("aws:lambda/function:Function", "environment"),
    ):
        accepted = {
            urn.rpartition("::")[2]
            for each in recording.of_type(kind)
            for urn in each.options.property_dependencies.get(key, ())
        }
        assert {each for each in accepted if each.startswith("origin-secret")} == made


def test_the_secret_travels_in_one_header_that_all_three_agree_on():
    recording = recorded("prod", "standby=true")
    origins = recording.one("aws:cloudfront/distribution:Distribution").inputs["origins"]
    sent = {header["name"] for each in origins for header in each.get("customHeaders", [])}
    rule = recording.one("aws:lb/listenerRule:ListenerRule").inputs["conditions"]
    checked = {each["httpHeader"]["httpHeaderName"] for each in rule if "httpHeader" in each}
    sources = recording.one("aws:apigatewayv2/authorizer:Authorizer").inputs["identitySources"]
    assert sent == checked == {HEADER} == {authorizer_handler.HEADER}
    assert sources == [f"$request.header.{HEADER}"]


@pytest.mark.parametrize(
    ("longest", "function", "read", "idle", "deregistration", "stop"),
    [(29, 29, 30, 60, 30, 45), (100, 100, 101, 105, 100, 115), (119, 119, 120, 124, 119, 120)],
)
def test_one_number_sets_every_timeout(longest, function, read, idle, deregistration, stop):
    recording = recorded(
        "prod",
        "standby=true",
        "serverless.frontDoor=functionUrl",
        "service.clientsHashBodies=true",
        f"service.maxRequestSeconds={longest}",
    )
    assert recording.one("aws:lambda/function:Function", "serverless").inputs["timeout"] == function
    assert recording.one("aws:lb/loadBalancer:LoadBalancer").inputs["idleTimeout"] == idle
    assert recording.one("aws:lb/targetGroup:TargetGroup").inputs["deregistrationDelay"] == deregistration
    (container,) = json.loads(recording.one("aws:ecs/taskDefinition:TaskDefinition").inputs["containerDefinitions"])
    assert container["stopTimeout"] == stop
    origins = recording.one("aws:cloudfront/distribution:Distribution").inputs["origins"]
    timeouts = {
        each["originId"]: (each.get("vpcOriginConfig") or each.get("customOriginConfig") or {}).get("originReadTimeout")
        for each in origins
    }
    assert timeouts == {"serverless": read, "container": read, "site": timeouts["site"]}


def test_the_http_api_waits_one_second_longer_than_the_function_and_never_past_its_limit():
    for longest, wait in ((10, 11_000), (29, 30_000)):
        recording = recorded("dev", f"service.maxRequestSeconds={longest}")
        assert recording.one("aws:apigatewayv2/integration:Integration").inputs["timeoutMilliseconds"] == wait


def test_an_existing_network_is_adopted_and_none_is_made():
    subnets = "privateSubnetIds: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]"
    recording = recorded("prod", f"network={{existing: {{vpcId: vpc-0123456789abcdef0, {subnets}}}}}")
    assert recording.of_type("aws:ec2/vpc:Vpc") == []
    network = recording.one("aws:ecs/service:Service").inputs["networkConfiguration"]
    assert network["subnets"] == ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
    assert network["assignPublicIp"] is False


def test_private_tasks_without_internet_get_an_endpoint_for_each_service_they_call():
    secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-a1b2c3"
    parameter = "arn:aws:ssm:us-east-1:123456789012:parameter/key"
    recording = recorded(
        "prod",
        "network.nat=endpoints",
        f"service.secrets={{DB_URL: '{secret}', KEY: '{parameter}'}}",
        "container.executeCommand=true",
    )
    found = {
        each.inputs["serviceName"].removeprefix("com.amazonaws.us-east-1.")
        for each in recording.of_type("aws:ec2/vpcEndpoint:VpcEndpoint")
        if each.inputs.get("vpcEndpointType") == "Interface"
    }
    assert found == {"ecr.api", "ecr.dkr", "logs", "secretsmanager", "ssm", "ssmmessages"}


def test_the_certificates_are_where_their_users_look_for_them():
    recording = recorded("prod", DOMAIN, "aws:region=eu-west-1")
    edge = recording.one("aws:acm/certificate:Certificate", "certificate")
    balancer = recording.one("aws:acm/certificate:Certificate", "container-certificate")
    assert (edge.inputs["domainName"], edge.inputs.get("region")) == ("shop.example.com", "us-east-1")
    assert (balancer.inputs["domainName"], balancer.inputs.get("region")) == ("origin.shop.example.com", None)


def test_the_firewall_and_its_logs_are_where_cloudfront_looks_for_them():
    recording = recorded("prod", "aws:region=eu-west-1")
    acl = recording.one("aws:wafv2/webAcl:WebAcl")
    assert (acl.inputs["scope"], acl.inputs["region"]) == ("CLOUDFRONT", "us-east-1")
    assert recorded("prod", "waf.mode=none").of_type("aws:wafv2/webAcl:WebAcl") == []


@pytest.mark.parametrize("front_door", ["httpApi", "functionUrl"])
def test_authorization_is_copied_exactly_where_access_control_would_overwrite_it(front_door):
    recording = recorded("dev", f"serverless.frontDoor={front_door}", "service.clientsHashBodies=true")
    variables = recording.one("aws:lambda/function:Function", "serverless").inputs["environment"]["variables"]
    signs = front_door == "functionUrl"
    assert ('AUTHORIZATION_SOURCE = "x-forwarded-authorization"' in edge_code(recording)) is signs
    assert (variables.get("AWS_LWA_AUTHORIZATION_SOURCE") == "x-forwarded-authorization") is signs


def test_a_switch_leaves_the_copy_of_authorization_alone_for_those_who_still_reach_the_function_url():
    behind_url = ("serverless.frontDoor=functionUrl", "service.clientsHashBodies=true")
    assert edge_code(recorded("dev", *behind_url)) == edge_code(recorded("dev", *behind_url, "topology=container"))


def edge_code(recording) -> str:
    return recording.one("aws:cloudfront/function:Function", "cdn-viewer-request").inputs["code"]


def test_a_streaming_service_streams_at_both_ends():
    recording = recorded("dev", "serverless.frontDoor=functionUrl", "service.needs=[streaming]", "service.methods=read")
    assert recording.one("aws:lambda/functionUrl:FunctionUrl").inputs["invokeMode"] == "RESPONSE_STREAM"
    variables = recording.one("aws:lambda/function:Function", "serverless").inputs["environment"]["variables"]
    assert variables["AWS_LWA_INVOKE_MODE"] == "response_stream"


def test_nothing_is_parented_to_the_stack_but_components_and_the_provider():
    for stack in STACKS:
        recording = recorded(stack, "standby=true", DOMAIN)
        for each in recording:
            if not ancestors(recording, each):
                assert not each.custom or each.type == "pulumi:providers:aws", each.urn


def test_both_stack_files_hold_the_same_keys_in_the_same_order():
    def keys(value, at=""):
        if not isinstance(value, dict) or at.endswith((".environment", ".secrets", ":tags")):
            return [at]
        return [at, *itertools.chain(*(keys(inner, f"{at}.{key}") for key, inner in value.items()))]

    dev, prod = (keys(parse_yaml((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]) for stack in STACKS)
    assert dev == prod


def test_every_description_of_a_security_group_has_only_characters_that_ec2_takes():
    # Source: botocore's CreateSecurityGroup, Description
    allowed = re.compile(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}")
    described = [
        each
        for nat in ("none", "endpoints", "instance")
        for each in recorded("prod", "standby=true", f"network.nat={nat}")
        if "securityGroup" in each.type
    ]
    assert len(described) > 10
    for each in described:
        assert allowed.fullmatch(each.inputs.get("description", "")) or "default" in each.type, each.inputs
