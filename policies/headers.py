"""Policies about the headers of what a distribution answers."""

from collections.abc import Iterator

from policies.cloudfront import DISTRIBUTION, behaviors, is_bucket, origins
from policies.graph import Resource, Stack, inner, is_hidden, listed
from policies.links import security_hub
from policies.registry import resource_policy, stack_policy

HEADERS = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
_YEAR_SECONDS = 31_536_000
_HSTS = "https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Strict-Transport-Security"


@stack_policy(
    DISTRIBUTION,
    controls=["SY.70"],
    severity="medium",
    fix="give each behaviour a response headers policy of the stack",
    link=security_hub("cloudfront", 3),
)
def answers_carry_security_headers(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """Every behaviour adds the stack's security headers to its answers."""
    for each in stack.of_type(DISTRIBUTION):
        for behavior in behaviors(each):
            if not inner(behavior, "responseHeadersPolicyId"):
                yield each, f"{inner(behavior, 'pathPattern') or 'the default behaviour'} adds no security headers"
        for key in ("defaultCacheBehavior", "orderedCacheBehaviors"):
            named = [inner(behavior, "responseHeadersPolicyId") for behavior in listed(each.inputs.get(key))]
            if others := stack.strangers(each, key, named, HEADERS):
                yield each, f"{others} adds headers that this stack does not know"


@stack_policy(
    DISTRIBUTION,
    controls=["SY.70"],
    severity="medium",
    fix="set content_security_policy in the response headers policy of the site",
    link="https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CSP",
)
def pages_say_where_their_scripts_come_from(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """What comes from a bucket carries a content security policy."""
    for each in stack.of_type(DISTRIBUTION):
        target = inner(each.inputs, "defaultCacheBehavior", "targetOriginId")
        serves_bucket = any(is_bucket(origin) for origin in origins(each) if origin.get("originId") == target)
        policies = [
            inner(policy.inputs, "securityHeadersConfig", "contentSecurityPolicy", "contentSecurityPolicy")
            for policy in stack.sources(each, "defaultCacheBehavior", HEADERS)
        ]
        if serves_bucket and not (policies and all(map(_says_where_from, policies))):
            yield each, "a page may load scripts from anywhere"


def _says_where_from(policy: object) -> bool:
    """Whether a content security policy names the places that scripts, and all else, may come from."""
    directives = {
        name.lower(): sources for name, *sources in (each.split() for each in str(policy).split(";") if each.strip())
    }
    named = [directives.get(name) for name in ("default-src", "script-src", "script-src-elem")]
    everywhere = {source.lower() for sources in named for source in sources or ()} & _EVERYWHERE
    return is_hidden(policy) or bool(named[0] is not None and not everywhere and "unsafe-" not in str(policy))


_EVERYWHERE = {"*", "http:", "https:", "data:", "blob:", "http://*", "https://*"}


@resource_policy(
    HEADERS,
    controls=["SY.70"],
    severity="medium",
    fix="set strict_transport_security to a year",
    link=_HSTS,
)
def browsers_remember_https(resource: Resource) -> Iterator[str]:
    """A browser that came once comes by HTTPS for a year."""
    headers = resource.inputs.get("securityHeadersConfig")
    seconds = inner(headers, "strictTransportSecurity", "accessControlMaxAgeSec")
    if not isinstance(seconds, int) or seconds < _YEAR_SECONDS:
        yield f"it says so for {seconds or 0} seconds"


@resource_policy(
    HEADERS,
    controls=["SY.70"],
    severity="low",
    fix="set content_type_options, frame_options and referrer_policy",
    link="https://owasp.org/www-project-secure-headers/",
)
def browsers_are_told_what_a_page_may_do(resource: Resource) -> Iterator[str]:
    """Answers say that their type is what it is, who may frame them, and how much a link tells."""
    headers = resource.inputs.get("securityHeadersConfig")
    for name in ("contentTypeOptions", "frameOptions", "referrerPolicy"):
        if inner(headers, name) is None:
            yield f"{name} is missing"
    if inner(headers, "frameOptions", "frameOption") not in ("DENY", "SAMEORIGIN"):
        yield "any page may frame it"
    policy = inner(headers, "contentSecurityPolicy", "contentSecurityPolicy")
    if policy is not None and not _says_where_from(policy):
        yield "its content security policy lets scripts in that nobody wrote"


@resource_policy(
    HEADERS,
    controls=["SY.70"],
    severity="low",
    fix="set include_subdomains to True",
    link=_HSTS,
)
def subdomains_are_https_too(resource: Resource) -> Iterator[str]:
    """HTTPS is asked of every name below, too."""
    transport = inner(resource.inputs, "securityHeadersConfig", "strictTransportSecurity")
    if inner(transport, "includeSubdomains") is not True or inner(transport, "override") is not True:
        yield "it is for this name alone, or the app may say otherwise"
