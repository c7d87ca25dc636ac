"""Whether the edges run the code that the program asks for.

A function has two stages: what is updated is DEVELOPMENT, and what viewers meet is LIVE, as it was published last. The
provider does both, one after the other, and reads back only the first. Where the second fails, neither an update nor a
refresh finds anything to do, and the edges would go on with the old code: it may name an origin that is about to go.
Source: https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/cloudfront/function.go
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

import pulumi
import pulumi_aws as aws

from components import _waits

Stage = Literal["DEVELOPMENT", "LIVE"]
Look = Callable[[Stage], Awaitable[str | None]]

LOOKS = 3
POLL_SECONDS = 5
"""AWS does not promise that who looks at once sees what was just published."""


def when_published(function: "aws.cloudfront.Function", *, parent: pulumi.Resource) -> pulumi.Output[str]:
    """The ARN of the function, once what is published is its code. A preview doesn't look.

    Raises, where it is awaited, pulumi.RunError if something else is.
    """

    async def look(name: str, stage: Stage) -> str | None:
        lookup = pulumi.InvokeOutputOptions(parent=parent)
        return await aws.cloudfront.get_function_output(name=name, stage=stage, opts=lookup).code.future()

    async def published(known: Sequence[str]) -> str:
        arn, name, code, live_version = known
        if not live_version:  # where that is so, the next look fails, and says no more than that there is nothing
            pulumi.log.warn(f"{name} may never have been published. If it can't be read:\n{how_to_publish(name)}")
        await must_be_published(lambda stage: look(name, stage), name, code)
        return arn

    if pulumi.runtime.is_dry_run():
        return function.arn
    return pulumi.Output.all(function.arn, function.name, function.code, function.live_stage_etag).apply(published)


async def must_be_published(look: Look, name: str, code: str) -> None:
    """Look (code, by stage) a few times until that is published. RunError with what to do if it is not."""
    for left in reversed(range(LOOKS)):
        if await look("LIVE") in (code, None):  # nothing is what Pulumi's mocks answer, in somebody's unit test
            return
        if left:
            await _waits.sleep(POLL_SECONDS)
    if await look("DEVELOPMENT") == code:
        raise pulumi.RunError(
            f"The edges do not run the newest code of {name}: an update of it failed before that was published. "
            "Nothing was deleted, and viewers go where they went. Publish it, and run the update again:\n"
            f"{how_to_publish(name)}"
        )
    raise pulumi.RunError(
        f"{name} is not as this stack knows it: an update of it was interrupted, or somebody changed it. Nothing was "
        "deleted, and viewers go where they went. Let the stack learn of it: pulumi up --refresh"
    )


def how_to_publish(name: str) -> str:
    """The command, with the version that it has to name."""
    version = f"aws cloudfront describe-function --name {name} --stage DEVELOPMENT --query ETag --output text"
    return f'  aws cloudfront publish-function --name {name} --if-match "$({version})"'
