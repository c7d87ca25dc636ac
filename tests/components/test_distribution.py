"""Distribution: who gets which request and how, what it waits for, and what it refuses."""

import json
import re

import botocore.session
import pulumi
import pulumi_aws as aws
import pytest

from components import _distribution_parts as parts
from components.distribution import MINIMUM_PROTOCOL_VERSION, PATHS_MAX, Distribution, DistributionArgs
from components.origin import Origin
from preflight.monitor import RecordingMonitor

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/1"
WEB_ACL = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/main/1"
NAMED = {"domain_name": "app.example.com", "certificate_arn": CERTIFICATE}
SERVERLESS = Origin(id="serverless", domain_name="api.example.com", headers={"x-b": "2", "x-a": "1"})
CONTAINER = Origin(id="container", domain_name="lb.example.com", vpc_origin_id="vo_1", read_timeout_seconds=60)
FUNCTION_URL = Origin(id="serverless", domain_name="x.lambda-url.on.aws", origin_access_control_id="E2")
SITE = Origin(id="site", domain_name="b.s3.us-east-1.amazonaws.com", origin_access_control_id="E1", is_bucket=True)
SERVICE = {"service_origins": [SERVERLESS], "active": "serverless"}
BOTH = {"service_origins": [SERVERLESS, CONTAINER], "active": "container"}


@pytest.fixture
def recorded(record):
    def run(**changes):
        return record(lambda: Distribution("edge", DistributionArgs(**changes)))

    return run


@pytest.fixture
def inputs(recorded):
    return lambda **changes: recorded(**changes).one("aws:cloudfront/distribution:Distribution").inputs


def children(recording) -> set[str]:
    urn = recording.one("switchyard:index:Distribution").urn
    found = [*recording.children(urn)]
    found += [below for child in found for below in recording.children(child.urn)]
    return {f"{child.type.rpartition(':')[2]} {child.name}" for child in found}


CORE = {"Distribution edge"}
SERVICE_PARTS = {
    "Function edge-viewer-request",
    "ResponseHeadersPolicy edge-headers",
    "OriginSplit edge-split",
    "RandomId edge-split-epoch",
}
SPLIT_PARTS = {
    "KeyValueStore edge-split",
    "RandomPassword edge-split-smoke-token",
    "KeyvaluestoreKey edge-split-weight",
}
SITE_PARTS = {"Function edge-site-request", "ResponseHeadersPolicy edge-site-headers"}


def test_it_has_these_children_and_no_others(recorded):
    assert children(recorded(**SERVICE)) == CORE | SERVICE_PARTS
    assert children(recorded(site=SITE)) == CORE | SITE_PARTS
    assert children(recorded(**BOTH, site=SITE, access_log_bucket_arn="arn:aws:s3:::logs")) == (
        CORE
        | SERVICE_PARTS
        | SPLIT_PARTS
        | SITE_PARTS
        | {
            "LogDeliverySource edge-logs",
            "LogDeliveryDestination edge-logs-destination",
            "LogDelivery edge-logs-delivery",
        }
    )


def test_it_is_on_for_ipv6_and_http_3_and_waits_until_the_edges_have_it(inputs):
    made = inputs(**SERVICE)
    expected = {
        "enabled": True,
        "isIpv6Enabled": True,
        "httpVersion": "http2and3",
        "waitForDeployment": True,
        "retainOnDelete": False,
        "restrictions": {"geoRestriction": {"restrictionType": "none"}},
        "priceClass": "PriceClass_100",
    }
    assert {key: made[key] for key in expected} == expected


def test_errors_of_the_service_pass_unchanged(inputs):
    assert "customErrorResponses" not in inputs(**BOTH, site=SITE)


SERVICE_BEHAVIOR = {
    "targetOriginId": "container",
    "viewerProtocolPolicy": "redirect-to-https",
    "allowedMethods": ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"],
    "cachedMethods": ["GET", "HEAD"],
    "cachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
    "originRequestPolicyId": "b689b0a8-53d0-40ab-baf2-68738e2966ac",
    "compress": False,
}
SITE_BEHAVIOR = {
    "targetOriginId": "site",
    "viewerProtocolPolicy": "redirect-to-https",
    "allowedMethods": ["GET", "HEAD", "OPTIONS"],
    "cachedMethods": ["GET", "HEAD"],
    "cachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
    "compress": True,
}


