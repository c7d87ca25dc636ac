"""AwsKeys: the `aws:` keys of a stack's configuration, which make the program's AWS provider."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from config_json import read_json
from refusals import NOT_SHOWN, Refusal, shown

# Source: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html. China and GovCloud have
# no CloudFront VPC origins, and CloudFront itself lives in a partition of its own there.
REGION = r"(?!cn-|us-gov-|us-iso)[a-z]{2}-[a-z]+-\d"
AWS_KEYS = ("region", "profile", "assumeRoles", "allowedAccountIds")
# Source: https://www.pulumi.com/registry/packages/aws/installation-configuration/
_CREDENTIALS = ("accessKey", "secretKey", "token")
# Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html; a duration is Go's, as `1h30m`, which
# the provider takes: https://www.pulumi.com/registry/packages/aws/api-docs/provider/#providerassumerole
_ROLE: Mapping[str, str] = {
    "roleArn": r"arn:aws:iam::\d{12}:role/[\x21-\x7e]{1,512}",
    "externalId": r"[\w+=,.@:/-]{2,1224}",
    "sessionName": r"[\w+=,.@-]{2,64}",
    "duration": r"(?=.)(\d+h)?(\d+m)?(\d+s)?",
}


@dataclass(frozen=True, kw_only=True)
class AwsKeys:
    """What the program's AWS provider is made of: the `aws:` keys it reads."""

    region: str
    profile: str | None = None
    assume_roles: tuple[Mapping[str, Any], ...] = ()
    allowed_account_ids: tuple[str, ...] = ()


def read_aws_keys(values: Mapping[str, str], secret_keys: Collection[str]) -> tuple[AwsKeys, list[Refusal]]:
    """The provider's keys. The program's provider is explicit, so a key it does not read would do nothing at all."""
    given = {key: text for full, text in values.items() for ns, _, key in [full.partition(":")] if ns == "aws"}
    refusals = [
        Refusal(
            key=f"aws:{key}",
            got=NOT_SHOWN if f"aws:{key}" in secret_keys or key in _CREDENTIALS else shown(given[key]),
            allowed=f"aws: keys {', '.join(AWS_KEYS)}; no other reaches the program's provider",
            change="use switchyard:tags" if key == "defaultTags" else "remove it",
        )
        for key in given
        if key not in AWS_KEYS
    ]
    region = given.get("region", "")
    if not re.fullmatch(REGION, region):
        got = shown(region) if region else None
        refusals.append(
            Refusal(key="aws:region", got=got, allowed="a region outside China and GovCloud, such as eu-west-1")
        )
        region = "us-east-1"
    roles, roles_refused = _list_at(
        "aws:assumeRoles",
        given.get("assumeRoles"),
        _is_role,
        'a list of roles, [{"roleArn": "arn:aws:iam::123456789012:role/deploy"}], each with an externalId, a '
        "sessionName and a duration such as 1h, as it needs them",
    )
    accounts, accounts_refused = _list_at(
        "aws:allowedAccountIds",
        given.get("allowedAccountIds"),
        _is_account,
        'a list of account numbers as text, ["123456789012"]',
    )
    aws = AwsKeys(region=region, profile=given.get("profile"), assume_roles=roles, allowed_account_ids=accounts)
    return aws, [*refusals, *roles_refused, *accounts_refused]


def _list_at(
    key: str, text: str | None, is_fine: Callable[[Any], bool], allowed: str
) -> tuple[tuple[Any, ...], list[Refusal]]:
    if text is None:
        return (), []
    try:
        value = read_json(text)
    except ValueError:
        value = None
    if isinstance(value, list) and all(map(is_fine, value)):
        return tuple(value), []
    return (), [Refusal(key=key, got=shown(text), allowed=allowed)]


def _is_role(value: Any) -> bool:
    is_map = isinstance(value, dict) and "roleArn" in value and set(value) <= set(_ROLE)
    return is_map and all(
        isinstance(each, str) and re.fullmatch(_ROLE[key], each, re.ASCII) is not None for key, each in value.items()
    )


def _is_account(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\d{12}", value) is not None
