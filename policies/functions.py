"""Policies about Lambda functions."""

from collections.abc import Iterator

from policies.ecr import is_by_digest
from policies.graph import Resource, Stack, inner, is_hidden, listed
from policies.links import security_hub
from policies.registry import resource_policy, stack_policy
from policies.secrets import secret_looking

FUNCTION = "aws:lambda/function:Function"
_CONCURRENCY = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html"

# Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html (those that still get updates)
RUNTIMES = (
    *("nodejs22.x", "nodejs24.x", "python3.11", "python3.12", "python3.13", "python3.14", "java17", "java21", "java25"),
    *("dotnet8", "dotnet10", "ruby3.3", "ruby3.4", "provided.al2023"),
)


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
    if resource.inputs.get("packageType") == "Image" and not is_by_digest(image):
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
