"""Policies about distributions as viewers meet them."""

from collections.abc import Iterator
from typing import Any

from policies.graph import Resource, Stack, inner, is_hidden, listed
from policies.links import security_hub
from policies.listeners import for_want_of_a_certificate
from policies.logs import LOG_STORES
from policies.registry import resource_policy, stack_policy

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
# Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html
_MODERN_TLS = ("TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025")


def behaviors(distribution: Resource) -> list[Any]:
    """The default cache behaviour and all the others."""
    inputs = distribution.inputs
    return [inputs.get("defaultCacheBehavior"), *listed(inputs.get("orderedCacheBehaviors"))]


def origins(distribution: Resource) -> list[Any]:
    """The origins, one object each."""
    return [each for each in listed(distribution.inputs.get("origins")) if isinstance(each, dict)]


def is_bucket(origin: Any) -> bool:
    """Whether an origin is a bucket: it has no server's settings, also where its name is not known yet."""
    return not any(origin.get(name) for name in ("customOriginConfig", "vpcOriginConfig"))


@resource_policy(
    DISTRIBUTION,
    controls=["CloudFront.1"],
    severity="critical",
    fix="set default_root_object to index.html",
    link=security_hub("cloudfront", 1),
)
def a_site_has_a_first_page(resource: Resource) -> Iterator[str]:
    """A distribution whose default origin is a bucket answers / with a page, not with a list of the bucket."""
    target = inner(resource.inputs, "defaultCacheBehavior", "targetOriginId")
    serves_bucket = any(is_bucket(each) for each in origins(resource) if each.get("originId") == target)
    if serves_bucket and not resource.inputs.get("defaultRootObject"):
        yield "/ shows what is in the bucket"


@resource_policy(
    DISTRIBUTION,
    controls=["CloudFront.3"],
    severity="medium",
    fix="set viewer_protocol_policy to redirect-to-https",
    link=security_hub("cloudfront", 3),
)
def viewers_use_https(resource: Resource) -> Iterator[str]:
    """Every behaviour sends viewers to HTTPS."""
    for each in behaviors(resource):
        if inner(each, "viewerProtocolPolicy") not in ("redirect-to-https", "https-only"):
            yield f"{inner(each, 'pathPattern') or 'the default behaviour'} answers over plain HTTP"


@resource_policy(
    DISTRIBUTION,
    controls=["CloudFront.4"],
    severity="low",
    fix="put the origins into an origin group",
    link=security_hub("cloudfront", 4),
)
def an_origin_has_another_to_fail_over_to(resource: Resource) -> Iterator[str]:
    """When an origin fails, CloudFront asks another."""
    if not resource.inputs.get("originGroups"):
        yield "it has no origin group"


