"""Settings: what this account is set up for, typed, checked and frozen. The only reader of the configuration.

What is wrong is refused together, before any resource is registered, in the words of the project's own settings.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pulumi
import pydantic
from pulumi.runtime import config as runtime_config
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from aws_keys import REGION, AwsKeys, read_aws_keys
from components._domains import domain_name
from components.github_role import GithubRoleArgs
from components.permissions_boundary import PermissionsBoundaryArgs
from config_json import read_json
from refusals import Refusal, from_args, from_pydantic, shown, unwritable

NAMESPACE = "switchyard"
REVIEW = "review"
"""The environment of what pull requests try out; its stacks are called `pr-<number>`."""
# Ours: what may stand in a stack's name, an alias of KMS and a path of IAM alike.
_NAME = r"[a-z][a-z0-9-]{0,29}"
_ACCOUNT = r"\d{12}"
_PROVIDER = r"arn:aws:iam::\d{12}:oidc-provider/token\.actions\.githubusercontent\.com"


class _Keys(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, alias_generator=to_camel, use_attribute_docstrings=True
    )


class Github(_Keys):
    owner: str
    """The repository's owner, a user or an organization."""
    repository: str
    """The repository's name."""
    owner_id: int | None = GithubRoleArgs.owner_id
    """The owner's number: gh api repos/<owner>/<repository> --jq .owner.id"""
    repository_id: int | None = GithubRoleArgs.repository_id
    """The repository's number: --jq .id"""
    provider: str | None = None
    """ARN of the account's provider for GitHub's tokens, where it has one already; absent: it is made."""


class Settings(_Keys):
    """One account, as `Pulumi.<stack>.yaml` in this folder describes it."""

    github: Github
    """Whose workflows deploy here."""
    environments: tuple[str, ...]
    """The stacks that are deployed to this account."""
    review: bool = False
    """Whether pull requests may have environments here: `pr-<number>`, under a role of their own."""
    project: str = NAMESPACE
    """The `name` in the Pulumi.yaml of what is deployed."""
    regions: tuple[str, ...] = ()
    """Where its stacks may be, beside us-east-1; absent: this stack's own region."""
    zone: str | None = None
    """A domain whose public zone is to be made here."""
    boundary_actions: tuple[str, ...] = ()
    """What else the roles of a service may be given, such as `dynamodb:GetItem`; not those of a pull request."""
    protect: bool = True
    """Refuse to destroy what can't be made again: the state bucket, the keys, the zone."""
    tags: dict[str, str] = {}
    """Tags on everything that can have them, beside `project` and `stack`."""

    _aws: AwsKeys = pydantic.PrivateAttr()

    @property
    def aws(self) -> AwsKeys:
        """The provider's own settings, from the `aws:` keys."""
        return self._aws

    @classmethod
    def load(cls) -> "Settings":
        """Read this stack's configuration. Raises pulumi.RunError that names everything that has to change."""
        values = runtime_config.CONFIG.get() or runtime_config.get_config_env()
        settings, refusals = parse(values, [key for key in values if pulumi.runtime.is_config_secret(key)])
        if settings is None or refusals:
            lines = "\n".join(f"  {each}" for each in refusals)
            raise pulumi.RunError(
                f"Pulumi.{pulumi.get_stack()}.yaml can't be deployed as it is:\n{lines}\n"
                f"Edit the file, or use: pulumi config set --path {NAMESPACE}:<key> <value>"
            )
        return settings


def parse(values: Mapping[str, str], secret_keys: Collection[str] = ()) -> tuple[Settings | None, list[Refusal]]:
    """The settings, and all that is wrong; None where they can't even be read."""
    aws, refusals = read_aws_keys(values, secret_keys)
    prefix = f"{NAMESPACE}:"
    given = {key.removeprefix(prefix): _value(text) for key, text in values.items() if key.startswith(prefix)}
    if broken := unwritable(given):
        return None, [*refusals, *broken]
    try:
        settings = Settings.model_validate_json(json.dumps(given))
    except pydantic.ValidationError as error:
        return None, [*refusals, *(from_pydantic(each, KEYS_AT) for each in error.errors())]
    settings._aws = aws
    return settings, [*refusals, *_misfits(settings)]


def _value(text: str) -> Any:
    """The CLI hands every value over as text, objects as JSON."""
    try:
        value = read_json(text)
    except ValueError:
        return text
    return value if isinstance(value, dict | list | bool) else text


def _misfits(settings: Settings) -> Iterator[Refusal]:
    """What the components would refuse, and what AWS would, in the configuration's own words."""
    for index, name in enumerate(settings.environments):
        key = f"environments[{index}]"
        yield from _unlike(key, name, _NAME, "lower-case letters, digits and -, at most 30, a letter first")
        if name == REVIEW or name.startswith("pr-"):
            yield Refusal(key=key, got=shown(name), allowed=f"another name: {REVIEW} and pr-... are for pull requests")
        if name in settings.environments[:index]:
            yield Refusal(key=key, got=shown(name), allowed="each environment once")
    if not settings.environments:
        yield Refusal(key="environments", got="[]", allowed="the stacks that are deployed to this account")
    yield from _unlike("project", settings.project, r"[A-Za-z0-9._-]{1,100}", "a project's name")
    yield from _unlike("github.provider", settings.github.provider, _PROVIDER, "the ARN of the provider for GitHub")
    for index, region in enumerate(settings.regions):
        yield from _unlike(f"regions[{index}]", region, REGION, "a region outside China and GovCloud")
    problem = domain_name("zone", settings.zone) if settings.zone else None
    yield from [from_args(problem, {"zone": "zone"})] if problem else []
    yield from _of_args(settings)


def _unlike(key: str, value: str | None, pattern: str, meaning: str) -> Iterator[Refusal]:
    if value is not None and not re.fullmatch(pattern, value):
        yield Refusal(key=key, got=shown(value), allowed=meaning)


def _of_args(settings: Settings) -> Iterator[Refusal]:
    github = settings.github
    checks = [
        lambda: GithubRoleArgs(
            provider_arn="",
            owner=github.owner,
            repository=github.repository,
            owner_id=github.owner_id,
            repository_id=github.repository_id,
            environment=REVIEW,
            policies={"any": ""},
        ),
        lambda: PermissionsBoundaryArgs(path="/any/", actions=("any:Any", *settings.boundary_actions)),
    ]
    for check in checks:
        try:
            check()
        except ValueError as error:
            yield from (from_args(each, _KEYS) for each in getattr(error, "problems", [str(error)]))


_KEYS = {
    "owner_id": "github.ownerId",
    "repository_id": "github.repositoryId",
    "owner": "github.owner",
    "repository": "github.repository",
    "actions": "boundaryActions",
}
KEYS_AT = {
    "": [str(field.alias) for field in Settings.model_fields.values()],
    "github": [str(field.alias) for field in Github.model_fields.values()],
}
