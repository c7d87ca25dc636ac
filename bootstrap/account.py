"""build: what one AWS account needs before the first stack. State and keys first, then who may use them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from bootstrap.grants import SERVICE_ACTIONS, TRIED_ACTIONS, Environment, Statements, deploy, others, preview
from bootstrap.settings import REVIEW, Settings
from components._policies import deny, document
from components.github_oidc_provider import GithubOidcProvider
from components.github_role import GithubRole, GithubRoleArgs
from components.hosted_zone import HostedZone, HostedZoneArgs
from components.permissions_boundary import PermissionsBoundary, PermissionsBoundaryArgs
from components.secrets_key import SecretsKey, SecretsKeyArgs
from components.state_bucket import StateBucket, StateBucketArgs
from provider import aws_provider

DEPLOY_SECONDS = 2 * 3600
"""A session that deploys: a distribution, a service and a second way back may take longer than an hour."""


@dataclass(frozen=True, kw_only=True)
class AccountOutputs:
    """What the account's stack exports, by environment where there are several. `connect` tells it to GitHub."""

    repository: str
    region: str
    backend_url: pulumi.Input[str]
    secrets_providers: Mapping[str, pulumi.Input[str]]
    boundaries: Mapping[str, pulumi.Input[str]]
    roles: Mapping[str, pulumi.Input[str]]
    """By GitHub environment: `dev` deploys, `preview-dev` looks, `review` makes environments for pull requests."""
    name_servers: pulumi.Input[Sequence[str]]
    next_step: pulumi.Input[str]


def build(settings: Settings) -> AccountOutputs:
    """Register everything this account needs."""
    provider = aws_provider(settings.aws, settings.tags)
    opts = pulumi.ResourceOptions(providers=[provider])
    # What is in them can't be made again: also when the program is destroyed they stay.
    kept = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=settings.protect, retain_on_delete=True))
    account = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(provider=provider)).account_id

    state = StateBucket("state", StateBucketArgs(), kept)
    zone = None
    if settings.zone:
        protected = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=settings.protect))
        zone = HostedZone("zone", HostedZoneArgs(name=settings.zone), protected)
    trusted = settings.github.provider or GithubOidcProvider("github", opts).provider_arn

    keys: dict[str, SecretsKey] = {}
    boundaries: dict[str, PermissionsBoundary] = {}
    roles: dict[str, GithubRole] = {}

    def role(name: str, github_environment: str, grants: Mapping[str, Statements], seconds: int) -> None:
        args = GithubRoleArgs(
            provider_arn=trusted,
            owner=settings.github.owner,
            repository=settings.github.repository,
            owner_id=settings.github.owner_id,
            repository_id=settings.github.repository_id,
            environment=github_environment,
            policies={key: document(*statements) for key, statements in grants.items()},
            max_session_seconds=seconds,
        )
        roles[github_environment] = GithubRole(name, args, opts)

    environments = (*settings.environments, *([REVIEW] if settings.review else []))
    for each in environments:
        keys[each] = SecretsKey(f"secrets-{each}", SecretsKeyArgs(alias=f"{settings.project}-{each}"), kept)
    for each in environments:
        path = f"/{settings.project}/{each}/"
        stacks = "pr-*" if each == REVIEW else each
        # Who deploys may make a role of all that its boundary leaves, and run any code under it.
        actions = TRIED_ACTIONS if each == REVIEW else (*SERVICE_ACTIONS, *settings.boundary_actions)
        denied = [deny(["kms:*"], [key.key_arn for key in keys.values()]), others(settings.project, stacks)]
        boundaries[each] = PermissionsBoundary(
            f"boundary-{each}", PermissionsBoundaryArgs(path=path, actions=actions, denied=denied), opts
        )
        environment = Environment(
            stacks=stacks,
            project=settings.project,
            account=account,
            regions=settings.regions or (settings.aws.region,),
            path=path,
            boundary_arn=boundaries[each].boundary_arn,
            state_bucket_arn=state.bucket_arn,
            key_arn=keys[each].key_arn,
            has_names=each != REVIEW,
        )
        role(f"deploy-{each}", each, deploy(environment), DEPLOY_SECONDS)
        if each != REVIEW:
            role(f"preview-{each}", f"preview-{each}", preview(environment), GithubRoleArgs.max_session_seconds)

    name_servers = zone.name_servers if zone else []
    return AccountOutputs(
        repository=f"{settings.github.owner}/{settings.github.repository}",
        region=settings.aws.region,
        backend_url=pulumi.Output.concat("s3://", state.bucket_name, f"?region={settings.aws.region}"),
        secrets_providers={name: each.secrets_provider for name, each in keys.items()},
        boundaries={name: each.boundary_arn for name, each in boundaries.items()},
        roles={name: each.role_arn for name, each in roles.items()},
        name_servers=name_servers,
        next_step=_next_step(settings, name_servers),
    )


def _next_step(settings: Settings, name_servers: pulumi.Input[Sequence[str]]) -> pulumi.Input[str]:
    connect = "Then, in the folder above: .venv/bin/python -m bootstrap.connect"
    if not settings.zone:
        return connect
    servers = pulumi.Output.from_input(name_servers).apply(", ".join)
    return pulumi.Output.concat(
        f"Tell the registrar of {settings.zone}, or who runs the zone above it, to name these servers alone: ",
        servers,
        f". See that the world knows: .venv/bin/python -m ci delegation {settings.zone}. ",
        connect,
    )
