"""Settings: what is read, with which defaults, and that all that is wrong is refused at once, by its key's path."""

import json
from functools import cache
from pathlib import Path

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic.alias_generators import to_snake

from preflight.pulumi_yaml import parse_yaml
from preflight.stackfile import load
from settings import KEYS_AT, Settings, Timeouts, parse
from stack_schema import stack_file_schema

ROOT = Path(__file__).parents[1]
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-a1b2c3"
DOMAIN = {"name": "a.example.com", "zone": "example.com"}
SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
EVERY_NEED = ["websocket", "streaming", "backgroundWork"]
NEEDED = {"aws:region": "us-east-1", "switchyard:topology": "serverless", "switchyard:image": "none"}


def config(**keys) -> dict[str, str]:
    """A stack's configuration as the CLI hands it over: text, objects as JSON."""
    ours = {f"switchyard:{key}": value if isinstance(value, str) else json.dumps(value) for key, value in keys.items()}
    return NEEDED | ours


def refused(values: dict[str, str] | None = None, **keys) -> dict[str, str]:
    _, refusals = parse(config(**keys) if values is None else values)
    return {each.key: str(each) for each in refusals}


def accepted(**keys) -> Settings:
    settings, refusals = parse(config(**keys))
    assert refusals == []
    return settings


def test_the_least_that_is_needed_is_enough():
    settings = accepted()
    assert settings.topology == "serverless"
    assert settings.topologies == ()  # there is no image yet


@pytest.mark.parametrize(
    ("topology", "standby", "expected"),
    [
        ("serverless", False, ("serverless",)),
        ("serverless", True, ("serverless", "container")),
        ("container", False, ("container",)),
        ("container", True, ("container", "serverless")),
    ],
)
def test_the_topology_that_serves_comes_first_and_the_standby_after_it(topology, standby, expected):
    assert accepted(topology=topology, standby=standby, image="app").topologies == expected


def test_without_an_image_there_is_no_topology_whatever_standby_says():
    assert accepted(standby=True, image="none").topologies == ()


def test_what_is_missing_is_named():
    found = refused({})
    assert set(found) == {"topology", "image", "aws:region"}
    assert found["topology"] == "topology: got nothing; allowed: this key is required"


def test_everything_wrong_is_refused_at_once_in_the_order_of_the_keys():
    found = refused(
        topology="lambda",
        standbyTraffic="200",
        serverless={"memoryMb": 64},
        container={"cpu": 300, "memory": 512},
        network={"zones": 9},
        waf={"mode": "off"},
        logs={"retentionDays": 2},
        tags={"stack": "mine"},
    )
    assert list(found) == [
        "topology",
        "standbyTraffic",
        "serverless.memoryMb",
        "container.memory",
        "container.cpu",
        "network.zones",
        "waf.mode",
        "logs.retentionDays",
        "tags.stack",
    ]


TOGETHER = [
    ({"service": {"environment": {"PORT": "1", "N": 5}}}, ["service.environment.N", "service.environment"]),
    ({"service": {"needs": ["websocket", "grpc"]}}, ["service.needs[1]", "service.needs"]),
    (
        {"service": {"maxRequestSeconds": 500, "needs": ["websocket"], "maxHeadersKb": 20}},
        ["service.maxRequestSeconds", "service.needs", "service.maxHeadersKb"],
    ),
    (
        {"container": {"scaling": {"cpuPercent": 5, "responseTimeMs": "x"}}},
        ["container.scaling.responseTimeMs", "container.scaling.cpuPercent"],
    ),
    (
        {"topology": "container", "network": {"existing": {"vpcId": 5, "privateSubnetIds": ["bad"]}, "zones": 3}},
        ["network.existing.vpcId", "network.zones", "network.existing.privateSubnetIds"],
    ),
    (
        {"service": {"paths": ["/healthz", 5, "no"]}, "site": {"directory": "site"}},
        ["service.paths[1]", "service.paths"],
    ),
    ({"waf": {"managedGroups": ["X", 5]}}, ["waf.managedGroups[1]", "waf.managedGroups"]),
    ({"tags": {"project": "a", "b": 1}}, ["tags.b", "tags.project"]),
    ({"domain": {"name": 5, "zone": "Example.com"}}, ["domain.name"]),
    ({"container": {"egressPorts": [443, "x", 0, 70000]}}, ["container.egressPorts[1]", "container.egressPorts"]),
]


