"""What a difference takes along that nobody can deploy again, and what AWS or the engine will refuse to take."""

from collections.abc import Iterator, Mapping

from preflight.difference import Change, Difference, Kind
from preflight.leaves import ABSENT, PropertyChange
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
SERVICE = "aws:ecs/service:Service"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
# Source: the arguments of those names in https://registry.terraform.io/providers/hashicorp/aws/latest/docs. AWS refuses
# to delete while one is set, whatever the program says by then.
DELETION_PROTECTION: Mapping[str, str] = {
    "aws:dynamodb/table:Table": "deletionProtectionEnabled",
    "aws:ec2/instance:Instance": "disableApiTermination",
    "aws:lb/loadBalancer:LoadBalancer": "enableDeletionProtection",
    "aws:rds/cluster:Cluster": "deletionProtection",
    "aws:rds/instance:Instance": "deletionProtection",
}
_MOST_NAMED = 3


def dangers(found: Difference, before: Recording, after: Recording) -> Iterator[str]:
    """One sentence each: data that goes, and what will be refused."""
    for each in _ends(found, before):
        if each.type in KEEPS_DATA:
            why = f" ({', '.join(each.forced_by)} can't be changed in place)" if each.forced_by else ""
            yield f"{short(each)} is {each.kind}{why}, and with it {KEEPS_DATA[each.type]}."
    yield from _protected(found)
    yield from _deletion_protected(found, before)
    yield from _strategies(found, after)
    for line in _logs(found, before, protected=True):
        yield f"Deleted for good, though it is protected: {line}."


def goes_along(found: Difference, before: Recording) -> tuple[str, ...]:
    """Logs that go, as phrases. No danger by themselves: the last step of every switch takes some along."""
    return tuple(_logs(found, before, protected=False))


def short(change: Change) -> str:
    """`Bucket site`, for a sentence."""
    return f"{change.type.rpartition(':')[2]} {change.name}"


def _ends(found: Difference, before: Recording) -> Iterator[Change]:
    """What is deleted in the end: removed, or replaced by another."""
    for each in (*found.of_kind("removed"), *found.of_kind("replaced")):
        if not before.resources[each.old_urn or each.urn].options.retain_on_delete:
            yield each


def _protected(found: Difference) -> Iterator[str]:
    kinds: tuple[Kind, ...] = ("removed", "replaced")
    for kind in kinds:
        names = [short(each) for each in found.of_kind(kind) if each.protected]
        if len(names) == 1:
            yield f"{names[0]} is protected, so the engine will refuse that it is {kind}."
        elif names:
            more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
            yield (
                f"{len(names)} resources are protected, so the engine will refuse that they are {kind}: "
                f"{', '.join(names[:_MOST_NAMED])}{more}."
            )


def _deletion_protected(found: Difference, before: Recording) -> Iterator[str]:
    for each in _ends(found, before):
        name = DELETION_PROTECTION.get(each.type, "")
        if before.resources[each.old_urn or each.urn].inputs.get(name) is True:
            yield (
                f"{short(each)} is {each.kind}, but its {name} is on: AWS will refuse that, after all else is done. "
                "Turn it off in an update of its own, before this one."
            )


def _strategies(found: Difference, after: Recording) -> Iterator[str]:
    # Source: https://github.com/hashicorp/terraform-provider-aws/pull/43533
    for each in found.of_kind("updated"):
        is_changed = any(one.property == "capacityProviderStrategies" for one in each.properties)
        if (
            each.type == SERVICE
            and is_changed
            and after.resources[each.urn].inputs.get("forceNewDeployment") is not True
        ):
            yield f"{short(each)} changes its capacity providers, which is refused unless it has forceNewDeployment."


def _logs(found: Difference, before: Recording, *, protected: bool) -> Iterator[str]:
    changes = [each for each in found.changes if each.protected is protected]
    ended = {each.urn for each in _ends(found, before)}
    gone = [each.name for each in changes if each.type == LOG_GROUP and each.urn in ended]
    if gone:
        yield f"the logs of {', '.join(gone)}"
    shortened: dict[tuple[str, str], list[str]] = {}
    for each in changes:
        for one in each.properties if each.urn not in ended else ():
            if days := _days(one):
                shortened.setdefault(days, []).append(each.name)
    for (was, now), names in shortened.items():
        places = ", ".join(dict.fromkeys(names))
        yield f"what is older than {now} in {places} (until now {was} kept)"


def _days(change: PropertyChange) -> tuple[str, str] | None:
    """How long was kept and will be, in days, where that gets shorter."""
    if change.path != "retentionInDays" and not change.path.endswith(".expiration.days"):
        return None
    # Without a number they are kept for ever; a log group also takes 0 for that.
    was, now = ((0 if each in (ABSENT, None) else each) for each in (change.before, change.after))
    if not (isinstance(was, int) and isinstance(now, int)) or now == 0 or 0 < was <= now:
        return None
    return f"{was} days were" if was else "all was", "a day" if now == 1 else f"{now} days"