def settled(behavior: dict) -> dict:
    """A behaviour without what points to other resources."""
    return {
        key: value
        for key, value in behavior.items()
        if key not in ("functionAssociations", "responseHeadersPolicyId", "pathPattern")
    }


def test_without_a_site_the_active_origin_answers_everything(inputs):
    made = inputs(**BOTH, paths=["/ignored/*"])
    assert settled(made["defaultCacheBehavior"]) == SERVICE_BEHAVIOR
    assert made["orderedCacheBehaviors"] == []
    assert "defaultRootObject" not in made


def test_with_a_site_the_paths_go_to_the_service_and_the_rest_to_the_site(inputs):
    made = inputs(**BOTH, site=SITE, paths=["/b/*", "/a"])
    assert settled(made["defaultCacheBehavior"]) == SITE_BEHAVIOR
    assert [each["pathPattern"] for each in made["orderedCacheBehaviors"]] == ["/b/*", "/a"]
    assert [settled(each) for each in made["orderedCacheBehaviors"]] == [SERVICE_BEHAVIOR] * 2
    assert made["defaultRootObject"] == "index.html"


def test_with_only_a_site_the_paths_are_not_used(inputs):
    made = inputs(site=SITE)
    assert settled(made["defaultCacheBehavior"]) == SITE_BEHAVIOR
    assert made["orderedCacheBehaviors"] == []


def test_the_paths_are_the_api_and_its_health_check_by_default(inputs):
    made = inputs(**SERVICE, site=SITE)
    assert [each["pathPattern"] for each in made["orderedCacheBehaviors"]] == ["/api/*", "/healthz"]


def test_reading_methods_are_all_that_a_read_only_service_is_sent(inputs):
    methods = inputs(**SERVICE, methods="read")["defaultCacheBehavior"]["allowedMethods"]
    assert methods == ["GET", "HEAD", "OPTIONS"]


def test_each_behaviour_runs_its_own_function_and_sends_its_own_headers(recorded):
    recording = recorded(**SERVICE, site=SITE, paths=["/api/*"])
    made = recording.one("aws:cloudfront/distribution:Distribution").inputs
    dependencies = recording.one("aws:cloudfront/distribution:Distribution").options.property_dependencies
    for behavior, role in ((made["defaultCacheBehavior"], "site"), (made["orderedCacheBehaviors"][0], "viewer")):
        (association,) = behavior["functionAssociations"]
        assert association["eventType"] == "viewer-request"
        assert f":function/edge-{role}-request-" in association["functionArn"]
    used = {urn.rpartition("::")[2] for urn in dependencies["defaultCacheBehavior"]}
    assert used == {"edge-site-request", "edge-site-headers"}
    used = {urn.rpartition("::")[2] for urn in dependencies["orderedCacheBehaviors"]}
    assert {"edge-viewer-request", "edge-headers"} <= used
    assert "edge-site-request" not in used


def test_every_function_is_published_for_the_second_runtime(recorded):
    functions = recorded(**SERVICE, site=SITE).of_type("aws:cloudfront/function:Function")
    assert {(each.inputs["runtime"], each.inputs["publish"]) for each in functions} == {("cloudfront-js-2.0", True)}


def test_the_authorization_source_reaches_the_services_function(recorded):
    def code(**changes) -> str:
        return recorded(**SERVICE, **changes).one("aws:cloudfront/function:Function").inputs["code"]

    assert "x-forwarded-authorization" in code(authorization_source="x-forwarded-authorization")
    assert "AUTHORIZATION_SOURCE = null" in code()


FUNCTION = "aws:cloudfront/function:Function"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
WEIGHT = "aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey"


