"""SecretsKey: the KMS key that one environment's secrets are encrypted with, in its state and its stack file."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components._checks import matches, refuse
from components._policies import document

# Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html; `aws/` is Amazon's own.
ALIAS = r"(?!aws/)[A-Za-z0-9/_-]{1,250}"
ROTATION_DAYS = 365
DELETION_DAYS = 30
"""The longest KMS knows: once the key is gone, so is every secret it encrypted."""


@dataclass(frozen=True, kw_only=True)
class SecretsKeyArgs:
    """Inputs of SecretsKey."""

    alias: str
    """Name of the key without `alias/`, such as `switchyard-dev`. It goes into the stack file, so it never changes."""

    def __post_init__(self) -> None:
        refuse(self, matches("alias", self.alias, ALIAS, "letters, digits, / _ and -, not beginning with aws/"))


class SecretsKey(pulumi.ComponentResource):
    """A key of its own for an environment: who may not use it can't read the environment's secrets.

    The key's policy hands the decision to IAM, so a role needs a policy of its own to use it. New key material every
    year; what was encrypted with the old stays readable.

    Children: `<name>`, `<name>-alias`.
    Cost: $1.00 a month, and $0.03 per 10,000 requests; each `pulumi` command makes a few.
    Raises ValueError for an alias KMS would refuse.
    """

    key_arn: pulumi.Output[str]
    """ARN, for the policies of those who may use it."""
    secrets_provider: pulumi.Output[str]
    """What `pulumi stack init --secrets-provider` takes. Known once the alias is there."""

    def __init__(self, name: str, args: SecretsKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:SecretsKey", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        through = pulumi.InvokeOutputOptions(parent=self)
        account = aws.get_caller_identity_output(opts=through).account_id
        region = aws.get_region_output(opts=through).region

        key = aws.kms.Key(
            name,
            description=f"Pulumi's secrets: {args.alias}",
            enable_key_rotation=True,
            rotation_period_in_days=ROTATION_DAYS,
            deletion_window_in_days=DELETION_DAYS,
            # Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
            policy=document(
                {
                    "Sid": "IamDecides",
                    "Effect": "Allow",
                    "Principal": {"AWS": pulumi.Output.concat("arn:aws:iam::", account, ":root")},
                    "Action": "kms:*",
                    "Resource": "*",
                }
            ),
            opts=child,
        )
        alias = aws.kms.Alias(f"{name}-alias", name=f"alias/{args.alias}", target_key_id=key.key_id, opts=child)

        self.key_arn = key.arn
        self.secrets_provider = pulumi.Output.concat("awskms://", alias.name, "?region=", region)
        self.register_outputs({"key_arn": self.key_arn, "secrets_provider": self.secrets_provider})
