"""Policies about HTTP APIs."""

import re
from collections.abc import Iterator

from policies import links
from policies.graph import Resource, Stack, inner, is_hidden, listed
from policies.links import security_hub
from policies.listeners import MADE_UP, SECRET_HEADER
from policies.registry import resource_policy, stack_policy

API = "aws:apigatewayv2/api:Api"
ROUTE = "aws:apigatewayv2/route:Route"
STAGE = "aws:apigatewayv2/stage:Stage"
AUTHORIZER = "aws:apigatewayv2/authorizer:Authorizer"
DOMAIN = "aws:apigatewayv2/domainName:DomainName"


@resource_policy(
    ROUTE,
    controls=["APIGateway.8"],
    severity="high",
    fix="set authorization_type to CUSTOM, with the authorizer that knows the origin secret",
    link=security_hub("apigateway", 8),
)
def every_route_asks_who_calls(resource: Resource) -> Iterator[str]:
    """Every route of an API has an authorizer."""
    kind = resource.inputs.get("authorizationType", "NONE")
    if kind != "AWS_IAM" and not (kind in ("JWT", "CUSTOM") and resource.inputs.get("authorizerId")):
        yield f"{resource.inputs.get('routeKey')} answers whoever finds the API's address, past CloudFront"


@stack_policy(
    API,
    controls=["APIGateway.8", "way-in"],
    severity="high",
    fix="leave `target` out, and register the route",
    link=security_hub("apigateway", 8),
)
def an_api_has_no_hidden_route(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """An API's routes are all registered: its short form makes one without an authorizer."""
    for each in stack.of_type(API):
        if each.inputs.get("target"):
            yield each, "its short form makes a route that anybody may call"


@resource_policy(
    AUTHORIZER,
    controls=["way-in"],
    severity="high",
    fix=f"set identity_sources to $request.header.{SECRET_HEADER} alone, and authorizer_type to REQUEST",
    link=links.RESTRICT,
)
def authorizers_ask_for_the_origin_secret(resource: Resource) -> Iterator[str]:
    """An authorizer decides by the origin secret alone, which is also the key of its cache."""
    sources = resource.inputs.get("identitySources")
    if not is_hidden(sources) and [str(each).lower() for each in listed(sources)] != [
        f"$request.header.{SECRET_HEADER}"
    ]:
        yield f"it decides by {', '.join(map(str, listed(sources))) or 'nothing'}"
    if resource.inputs.get("authorizerType") != "REQUEST":
        yield f"its type is {resource.inputs.get('authorizerType')}"


@stack_policy(
    AUTHORIZER,
    controls=["way-in"],
    severity="high",
    fix="take authorizer_uri from the function that compares the secret, and the secret from random.RandomPassword",
    link=links.RESTRICT,
)
def an_authorizer_is_a_function_of_the_stack(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """The function that decides is one of this stack, and compares with what the stack made up."""
    for each in stack.of_type(AUTHORIZER):
        functions = stack.sources(each, "authorizerUri", "aws:lambda/function:Function")
        if not functions:
            yield each, "somebody else's function decides"
        for function in functions:
            digests = _DIGEST.findall(str(inner(function.inputs, "environment", "variables")))
            if stack.strangers(function, "environment", digests, MADE_UP):
                yield each, f"{function.name} lets in who knows a word that is not of this stack"


_DIGEST = re.compile(r"\b[0-9a-f]{64}\b")


@resource_policy(
    STAGE,
    controls=["APIGateway.9", "CIS 4.10"],
    severity="medium",
    fix="set logs.access to true",
    link=security_hub("apigateway", 9),
)
def apis_log_access(resource: Resource) -> Iterator[str]:
    """An API logs each request."""
    if not inner(resource.inputs, "accessLogSettings", "destinationArn"):
        yield "it keeps no access log"


@resource_policy(
    DOMAIN,
    controls=["SY.99"],
    severity="high",
    fix="set security_policy to TLS_1_2",
    link="https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-custom-domain-tls-version.html",
)
def api_domains_use_modern_tls(resource: Resource) -> Iterator[str]:
    """A custom domain of an API takes TLS 1.2 or newer."""
    if inner(resource.inputs, "domainNameConfiguration", "securityPolicy") != "TLS_1_2":
        yield "it takes older TLS"


@resource_policy(
    API,
    controls=["SY.100"],
    severity="low",
    fix="give the API a custom domain, and set disable_execute_api_endpoint to True",
    link="https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-disable-default-endpoint.html",
)
def apis_have_no_second_address(resource: Resource) -> Iterator[str]:
    """An API answers under its custom domain only."""
    if resource.inputs.get("disableExecuteApiEndpoint") is not True:
        yield "it has an address of its own beside CloudFront's"


@resource_policy(
    STAGE,
    controls=["SY.101"],
    severity="medium",
    fix="set throttling_rate_limit and throttling_burst_limit",
    link="https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html",
)
def apis_have_a_limit_of_their_own(resource: Resource) -> Iterator[str]:
    """An API refuses what is too much for it, before the account's quota is used up."""
    limits = resource.inputs.get("defaultRouteSettings")
    if not all(inner(limits, key) for key in ("throttlingRateLimit", "throttlingBurstLimit")):
        yield "it may use up the quota of every API in the region"