def test_the_function_does_not_depend_on_who_is_active_or_how_much_goes_where(recorded):
    inputs = [
        recorded(**{**BOTH, "active": active}, standby_traffic=percent).one(FUNCTION).inputs
        for active in ("serverless", "container")
        for percent in (0, 50)
    ]
    assert all(each == inputs[0] for each in inputs)
    assert 'ORIGINS = ["container", "serverless"]' in inputs[0]["code"]


def test_the_function_can_name_an_origin_exactly_while_there_are_two(recorded):
    alone, both = (recorded(**each).one(FUNCTION) for each in (SERVICE, BOTH))
    assert "keyValueStoreAssociations" not in alone.inputs
    assert not any(word in alone.inputs["code"] for word in ("ORIGINS", "EPOCH", "TOKEN", "cloudfront'"))
    (store,) = both.inputs["keyValueStoreAssociations"]
    assert ":key-value-store/" in store


def needed(recording, type_: str) -> set[str]:
    return {urn.rpartition("::")[2] for urn in recording.one(type_).options.depends_on}


def test_the_epoch_ends_before_the_function_changes_and_that_before_the_distribution_and_that_before_the_weight(
    recorded,
):
    for args in (SERVICE, BOTH):
        recording = recorded(**args)
        assert "edge-split-epoch" in needed(recording, FUNCTION)
        assert "edge-viewer-request" in needed(recording, DISTRIBUTION)
    assert "edge" in needed(recording, WEIGHT)
    assert "edge-split-weight" not in needed(recording, DISTRIBUTION) | needed(recording, FUNCTION)


@pytest.mark.parametrize(
    ("active", "standby_traffic", "container"),
    [("serverless", 0, 0), ("serverless", 10, 10), ("container", 0, 100), ("container", 10, 90), ("container", 50, 50)],
)
def test_the_weight_is_the_containers_share_whoever_is_active(recorded, active, standby_traffic, container):
    recording = recorded(**{**BOTH, "active": active}, standby_traffic=standby_traffic)
    assert json.loads(recording.one(WEIGHT).inputs["value"])["container"] == container


def test_the_waits_are_bound_to_its_updates_and_to_nothing_else(record, monkeypatch):
    bound = {}
    original = RecordingMonitor.RegisterResource

    def spy(self, request):
        hooks = {field.name: len(value) for field, value in request.hooks.ListFields()}
        if hooks:
            bound[request.type, request.name] = hooks
        return original(self, request)

    monkeypatch.setattr(RecordingMonitor, "RegisterResource", spy)
    record(lambda: Distribution("edge", DistributionArgs(**BOTH, site=SITE)))
    assert bound == {(DISTRIBUTION, "edge"): {"before_update": 1, "after_update": 1}}


def test_the_token_is_handed_out_only_while_there_are_two(record):
    def program(**args):
        token = Distribution("edge", DistributionArgs(**args)).smoke_token
        pulumi.export("token", token)

    assert record(lambda: program(**BOTH)).outputs["token"] == {"$secret": True}
    assert record(lambda: program(**SERVICE)).outputs["token"] == ""
    assert record(lambda: program(site=SITE)).outputs["token"] == ""


SECURITY = {
    "strictTransportSecurity": {"accessControlMaxAgeSec": 31536000, "includeSubdomains": False, "override": False},
    "contentTypeOptions": {"override": True},
    "frameOptions": {"frameOption": "DENY", "override": False},
    "referrerPolicy": {"referrerPolicy": "strict-origin-when-cross-origin", "override": False},
}


def test_every_response_carries_security_headers_and_the_sites_a_content_policy_too(recorded):
    recording = recorded(**SERVICE, site=SITE, content_security_policy="default-src 'none'")
    policy = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
    assert recording.one(policy, "edge-headers").inputs == {"securityHeadersConfig": SECURITY}
    content = {"contentSecurityPolicy": "default-src 'none'", "override": False}
    site = recording.one(policy, "edge-site-headers").inputs
    assert site == {"securityHeadersConfig": {**SECURITY, "contentSecurityPolicy": content}}


