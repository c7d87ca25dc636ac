"""Policies about who may call a Lambda function, and how."""

import re
from collections.abc import Iterator

from policies.functions import FUNCTION
from policies.graph import Resource, Stack, inner, is_hidden, listed
from policies.links import CONFUSED_DEPUTY, security_hub
from policies.registry import resource_policy, stack_policy

PERMISSION = "aws:lambda/permission:Permission"
URL = "aws:lambda/functionUrl:FunctionUrl"
_ACCOUNT = re.compile(r":\d{12}:")
_URLS = "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"


@resource_policy(
    PERMISSION,
    controls=["Lambda.1", "CIS 2.21"],
    severity="critical",
    fix="name a service as principal, and what it calls for as source_arn",
    link=security_hub("lambda", 1),
)
def functions_are_called_by_a_named_service_only(resource: Resource) -> Iterator[str]:
    """A function is called by one AWS service, for one account."""
    principal, source = resource.inputs.get("principal"), resource.inputs.get("sourceArn")
    if not str(principal).endswith(".amazonaws.com"):
        yield f"{principal} may call it"
    guarded = is_hidden(source) or bool(_ACCOUNT.search(str(source))) or resource.inputs.get("sourceAccount")
    if not guarded:
        yield f"{principal} may call it for any account"


@resource_policy(
    PERMISSION,
    controls=["way-in"],
    severity="high",
    fix="name the one API, authorizer or kind of distribution that calls as source_arn",
    link=CONFUSED_DEPUTY,
)
def a_caller_is_named_as_narrowly_as_aws_can(resource: Resource) -> Iterator[str]:
    """A permission names one API, or the distributions of this account, and only what a caller needs."""
    source = resource.inputs.get("sourceArn")
    if resource.inputs.get("action") not in ("lambda:InvokeFunction", "lambda:InvokeFunctionUrl"):
        yield f"it allows {resource.inputs.get('action')}"
    by_url = resource.inputs.get("action") != "lambda:InvokeFunction" or resource.inputs.get("invokedViaFunctionUrl")
    if resource.inputs.get("principal") == "cloudfront.amazonaws.com" and not by_url:
        yield "CloudFront may call it past its URL"
    if is_hidden(source) or not source:
        return
    parts = str(source).split(":", 5)
    name = parts[5] if len(parts) > 5 else "*"
    if "*" in "".join(parts[:5]) or (name.startswith("*")):
        yield f"it admits {source}"


@resource_policy(
    URL,
    controls=["SY.94", "CloudFront.16"],
    severity="high",
    fix="set authorization_type to AWS_IAM",
    link=_URLS,
)
def function_urls_ask_for_a_signature(resource: Resource) -> Iterator[str]:
    """A function URL answers only signed requests, and no page of another site."""
    if resource.inputs.get("authorizationType") != "AWS_IAM":
        yield "it answers whoever finds its address"
    if "*" in listed(inner(resource.inputs, "cors", "allowOrigins")):
        yield "every site's pages may call it"


@stack_policy(
    URL,
    controls=["SY.95"],
    severity="high",
    fix="allow cloudfront.amazonaws.com both lambda:InvokeFunctionUrl and lambda:InvokeFunction, on the alias",
    link=_URLS,
)
def cloudfront_may_call_a_function_url(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """CloudFront has both permissions that the caller of a URL needs, on the URL's own alias."""
    for url in stack.of_type(URL):
        functions = stack.sources(url, "functionName", FUNCTION)
        held = [
            each
            for function in functions
            for each in stack.users(function, PERMISSION, "function")
            if each.inputs.get("principal") == "cloudfront.amazonaws.com"
            and each.inputs.get("qualifier") == url.inputs.get("qualifier")
        ]
        actions = {str(each.inputs.get("action")) for each in held}
        for action in ("lambda:InvokeFunctionUrl", "lambda:InvokeFunction"):
            if functions and action not in actions:
                yield url, f"CloudFront lacks {action}: every request is refused"