@pytest.mark.parametrize(("keys", "expected"), TOGETHER)
def test_what_is_wrong_with_one_entry_hides_nothing_that_is_wrong_beside_it(keys, expected):
    assert list(refused(**keys)) == expected


def test_a_key_that_was_refused_is_not_refused_for_missing_too():
    values = config(topology="container") | {"switchyard:topology": "[secret]"}
    _, refusals = parse(values, secret_keys=["switchyard:topology"])
    assert [each.key for each in refusals] == ["topology"]


def test_a_number_where_text_belongs_is_told_how_to_become_text():
    found = refused(tags={"costCenter": 1234}, service={"environment": {"DEBUG": True}})
    for each in found.values():
        assert "put it in quotes in the file, or add --type string to pulumi config set" in each


def nest(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


SITE = {"site": {"directory": "site"}}
BAD = [
    ({"topology": "lambda"}, "topology", ['got "lambda"', "serverless or container"]),
    ({"standby": "yes"}, "standby", ['got "yes"', "true or false"]),
    ({"standby": "True"}, "standby", ['got "True"', "true or false"]),
    ({"originSecret": "01"}, "originSecret", ['got "01"', "a whole number"]),
    ({"originSecret": "1.0"}, "originSecret", ['got "1.0"', "a whole number"]),
    ({"originSecret": "9" * 5_000}, "originSecret", ["got 999", "2147483647 or less"]),
    ({"originSecret": "0"}, "originSecret", ["got 0", "1 or more"]),
    ({"standbyTraffic": "10"}, "standbyTraffic", ["got 10", "0 while standby is false", "set standby to true"]),
    ({"standby": "true", "standbyTraffic": "101"}, "standbyTraffic", ["got 101", "100 or less"]),
    ({"image": "sha256:abc"}, "image", ["sha256:abc"]),
    ({"image": "nowhere"}, "image", ["nowhere"]),
    ({"service": "text"}, "service", ["got a text that is not shown", "a map of keys"]),
    ({"service": f'{{"environment": {nest(200)}}}'}, "service.environment.a", ["got a map that is not shown", "text"]),
    ({"service": nest(3_000)}, "service.a", ["got a map that is not shown", "one of the keys port"]),
    ({"service": f'{{"port": {"9" * 5_000}}}'}, "service.port", ["got 999", "2147483647 or less"]),
    ({"service": {"port": "8080"}}, "service.port", ['got "8080"', "a whole number"]),
    ({"service": {"port": 0}}, "service.port", ["got 0", "1 to 65535"]),
    ({"service": {"healthCheckPath": "healthz"}}, "service.healthCheckPath", ["healthz"]),
    ({"service": {"paths": ["api"]}}, "service.paths", ["api"]),
    ({"service": {"healthCheckPath": "/up"}, **SITE}, "service.healthCheckPath", ["add /up to service.paths"]),
    ({"service": {"paths": ["/api/*"]}, **SITE}, "service.healthCheckPath", ['got "/healthz"']),
    ({"service": {"methods": "GET"}}, "service.methods", ['got "GET"', "read or all"]),
    ({"service": {"needs": ["grpc"]}}, "service.needs[0]", ['got "grpc"', "encodedPaths or repeatedHeaders"]),
    ({"service": {"maxRequestSeconds": 0}}, "service.maxRequestSeconds", ["got 0", "1 or more"]),
    ({"service": {"maxRequestSeconds": 120}}, "service.maxRequestSeconds", ["got 120", "119 or less"]),
    ({"service": {"maxRequestSeconds": 30}}, "service.maxRequestSeconds", ["got 30", "at most 29", "functionUrl"]),
    ({"service": {"environment": {"PORT": "1"}}}, "service.environment", ["PORT"]),
    ({"service": {"environment": {"AWS_REGION": "x"}}}, "service.environment", ["AWS_REGION"]),
    ({"service": {"environment": {"AWS_LWA_PORT": "x"}}}, "service.environment", ["AWS_LWA_PORT"]),
    ({"service": {"environment": {"A": "x"}}}, "service.environment", ["Lambda wants", "got 'A'"]),
    ({"service": {"environment": {"LAMBDA_RUNTIME_DIR": "x"}}}, "service.environment", ["LAMBDA_RUNTIME_DIR"]),
    ({"service": {"environment": {"1A": "x"}}}, "service.environment", ["1A"]),
    ({"service": {"secrets": {"DB": "plain"}}}, "service.secrets.DB", ["not shown", "ARN"]),
    ({"service": {"secrets": {"_DB": SECRET}}}, "service.secrets", ["a letter first", "'_DB_SECRET_ARN'"]),
    (
        {"service": {"environment": {"DB": "x"}, "secrets": {"DB": SECRET}}},
        "service.environment",
        ["that service.secrets sets", 'got "DB"'],
    ),
    ({"serverless": {"memoryMb": 127}}, "serverless.memoryMb", ["got 127", "128 to 10240"]),
    ({"serverless": {"frontDoor": "alb"}}, "serverless.frontDoor", ['got "alb"', "httpApi or functionUrl"]),
    ({"serverless": {"snapStart": True, "provisionedConcurrency": 1}}, "serverless.snapStart", ["provisioned"]),
    ({"container": {"cpu": 300}}, "container.cpu", ["300"]),
    ({"container": {"cpu": 256, "memoryMb": 4096}}, "container.memoryMb", ["4096", "512, 1024"]),
    ({"container": {"minTasks": 5, "maxTasks": 2}}, "container.maxTasks", ["got 2", "container.minTasks (5) or more"]),
    ({"container": {"loadBalancer": "nlb"}}, "container.loadBalancer", ['got "nlb"', "internal or public"]),
    ({"container": {"scaling": {"cpuPercent": 5}}}, "container.scaling.cpuPercent", ["got 5"]),
    ({"container": {"egressPorts": [443, 0]}}, "container.egressPorts", ["got 0"]),
    ({"container": {"egressPorts": list(range(443, 494))}}, "container.egressPorts", ["got 51", "1 to 50"]),
    ({"container": {"egressPorts": [5432]}}, "container.egressPorts", ["got [5432]", "443 among them"]),
    ({"service": {"paths": []}, "site": {"directory": "site"}}, "service.paths", ["got 0", "1 to 74 entries"]),
    ({"service": {"port": 9001}}, "service.port", ["got 9001", "Lambda's own runtime API"]),
    ({"service": {"environment": {"A": "\ud800"}}}, "service", ["half of a character", "Unicode"]),
    ({"serverless": {"provisionedConcurrency": 10**23}}, "serverless.provisionedConcurrency", ["2147483647 or less"]),
    ({"service": {"maxHeadersKb": 10}}, "service.maxHeadersKb", ["got 10", "at most 9", "functionUrl"]),
    ({"network": {"cidr": "10.0.0.1/16"}}, "network.cidr", ["10.0.0.1/16"]),
    ({"network": {"cidr": "10.0.0.0/8"}}, "network.cidr", ["10.0.0.0/8"]),
    ({"network": {"zones": 1}}, "network.zones", ["got 1"]),
    ({"network": {"zones": 6}}, "network.zones", ["got 6", "at most 5 in us-east-1"]),
    ({"network": {"zones": 7}}, "network.zones", ["got 7", "2 to 6"]),
    ({"network": {"nat": "gateway"}}, "network.nat", ['got "gateway"', "perZone or regional"]),
    ({"waf": {"mode": "off"}}, "waf.mode", ['got "off"', "none, count or block"]),
    ({"waf": {"requestsPer5Minutes": 9}}, "waf.requestsPer5Minutes", ["got 9"]),
    ({"waf": {"managedGroups": ["MyOwn"]}}, "waf.managedGroups", ["MyOwn"]),
    ({"site": {"directory": "nowhere"}}, "site.directory", ["nowhere"]),
    ({"logs": {"retentionDays": 15}}, "logs.retentionDays", ["got 15", "14", "30"]),
    ({"domain": {"name": "shop.example.com"}}, "domain.zone", ["required"]),
    ({"domain": {"name": "Shop.example.com", "zone": "example.com"}}, "domain.name", ["lower case"]),
    ({"domain": {"name": "a.example.org", "zone": "example.com"}}, "domain.name", ["a.example.org", ".example.com"]),
    ({"domain": {"name": "myexample.com", "zone": "example.com"}}, "domain.name", ["myexample.com"]),
    ({"tags": {"project": "x"}}, "tags.project", ["project and stack"]),
    ({"tags": {"Project": "x"}}, "tags.Project", ["project and stack"]),
    ({"tags": {"Team": "a", "team": "b"}}, "tags.team", ["from Team in more than case"]),
    ({"tags": {"aws:x": "x"}}, "tags.aws:x", ["aws:*"]),
    ({"tags": {"a": "<b>"}}, "tags.a", ["<b>"]),
    ({"tags": {"a": 1}}, "tags.a", ["got 1", "text"]),
    ({"colour": "blue"}, "colour", ["got a text that is not shown", "one of the keys topology"]),
    ({"topolgy": "container"}, "topolgy", ["did you mean topology?"]),
    ({"container": {"memory": 512}}, "container.memory", ["did you mean container.memoryMb?"]),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "key", "words"), BAD)
