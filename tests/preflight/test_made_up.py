"""Made-up values: of resources and properties that exist, of the shape AWS gives them, the same every time."""

import re
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest

from preflight import made_up

URN = "urn:pulumi:dev::shop::x:y:Z::thing"
SDK = Path(find_spec("pulumi").origin).parent.parent


def made(type_: str, inputs=None, region="us-east-1", urn=URN, custom=True, remote=False):
    resource = SimpleNamespace(
        type=type_, name="thing", urn=urn, inputs=inputs or {}, custom=custom, remote=remote, region=region
    )
    return made_up.outputs(resource, region)


def sdk_class(type_: str) -> str:
    """The source of the SDK's class for a type token."""
    package, module, name = type_.split(":")
    folder = module.partition("/")[0]
    snake = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    folder = {"index": "", "lambda": "lambda_"}.get(folder, folder)
    return (SDK / f"pulumi_{package}" / folder / f"{snake}.py").read_text(encoding="utf-8")


RESOURCES = sorted(type_ for type_ in {*made_up._IDS, *made_up._COMPUTED} if not type_.startswith("pulumi:"))


@pytest.mark.parametrize("type_", RESOURCES)
def test_a_type_and_each_property_made_up_for_it_exist_in_the_sdk(type_):
    source = sdk_class(type_)
    assert f"'{type_}'" in source
    getters = set(re.findall(r'@_builtins\.property\n    @pulumi\.getter\(name="(\w+)"\)', source))
    getters |= set(re.findall(r"@_builtins\.property\n    @pulumi\.getter\n    def (\w+)\(", source))
    assert set(made_up._COMPUTED.get(type_, {})) <= getters


# A pattern may name its resource's own inputs; these are the ones that some do.
INPUTS = {name: f"my-{name}" for name in ("apiId", "certificateArn", "domainName", "family", "functionName", "name")}


@pytest.mark.parametrize("type_", RESOURCES)
def test_every_pattern_can_be_filled(type_):
    values = made(type_, INPUTS)
    assert set(made_up._COMPUTED.get(type_, {})) <= set(values)
    assert values["id"]
    assert "{" not in repr([text for value in values.values() for text in _texts(value)])


def _texts(value):
    if isinstance(value, dict):
        value = list(value.values())
    return [text for each in value for text in _texts(each)] if isinstance(value, list) else [str(value)]


@pytest.mark.parametrize("type_", RESOURCES)
def test_an_arn_is_an_arn_of_the_account_and_the_region_at_hand(type_):
    arns = [text for text in _texts(list(made(type_, INPUTS, region="eu-west-1").values())) if text.startswith("arn:")]
    for arn in arns:
        parts = arn.split(":", 5)
        assert parts[:2] == ["arn", "aws"]
        assert parts[3] in ("", "eu-west-1"), arn
        assert parts[4] in ("", made_up.ACCOUNT, "lambda"), arn  # "lambda": API Gateway's own way to name a function
        assert parts[5]


def test_values_are_the_same_every_time_and_differ_between_resources_stacks_included():
    type_ = "aws:ec2/vpc:Vpc"
    assert made(type_) == made(type_)
    other = made(type_, urn=URN.replace(":dev::", ":prod::"))
    assert other["id"] != made(type_)["id"]


@pytest.mark.parametrize("unknown", [{"$unknown": True}, {"$secret": True}, None])
def test_a_value_that_names_an_input_nobody_knows_is_left_out_and_the_others_stay(unknown):
    inputs = {"functionName": unknown, "name": "live"} if unknown else {"name": "live"}
    alias = made("aws:lambda/alias:Alias", inputs)
    assert alias["name"] == "live"
    assert not {"arn", "invokeArn"} & set(alias)
    assert made("aws:acm/certificateValidation:CertificateValidation", {"certificateArn": unknown})["id"] == ""


def test_a_type_nobody_thought_of_gets_an_id_an_arn_and_a_name():
    values = made("aws:sqs/queue:Queue")
    assert values == {
        "id": values["name"],
        "name": values["name"],
        "arn": f"arn:aws:sqs:us-east-1:123456789012:{values['name']}",
    }
    assert re.fullmatch("thing-[0-9a-f]{7}", values["name"])


def test_a_name_of_ones_own_is_kept():
    assert made("aws:s3/bucket:Bucket", {"bucket": "mine"})["arn"] == "arn:aws:s3:::mine"
    assert made("aws:ecs/cluster:Cluster", {"name": "mine"})["arn"].endswith(":cluster/mine")


