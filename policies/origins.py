"""Policies about what is behind a distribution, and who else could reach it."""

from collections.abc import Iterator
from typing import Any

from policies import links
from policies.cloudfront import DISTRIBUTION, is_bucket, origins
from policies.graph import Resource, Stack, inner, is_hidden, listed
from policies.links import security_hub
from policies.listeners import MADE_UP, SECRET_HEADER, for_want_of_a_certificate
from policies.registry import resource_policy, stack_policy

VPC_ORIGIN = "aws:cloudfront/vpcOrigin:VpcOrigin"
ACCESS_CONTROL = "aws:cloudfront/originAccessControl:OriginAccessControl"
BUCKET = "aws:s3/bucket:Bucket"
_TLS = {"TLSv1.2", "TLSv1.3"}
_MUST_BE_THERE = (
    *("aws:apigatewayv2/route:Route", "aws:apigatewayv2/stage:Stage", "aws:apigatewayv2/integration:Integration"),
    *("aws:lambda/permission:Permission", "aws:lambda/alias:Alias", "aws:lambda/functionUrl:FunctionUrl"),
    *("aws:lb/listener:Listener", "aws:lb/listenerRule:ListenerRule", "aws:ecs/service:Service"),
    *("aws:s3/bucketPolicy:BucketPolicy", VPC_ORIGIN),
)
"""What a request needs once CloudFront has sent it on."""