def test_a_bad_value_is_refused_by_its_path_with_what_is_allowed(keys, key, words):
    found = refused(**keys)
    assert list(found) == [key]
    for word in words:
        assert word in found[key]


@pytest.mark.parametrize(
    "keys",
    [
        {"domain": {"name": "example.com", "zone": "example.com"}},
        {"topology": "container", "domain": {"name": f"{'a' * 45}.example.com", "zone": "example.com"}},
        {"domain": {"name": f"{'a' * 52}.example.com", "zone": "example.com"}},
        {"network": {"zones": 5}},
        {"network": {"existing": {"vpcId": "vpc-0123456789abcdef0", "privateSubnetIds": SUBNETS}}},
        {"topology": "container", "service": {"maxRequestSeconds": 119, "needs": EVERY_NEED}},
        {"serverless": {"frontDoor": "functionUrl"}, "service": {"needs": ["streaming"], "methods": "read"}},
        {"topology": "container", "container": {"loadBalancer": "public"}, "domain": DOMAIN},
        {"container": {"loadBalancer": "public"}},  # nothing of it is deployed
        {"tags": {f"tag{n}": "x" for n in range(47)}},
        {"tags": {"Name": "x", **{f"tag{n}": "x" for n in range(47)}}},
    ],
)  # fmt: skip
def test_a_value_on_the_edge_is_accepted(keys):
    accepted(**keys)


