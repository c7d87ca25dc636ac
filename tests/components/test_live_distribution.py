"""What CloudFront has, held against what was asked for: the same in other words is the same, and nothing else is."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from components._distribution_parts import ALL_METHODS, origin_input, service_behavior, site_behavior
from components._live_distribution import differences
from components.origin import Origin

API = Origin(id="serverless", domain_name="api.example.com", headers={"x-origin-secret": "s3cret"})
TASKS = Origin(id="container", domain_name="lb.example.com", vpc_origin_id="vo_1")
SITE = Origin(id="site", domain_name="b.s3.us-east-1.amazonaws.com", origin_access_control_id="E1", is_bucket=True)
SETTINGS = {
    "origins": [origin_input(each) for each in (API, TASKS, SITE)],
    "default_cache_behavior": site_behavior("site", "arn:site", "policy-1"),
    "ordered_cache_behaviors": [
        {"path_pattern": "/api/*", **service_behavior("serverless", ALL_METHODS, "arn:service", "policy-2")}
    ],
    "aliases": ["shop.example.com"],
    "viewer_certificate": {"acm_certificate_arn": "arn:certificate"},
    "web_acl_id": "arn:acl",
}
# As Cloud Control tells it: lists in its own order, a header's name as it likes, empty texts for what there is not.
LIVE: dict[str, Any] = {
    "Origins": [
        {"Id": "site", "DomainName": SITE.domain_name, "OriginAccessControlId": "E1", "OriginCustomHeaders": []},
        {
            "Id": "serverless",
            "DomainName": API.domain_name,
            "OriginAccessControlId": "",
            "OriginCustomHeaders": [{"HeaderName": "X-Origin-Secret", "HeaderValue": "s3cret"}],
        },
        {"Id": "container", "DomainName": TASKS.domain_name, "VpcOriginConfig": {"VpcOriginId": "vo_1"}},
    ],
    "DefaultCacheBehavior": {
        "TargetOriginId": "site",
        "AllowedMethods": ["HEAD", "GET", "OPTIONS"],
        "ResponseHeadersPolicyId": "policy-1",
        "FunctionAssociations": [{"EventType": "viewer-request", "FunctionARN": "arn:site"}],
    },
    "CacheBehaviors": [
        {
            "PathPattern": "/api/*",
            "TargetOriginId": "serverless",
            "AllowedMethods": ["HEAD", "DELETE", "POST", "GET", "OPTIONS", "PUT", "PATCH"],
            "ResponseHeadersPolicyId": "policy-2",
            "FunctionAssociations": [{"EventType": "viewer-request", "FunctionARN": "arn:service"}],
        }
    ],
    "Aliases": ["shop.example.com"],
    "ViewerCertificate": {"AcmCertificateArn": "arn:certificate", "SslSupportMethod": "sni-only"},
    "WebACLId": "arn:acl",
}
CHANGES: dict[str, tuple[Callable[[dict[str, Any]], object], list[str]]] = {
    "an origin left": (lambda live: live["Origins"].pop(), ["origin container"]),
    "an origin came": (lambda live: live["Origins"].append({"Id": "x", "DomainName": "x.example.com"}), ["origin x"]),
    "an API is another": (lambda live: live["Origins"][1].update(DomainName="other"), ["origin serverless"]),
    "a balancer is another": (
        lambda live: live["Origins"][2].update(VpcOriginConfig={"VpcOriginId": "vo_2"}),
        ["origin container"],
    ),
    "the secret is another": (
        lambda live: live["Origins"][1]["OriginCustomHeaders"][0].update(HeaderValue="old"),
        ["origin serverless"],
    ),
    "nobody signs": (lambda live: live["Origins"][0].update(OriginAccessControlId=""), ["origin site"]),
    "another half serves": (
        lambda live: live["CacheBehaviors"][0].update(TargetOriginId="container"),
        ["path /api/*"],
    ),
    "a path is another": (
        lambda live: live["CacheBehaviors"][0].update(PathPattern="/v2/*"),
        ["path /api/*", "path /v2/*"],
    ),
    "nothing but the default": (lambda live: live.pop("CacheBehaviors"), ["path /api/*"]),
    "no function": (lambda live: live["DefaultCacheBehavior"].pop("FunctionAssociations"), ["path *"]),
    "a policy is another": (
        lambda live: live["DefaultCacheBehavior"].update(ResponseHeadersPolicyId="policy-2"),
        ["path *"],
    ),
    "only reading": (lambda live: live["CacheBehaviors"][0].update(AllowedMethods=["GET", "HEAD"]), ["path /api/*"]),
    "another name": (lambda live: live.update(Aliases=["x.example.com"]), ["names"]),
    "CloudFront's own name and certificate": (
        lambda live: live.update(Aliases=None, ViewerCertificate={"CloudFrontDefaultCertificate": True}),
        ["certificate", "names"],
    ),
    "no firewall": (lambda live: live.update(WebACLId=""), ["web ACL"]),
}


def test_the_same_told_in_the_words_of_cloud_control_does_not_differ():
    assert differences(SETTINGS, {"Id": "E1", "DistributionConfig": LIVE}) == []


def test_what_a_small_stack_does_not_have_does_not_differ():
    behavior = service_behavior("container", ALL_METHODS, "arn:service", "policy-2")
    settings = {
        "origins": [origin_input(TASKS)],
        "default_cache_behavior": behavior,
        "ordered_cache_behaviors": [],
        "aliases": None,
        "viewer_certificate": {"cloudfront_default_certificate": True},
        "web_acl_id": None,
    }
    live = {
        "Origins": LIVE["Origins"][2:],
        "DefaultCacheBehavior": {**LIVE["CacheBehaviors"][0], "TargetOriginId": "container"},
    }
    del live["DefaultCacheBehavior"]["PathPattern"]
    assert differences(settings, {"DistributionConfig": live}) == []


@pytest.mark.parametrize("what", CHANGES)
def test_what_was_changed_is_named(what: str):
    change, expected = CHANGES[what]
    live = copy.deepcopy(LIVE)
    change(live)
    assert differences(SETTINGS, {"DistributionConfig": live}) == expected