@stack_policy(
    *(DISTRIBUTION, VPC_ORIGIN),
    controls=["CloudFront.9"],
    severity="medium",
    fix="set domain: the balancer's listener then has a certificate for the name that CloudFront asks for",
    link=security_hub("cloudfront", 9),
)
def origins_are_called_over_https(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """CloudFront calls every server over HTTPS."""
    for resource in stack.of_type(DISTRIBUTION, VPC_ORIGIN):
        for name, settings in _servers(resource):
            protocol = inner(settings, "originProtocolPolicy")
            if protocol != "https-only":
                yield resource, f"{name} is called over {protocol}, {for_want_of_a_certificate(stack)}"


@resource_policy(
    *(DISTRIBUTION, VPC_ORIGIN),
    controls=["CloudFront.10"],
    severity="medium",
    fix="set origin_ssl_protocols to TLSv1.2 alone",
    link=security_hub("cloudfront", 10),
)
def origins_are_called_over_modern_tls(resource: Resource) -> Iterator[str]:
    """CloudFront offers TLS 1.2 to a server, and nothing older."""
    for name, settings in _servers(resource):
        given = inner(settings, "originSslProtocols")
        offered = listed(inner(given, "items") if isinstance(given, dict) else given)
        if not offered or not set(map(str, offered)) <= _TLS:
            yield f"{name} is offered {', '.join(map(str, offered)) or 'whatever there is'}"


def _servers(resource: Resource) -> Iterator[tuple[str, Any]]:
    if resource.type == VPC_ORIGIN:
        yield "the balancer", resource.inputs.get("vpcOriginEndpointConfig")
    for each in origins(resource) if resource.type == DISTRIBUTION else ():
        if each.get("customOriginConfig"):
            yield str(each.get("originId")), each["customOriginConfig"]


@stack_policy(
    DISTRIBUTION,
    controls=["CloudFront.12"],
    severity="high",
    fix="take the origin's domain name from the bucket of this stack",
    link=security_hub("cloudfront", 12),
)
def a_bucket_behind_it_is_ours(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A bucket behind a distribution is one of this stack: whoever makes a missing one serves the site."""
    for each in stack.of_type(DISTRIBUTION):
        buckets = [str(origin.get("domainName")) for origin in origins(each) if is_bucket(origin)]
        if len(set(buckets)) > len(stack.sources(each, "origins", BUCKET)):
            yield each, f"of {', '.join(buckets)} not every bucket is in this stack"


@stack_policy(
    *(DISTRIBUTION, VPC_ORIGIN),
    controls=["way-in"],
    severity="high",
    fix="take the origin's domain name from what answers in this stack, or give it a record here",
    link=links.RESTRICT,
)
def a_server_behind_it_is_ours(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """Every server behind a distribution is of this stack: another would be sent what viewers say, and our secret."""
    records = stack.of_type("aws:route53/record:Record")
    elsewhere = [each.inputs.get("name") for each in records if not _leads_here(stack, each)]
    names = [name for each in records if (name := each.inputs.get("name")) not in elsewhere]
    for each in stack.of_type(DISTRIBUTION):
        servers = [origin for origin in origins(each) if not is_bucket(origin)]
        unnamed = [origin for origin in servers if is_hidden(name := origin.get("domainName")) or name not in names]
        inside = [origin for origin in unnamed if origin.get("vpcOriginConfig")]
        outside = [str(origin.get("originId")) for origin in unnamed if not origin.get("vpcOriginConfig")]
        if len(outside) > len(stack.sources(each, "origins", *_SERVERS)):
            yield each, f"of {', '.join(outside)} not every server is in this stack"
        if len(inside) > len(stack.sources(each, "origins", VPC_ORIGIN)):
            yield each, "not every VPC origin of it is in this stack"
    for each in stack.of_type(VPC_ORIGIN):
        if not stack.sources(each, "vpcOriginEndpointConfig", *_INSIDE):
            yield each, "it leads to a balancer that is not in this stack"


def _leads_here(stack: Stack, record: Resource) -> bool:
    return any(stack.sources(record, key) for key in ("aliases", "records"))


_INSIDE = ("aws:lb/loadBalancer:LoadBalancer", "aws:ec2/instance:Instance")
_SERVERS = ("aws:apigatewayv2/api:Api", "aws:lambda/functionUrl:FunctionUrl")


@stack_policy(
    DISTRIBUTION,
    controls=["CloudFront.13", "CloudFront.16", "way-in"],
    severity="medium",
    fix="give the origin an origin access control that always signs, or the origin secret as a header",
    link=security_hub("cloudfront", 13),
)
def every_origin_can_tell_our_requests(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """CloudFront signs what it asks of a bucket or a function URL, and sends every other origin a secret."""
    urls = stack.of_type("aws:lambda/functionUrl:FunctionUrl")
    for each in stack.of_type(DISTRIBUTION):
        for origin in origins(each):
            name, domain = origin.get("originId"), origin.get("domainName")
            # Whose name it is can't be seen before it is known; then it may be a function URL's.
            signs = is_bucket(origin) or ".lambda-url." in str(domain) or (is_hidden(domain) and bool(urls))
            if signs and origin.get("originAccessControlId"):
                continue
            if is_bucket(origin) or ".lambda-url." in str(domain):
                yield each, f"requests to {name} are not signed"
            elif not any(_is_secret_header(header) for header in listed(origin.get("customHeaders"))):
                yield each, f"{name} can't tell our requests from anybody's"


def _is_secret_header(header: Any) -> bool:
    return str(inner(header, "name")).lower() == SECRET_HEADER and bool(inner(header, "value"))


@resource_policy(
    ACCESS_CONTROL,
    controls=["CloudFront.13", "CloudFront.16"],
    severity="medium",
    fix="set signing_behavior to always",
    link=security_hub("cloudfront", 16),
)
def access_controls_always_sign(resource: Resource) -> Iterator[str]:
    """An origin access control signs every request, whatever the viewer sent."""
    if resource.inputs.get("signingBehavior") != "always":
        yield f"it signs {resource.inputs.get('signingBehavior')}"


@stack_policy(
    DISTRIBUTION,
    controls=["behind"],
    severity="high",
    fix="add it to the origin's ready, which the distribution depends on",
    link="https://www.pulumi.com/docs/iac/concepts/resources/options/dependson/",
)
def what_is_behind_a_distribution_is_there_before_it(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A distribution waits for all that a request needs on its way to an answer."""
    for each in stack.of_type(DISTRIBUTION):
        before = stack.before(each)
        for needed in stack.of_type(*_MUST_BE_THERE):
            if needed.urn not in before and _is_reached(stack, needed):
                yield each, f"it does not wait for {needed.name}"


def _is_reached(stack: Stack, needed: Resource) -> bool:
    """A bucket's policy only if a distribution asks the bucket; all else is there for requests alone."""
    if needed.type != "aws:s3/bucketPolicy:BucketPolicy":
        return True
    asked = {bucket.urn for each in stack.of_type(DISTRIBUTION) for bucket in stack.sources(each, "origins", BUCKET)}
    return any(bucket.urn in asked for bucket in stack.sources(needed, "bucket", BUCKET))


@resource_policy(
    MADE_UP,
    controls=["way-in"],
    severity="high",
    fix="set length to 32 or more",
    link=links.RESTRICT,
)
def random_secrets_are_long_enough(resource: Resource) -> Iterator[str]:
    """A random secret has 32 characters or more: its digest, which may be seen, then gives nothing away."""
    length = resource.inputs.get("length")
    if isinstance(length, int) and length < 32:
        yield f"it has {length} characters"


@resource_policy(
    DISTRIBUTION,
    controls=["way-in"],
    severity="medium",
    fix="keep the value in a random.RandomPassword, or mark it with Output.secret",
    link=links.RESTRICT,
)
def the_origin_secret_is_no_word(resource: Resource) -> Iterator[str]:
    """What CloudFront sends to prove itself is long enough that nobody guesses it."""
    for origin in origins(resource):
        for header in listed(origin.get("customHeaders")):
            value = inner(header, "value")
            if _is_secret_header(header) and isinstance(value, str) and len(value) < 32:
                yield f"{origin.get('originId')} is sent a secret of {len(value)} characters"
