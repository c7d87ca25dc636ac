"""What in a difference viewers, or AWS on their way, will not go along with."""

from collections.abc import Iterator, Mapping

from preflight.danger_of_loss import SERVICE, short
from preflight.difference import Change, Difference
from preflight.leaves import ABSENT
from preflight.recording import Recording

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
_VPC, _ROUTE = "aws:ec2/vpc:Vpc", "aws:ec2/route:Route"
_BALANCER, _TARGETS = "aws:lb/loadBalancer:LoadBalancer", "aws:lb/targetGroup:TargetGroup"
_URL, _API = "aws:lambda/functionUrl:FunctionUrl", "aws:apigatewayv2/api:Api"
_SECRETS = "switchyard:index:OriginSecret"
_WAY_IN: Mapping[str, set[str]] = {
    "aws:lb/listener:Listener": {"port", "protocol", "loadBalancerArn", "certificateArn"},
    _BALANCER: {"internal"},
    _TARGETS: {"port"},
}
"""Properties of a balancer that change at once, while the distribution still calls it the old way for minutes."""


def dangers(found: Difference, before: Recording, after: Recording) -> Iterator[str]:
    """One sentence each."""
    yield from _address(found)
    yield from _network(found)
    yield from _way_in(found, before)
    yield from _way_out(found, before)
    yield from _health(found, before)
    yield from _authorization(before, after)
    yield from _secret(before, after)
    yield from _nothing_behind(before, after)


def _address(found: Difference) -> Iterator[str]:
    for each in (*found.of_kind("removed"), *found.of_kind("replaced")):
        if each.type == DISTRIBUTION:
            yield f"{short(each)} is {each.kind}: its address changes, and viewers lose the old one at once."
    for output in found.outputs:
        if output.path == "url" and output.before not in (ABSENT, "", None):
            now = "none" if output.after in (ABSENT, "", None) else output.after
            yield f"The public URL changes from {output.before} to {now}."


def _network(found: Difference) -> Iterator[str]:
    stays = {each.type for each in found.changes if each.kind == "updated"}
    for each in found.changes:
        if each.type == _TARGETS and "vpcId" in each.forced_by and _BALANCER in stays:
            yield (
                f"{short(each)} moves to another network, and a load balancer can't: AWS will refuse that half-way. "
                "Let the other topology serve, drop this half, and bring it back."
            )
        elif each.type == _VPC and any(
            one.path == "assignGeneratedIpv6CidrBlock" and one.before is True for one in each.properties
        ):
            yield (
                f"{short(each)} gives up its IPv6 addresses, and AWS refuses that while anything is in it: "
                "let the other topology serve, drop this half, and bring it back."
            )


def _way_out(found: Difference, before: Recording) -> Iterator[str]:
    """Source: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html (what is open is cut)."""
    if "container" in _serving(before) and any(map(_moves_out, found.changes)):
        yield (
            "The tasks call out by another way: their open connections out are cut, and whoever lets them in by "
            "address, such as a database elsewhere, sees another one."
        )


def _moves_out(change: Change) -> bool:
    """Whether a route out leads elsewhere or goes, or the tasks move to other subnets."""
    if change.type == _ROUTE:
        return change.kind in ("updated", "replaced", "removed")
    return change.type == SERVICE and any(each.property == "networkConfiguration" for each in change.properties)


def _health(found: Difference, before: Recording) -> Iterator[str]:
    """The target group asks at another path before the tasks that answer there have come."""
    for each in found.of_kind("updated"):
        paths = [one for one in each.properties if one.path == "healthCheck.path"]
        if each.type == _TARGETS and paths and "container" in _serving(before):
            yield (
                f"{short(each)} asks at {paths[0].after} at once, and tasks that do not answer there yet are stopped: "
                "deploy an image that answers both first."
            )


def _way_in(found: Difference, before: Recording) -> Iterator[str]:
    if "container" not in _serving(before):
        return
    for each in found.changes:
        changed = {change.property for change in each.properties} & _WAY_IN.get(each.type, set())
        if changed and each.kind in ("updated", "replaced"):
            yield (
                f"{short(each)} changes its {', '.join(sorted(changed))} while viewers come in by it: they see errors "
                "until the distribution has followed. Let the other topology serve meanwhile."
            )


def _authorization(before: Recording, after: Recording) -> Iterator[str]:
    """The function at the edge no longer copies Authorization, before the distribution leaves the Function URL."""
    if "serverless" in _origins(before) and before.of_type(_URL) and after.of_type(_API) and not after.of_type(_URL):
        yield (
            "The Function URL gives way to an HTTP API while viewers come in by it: their Authorization is lost "
            "until the distribution has followed. Let the container serve meanwhile."
        )


def _serving(recording: Recording) -> set[str]:
    """The origins that a behaviour of the distribution sends viewers to."""
    found = set()
    for each in recording.of_type(DISTRIBUTION):
        behaviors = [each.inputs.get("defaultCacheBehavior"), *(each.inputs.get("orderedCacheBehaviors") or ())]
        found |= {behavior.get("targetOriginId") for behavior in behaviors if isinstance(behavior, Mapping)}
    return found


def _secret(before: Recording, after: Recording) -> Iterator[str]:
    """The origins change what they accept before the distribution changes what it sends."""
    was, now = _generations(before), _generations(after)
    if was and now and max(was) not in now:
        yield (
            f"The origins will no longer accept the secret that CloudFront still sends (number {max(was)}, and they "
            f"take {' and '.join(map(str, sorted(now)))}): viewers are refused until it is deployed everywhere. "
            "Raise originSecret by one at a time."
        )


def _generations(recording: Recording) -> set[int]:
    """The numbers of the secrets that the origins accept; CloudFront sends the highest."""
    secrets = [each for urn in recording.of_type(_SECRETS) for each in recording.children(urn.urn)]
    return {int(number) for each in secrets if (number := each.name.rpartition("-")[2]).isdigit()}


def _nothing_behind(before: Recording, after: Recording) -> Iterator[str]:
    was, now = _origins(before), _origins(after)
    if was and not now:
        yield f"Nothing is left behind the distribution: {', '.join(sorted(was))} goes, and no other origin comes."


def _origins(recording: Recording) -> set[str]:
    """The origins of the service; the site's is not one."""
    origins = [origin for each in recording.of_type(DISTRIBUTION) for origin in each.inputs.get("origins", [])]
    return {str(origin.get("originId")) for origin in origins} - {"site"}