def test_the_content_policy_admits_only_the_sites_own_by_default():
    default = DistributionArgs(site=SITE).content_security_policy
    directives = dict(each.strip().split(" ", 1) for each in default.split(";"))
    assert directives["default-src"] == "'self'"
    assert directives["object-src"] == directives["frame-ancestors"] == "'none'"
    assert "unsafe" not in default


COMMON = {"connectionAttempts": 2, "connectionTimeout": 3}


def test_a_public_server_is_called_over_tls_1_2_with_its_headers(inputs):
    (origin,) = inputs(**SERVICE)["origins"]
    assert origin == {
        **COMMON,
        "originId": "serverless",
        "domainName": "api.example.com",
        "customHeaders": [{"name": "x-a", "value": "1"}, {"name": "x-b", "value": "2"}],
        "customOriginConfig": {
            "httpPort": 80,
            "httpsPort": 443,
            "originProtocolPolicy": "https-only",
            "originSslProtocols": ["TLSv1.2"],
            "originReadTimeout": 30,
            "originKeepaliveTimeout": 55,
        },
    }


def test_a_secret_header_hides_itself_and_not_the_origin(record):
    def program():
        origin = Origin(id="serverless", domain_name="x", headers={"x-origin-secret": pulumi.Output.secret("s")})
        Distribution("edge", DistributionArgs(service_origins=[origin], active="serverless"))

    (origin,) = record(program).one("aws:cloudfront/distribution:Distribution").inputs["origins"]
    assert origin["customHeaders"] == [{"name": "x-origin-secret", "value": {"$secret": True}}]
    assert origin["domainName"] == "x"


def test_a_server_without_tls_is_called_without_tls(inputs):
    plain = Origin(id="serverless", domain_name="a.example.com", protocol="http-only")
    (origin,) = inputs(service_origins=[plain], active="serverless")["origins"]
    assert origin["customOriginConfig"]["originProtocolPolicy"] == "http-only"


def test_a_private_balancer_is_called_through_its_vpc_origin(inputs):
    (origin,) = inputs(service_origins=[CONTAINER], active="container")["origins"]
    assert origin == {
        **COMMON,
        "originId": "container",
        "domainName": "lb.example.com",
        "customHeaders": [],
        "vpcOriginConfig": {"vpcOriginId": "vo_1", "originReadTimeout": 60, "originKeepaliveTimeout": 55},
    }


def test_a_function_url_is_a_public_server_whose_requests_are_signed(inputs):
    (origin,) = inputs(service_origins=[FUNCTION_URL], active="serverless")["origins"]
    assert origin["originAccessControlId"] == "E2"
    assert origin["customOriginConfig"]["originProtocolPolicy"] == "https-only"


def test_a_bucket_is_called_as_s3_with_signed_requests(inputs):
    (origin,) = inputs(site=SITE)["origins"]
    assert origin == {
        **COMMON,
        "originId": "site",
        "domainName": "b.s3.us-east-1.amazonaws.com",
        "customHeaders": [],
        "originAccessControlId": "E1",
    }


def test_the_standbys_origin_is_there_too(inputs):
    for active in ("serverless", "container"):
        made = inputs(service_origins=[SERVERLESS, CONTAINER], active=active, site=SITE)
        assert [each["originId"] for each in made["origins"]] == ["serverless", "container", "site"]
        assert {each["targetOriginId"] for each in made["orderedCacheBehaviors"]} == {active}


def test_it_waits_for_all_that_every_origin_calls_ready(record):
    def program():
        made = {name: aws.ssm.Parameter(name, type="String", value="1") for name in "abcd"}
        first = Origin(id="serverless", domain_name="x", ready=[made["a"], made["b"]])
        second = Origin(id="container", domain_name="y", ready=[made["c"]])
        site = Origin(id="site", domain_name="z", ready=[made["d"]], is_bucket=True, origin_access_control_id="E1")
        Distribution("edge", DistributionArgs(service_origins=[first, second], active="serverless", site=site))

    depends_on = record(program).one("aws:cloudfront/distribution:Distribution").options.depends_on
    assert {urn.rpartition("::")[2] for urn in depends_on} >= set("abcd")


