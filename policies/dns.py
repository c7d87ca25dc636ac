"""Policies about certificates, zones and records."""

from collections.abc import Iterator

from policies.graph import Resource, Stack, listed
from policies.links import security_hub
from policies.registry import resource_policy, stack_policy

CERTIFICATE = "aws:acm/certificate:Certificate"
RECORD = "aws:route53/record:Record"
ZONE = "aws:route53/zone:Zone"
_KEYS = ("RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1")


@stack_policy(
    CERTIFICATE,
    controls=["ACM.1"],
    severity="medium",
    fix="set validation_method to DNS, and use the ARN of its CertificateValidation",
    link=security_hub("acm", 1),
)
def certificates_renew_themselves(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A certificate is validated by DNS, so that AWS renews it without anybody."""
    for each in stack.of_type(CERTIFICATE):
        if each.inputs.get("validationMethod") != "DNS":
            yield each, "somebody has to answer a mail before it expires"
        elif not stack.users(each, "aws:acm/certificateValidation:CertificateValidation", "certificateArn"):
            yield each, "nothing waits until it is issued"


@resource_policy(
    CERTIFICATE,
    controls=["ACM.2"],
    severity="high",
    fix="set key_algorithm to RSA_2048 or EC_prime256v1",
    link=security_hub("acm", 2),
)
def certificates_have_strong_keys(resource: Resource) -> Iterator[str]:
    """A certificate's key is of 2048 bits or more, or on an elliptic curve."""
    algorithm = resource.inputs.get("keyAlgorithm", "RSA_2048")
    if algorithm not in _KEYS:
        yield f"its key is {algorithm}"


@resource_policy(
    CERTIFICATE,
    controls=["SY.126"],
    severity="low",
    fix="name the one host that it is for",
    link="https://docs.aws.amazon.com/acm/latest/userguide/acm-bestpractices.html",
)
def certificates_are_for_one_name(resource: Resource) -> Iterator[str]:
    """A certificate is for the names that are served, not for all below a domain."""
    names = [resource.inputs.get("domainName"), *listed(resource.inputs.get("subjectAlternativeNames"))]
    if any(isinstance(each, str) and "*" in each for each in names):
        yield "whoever steals its key is every host below the name"


@stack_policy(
    ZONE,
    controls=["Route53.2"],
    severity="medium",
    fix="give the zone a route53.QueryLog",
    link=security_hub("route53", 2),
)
def zones_log_their_queries(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A public zone keeps a log of what it is asked."""
    for each in stack.of_type(ZONE):
        is_private = bool(each.inputs.get("vpcs"))
        if not is_private and not stack.users(each, "aws:route53/queryLog:QueryLog", "zoneId"):
            yield each, "nobody knows what it is asked"


@stack_policy(
    RECORD,
    controls=["SY.129"],
    severity="medium",
    fix="take the alias's target from the resource it points to",
    link="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-choosing-alias-non-alias.html",
)
def aliases_point_into_the_stack(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """An alias record points to a resource of this stack, and goes before it: a dangling name can be taken over."""
    for each in stack.of_type(RECORD):
        if each.inputs.get("aliases") and not stack.sources(each, "aliases"):
            yield each, "it points to something that this stack does not own"
