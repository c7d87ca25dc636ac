"""Danger: what in a difference loses data, breaks a promise, or can't be taken back."""

from collections.abc import Iterator, Mapping

from preflight.difference import Change, Difference
from preflight.recording import Recording

KEEPS_DATA: Mapping[str, str] = {
    "aws:dynamodb/table:Table": "its items",
    "aws:ecr/repository:Repository": "its images",
    "aws:kms/key:Key": "all that is encrypted under it",
    "aws:rds/cluster:Cluster": "its databases",
    "aws:rds/instance:Instance": "its databases",
    "aws:route53/zone:Zone": "its records and its name servers",
    "aws:s3/bucket:Bucket": "its files",
}
"""Types whose removal, or replacement, takes along what nobody can deploy again."""
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
_OURS = "switchyard:"
_SWITCH = {f"{_OURS}topology", f"{_OURS}standby", f"{_OURS}standbyTraffic"}


def dangers(
    found: Difference,
    before: Recording,
    after: Recording,
    configs: tuple[Mapping[str, str], Mapping[str, str]] | None = None,
) -> tuple[str, ...]:
    """One sentence each, the worst first. `configs` are the two configurations, where a switch should stand alone."""
    lines = [
        *_data_lost(found),
        *_protected(found),
        *_address(found),
        *_network(found),
        *_way_in(found, before),
        *_nothing_behind(before, after),
        *(_mixed_switch(*configs) if configs else ()),
    ]
    return tuple(dict.fromkeys(lines))


def _ends(found: Difference) -> Iterator[Change]:
    """What is deleted in the end: removed, or replaced by another."""
    yield from (*found.of_kind("removed"), *found.of_kind("replaced"))


def _data_lost(found: Difference) -> Iterator[str]:
    for each in _ends(found):
        if each.type in KEEPS_DATA:
            why = f" ({', '.join(each.forced_by)} can't be changed in place)" if each.forced_by else ""
            yield f"{_short(each)} is {each.kind}{why}, and with it {KEEPS_DATA[each.type]}."


def _protected(found: Difference) -> Iterator[str]:
    for each in _ends(found):
        if each.protected:
            yield f"{_short(each)} is protected, so the engine will refuse that it is {each.kind}."


def _address(found: Difference) -> Iterator[str]:
    for each in _ends(found):
        if each.type == DISTRIBUTION:
            yield f"{_short(each)} is {each.kind}: its address changes, and viewers lose the old one at once."
    for output in found.outputs:
        if output.path == "url" and output.before:
            yield f"The public URL changes from {output.before} to {output.after or 'none'}."


def _network(found: Difference) -> Iterator[str]:
    for each in found.of_kind("replaced"):
        if each.type == "aws:ec2/vpc:Vpc":
            why = ", ".join(each.forced_by)
            yield (
                f"{_short(each)} is replaced ({why} can't be changed in place), and a load balancer can't move to "
                "another network: let the other topology serve, drop this half, and bring it back."
            )


_WAY_IN: Mapping[str, set[str]] = {
    "aws:lb/listener:Listener": {"port", "protocol", "loadBalancerArn"},
    "aws:lb/loadBalancer:LoadBalancer": {"internal"},
    "aws:lb/targetGroup:TargetGroup": {"port"},
}
"""Properties of a balancer that change at once, while the distribution still calls it the old way for minutes."""


def _way_in(found: Difference, before: Recording) -> Iterator[str]:
    if "container" not in _serving(before):
        return
    for each in found.changes:
        changed = {change.property for change in each.properties} & _WAY_IN.get(each.type, set())
        if changed and each.kind in ("updated", "replaced"):
            yield (
                f"{_short(each)} changes its {', '.join(sorted(changed))} while viewers come in by it: they see errors "
                "until the distribution has followed. Let the other topology serve meanwhile."
            )


def _serving(recording: Recording) -> set[str]:
    """The origins that a behaviour of the distribution sends viewers to."""
    found = set()
    for each in recording.of_type(DISTRIBUTION):
        behaviors = [each.inputs.get("defaultCacheBehavior"), *(each.inputs.get("orderedCacheBehaviors") or ())]
        found |= {behavior.get("targetOriginId") for behavior in behaviors if isinstance(behavior, Mapping)}
    return found


def _nothing_behind(before: Recording, after: Recording) -> Iterator[str]:
    was, now = _origins(before), _origins(after)
    if was and not now:
        yield f"Nothing is left behind the distribution: {', '.join(sorted(was))} goes, and no other origin comes."


def _origins(recording: Recording) -> set[str]:
    """The origins of the service; the site's is not one."""
    origins = [origin for each in recording.of_type(DISTRIBUTION) for origin in each.inputs.get("origins", [])]
    return {str(origin.get("originId")) for origin in origins} - {"site"}


def _mixed_switch(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    changed = {key for key in {*before, *after} if before.get(key) != after.get(key)}
    others = sorted(changed - _SWITCH)
    if f"{_OURS}topology" in changed and others:
        names = ", ".join(each.removeprefix(_OURS) for each in others)
        yield f"The switch of topology comes together with other changes ({names}): make those an update of their own."


def _short(change: Change) -> str:
    return f"{change.type.rpartition(':')[2]} {change.name}"