def test_a_domain_brings_its_alias_and_certificate(inputs):
    made = inputs(**SERVICE, **NAMED)
    assert made["aliases"] == ["app.example.com"]
    assert made["viewerCertificate"] == {
        "acmCertificateArn": CERTIFICATE,
        "sslSupportMethod": "sni-only",
        "minimumProtocolVersion": "TLSv1.2_2025",
    }


def test_without_a_domain_it_uses_cloudfronts_own_name_and_certificate(inputs):
    made = inputs(**SERVICE)
    assert "aliases" not in made
    assert made["viewerCertificate"] == {"cloudfrontDefaultCertificate": True}


def test_the_web_acl_and_the_price_class_reach_it(inputs):
    made = inputs(**SERVICE, web_acl_arn=WEB_ACL, price_class="PriceClass_All")
    assert (made["webAclId"], made["priceClass"]) == (WEB_ACL, "PriceClass_All")
    assert "webAclId" not in inputs(**SERVICE)


LOGS = {"access_log_bucket_arn": "arn:aws:s3:::logs"}


def test_access_logs_are_delivered_as_json_to_their_folder(recorded):
    recording = recorded(**SERVICE, **LOGS)
    made = recording.one("switchyard:index:Distribution").outputs
    id_ = made["distribution_id"]
    assert recording.one("aws:cloudwatch/logDeliverySource:LogDeliverySource").inputs == {
        "region": "us-east-1",
        "name": f"cloudfront-{id_}",
        "logType": "ACCESS_LOGS",
        "resourceArn": made["distribution_arn"],
    }
    assert recording.one("aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination").inputs == {
        "region": "us-east-1",
        "name": f"cloudfront-{id_}-s3",
        "outputFormat": "json",
        "deliveryDestinationConfiguration": {"destinationResourceArn": "arn:aws:s3:::logs/cdn"},
    }
    delivery = recording.one("aws:cloudwatch/logDelivery:LogDelivery")
    assert delivery.inputs == {
        "region": "us-east-1",
        "deliverySourceName": f"cloudfront-{id_}",
        "deliveryDestinationArn": f"arn:aws:logs:us-east-1:123456789012:delivery-destination:cloudfront-{id_}-s3",
        "s3DeliveryConfigurations": [
            {"suffixPath": "{DistributionId}/{yyyy}/{MM}/{dd}/{HH}", "enableHiveCompatiblePath": False}
        ],
    }
    assert delivery.options.delete_before_replace


def test_the_deliverys_names_are_ones_that_logs_would_take(recorded):
    model = botocore.session.get_session().get_service_model("logs")
    recording = recorded(**SERVICE, **LOGS)
    for type_, shape in (("Source", "DeliverySourceName"), ("Destination", "DeliveryDestinationName")):
        name = recording.one(f"aws:cloudwatch/logDelivery{type_}:LogDelivery{type_}").inputs["name"]
        limits = model.shape_for(shape).metadata
        assert re.fullmatch(limits["pattern"], name)
        assert limits["min"] <= len(name) <= limits["max"]
    assert "json" in model.shape_for("OutputFormat").enum


def test_its_outputs_are_those_of_the_distribution(recorded):
    outputs = recorded(**SERVICE).one("switchyard:index:Distribution").outputs
    assert set(outputs) == {"distribution_id", "distribution_arn", "domain_name", "hosted_zone_id"}
    assert outputs["distribution_arn"].endswith(f":distribution/{outputs['distribution_id']}")
    assert outputs["domain_name"].endswith(".cloudfront.net")
    assert outputs["hosted_zone_id"] == "Z2FDTNDATAQYW2"


def refused(match: str, **changes) -> None:
    with pytest.raises(ValueError, match=match):
        DistributionArgs(**changes)


def test_something_has_to_be_served():
    refused("service_origins or site must be given, got neither")


def test_the_active_origin_must_be_among_the_services():
    refused("active must be one of serverless, container, got 'site'", **{**BOTH, "active": "site"}, site=SITE)
    refused("active must be one of serverless, got None", service_origins=[SERVERLESS])
    refused("active must be one of None, got 'serverless'", site=SITE, active="serverless")


