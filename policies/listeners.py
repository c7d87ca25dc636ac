"""Policies about listeners and target groups: what gets past a balancer, and how."""

import re
from collections.abc import Iterator
from typing import Any

from policies import links
from policies.graph import Resource, Stack, inner, is_hidden, listed
from policies.links import security_hub
from policies.registry import resource_policy, stack_policy

LISTENER = "aws:lb/listener:Listener"
RULE = "aws:lb/listenerRule:ListenerRule"
TARGETS = "aws:lb/targetGroup:TargetGroup"
_DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
MADE_UP = "random:index/randomPassword:RandomPassword"
"""What the origin secret comes from."""
SECRET_HEADER = "x-origin-secret"  # noqa: S105 - its name
"""The header by which an origin knows our distribution."""
_HEALTH = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html"
_TLS = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html"
# Source: https://docs.aws.amazon.com/securityhub/latest/userguide/elb-controls.html#elb-17
_MODERN_TLS = re.compile(r"ELBSecurityPolicy-TLS13-1-[23]-")


@stack_policy(
    LISTENER,
    controls=["ELB.1", "ELB.18", "CT.ELASTICLOADBALANCING.PR.1"],
    severity="medium",
    fix="set domain, which gives the listener a certificate; or let it redirect to HTTPS",
    link=security_hub("elb", 1),
)
def listeners_speak_https(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A listener speaks HTTPS, or does nothing but send callers there."""
    for each in stack.of_type(LISTENER):
        actions = listed(each.inputs.get("defaultActions"))
        redirects = actions and all(inner(action, "redirect", "protocol") == "HTTPS" for action in actions)
        if each.inputs.get("protocol") != "HTTPS" and not redirects:
            yield each, f"it speaks {each.inputs.get('protocol', 'HTTP')}, {for_want_of_a_certificate(stack)}"


def for_want_of_a_certificate(stack: Stack) -> str:
    """The end of a message about plain HTTP: whether the stack could do better."""
    if stack.of_type("aws:acm/certificate:Certificate"):
        return "though the stack has a certificate"
    return "as the stack has no certificate"


@resource_policy(
    LISTENER,
    controls=["ELB.17"],
    severity="medium",
    fix="set ssl_policy to ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
    link=security_hub("elb", 17),
)
def listeners_take_modern_tls_only(resource: Resource) -> Iterator[str]:
    """An HTTPS listener takes TLS 1.2 and 1.3 and nothing older."""
    if resource.inputs.get("protocol") != "HTTPS":
        return
    policy = resource.inputs.get("sslPolicy")
    if not is_hidden(policy) and not _MODERN_TLS.match(str(policy)):
        yield f"its TLS policy is {policy or 'the oldest that AWS has'}"


@resource_policy(
    LISTENER,
    controls=["SY.30"],
    severity="low",
    fix="set ssl_policy to one whose name ends in PQ-2025-09",
    link=_TLS,
)
def listeners_agree_on_post_quantum_keys(resource: Resource) -> Iterator[str]:
    """An HTTPS listener offers a key exchange that a quantum computer does not break."""
    policy = resource.inputs.get("sslPolicy")
    if resource.inputs.get("protocol") == "HTTPS" and not is_hidden(policy) and "-PQ-" not in str(policy):
        yield f"its TLS policy is {policy or 'the oldest that AWS has'}"


@resource_policy(
    TARGETS,
    controls=["SY.31"],
    severity="low",
    fix="give the target group a health_check with path, matcher, interval, timeout and both thresholds",
    link=_HEALTH,
)
def targets_are_checked_as_the_app_says(resource: Resource) -> Iterator[str]:
    """A target group says itself when a target is healthy."""
    wanted = ("path", "matcher", "interval", "timeout", "healthyThreshold", "unhealthyThreshold")
    missing = [key for key in wanted if inner(resource.inputs, "healthCheck", key) is None]
    if missing:
        yield f"its health check leaves {', '.join(missing)} to AWS"


@resource_policy(
    TARGETS,
    controls=["SY.32"],
    severity="low",
    fix="set protocol to HTTPS, and give the app a certificate",
    link="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html",
)
def the_way_to_the_app_is_encrypted(resource: Resource) -> Iterator[str]:
    """The balancer talks TLS to the app."""
    if resource.inputs.get("protocol") != "HTTPS":
        yield "between the balancer and the app goes plain HTTP"


@resource_policy(
    TARGETS,
    controls=["SY.35"],
    severity="low",
    fix="leave load_balancing_cross_zone_enabled at its default",
    link="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/disable-cross-zone.html",
)
def requests_are_spread_over_all_zones(resource: Resource) -> Iterator[str]:
    """A target group takes requests from every zone."""
    if str(resource.inputs.get("loadBalancingCrossZoneEnabled", "")).lower() == "false":
        yield "a zone without a healthy task answers nothing"


@stack_policy(
    *(LISTENER, RULE),
    controls=["way-in"],
    severity="high",
    fix="answer 403 by default, and forward only what carries the origin secret",
    link=links.RESTRICT,
)
def only_our_distribution_gets_past_a_listener(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A listener forwards a request only if it carries the secret that our distribution adds."""
    for listener in stack.of_type(LISTENER):
        if any(_forwards(each) for each in listed(listener.inputs.get("defaultActions"))):
            yield listener, "whatever reaches it reaches the app"
    sent = [each for cdn in stack.of_type(_DISTRIBUTION) for each in stack.sources(cdn, "origins", MADE_UP)]
    for rule in stack.of_type(RULE):
        if not any(_forwards(each) for each in listed(rule.inputs.get("actions"))):
            continue
        if not any(_asks_for_the_secret(each) for each in listed(rule.inputs.get("conditions"))):
            yield rule, f"it forwards requests without the header {SECRET_HEADER}"
        elif sent and not any(each in sent for each in stack.sources(rule, "conditions", MADE_UP)):
            yield rule, "it asks for another secret than the distribution sends"


def _forwards(action: Any) -> bool:
    return inner(action, "type") == "forward" or bool(inner(action, "targetGroupArn") or inner(action, "forward"))


def _asks_for_the_secret(condition: Any) -> bool:
    values = inner(condition, "httpHeader", "values")
    names_it = str(inner(condition, "httpHeader", "httpHeaderName")).lower() == SECRET_HEADER
    # A wildcard, or a short text, would be guessed; a secret one can't be seen here.
    guessable = any(isinstance(each, str) and (len(each) < 32 or set(each) & {"*", "?"}) for each in listed(values))
    return names_it and bool(values) and not guessable
