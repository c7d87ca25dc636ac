"""The waits around an update: when they are, when not, for how long, and that secrets don't hide what moved."""

import asyncio
from collections.abc import Sequence

import pulumi
import pytest
from google.protobuf import json_format
from pulumi.runtime._callbacks import _CallbackServicer
from pulumi.runtime.proto import resource_pb2

from components import _waits


def origin(id_: str, domain: str = "x.example.com", vpc_origin: str | None = None) -> dict:
    config = {"vpcOriginConfig": {"vpcOriginId": vpc_origin}} if vpc_origin else {}
    return {"originId": id_, "domainName": domain, **config}


def inputs(*origins: dict, default: str, **paths: str) -> dict:
    ordered = [{"pathPattern": f"/{path}", "targetOriginId": target} for path, target in paths.items()]
    behavior = {"targetOriginId": default}
    return {"origins": list(origins), "defaultCacheBehavior": behavior, "orderedCacheBehaviors": ordered}


SERVERLESS, CONTAINER, SITE = origin("serverless"), origin("container", vpc_origin="vo_1"), origin("site")
ONE = inputs(SERVERLESS, default="serverless")
OTHER = inputs(CONTAINER, default="container")
BOTH = inputs(SERVERLESS, CONTAINER, default="serverless")
FLIPPED = inputs(SERVERLESS, CONTAINER, default="container")
WITH_SITE = inputs(SERVERLESS, CONTAINER, SITE, default="site", api="serverless")
SITE_FLIPPED = inputs(SERVERLESS, CONTAINER, SITE, default="site", api="container")
REBUILT = inputs(SERVERLESS, origin("container", vpc_origin="vo_2"), default="serverless")
RENAMED = inputs(origin("serverless", "y.example.com"), default="serverless")
SITE_ONLY = inputs(SITE, default="site")

CASES = {
    # name: (before, after, which waits there are)
    "nothing changes": (BOTH, BOTH, ()),
    "a standby comes": (ONE, BOTH, ()),
    "a standby goes": (BOTH, ONE, ("edge", "drain")),
    "the active one goes, and the target moves": (BOTH, OTHER, ("edge", "drain")),
    "a switch in one step": (ONE, OTHER, ("edge", "drain")),
    "a flip with a standby": (BOTH, FLIPPED, ("drain",)),
    "a flip with a standby and a site": (WITH_SITE, SITE_FLIPPED, ("drain",)),
    "the balancer behind an origin is another": (BOTH, REBUILT, ("drain",)),
    "the API behind an origin is another": (ONE, RENAMED, ("drain",)),
    "a site comes, and takes the default path": (BOTH, WITH_SITE, ("drain",)),
    "only the site is left": (WITH_SITE, SITE_ONLY, ("edge", "drain")),
}


def hooks(edge_seconds: float = 60, drain_seconds: float = 29) -> list:
    found = _waits.waits(edge_seconds=edge_seconds, drain_seconds=drain_seconds)
    assert list(found) == ["before_update", "after_update"]  # for a delete, destroy would need --run-program
    return list(found.values())


def update(old: dict, new: dict, **seconds: float) -> None:
    args = pulumi.ResourceHookArgs("urn", "E1", "cdn", "type", new_inputs=new, old_inputs=old)
    for hook in hooks(**seconds):
        asyncio.run(hook(args))


@pytest.mark.parametrize(("old", "new", "which"), CASES.values(), ids=CASES)
def test_it_waits_when_an_origin_leaves_or_traffic_moves_and_only_then(slept, old, new, which):
    update(old, new)
    assert slept == [{"edge": 60, "drain": 29}[each] for each in which]


def test_no_seconds_are_no_wait(slept):
    update(BOTH, ONE, edge_seconds=0, drain_seconds=0)
    assert slept == []


def test_it_says_why_it_waits(slept, monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "info", said.append)
    update(BOTH, ONE)
    assert said == [
        "Waiting 60 s before container leaves, so that no edge names it any more.",
        "Waiting 29 s for requests under way to what served before.",
    ]


SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "s3cret"}


def as_the_engine_sends_it(old: dict, new: dict) -> bytes:
    request = resource_pb2.ResourceHookRequest(urn="urn", id="E1", name="cdn", type="type")
    json_format.ParseDict(old, request.old_inputs)
    json_format.ParseDict(new, request.new_inputs)
    return request.SerializeToString()


def test_a_secret_header_of_an_origin_does_not_hide_that_it_leaves(slept):
    secret = {**CONTAINER, "customHeaders": [{"name": "x-origin-secret", "value": SECRET}]}
    request = as_the_engine_sends_it(inputs(SERVERLESS, secret, default="serverless"), ONE)

    async def run() -> list[str]:
        answers = []
        for hook in hooks():
            servicer = object.__new__(_CallbackServicer)
            servicer._callbacks, servicer._target = {}, ""
            servicer.do_register_resource_hook(_named(hook))
            (callback,) = servicer._callbacks.values()
            answers.append((await callback(request)).error)
        return answers

    assert asyncio.run(run()) == ["", ""]
    assert slept == [60, 29]


def _named(hook):
    """A hook as the SDK registers it, without a monitor to register it with."""
    named = pulumi.ResourceHook.__new__(pulumi.ResourceHook)
    named.name, named.callback, named.opts = "wait", hook, None
    return named


def asked(*answers: str, version: str = "V1", differs: Sequence[str] | None = None) -> None:
    """Wait until it is deployed, with these answers from AWS, the last one for ever. The state knows version V1.

    `differs` is what is not as asked for; None: nobody may want to know.
    """
    left = list(answers)

    async def look() -> tuple[str, str]:
        return (left.pop(0) if len(left) > 1 else left[0]), version

    async def compare() -> list[str]:
        assert differs is not None
        return list(differs)

    asyncio.run(_waits.until_deployed(look, compare, "E1", "V1", 29))


def test_what_is_deployed_is_not_waited_for(slept):
    asked("Deployed")
    assert slept == []


def test_an_earlier_change_that_still_deploys_is_waited_for_and_then_the_requests_under_way(slept):
    asked("InProgress", "InProgress", "Deployed")
    assert slept == [_waits.POLL_SECONDS, _waits.POLL_SECONDS, 29]


def test_half_an_hour_of_it_ends_the_update_with_what_to_do(slept):
    with pytest.raises(pulumi.RunError, match=r"more than 30 minutes.*distribution-deployed --id E1.*again"):
        asked("InProgress")
    assert sum(slept) == 1800


@pytest.mark.parametrize("status", ["Deployed", "InProgress"])
def test_settings_that_the_state_does_not_know_end_the_update_at_once(slept, status):
    with pytest.raises(pulumi.RunError, match=r"else in E1 .*\(origin a, web ACL\).* pulumi up --refresh"):
        asked(status, version="V2", differs=["origin a", "web ACL"])
    assert slept == []


def test_another_version_with_the_settings_that_were_asked_for_is_waited_for_as_any_other(slept):
    asked("InProgress", "Deployed", version="V2", differs=[])
    assert slept == [_waits.POLL_SECONDS, 29]