def test_at_most_two_services_and_a_share_for_the_second_only():
    third = Origin(id="third", domain_name="x")
    refused("service_origins must be 0 to 2 entries, got 3", service_origins=[SERVERLESS, CONTAINER, third])
    refused("standby_traffic must be 0 while there is no standby, got 1", **SERVICE, standby_traffic=1)
    refused("standby_traffic must be 0 to 100, got 101", **BOTH, standby_traffic=101)
    refused("standby_traffic must be 0 to 100, got -1", **BOTH, standby_traffic=-1)
    assert DistributionArgs(**BOTH, standby_traffic=100)


def test_the_services_limits_reach_the_function(recorded):
    def code(**changes) -> str:
        return recorded(**changes).one(FUNCTION).inputs["code"]

    for origins in (SERVICE, BOTH):
        limited = code(**origins, max_body_bytes=7, max_header_bytes=8)
        assert "MAX_BODY_BYTES = 7;" in limited
        assert "MAX_HEADER_BYTES = 8;" in limited
        assert "MAX_BODY_BYTES = null;" in code(**origins)
    refused("max_body_bytes must be 0 or more, got -1", **SERVICE, max_body_bytes=-1)
    refused("max_header_bytes must be 1 or more, got 0", **SERVICE, max_header_bytes=0)
    assert DistributionArgs(**SERVICE, max_body_bytes=0, max_header_bytes=1)


@pytest.mark.parametrize("wait", ["edge_seconds", "drain_seconds"])
def test_a_wait_is_0_to_600_seconds(wait):
    refused(f"{wait} must be 0 to 600, got 601", **SERVICE, **{wait: 601})
    refused(f"{wait} must be 0 to 600, got -1", **SERVICE, **{wait: -1})
    assert all(DistributionArgs(**SERVICE, **{wait: seconds}) for seconds in (0, 600))


def test_two_origins_may_not_share_an_id():
    refused(r"different ids, got \['serverless', 'serverless'\]", **{**SERVICE, "service_origins": [SERVERLESS] * 2})
    refused(r"different ids, got \['serverless', 'serverless'\]", **SERVICE, site=SERVERLESS)


@pytest.mark.parametrize("missing", NAMED)
def test_a_domain_and_its_certificate_come_together(missing):
    named = {key: value for key, value in NAMED.items() if key != missing}
    refused("domain_name and certificate_arn must be given together", **SERVICE, **named)


@pytest.mark.parametrize("bad", ["App.example.com", "app", "-a.example.com", "a..com", "*.example.com", "a.com."])
def test_a_name_that_is_no_domain_is_refused(bad):
    refused(f"domain_name must be a DNS name in lower case.*, got '{re.escape(bad)}'", **SERVICE, domain_name=bad)


def test_a_domain_may_be_253_characters_long():
    longest = ".".join(["a" * 63] * 3 + ["a" * 57, "com"])
    assert len(longest) == 253
    assert DistributionArgs(**SERVICE, **{**NAMED, "domain_name": longest})
    refused("domain_name must be", **SERVICE, **{**NAMED, "domain_name": "a" + longest})


def test_a_certificate_or_web_acl_from_elsewhere_is_refused():
    elsewhere = CERTIFICATE.replace("us-east-1", "eu-west-1")
    refused("certificate_arn must be .* in us-east-1", **SERVICE, **{**NAMED, "certificate_arn": elsewhere})
    refused("web_acl_arn must be .* CLOUDFRONT", **SERVICE, web_acl_arn=WEB_ACL.replace("global", "regional"))


def test_what_is_not_known_yet_is_not_judged(record):
    def program():
        later = pulumi.Output.from_input("later")
        named = {"domain_name": "a.example.com", "certificate_arn": later}
        Distribution("edge", DistributionArgs(**SERVICE, **named, web_acl_arn=later))

    assert record(program).one("aws:cloudfront/distribution:Distribution").inputs["webAclId"] == "later"


