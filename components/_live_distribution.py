"""What a distribution is on AWS right now, held against what the program asks for.

Its version alone does not tell: a function that is published, and a policy of headers that changes, make another
version of every distribution that names them.
"""

from collections.abc import Mapping
from typing import Any

# Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudfront-distribution.html
TYPE = "AWS::CloudFront::Distribution"

Facts = Mapping[str, object]


def differences(settings: Mapping[str, Any], properties: Mapping[str, Any]) -> list[str]:
    """What is not as asked for, in words: origins, what serves which path, names, certificate and web ACL.

    `settings` are the arguments of aws.cloudfront.Distribution, all known; `properties` what Cloud Control tells.
    """
    asked, live = _asked(settings), _live(properties["DistributionConfig"])
    return sorted(each for each in {*asked, *live} if asked.get(each) != live.get(each))


def _asked(settings: Mapping[str, Any]) -> Facts:
    behaviors = [settings["default_cache_behavior"], *settings["ordered_cache_behaviors"]]
    return {
        **{
            f"origin {each['origin_id']}": (
                each["domain_name"],
                (each.get("vpc_origin_config") or {}).get("vpc_origin_id") or "",
                each.get("origin_access_control_id") or "",
                {header["name"].lower(): header["value"] for header in each.get("custom_headers") or ()},
            )
            for each in settings["origins"]
        },
        **{
            f"path {each.get('path_pattern', '*')}": (
                each["target_origin_id"],
                {*each["allowed_methods"]},
                each["response_headers_policy_id"],
                {association["function_arn"] for association in each["function_associations"]},
            )
            for each in behaviors
        },
        "names": {*(settings["aliases"] or ())},
        "certificate": settings["viewer_certificate"].get("acm_certificate_arn") or "",
        "web ACL": settings["web_acl_id"] or "",
    }


def _live(config: Mapping[str, Any]) -> Facts:
    behaviors = [config["DefaultCacheBehavior"], *(config.get("CacheBehaviors") or ())]
    return {
        **{
            f"origin {each['Id']}": (
                each["DomainName"],
                (each.get("VpcOriginConfig") or {}).get("VpcOriginId") or "",
                each.get("OriginAccessControlId") or "",
                {
                    header["HeaderName"].lower(): header["HeaderValue"]
                    for header in each.get("OriginCustomHeaders") or ()
                },
            )
            for each in config["Origins"]
        },
        **{
            f"path {each.get('PathPattern', '*')}": (
                each["TargetOriginId"],
                {*(each.get("AllowedMethods") or ())},
                each.get("ResponseHeadersPolicyId") or "",
                {association["FunctionARN"] for association in each.get("FunctionAssociations") or ()},
            )
            for each in behaviors
        },
        "names": {*(config.get("Aliases") or ())},
        "certificate": (config.get("ViewerCertificate") or {}).get("AcmCertificateArn") or "",
        "web ACL": config.get("WebACLId") or "",
    }