def test_a_region_of_ones_own_wins():
    certificate = made(
        "aws:acm/certificate:Certificate", {"region": "us-east-1", "domainName": "a.b"}, region="eu-west-1"
    )
    assert certificate["arn"].startswith("arn:aws:acm:us-east-1:")


def test_a_component_gets_nothing_and_a_remote_one_what_is_known_of_it():
    assert made("switchyard:index:Vpc", custom=False) == {}
    assert made("awsx:ecr:Image", {"repositoryUrl": "r"}, custom=False, remote=True) == {}
    image = made("awsx:ecr:Image", {"repositoryUrl": "r", "imageTag": "t"}, custom=False, remote=True)
    assert re.fullmatch("r:t@sha256:[0-9a-f]{64}", image["imageUri"])


# Shapes that a policy, a peering or another component takes apart.
@pytest.mark.parametrize(
    ("type_", "key", "pattern"),
    [
        ("aws:ec2/vpc:Vpc", "id", "vpc-[0-9a-f]{17}"),
        ("aws:ec2/subnet:Subnet", "id", "subnet-[0-9a-f]{17}"),
        ("aws:ec2/securityGroup:SecurityGroup", "id", "sg-[0-9a-f]{17}"),
        ("aws:cloudfront/distribution:Distribution", "id", "E[0-9A-F]{13}"),
        ("aws:cloudfront/distribution:Distribution", "domainName", r"d[0-9a-f]{13}\.cloudfront\.net"),
        ("aws:lb/loadBalancer:LoadBalancer", "arnSuffix", "app/thing-[0-9a-f]{7}/[0-9a-f]{16}"),
        ("aws:apigatewayv2/api:Api", "apiEndpoint", r"https://[0-9a-f]{10}\.execute-api\.us-east-1\.amazonaws\.com"),
        ("aws:lambda/functionUrl:FunctionUrl", "functionUrl", r"https://[0-9a-f]{32}\.lambda-url\.us-east-1\.on\.aws/"),
    ],
)
def test_a_value_has_the_shape_that_aws_gives_it(type_, key, pattern):
    assert re.fullmatch(pattern, made(type_)[key])


# Look-ups


@pytest.mark.parametrize("region", [*made_up.ZONE_ID_PREFIXES, "ap-southeast-7"])
def test_zone_names_and_ids_of_a_region_go_together(region):
    zones = made_up.lookup("aws:index/getAvailabilityZones:getAvailabilityZones", {}, region)
    assert len(zones["names"]) == len(zones["zoneIds"]) >= 3
    assert all(re.fullmatch(f"{region}[a-f]", name) for name in zones["names"])
    assert len(set(zones["zoneIds"])) == len(zones["zoneIds"])


def test_a_zone_that_is_excluded_is_not_among_the_names_or_the_ids():
    zones = made_up.lookup(
        "aws:index/getAvailabilityZones:getAvailabilityZones", {"excludeZoneIds": ["use1-az3"]}, "us-east-1"
    )
    assert zones["names"] == [f"us-east-1{letter}" for letter in "abdef"]
    assert "use1-az3" not in zones["zoneIds"]


def test_a_lookup_in_another_region_answers_for_that_one():
    token = "aws:index/getAvailabilityZones:getAvailabilityZones"
    assert made_up.lookup(token, {"region": "eu-west-1"}, "us-east-1")["names"][0] == "eu-west-1a"


def test_who_asks_is_the_made_up_account():
    identity = made_up.lookup("aws:index/getCallerIdentity:getCallerIdentity", {}, "us-east-1")
    assert identity["accountId"] == made_up.ACCOUNT
    assert f":{made_up.ACCOUNT}:" in identity["arn"]


def test_a_zone_is_found_under_the_name_that_was_asked_for():
    zone = made_up.lookup("aws:route53/getZone:getZone", {"name": "example.com"}, "us-east-1")
    assert zone["name"] == "example.com"
    assert zone["id"] == zone["zoneId"]
    assert zone != made_up.lookup("aws:route53/getZone:getZone", {"name": "example.org"}, "us-east-1")


def test_a_lookup_nobody_thought_of_is_refused():
    with pytest.raises(
        LookupError, match=r"^the program looks up aws:x/y:z, and preflight has no made-up answer for it$"
    ):
        made_up.lookup("aws:x/y:z", {}, "us-east-1")
