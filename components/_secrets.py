"""Environment variables and secrets, the same for a Lambda function and for a Fargate task.

Neither gets a secret's value: the variable `NAME_SECRET_ARN` says where it is, the image's entry point fetches it
into `NAME` at start, and the role may read exactly those ARNs.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

import pulumi

from components._checks import require
from components._policies import allow

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
RESERVED_NAME = r"PORT|AWS_.*"
"""PORT is the component's to set; AWS_ is Lambda's, AWS_LWA_ the Lambda Web Adapter's."""

_PARTITION = r"arn:(?:aws|aws-cn|aws-us-gov)"
# Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
# Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html (`:key::`)
_SECRETS_MANAGER = r"secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@!-]+-[A-Za-z0-9]{6}(?::[^:]+::)?"
# Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
_PARAMETER_STORE = r"ssm:[a-z0-9-]+:\d{12}:parameter/[A-Za-z0-9_.][A-Za-z0-9_./-]*"
SECRET_ARN = f"{_PARTITION}:(?:{_SECRETS_MANAGER}|{_PARAMETER_STORE})"
"""A whole ARN: of a secret with its six random characters, and maybe a JSON key (`:key::`), or of a parameter."""
# A role's inline policies may have 10,240 characters together; the rest is for what else the halves' roles may.
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
POLICY_CHARACTERS = 10_240 - 1_240
_MEANING = "the full ARN of a Secrets Manager secret (it may end in `:key::`) or of an SSM parameter"


def problems(environment: Mapping[str, pulumi.Input[str]], secrets: Mapping[str, str]) -> list[str | None]:
    """What is wrong with the names and the ARNs, for `refuse`."""
    return [
        *(_name("environment", name) for name in environment),
        *(_name("secrets", name) for name in secrets),
        *(_arn(name, arn) for name, arn in secrets.items()),
        *(_clash(name, environment) for name in secrets),
        *(_clash(name, environment) for name in secret_environment(secrets)),
        *(
            require(name not in secrets, f"secrets: {name!r} holds the ARN of another")
            for name in secret_environment(secrets)
        ),
        _too_many(secrets),
    ]


def secret_environment(secrets: Mapping[str, str]) -> dict[str, str]:
    """The variables that tell the image which secrets to fetch: `DB_URL` gives `DB_URL_SECRET_ARN`."""
    return {f"{name}_SECRET_ARN": arn for name, arn in secrets.items()}


def read_statements(secrets: Mapping[str, str]) -> list[dict[str, Any]]:
    """IAM statements that allow to read these, and nothing else; none without secrets.

    A secret or parameter under a customer managed KMS key needs `kms:Decrypt` on that key besides: its owner grants it.
    """
    arns = {":".join(arn.split(":")[:7]) for arn in secrets.values()}  # the eighth part on is the JSON key
    return [
        allow(actions, of_service)
        for service, actions in _READ.items()
        if (of_service := sorted(arn for arn in arns if arn.split(":")[2] == service))
    ]


_READ = {
    "secretsmanager": ["secretsmanager:GetSecretValue"],
    "ssm": ["ssm:GetParameter"],
}


def _name(field: str, name: str) -> str | None:
    if not re.fullmatch(NAME, name):
        return f"{field}: a name must be letters, digits and _, and not start with a digit, got {name!r}"
    return require(not re.fullmatch(RESERVED_NAME, name), f"{field}: PORT and AWS_* are reserved, got {name!r}")


def _arn(name: str, arn: str) -> str | None:
    if _is_arn(arn):
        return None
    # What is no ARN at all may be the secret itself, and a message ends in logs.
    got = repr(arn) if arn.startswith("arn:") else "a text that is no ARN, and is not shown"
    return f"secrets[{name!r}] must be {_MEANING}, got {got}"


def _too_many(secrets: Mapping[str, str]) -> str | None:
    if not all(map(_is_arn, secrets.values())):
        return None  # said already
    size = len(json.dumps(read_statements(secrets), separators=(",", ":")))
    return require(
        size <= POLICY_CHARACTERS,
        f"secrets must fit a role's policy, {POLICY_CHARACTERS} characters of their ARNs, got {size}: keep several in "
        "one secret as JSON, and pick them with `:key::`",
    )


def _is_arn(text: str) -> bool:
    return re.fullmatch(SECRET_ARN, text) is not None


def _clash(name: str, environment: Mapping[str, object]) -> str | None:
    return require(name not in environment, f"environment must be free of the names that secrets sets, got {name!r}")
