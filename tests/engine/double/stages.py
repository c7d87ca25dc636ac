"""The two stages of a function at the edge, and whose version changes with it.

What is updated is DEVELOPMENT; viewers meet LIVE, which is what DEVELOPMENT was when it was published last. The
provider does one after the other, and whatever happens between them, reads only DEVELOPMENT back.
Source: https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/cloudfront/function.go
"""

import json
from collections.abc import Set
from typing import Any

from engine.double import order
from engine.double.cloud import Cloud, Refused, Thing
from engine.double.wire import plain

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
FUNCTION = "aws:cloudfront/function:Function"
HEADERS_POLICY = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
_LIVE = "LIVE"
OF_A_STAGE = ("code", "keyValueStoreAssociations", "runtime", "comment")


def published(function: Thing) -> dict[str, Any] | None:
    """What the edges run, None before it was published."""
    return function.contents.get(_LIVE)


def publish(cloud: Cloud, function: Thing, version: str) -> None:
    """Let the edges run what is in DEVELOPMENT, if that is still this version, its ETag."""
    with cloud.lock:
        _must_be(function, version)
        outputs = plain(function.outputs)
        function.contents[_LIVE] = {key: outputs.get(key) for key in OF_A_STAGE}
        function.outputs = {**function.outputs, "liveStageEtag": f"live-{version}"}
        touch_distributions(cloud, function)


def all_inputs(type_: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> dict[str, Any]:
    """The inputs that the provider compares with, which it finds in the state's outputs.

    After half an update the engine keeps the inputs of before, and the store that a function got is only there.
    """
    has_store = type_ == FUNCTION and "keyValueStoreAssociations" in outputs
    return {**inputs, "keyValueStoreAssociations": outputs["keyValueStoreAssociations"]} if has_store else inputs


def check_update(function: Thing, version: str, changed: Set[str]) -> None:
    """Refuse what AWS refuses of an update that was planned with this version, the state's, and changes this.

    Where only tags change, the provider publishes with a version that AWS takes for an update alone.
    Source: https://github.com/hashicorp/terraform-provider-aws/issues/49572
    """
    _must_be(function, version)
    if not changed & set(OF_A_STAGE):
        raise Refused("PreconditionFailed: publishing CloudFront Function: the request didn't meet the preconditions")


def check_delete(function: Thing, version: str) -> None:
    """Refuse to delete another version than this one, the state's."""
    _must_be(function, version)


def touch_distributions(cloud: Cloud, thing: Thing) -> None:
    """Who names a function or a policy is another version once that has changed.

    Sources: https://github.com/hashicorp/terraform-provider-aws/issues/19529 (functions), pull/24537 (policies)
    """
    users = {each.id: each for _, each in order.users(cloud, thing) if each.type == DISTRIBUTION}
    for each in users.values():
        each.outputs = {**each.outputs, "etag": each.outputs["etag"] + "+"}


def as_cloud_control_tells_it(distribution: Thing) -> str:
    """The settings of a distribution, as far as anybody asks, in the words of CloudFormation.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudfront-distribution.html
    """
    config = plain(distribution.outputs)
    certificate = config.get("viewerCertificate") or {}
    told = {
        "Aliases": config.get("aliases") or [],
        "Origins": [_origin(each) for each in config["origins"]],
        "DefaultCacheBehavior": _behavior(config["defaultCacheBehavior"]),
        "CacheBehaviors": [_behavior(each) for each in config.get("orderedCacheBehaviors") or ()],
        "WebACLId": config.get("webAclId") or "",
        "ViewerCertificate": {"AcmCertificateArn": certificate["acmCertificateArn"]}
        if "acmCertificateArn" in certificate
        else {"CloudFrontDefaultCertificate": True},
    }
    return json.dumps({"Id": distribution.id, "DistributionConfig": told})


def _origin(origin: dict[str, Any]) -> dict[str, Any]:
    told = {
        "Id": origin["originId"],
        "DomainName": origin["domainName"],
        "OriginAccessControlId": origin.get("originAccessControlId") or "",
        "OriginCustomHeaders": [
            {"HeaderName": each["name"], "HeaderValue": each["value"]} for each in origin.get("customHeaders") or ()
        ],
    }
    through = (origin.get("vpcOriginConfig") or {}).get("vpcOriginId")
    return {**told, "VpcOriginConfig": {"VpcOriginId": through}} if through else told


def _behavior(behavior: dict[str, Any]) -> dict[str, Any]:
    told = {
        "TargetOriginId": behavior["targetOriginId"],
        "AllowedMethods": sorted(behavior["allowedMethods"], reverse=True),
        "ResponseHeadersPolicyId": behavior["responseHeadersPolicyId"],
        "FunctionAssociations": [
            {"EventType": each["eventType"], "FunctionARN": each["functionArn"]}
            for each in behavior["functionAssociations"]
        ],
    }
    return {**told, "PathPattern": behavior["pathPattern"]} if "pathPattern" in behavior else told


def _must_be(function: Thing, version: str) -> None:
    if version != function.outputs["etag"]:
        raise Refused(f"PreconditionFailed: {function.name} is {function.outputs['etag']} by now, and not {version}")