def test_what_only_lambda_refuses_is_allowed_where_lambda_does_not_run():
    service = {"port": 9001, "environment": {"A": "x" * 5000}}
    assert set(refused(service=service)) == {"service.port", "service.environment"}
    assert set(refused(topology="container", standby=True, service=service)) == {"service.port", "service.environment"}
    accepted(topology="container", service=service)


def test_one_tag_more_than_aws_takes_beside_ours_is_refused():
    assert "at most 47 beside project, stack and Name" in refused(tags={f"tag{n}": "x" for n in range(48)})["tags"]
    assert "got 49 tags" in refused(tags={"Name": "x", **{f"tag{n}": "x" for n in range(48)}})["tags"]


def test_a_container_needs_room_for_the_name_of_its_origin():
    name = f"{'a' * 46}.example.com"  # 58 characters
    domain = {"name": name, "zone": "example.com"}
    assert "at most 57 characters" in refused(topology="container", domain=domain)["domain.name"]
    assert "at most 57 characters" in refused(standby=True, domain=domain)["domain.name"]
    accepted(topology="serverless", domain=domain)
    long = {"name": f"{'a' * 53}.example.com", "zone": "example.com"}
    assert "at most 64 characters" in refused(domain=long)["domain.name"]


def test_a_public_balancer_needs_a_domain_wherever_the_container_half_is_deployed():
    keys = {"container": {"loadBalancer": "public"}}
    for deployed in ({"topology": "container"}, {"standby": True}):
        assert "container.loadBalancer" in refused(**keys, **deployed)