@stack_policy(
    DISTRIBUTION,
    controls=["CloudFront.5", "CIS 4.10"],
    severity="medium",
    fix="set logs.access to true",
    link=security_hub("cloudfront", 5),
)
def distributions_log_access(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A distribution logs each request, in a bucket or a log group of the stack."""
    for each in stack.of_type(DISTRIBUTION):
        logs = stack.users(each, "aws:cloudwatch/logDeliverySource:LogDeliverySource", "resourceArn")
        delivered = any(
            stack.sources(destination, "deliveryDestinationConfiguration", *LOG_STORES)
            for source in logs
            for delivery in stack.users(source, "aws:cloudwatch/logDelivery:LogDelivery", "deliverySourceName")
            for destination in stack.sources(delivery, "deliveryDestinationArn")
        )
        if not delivered and not stack.sources(each, "loggingConfig", *LOG_STORES):
            kept = logs or each.inputs.get("loggingConfig")
            yield each, "its access log goes to no place in this stack" if kept else "it keeps no access log"


@resource_policy(
    DISTRIBUTION,
    controls=["CloudFront.6"],
    severity="medium",
    fix="set waf.mode to count, and to block once its log shows nothing that should pass",
    link=security_hub("cloudfront", 6),
)
def distributions_have_a_firewall(resource: Resource) -> Iterator[str]:
    """A distribution has a web ACL."""
    if not resource.inputs.get("webAclId"):
        yield "no web ACL looks at its requests"


@stack_policy(
    DISTRIBUTION,
    controls=["CloudFront.7"],
    severity="medium",
    fix="set domain",
    link=security_hub("cloudfront", 7),
)
def distributions_have_a_certificate_of_their_own(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A distribution answers under a name and a certificate of its owner's."""
    for each in stack.of_type(DISTRIBUTION):
        if not inner(each.inputs, "viewerCertificate", "acmCertificateArn"):
            yield each, f"it answers under CloudFront's name, {for_want_of_a_certificate(stack)}"


@resource_policy(
    DISTRIBUTION,
    controls=["CloudFront.8"],
    severity="low",
    fix="set ssl_support_method to sni-only",
    link=security_hub("cloudfront", 8),
)
def certificates_are_served_by_name(resource: Resource) -> Iterator[str]:
    """A distribution with a certificate serves it by name (SNI), not by an address of its own for $600 a month."""
    certificate = resource.inputs.get("viewerCertificate")
    if inner(certificate, "acmCertificateArn") and inner(certificate, "sslSupportMethod") != "sni-only":
        yield f"it serves it by {inner(certificate, 'sslSupportMethod')}"


@stack_policy(
    DISTRIBUTION,
    controls=["CloudFront.15"],
    severity="medium",
    fix="set domain, which comes with TLS 1.2; CloudFront's own certificate takes TLS 1.0",
    link=security_hub("cloudfront", 15),
)
def viewers_use_modern_tls(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A distribution takes TLS 1.2 or newer."""
    for each in stack.of_type(DISTRIBUTION):
        certificate = each.inputs.get("viewerCertificate")
        # Under its own name CloudFront takes TLS 1.0, whatever is asked for.
        own = inner(certificate, "cloudfrontDefaultCertificate") is True
        version = "TLSv1" if own else inner(certificate, "minimumProtocolVersion")
        if version not in _MODERN_TLS and not is_hidden(version):
            yield each, f"it takes {version or 'TLSv1'}, {for_want_of_a_certificate(stack)}"


# Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
_CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"


@resource_policy(
    DISTRIBUTION,
    controls=["shared-answers"],
    severity="high",
    fix="give the behaviour the managed cache policy CachingDisabled",
    link="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html",
)
def answers_of_the_service_are_not_shared(resource: Resource) -> Iterator[str]:
    """Nothing that the service answers is kept for the next viewer, who may be somebody else."""
    buckets = [each.get("originId") for each in origins(resource) if is_bucket(each)]
    for each in behaviors(resource):
        if inner(each, "targetOriginId") not in buckets and inner(each, "cachePolicyId") != _CACHING_DISABLED:
            yield f"{inner(each, 'pathPattern') or 'the default behaviour'} may answer one viewer with another's page"


@resource_policy(
    DISTRIBUTION,
    controls=["way-in"],
    severity="high",
    fix="associate the edge function with viewer-request",
    link="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-functions.html",
)
def the_edge_function_sees_every_request(resource: Resource) -> Iterator[str]:
    """Every request passes the function that takes off what a viewer may not say, before CloudFront sends it on."""
    for each in behaviors(resource):
        functions = listed(inner(each, "functionAssociations"))
        if not any(inner(one, "eventType") == "viewer-request" and inner(one, "functionArn") for one in functions):
            yield f"requests to {inner(each, 'pathPattern') or 'the default behaviour'} pass no function"


@resource_policy(
    DISTRIBUTION,
    controls=["SY.72"],
    severity="low",
    fix="set restrictions.geo_restriction",
    link="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/georestrictions.html",
)
def viewers_come_from_chosen_countries(resource: Resource) -> Iterator[str]:
    """A distribution answers only where its service is offered."""
    if inner(resource.inputs, "restrictions", "geoRestriction", "restrictionType") in (None, "none"):
        yield "it answers the whole world"