@pytest.mark.parametrize(
    "bad",
    [
        *("authorization", "X-Copy", "x-", "x-a b", "x-" + "a" * 63),
        *("x-amz-copy", "x-amzn-copy", "x-edge-copy", "x-accel-copy", "x-cache", "x-real-ip", "x-forwarded-proto"),
    ],
)
def test_an_authorization_source_that_a_function_may_not_set_is_refused(bad):
    refused(f"authorization_source must be .*, got '{bad}'", **SERVICE, authorization_source=bad)


def test_an_authorization_source_may_be_64_characters_long_but_no_header_that_is_taken():
    assert DistributionArgs(**SERVICE, authorization_source="x-" + "a" * 62)
    taken = "x-forwarded-host"
    refused(f"must not be a header with a meaning of its own, got {taken}", **SERVICE, authorization_source=taken)


@pytest.mark.parametrize("good", ["/api/*", "*.php", "/a?c", "/~u/$x/'q'/\"q\"/@:+&_-.", "/" + "a" * 254])
def test_a_path_pattern_that_cloudfront_takes_is_allowed(good):
    assert DistributionArgs(**SERVICE, site=SITE, paths=[good])


@pytest.mark.parametrize("bad", ["api/*", "", "/a b", "/ü", "/a#b", "/a%20", "/" + "a" * 255])
def test_a_path_pattern_that_it_would_not_take_is_refused(bad):
    refused(f"paths must be 1 to 255 of .*, got '{re.escape(bad)}'", **SERVICE, site=SITE, paths=[bad])


@pytest.mark.parametrize("bad", ["*", "/*", "/**"])
def test_a_path_that_leaves_the_site_nothing_is_refused(bad):
    refused(f"paths must be narrower, .*, got '{re.escape(bad)}'", **SERVICE, site=SITE, paths=[bad])


def test_there_are_1_to_74_paths_and_no_two_alike():
    many = [f"/{n}" for n in range(PATHS_MAX + 1)]
    assert DistributionArgs(**SERVICE, site=SITE, paths=many[:74])
    refused("paths must be 1 to 74 entries, got 75", **SERVICE, site=SITE, paths=many)
    refused("paths must be 1 to 74 entries, got 0", **SERVICE, site=SITE, paths=[])
    refused(r"paths must be different, got \['/a', '/a'\]", **SERVICE, site=SITE, paths=["/a", "/a"])


def test_paths_that_are_not_used_are_not_judged():
    assert DistributionArgs(**SERVICE, paths=["nonsense"])
    assert DistributionArgs(site=SITE, paths=[])


def test_unknown_choices_and_an_empty_content_policy_are_refused_together():
    refused(
        "methods must be one of all, read, got 'some'; price_class must be one of PriceClass_100, PriceClass_200, "
        "PriceClass_All, got 'cheap'; content_security_policy must not be empty",
        **SERVICE,
        methods="some",
        price_class="cheap",
        content_security_policy=" ",
    )


def enum(shape: str) -> set[str]:
    return set(botocore.session.get_session().get_service_model("cloudfront").shape_for(shape).enum)


def test_the_choices_are_ones_cloudfront_knows():
    assert MINIMUM_PROTOCOL_VERSION in enum("MinimumProtocolVersion")
    assert {"PriceClass_100", "PriceClass_200", "PriceClass_All"} <= enum("PriceClass")
    assert "http2and3" in enum("HttpVersion")
    assert set(parts.ALL_METHODS) == enum("Method")
    assert "cloudfront-js-2.0" in enum("FunctionRuntime")
    assert "strict-origin-when-cross-origin" in enum("ReferrerPolicyList")
    assert "DENY" in enum("FrameOptionsList")
    assert "TLSv1.2" in enum("SslProtocol")


def test_a_dead_origin_is_noticed_in_seconds():
    assert parts.CONNECTION_ATTEMPTS * parts.CONNECTION_TIMEOUT_SECONDS <= 6


def test_cloudfront_closes_an_idle_connection_before_the_balancer_does():
    assert parts.KEEPALIVE_SECONDS < 60
