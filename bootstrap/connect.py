"""`python -m bootstrap.connect [STACK]`: the commands that tell GitHub and Pulumi what the account's stack exports.

It prints them and runs none, so that they can be read first: `python -m bootstrap.connect | sh`.
"""

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
REVIEW = "review"
RECORD = "record"
"""The environment with the key that writes down what was good; it has no role."""


def commands(outputs: Mapping[str, Any]) -> Iterator[str]:
    """A command a line, in the order in which they have to run."""
    repository, backend_url = outputs["repository"], outputs["backend_url"]
    deployed = set(outputs["secrets_providers"]) - {REVIEW}
    for environment, role in outputs["roles"].items():
        yield from _environment(f"repos/{repository}/environments/{environment}", environment in deployed)
        told = {"AWS_ROLE_ARN": role, "PULUMI_BACKEND_URL": backend_url}
        if environment == REVIEW:
            told["PULUMI_SECRETS_PROVIDER"] = outputs["secrets_providers"][REVIEW]
            told["PERMISSIONS_BOUNDARY"] = outputs["boundaries"][REVIEW]
        for name, value in told.items():
            yield _line("gh", "variable", "set", name, "--repo", repository, "--env", environment, "--body", value)
    yield from _environment(f"repos/{repository}/environments/{RECORD}", is_deployed=True)
    yield _line("pulumi", "login", backend_url)
    for stack, provider in outputs["secrets_providers"].items():
        if stack in deployed:
            boundary = outputs["boundaries"][stack]
            yield _line("pulumi", "stack", "init", stack, "--secrets-provider", provider)
            yield _line("pulumi", "config", "set", "switchyard:permissionsBoundary", boundary, "--stack", stack)
    # Last: with it the workflows begin to deploy.
    yield _line("gh", "variable", "set", "AWS_REGION", "--repo", repository, "--body", outputs["region"])


def _environment(at: str, is_deployed: bool) -> Iterator[str]:
    """An environment of GitHub's; one that deploys is for main alone, or any branch could deploy."""
    if not is_deployed:
        yield _line("gh", "api", "--silent", "-X", "PUT", at)
        return
    # Source: https://docs.github.com/en/rest/deployments/environments and .../branch-policies
    limits = [f"deployment_branch_policy[{key}]={value}" for key, value in _BRANCHES.items()]
    yield _line("gh", "api", "--silent", "-X", "PUT", at, *(word for each in limits for word in ("-F", each)))
    yield _line("gh", "api", "--silent", "-X", "POST", f"{at}/deployment-branch-policies", "-f", "name=main")


_BRANCHES = {"protected_branches": "false", "custom_branch_policies": "true"}


def _line(*words: str) -> str:
    return shlex.join(words)


def main(arguments: list[str]) -> int:
    """Exit status 0, or 1 with Pulumi's own words if it can't tell the outputs."""
    stack = ["--stack", arguments[0]] if arguments else []
    command = ["pulumi", "stack", "output", "--json", *stack]
    try:
        run = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError as error:
        print(f"connect: the Pulumi CLI can't be run: {error.strerror}", file=sys.stderr)  # noqa: T201
        return 1
    if run.returncode:
        print(f"connect: {run.stderr.strip()}", file=sys.stderr)  # noqa: T201
        return 1
    print("\n".join(commands(json.loads(run.stdout))))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
