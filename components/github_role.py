"""GithubRole: a role that the jobs of one environment of one GitHub repository may take on, and nobody else."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components._checks import between, count, matches, refuse, require
from components._policies import document
from components.github_oidc_provider import AUDIENCE, ISSUER

# Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
SESSION_SECONDS = (3600, 43200)
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: managed policies a role, and the
# characters of each without white space.
POLICIES = (1, 10)
LONGEST_POLICY = 6144
# Source: https://docs.github.com/en/actions/reference/security/oidc. GitHub's own names have no other characters; a
# colon or an asterisk would change what a subject means.
_OWNER = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})"
_REPOSITORY = r"[A-Za-z0-9._-]{1,100}"
_ENVIRONMENT = r"[A-Za-z0-9._-]{1,255}"


@dataclass(frozen=True, kw_only=True)
class GithubRoleArgs:
    """Inputs of GithubRole. ValueError names each field whose value can't be used."""

    provider_arn: pulumi.Input[str]
    """The account's provider for GitHub's tokens."""
    owner: str
    """The repository's owner, a user or an organization."""
    repository: str
    """The repository's name, without its owner."""
    environment: str
    """The environment that a job must name. Its rules on GitHub say who may approve, and which branches may use it."""
    policies: Mapping[str, pulumi.Input[str]]
    """Policy documents by a short name, 1 to 10, each of at most 6,144 characters without blanks."""
    owner_id: int | None = None
    """The owner's number: `gh api repos/<owner>/<repository> --jq .owner.id`. Default none, and then only the older
    form of the subject is trusted, which a later owner of the same names could claim."""
    repository_id: int | None = None
    """The repository's number: `--jq .id`. Default none; needed with `owner_id`."""
    max_session_seconds: int = 3600
    """Longest session, 3600 to 43200. Default an hour. A long update needs more: it can't renew its credentials."""

    def __post_init__(self) -> None:
        refuse(
            self,
            matches("owner", self.owner, _OWNER, "a GitHub user or organization"),
            matches("repository", self.repository, _REPOSITORY, "the name alone, as in its address"),
            matches("environment", self.environment, _ENVIRONMENT, "letters, digits, dots, _ and -"),
            require(
                (self.owner_id is None) == (self.repository_id is None),
                "owner_id must be given together with repository_id, got only one of them",
            ),
            require((self.owner_id or 1) > 0, f"owner_id must be 1 or more, got {self.owner_id}"),
            require((self.repository_id or 1) > 0, f"repository_id must be 1 or more, got {self.repository_id}"),
            between("max_session_seconds", self.max_session_seconds, *SESSION_SECONDS),
            count("policies", self.policies, *POLICIES),
        )


class GithubRole(pulumi.ComponentResource):
    """A role for GitHub's workflows, without a key that anybody could lose.

    It lets in a token whose subject is, to the letter, this repository and this environment: in the form with names,
    and, where the numbers are given, in the form with names and numbers that GitHub gives to repositories created since
    2026-07-15. No pattern, no branch, no pull request: an environment's rules are what GitHub enforces.

    Children: `<name>`, and for each policy `<name>-<policy>` and `<name>-<policy>-attached`.
    Cost: none.
    Raises ValueError (GithubRoleArgs).
    """

    role_arn: pulumi.Output[str]
    """ARN, for `role-to-assume`. Known once every policy is attached."""

    def __init__(self, name: str, args: GithubRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:GithubRole", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        role = aws.iam.Role(
            name,
            description=f"Jobs of {args.owner}/{args.repository} in the environment {args.environment}",
            max_session_duration=args.max_session_seconds,
            assume_role_policy=document(
                {
                    "Effect": "Allow",
                    "Principal": {"Federated": args.provider_arn},
                    "Action": "sts:AssumeRoleWithWebIdentity",
                    "Condition": {"StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": subjects(args)}},
                }
            ),
            opts=child,
        )
        attached = []
        for key, text in args.policies.items():
            policy = aws.iam.Policy(f"{name}-{key}", policy=text, opts=child)
            attached.append(
                aws.iam.RolePolicyAttachment(
                    f"{name}-{key}-attached", role=role.name, policy_arn=policy.arn, opts=child
                ).id
            )

        self.role_arn = pulumi.Output.all(role.arn, *attached).apply(lambda known: known[0])
        self.register_outputs({"role_arn": self.role_arn})


def subjects(args: GithubRoleArgs) -> list[str]:
    """The subjects of the tokens that are let in.

    Source: https://docs.github.com/en/actions/reference/security/oidc
    """
    found = [f"repo:{args.owner}/{args.repository}:environment:{args.environment}"]
    if args.owner_id and args.repository_id:
        with_ids = f"repo:{args.owner}@{args.owner_id}/{args.repository}@{args.repository_id}"
        found.append(f"{with_ids}:environment:{args.environment}")
    return found
