"""aws_provider: the program's own AWS provider, made of the `aws:` keys of the configuration."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from aws_keys import AwsKeys


def aws_provider(settings: AwsKeys, tags: Mapping[str, str]) -> aws.Provider:
    """An explicit provider, which ignores whatever else is configured; `tags`, project and stack go on everything."""
    own = {"project": pulumi.get_project(), "stack": pulumi.get_stack()}
    return aws.Provider(
        "aws",
        region=settings.region,
        profile=settings.profile,
        assume_roles=[
            aws.ProviderAssumeRoleArgs(
                role_arn=role["roleArn"],
                external_id=role.get("externalId"),
                session_name=role.get("sessionName"),
                duration=role.get("duration"),
            )
            for role in settings.assume_roles
        ]
        or None,
        allowed_account_ids=list(settings.allowed_account_ids) or None,
        default_tags=aws.ProviderDefaultTagsArgs(tags={**tags, **own}),
    )
