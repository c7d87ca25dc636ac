"""The pauses around an update of a distribution: hooks that wait by the clock, and a look until AWS says it is done.

CloudFront tells when a distribution is deployed. It doesn't tell when a function has reached every edge, nor when
the last request under way was answered, so these are waited for by the clock. As hooks of the resource, they are
waited for again when the update of the distribution itself failed and is run again; but not once it succeeded, should
the wait after it be cut short.

That next run need not find anything to update: the provider has said what it was to say, and after a refresh the state
agrees. Nor does the state know of an update that was interrupted, when the settings are set back. So the program itself
asks whether an earlier change still deploys, and whether CloudFront has what this program asks for, before it shares
out traffic and before it ends, which is when the engine deletes what the edges have forgotten.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components._hooks import plain
from components._live_distribution import TYPE, differences

# Source: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Distribution.html
DEPLOYED = "Deployed"
POLL_SECONDS = 10
DEPLOYMENT_SECONDS = 1800
"""How long an earlier change may go on: AWS takes minutes, and half an hour on a bad day."""

Inputs = Mapping[str, Any] | None

sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
"""How time passes. One place, for tests to replace."""


def waits(*, edge_seconds: float, drain_seconds: float) -> dict[str, pulumi.ResourceHookFunction]:
    """Hooks of an update: before an origin leaves, the time for the edges to forget it; after traffic moved, the time
    to finish it."""

    async def for_the_edges(args: pulumi.ResourceHookArgs) -> None:
        if leaving := await origins_that_leave(args.old_inputs, args.new_inputs):
            await _pause(edge_seconds, f"before {', '.join(leaving)} leaves, so that no edge names it any more")

    async def for_requests_in_flight(args: pulumi.ResourceHookArgs) -> None:
        if await traffic_moved(args.old_inputs, args.new_inputs):
            await _pause(drain_seconds, "for requests under way to what served before")

    # No delete hooks: `pulumi destroy` refuses those unless it may run the program.
    return {"before_update": for_the_edges, "after_update": for_requests_in_flight}


def when_deployed(
    distribution: "aws.cloudfront.Distribution",
    settings: Mapping[str, Any],
    *,
    drain_seconds: float,
    parent: pulumi.Resource,
) -> pulumi.Output[str]:
    """The id of the distribution, once every edge has what it was last told. A preview doesn't wait.

    `settings` are what it was made with. Raises, where it is awaited, pulumi.RunError if that takes more than half an
    hour, or if AWS has other settings.
    """
    lookup = pulumi.InvokeOutputOptions(parent=parent)

    async def look(id_: str) -> tuple[str, str]:
        found = aws.cloudfront.get_distribution_output(id=id_, opts=lookup)
        return await found.status.future() or "", await found.etag.future() or ""

    async def compare(id_: str) -> list[str]:
        # Everything of CloudFront's is to be had in us-east-1. No look-up of the provider's own tells the origins.
        found = aws.cloudcontrol.get_resource_output(type_name=TYPE, identifier=id_, region="us-east-1", opts=lookup)
        properties = await found.properties.future() or "{}"
        return differences(await plain(settings) or {}, json.loads(properties))

    async def deployed(known: Sequence[str]) -> str:
        id_, version = known
        await until_deployed(lambda: look(id_), lambda: compare(id_), id_, version, drain_seconds)
        return id_

    if pulumi.runtime.is_dry_run():
        return distribution.id
    return pulumi.Output.all(distribution.id, distribution.etag).apply(deployed)


async def until_deployed(
    look: Callable[[], Awaitable[tuple[str, str]]],
    compare: Callable[[], Awaitable[list[str]]],
    id_: str,
    version: str,
    drain_seconds: float,
) -> None:
    """Look (status, version) until it is deployed; if it wasn't at once, let requests under way end after that.

    RunError if it takes too long, or if AWS has another version of it than the state knows, and that is not as asked
    for, by what `compare` finds.
    """
    status, live = await look()
    if not status:
        return  # AWS always says; Pulumi's mocks, in somebody's unit test, answer nothing
    if live != version and (other := await compare()):
        raise pulumi.RunError(
            f"CloudFront has something else in {id_} than this stack knows ({', '.join(other)}): an update of it was "
            "interrupted, or somebody changed it. Nothing was deleted. Let the stack learn of it: pulumi up --refresh"
        )
    if status == DEPLOYED:
        return
    pulumi.log.info(f"CloudFront still deploys an earlier change of {id_}: waiting for it, usually some minutes.")
    for _ in range(DEPLOYMENT_SECONDS // POLL_SECONDS):
        await sleep(POLL_SECONDS)
        status, _version = await look()
        if status == DEPLOYED:
            await _pause(drain_seconds, "for requests under way to what served before")
            return
    raise pulumi.RunError(
        f"CloudFront has been deploying an earlier change of {id_} for more than {DEPLOYMENT_SECONDS // 60} minutes, "
        "and nothing was deleted meanwhile. Wait for it (aws cloudfront wait distribution-deployed --id "
        f"{id_}), then run the update again."
    )


async def origins_that_leave(old: Inputs, new: Inputs) -> list[str]:
    """Ids of the origins that the distribution had and is to have no longer."""
    before, after = await _origins(old), await _origins(new)
    return sorted({each["originId"] for each in before} - {each["originId"] for each in after})


async def traffic_moved(old: Inputs, new: Inputs) -> bool:
    """Whether an origin left, is somewhere else now, or no longer serves the paths it served."""
    before, after = await _origins(old), await _origins(new)
    if {_address(each) for each in before} - {_address(each) for each in after}:
        return True
    old_targets, new_targets = await _targets(old), await _targets(new)
    return any(new_targets.get(path, target) != target for path, target in old_targets.items())


def _address(origin: Mapping[str, Any]) -> tuple[Any, ...]:
    vpc_origin = origin.get("vpcOriginConfig") or {}
    return origin["originId"], origin.get("domainName"), vpc_origin.get("vpcOriginId")


async def _origins(inputs: Inputs) -> list[Mapping[str, Any]]:
    return await plain((inputs or {}).get("origins")) or []


async def _targets(inputs: Inputs) -> dict[str, str | None]:
    """The origin behind each path pattern; `*` is the default behaviour."""
    default = await plain((inputs or {}).get("defaultCacheBehavior")) or {}
    ordered = await plain((inputs or {}).get("orderedCacheBehaviors")) or []
    return {each.get("pathPattern", "*"): each.get("targetOriginId") for each in (*ordered, default)}


async def _pause(seconds: float, reason: str) -> None:
    if seconds:
        pulumi.log.info(f"Waiting {seconds:g} s {reason}.")
        await sleep(seconds)