def test_zones_are_counted_in_the_stacks_own_region():
    in_ireland = NEEDED | {"aws:region": "eu-west-1", "switchyard:network": json.dumps({"zones": 4})}
    assert "at most 3 in eu-west-1" in refused(in_ireland)["network.zones"]
    in_oregon = in_ireland | {"aws:region": "us-west-2"}
    assert refused(in_oregon) == {}


def test_an_existing_network_excludes_every_other_key_of_the_network():
    existing = {
        "vpcId": "vpc-0123456789abcdef0",
        "privateSubnetIds": SUBNETS,
    }
    found = refused(network={"existing": existing, "zones": 2, "nat": "none"})
    assert set(found) == {"network.zones", "network.nat"}


def test_an_existing_network_needs_two_subnets_for_its_balancer():
    one = {"vpcId": "vpc-0123456789abcdef0", "privateSubnetIds": ["subnet-0123456789abcdef0"]}
    assert set(refused(topology="container", network={"existing": one})) == {"network.existing.privateSubnetIds"}
    keys = {"network": {"existing": one}, "container": {"loadBalancer": "public"}, "domain": DOMAIN}
    assert set(refused(standby=True, **keys)) == {"network.existing.publicSubnetIds"}
    accepted(network={"existing": one})  # nothing is deployed there


def test_an_existing_network_names_a_subnet_for_each_zone_and_not_all_there_are():
    def existing(public, private):
        ids = [f"subnet-{number:08x}" for number in range(public + private)]
        return {"vpcId": "vpc-0123456789abcdef0", "publicSubnetIds": ids[:public], "privateSubnetIds": ids[public:]}

    found = refused(topology="container", network={"existing": existing(40, 7)})
    assert list(found) == ["network.existing.privateSubnetIds"]  # nothing is in the public ones
    assert "2 to 6, each in another zone" in found["network.existing.privateSubnetIds"]
    public = {"topology": "container", "container": {"loadBalancer": "public"}, "domain": DOMAIN}
    assert refused(**public, network={"existing": existing(6, 16)}) == {}
    assert (
        "1 to 16, for tasks"
        in refused(**public, network={"existing": existing(6, 17)})["network.existing.privateSubnetIds"]
    )
    assert set(refused(**public, network={"existing": existing(7, 0)})) == {"network.existing.publicSubnetIds"}


def test_endpoints_lead_to_secrets_of_their_own_region_only():
    elsewhere = {"DB": SECRET, "FAR": SECRET.replace("us-east-1", "eu-west-1")}
    keys = {"topology": "container", "service": {"secrets": elsewhere}}
    found = refused(**keys, network={"nat": "endpoints"})
    assert list(found) == ["service.secrets.FAR"]
    assert "got a secret in eu-west-1" in found["service.secrets.FAR"]
    accepted(**keys, network={"nat": "single"})
    existing = {"vpcId": "vpc-0123456789abcdef0", "privateSubnetIds": SUBNETS}
    assert set(refused(**keys, network={"nat": "endpoints", "existing": existing})) == {"network.nat"}
    accepted(service={"secrets": elsewhere}, network={"nat": "endpoints"})  # a function is in no network


def test_more_secrets_than_a_role_may_read_by_name_are_refused_with_the_way_out():
    def secrets(count):
        return {f"S{n}": SECRET.replace(":db-", f":team/service/db{n:03}-") for n in range(count)}

    accepted(topology="container", service={"secrets": secrets(90)})
    assert "keep several in one" in refused(topology="container", service={"secrets": secrets(120)})["service.secrets"]


def test_parity_is_checked_for_the_standby_too():
    service = {"needs": ["websocket"]}
    assert set(refused(topology="container", standby=True, service=service)) == {"service.needs"}
    accepted(topology="container", service=service)


def test_a_domain_zone_is_not_a_suffix_by_letters_alone():
    assert set(refused(domain={"name": "badexample.com", "zone": "example.com"})) == {"domain.name"}


