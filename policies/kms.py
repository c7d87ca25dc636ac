"""Policies about encryption keys."""

from collections.abc import Iterator

from policies.documents import admitted
from policies.graph import Resource
from policies.links import security_hub
from policies.registry import resource_policy

KEY = "aws:kms/key:Key"
_WAIT_DAYS = 30
_YEAR_DAYS = 365


@resource_policy(
    KEY,
    controls=["KMS.3"],
    severity="critical",
    fix="set deletion_window_in_days to 30 and protect the key",
    link=security_hub("kms", 3),
)
def keys_are_not_deleted_by_mistake(resource: Resource) -> Iterator[str]:
    """A key is protected, and can be taken back for 30 days: what it encrypted is lost with it."""
    if not resource.protect:
        yield "pulumi destroy deletes it"
    if (days := resource.inputs.get("deletionWindowInDays", _WAIT_DAYS)) != _WAIT_DAYS:
        yield f"it is gone {days} days after it was deleted"


@resource_policy(
    KEY,
    controls=["KMS.4", "CIS 4.6"],
    severity="medium",
    fix="set enable_key_rotation to True",
    link=security_hub("kms", 4),
)
def keys_rotate(resource: Resource) -> Iterator[str]:
    """A key's material is replaced every year."""
    if resource.inputs.get("enableKeyRotation") is not True:
        yield "its material stays the same for ever"
    elif isinstance(days := resource.inputs.get("rotationPeriodInDays"), int) and days > _YEAR_DAYS:
        yield f"its material stays the same for {days} days"


@resource_policy(
    KEY,
    controls=["KMS.5"],
    severity="critical",
    fix="name the account's root and the services that use it in the key's policy",
    link=security_hub("kms", 5),
)
def keys_are_not_public(resource: Resource) -> Iterator[str]:
    """A key says itself who may use it, and everybody is not among them."""
    if not resource.inputs.get("policy"):
        yield "it has no policy of its own"
    if any(each.allows and each.everybody for each in admitted(resource)):
        yield "its policy admits everybody"
