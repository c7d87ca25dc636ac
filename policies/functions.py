"""Policies about Lambda functions, their URLs, and who may call them."""

import re
from collections.abc import Iterator

from policies.graph import Resource, Stack, inner, is_hidden, listed
from policies.links import CONFUSED_DEPUTY, security_hub
from policies.registry import resource_policy, stack_policy
from policies.secrets import secret_looking

FUNCTION = "aws:lambda/function:Function"
PERMISSION = "aws:lambda/permission:Permission"
URL = "aws:lambda/functionUrl:FunctionUrl"
_DIGEST = re.compile(r".+@sha256:[0-9a-f]{64}")
_ACCOUNT = re.compile(r":\d{12}:")
_CONCURRENCY = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html"
_URLS = "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"

# Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html (those that still get updates)
RUNTIMES = (
    *("nodejs22.x", "nodejs24.x", "python3.11", "python3.12", "python3.13", "python3.14", "java17", "java21", "java25"),
    *("dotnet8", "dotnet10", "ruby3.3", "ruby3.4", "provided.al2023"),
)


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
    FUNCTION,
    controls=["Lambda.2"],
    severity="medium",
    fix=f"set runtime to one of {', '.join(RUNTIMES)}",
    link=security_hub("lambda", 2),
)
def runtimes_get_updates(resource: Resource) -> Iterator[str]:
    """A function that is no image runs on a runtime that AWS still updates."""
    runtime = resource.inputs.get("runtime")
    if resource.inputs.get("packageType") != "Image" and runtime not in RUNTIMES:
        yield f"its runtime is {runtime}"


@resource_policy(
    FUNCTION,
    controls=["Lambda.3"],
    severity="low",
    fix="give the function subnets of a VPC",
    link=security_hub("lambda", 3),
)
def functions_are_in_a_vpc(resource: Resource) -> Iterator[str]:
    """A function is in a VPC."""
    if not resource.inputs.get("vpcConfig"):
        yield "it is in no VPC"


@resource_policy(
    FUNCTION,
    controls=["Lambda.5"],
    severity="medium",
    fix="give the function a subnet in each of two zones or more",
    link=security_hub("lambda", 5),
)
def functions_in_a_vpc_span_two_zones(resource: Resource) -> Iterator[str]:
    """A function in a VPC survives the loss of a zone."""
    subnets = inner(resource.inputs, "vpcConfig", "subnetIds")
    if resource.inputs.get("vpcConfig") and not is_hidden(subnets) and len(listed(subnets)) < 2:
        yield "it is in one zone only"


@resource_policy(
    FUNCTION,
    controls=["SY.89"],
    severity="low",
    fix="set serverless.reservedConcurrency",
    link=_CONCURRENCY,
)
def functions_cannot_take_all_there_is(resource: Resource) -> Iterator[str]:
    """A function has a limit of its own, below the account's."""
    if not resource.inputs.get("reservedConcurrentExecutions"):
        yield "it may use up what other functions of the account need"


@resource_policy(
    FUNCTION,
    controls=["SY.90"],
    severity="low",
    fix="set dead_letter_config",
    link="https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html",
)
def failed_events_are_kept(resource: Resource) -> Iterator[str]:
    """What a function could not handle is kept."""
    if not inner(resource.inputs, "deadLetterConfig", "targetArn"):
        yield "an event that fails is lost"


@resource_policy(
    FUNCTION,
    controls=["Lambda.6"],
    severity="low",
    fix="set serverless.tracing to true",
    link="https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html",
)
def functions_are_traced(resource: Resource) -> Iterator[str]:
    """A function is traced with X-Ray."""
    if inner(resource.inputs, "tracingConfig", "mode") != "Active":
        yield "X-Ray sees nothing of it"


@resource_policy(
    FUNCTION,
    controls=["SY.92"],
    severity="low",
    fix="set kms_key_arn",
    link="https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html",
)
def variables_are_under_a_key_of_ours(resource: Resource) -> Iterator[str]:
    """A function's environment is encrypted with a customer managed key."""
    if not resource.inputs.get("kmsKeyArn"):
        yield "its environment is encrypted with AWS's own key"


@resource_policy(
    FUNCTION,
    controls=["SY.93"],
    severity="critical",
    fix="keep the value in Secrets Manager, and put its ARN into service.secrets",
    link="https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html",
)
def functions_hold_no_secret_in_plain_text(resource: Resource) -> Iterator[str]:
    """No environment variable of a function looks like a secret."""
    variables = inner(resource.inputs, "environment", "variables")
    for name, value in variables.items() if isinstance(variables, dict) and not is_hidden(variables) else ():
        if secret_looking(name, value):
            yield f"variable {name} looks like a secret, and whoever may read the function reads it"


@resource_policy(
    FUNCTION,
    controls=["SY.51"],
    severity="high",
    fix="name the image by digest, ...@sha256:<64 hex>",
    link="https://docs.aws.amazon.com/lambda/latest/dg/images-create.html",
)
def functions_run_an_image_by_digest(resource: Resource) -> Iterator[str]:
    """A function's image is named by digest: nobody can put another one under it."""
    image = resource.inputs.get("imageUri")
    if resource.inputs.get("packageType") == "Image" and not is_hidden(image) and not _DIGEST.fullmatch(str(image)):
        yield f"it runs {image}, which can be moved"


@stack_policy(
    FUNCTION,
    controls=["retention"],
    severity="medium",
    fix="set logging_config.log_group to a log group of the stack",
    link="https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html",
)
def functions_log_into_a_group_of_the_stack(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A function logs into a group that the stack owns, with a retention; one that Lambda makes keeps all for ever."""
    for each in stack.of_type(FUNCTION):
        ours = stack.sources(each, "loggingConfig", "aws:cloudwatch/logGroup:LogGroup")
        if not ours or not inner(each.inputs, "loggingConfig", "logGroup"):
            yield each, "Lambda makes it a log group that nobody empties"


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
        actions = {each.inputs.get("action") for each in held}
        for action in ("lambda:InvokeFunctionUrl", "lambda:InvokeFunction"):
            if functions and action not in actions:
                yield url, f"CloudFront lacks {action}: every request is refused"


@resource_policy(
    FUNCTION,
    controls=["SY.96"],
    severity="low",
    fix="set code_signing_config_arn",
    link="https://docs.aws.amazon.com/lambda/latest/dg/configuration-codesigning.html",
)
def code_is_signed(resource: Resource) -> Iterator[str]:
    """A function that is no image runs signed code."""
    if resource.inputs.get("packageType") != "Image" and not resource.inputs.get("codeSigningConfigArn"):
        yield "nobody signed its code"