def test_a_key_under_another_projects_name_is_refused_with_the_right_one():
    _, refusals = parse(NEEDED | {"shop:topology": "container"}, project="shop")
    (found,) = refusals
    assert found.key == "shop:topology"
    assert "rename it to switchyard:topology" in str(found)


def test_a_key_of_somebody_elses_is_left_alone():
    _, refusals = parse(NEEDED | {"shop:colour": "blue", "other:topology": "x"}, project="shop")
    assert refusals == []


def test_a_sealed_value_is_refused_since_it_would_end_in_plain_text():
    values = config(service={"environment": {"PASSWORD": "x"}})
    _, (refusal,) = parse(values, secret_keys={"switchyard:service"})
    assert refusal.key == "service"
    assert "service.secrets" in str(refusal)


@pytest.mark.parametrize("region", ["", "us-gov-west-1", "cn-north-1", "US-EAST-1", "useast1", "us-east-1 "])
def test_a_region_that_cloudfront_does_not_serve_is_refused(region):
    assert set(refused(NEEDED | {"aws:region": region})) == {"aws:region"}


def test_an_aws_key_that_would_reach_nothing_is_refused():
    found = refused(NEEDED | {"aws:defaultTags": "{}", "aws:skipMetadataApiCheck": "true"})
    assert set(found) == {"aws:defaultTags", "aws:skipMetadataApiCheck"}
    assert "use switchyard:tags" in found["aws:defaultTags"]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("allowedAccountIds", "[123456789012]"),
        ("allowedAccountIds", '["12345"]'),
        ("allowedAccountIds", "123456789012"),
        ("assumeRoles", '[{"role": "x"}]'),
        ("assumeRoles", "{}"),
        ("assumeRoles", '[{"roleArn": 5}]'),
        ("assumeRoles", '[{"roleArn": "nope"}]'),
        ("assumeRoles", '[{"roleArn": "arn:aws:iam::123456789012:role/deploy", "sessionName": "a b"}]'),
        ("assumeRoles", '[{"roleArn": "arn:aws:iam::123456789012:role/deploy", "duration": "soon"}]'),
        ("assumeRoles", '[{"roleArn": "arn:aws:iam::123456789012:role/deploy", "externalId": "x"}]'),
        ("assumeRoles", "not json"),
    ],
)
def test_accounts_and_roles_are_lists_of_the_right_things(key, text):
    assert set(refused(NEEDED | {f"aws:{key}": text})) == {f"aws:{key}"}


def test_what_the_provider_is_made_of_is_read():
    role = {"roleArn": "arn:aws:iam::123456789012:role/deploy", "externalId": "xy"}
    values = {"aws:profile": "me", "aws:assumeRoles": json.dumps([role]), "aws:allowedAccountIds": '["123456789012"]'}
    settings, refusals = parse(NEEDED | values)
    assert refusals == []
    assert settings.aws.profile == "me"
    assert settings.aws.assume_roles == (role,)
    assert settings.aws.allowed_account_ids == ("123456789012",)


@pytest.mark.parametrize(
    ("longest", "expected"),
    [
        (1, Timeouts(function=1, integration=2, origin_read=2, balancer_idle=60, deregistration=30, stop=45)),
        (29, Timeouts(function=29, integration=30, origin_read=30, balancer_idle=60, deregistration=30, stop=45)),
        (60, Timeouts(function=60, integration=30, origin_read=61, balancer_idle=65, deregistration=60, stop=75)),
        (119, Timeouts(function=119, integration=30, origin_read=120, balancer_idle=124, deregistration=119, stop=120)),
    ],
)
def test_every_timeout_is_derived_from_the_longest_request(longest, expected):
    assert Timeouts.of(longest) == expected


@given(st.integers(1, 119))
def test_each_timeout_waits_for_the_one_inside_it(longest):
    timeouts = Timeouts.of(longest)
    assert timeouts.function <= timeouts.origin_read - 1 <= timeouts.balancer_idle
    assert longest <= timeouts.deregistration < timeouts.stop <= 120


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_shipped_stack_files_are_accepted(stack, monkeypatch):
    monkeypatch.chdir(ROOT)
    _, refusals = parse(load(ROOT, stack).config)
    assert refusals == []


def test_settings_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        accepted().service.port = 1


def test_load_raises_one_error_for_a_person_that_names_everything(record):
    values = config(topology="lambda", logs={"retentionDays": 2})
    with pytest.raises(pulumi.RunError) as raised:
        record(Settings.load, stack="dev", config=values)
    lines = str(raised.value).splitlines()
    assert lines[0] == "Pulumi.dev.yaml can't be deployed as it is:"
    assert [line.split(":")[0].strip() for line in lines[1:3]] == ["topology", "logs.retentionDays"]
    assert "pulumi config set --path switchyard:<key> <value>" in lines[3]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
_NESTED = [(top, key) for top, keys in KEYS_AT.items() if top and "." not in top for key in keys]


@given(st.sampled_from(_NESTED), _JSON)
def test_whatever_is_given_is_accepted_or_refused_by_path_but_never_a_traceback(place, value):
    top, key = place
    _, refusals = parse(config(**{top: {key: value}}))
    assert all(each.key and str(each) for each in refusals)


@given(st.sampled_from(KEYS_AT[""]), st.text())
def test_whatever_text_a_key_has_it_is_accepted_or_refused(key, text):
    _, refusals = parse(config(**{key: text}))
    assert all(each.key and str(each) for each in refusals)


def ranges() -> list[tuple[str, str, int, int]]:
    """(object, key, least, most) of each whole number whose limits the schema states."""
    schema = Settings.model_json_schema(by_alias=True)
    found = []
    for top, reference in schema["properties"].items():
        name = reference.get("$ref", "").rpartition("/")[2]
        for key, value in schema["$defs"].get(name, {}).get("properties", {}).items():
            if "minimum" in value and "maximum" in value:
                found.append((top, key, value["minimum"], value["maximum"]))
    return found


@pytest.mark.parametrize(("top", "key", "least", "most"), ranges())
def test_the_limits_in_the_schema_are_those_that_are_enforced(top, key, least, most):
    for value in (least - 1, most + 1):
        assert f"{top}.{key}" in refused(**{top: {key: value}})
    besides = {"maxTasks": {"minTasks": 1}, "minTasks": {"maxTasks": most}}.get(key, {})
    topology = "container" if key == "maxRequestSeconds" else "serverless"
    for value in (least, most if key != "zones" else 5):
        assert refused(topology=topology, **{top: {key: value, **besides}}) == {}


@cache
def schema():
    """A validator of whole stack files."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - with all that it can check it takes seconds to import

    return Draft202012Validator(stack_file_schema())


def test_the_schema_is_for_a_whole_stack_file_and_both_fit_it():
    validator = schema()
    for stack in ("dev", "prod"):
        validator.validate(parse_yaml((ROOT / f"Pulumi.{stack}.yaml").read_text()))
    broken = {"config": {"aws:region": "us-east-1", "switchyard:topology": "lambda", "switchyard:image": "app"}}
    assert not validator.is_valid(broken)
    assert not validator.is_valid(
        {"config": {**broken["config"], "switchyard:topology": "container", "switchyard:x": 1}}
    )


@pytest.mark.parametrize("key", ["standby", "standbyTraffic", "originSecret", "protect"])
@pytest.mark.parametrize(("text", "fits"), [("true", bool), ("10", int), ("yes", None), ("01", None)])
def test_the_schema_takes_the_text_that_the_cli_writes_as_the_settings_do(key: str, text: str, fits: type | None):
    stack = {"config": {"aws:region": "us-east-1", "switchyard:topology": "serverless", "switchyard:image": "none"}}
    stack["config"][f"switchyard:{key}"] = text
    is_accepted = fits is type(Settings.model_fields[to_snake(key)].default)
    assert schema().is_valid(stack) is is_accepted
    assert (not refused(**{"standby": "true", key: text})) is is_accepted


def test_a_key_of_any_length_is_told_in_one_short_line():
    *_, line = refused(tags={"a" * 70_000: "<script>"}).values()
    assert line.startswith("tags.aaaa")
    assert len(line) < 2000
