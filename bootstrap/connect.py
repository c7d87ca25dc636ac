"""`python -m bootstrap.connect [STACK] --reviewer LOGIN`: the commands that tell GitHub and Pulumi what the account's
stack exports.

It prints them and runs none, so that they can be read first: `python -m bootstrap.connect --reviewer alice | sh`. They
stop at the first that fails, and may be run again.
"""

import json
import shlex
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
REVIEW = "review"
PROD = "prod"
"""The environment that waits for somebody's approval."""
RECORD = "record"
"""The environment with the key that writes down what was good; it has no role."""


def commands(outputs: Mapping[str, Any], reviewers: Sequence[str] = ()) -> Iterator[str]:
    """A command a line, in the order in which they have to run. The reviewers are prod's, by their names on GitHub."""
    yield "set -eu"
    repository, backend_url = outputs["repository"], outputs["backend_url"]
    deployed = set(outputs["secrets_providers"]) - {REVIEW}
    for environment, role in outputs["roles"].items():
        yield from _environment(
            f"repos/{repository}/environments/{environment}",
            environment in deployed,
            reviewers if environment == PROD else (),
        )
        told = {"AWS_ROLE_ARN": role, "PULUMI_BACKEND_URL": backend_url}
        if environment == REVIEW:
            told["PULUMI_SECRETS_PROVIDER"] = outputs["secrets_providers"][REVIEW]
            told["PERMISSIONS_BOUNDARY"] = outputs["boundaries"][REVIEW]
        for name, value in told.items():
            yield _line("gh", "variable", "set", name, "--repo", repository, "--env", environment, "--body", value)
    yield from _environment(f"repos/{repository}/environments/{RECORD}", is_deployed=True, reviewers=())
    yield _line("pulumi", "login", backend_url)
    for stack, provider in outputs["secrets_providers"].items():
        if stack in deployed:
            boundary = outputs["boundaries"][stack]
            there = _line("pulumi", "stack", "select", stack)
            yield f"{there} 2>/dev/null || {_line('pulumi', 'stack', 'init', stack, '--secrets-provider', provider)}"
            yield _line("pulumi", "config", "set", "switchyard:permissionsBoundary", boundary, "--stack", stack)
    # Last: with it the workflows begin to deploy.
    yield _line("gh", "variable", "set", "AWS_REGION", "--repo", repository, "--body", outputs["region"])


def _environment(at: str, is_deployed: bool, reviewers: Sequence[str]) -> Iterator[str]:
    """An environment of GitHub's; one that deploys is for main alone, or any branch could deploy."""
    if not is_deployed:
        yield _line("gh", "api", "--silent", "-X", "PUT", at)
        return
    # Source: https://docs.github.com/en/rest/deployments/environments and .../branch-policies
    limits = [f"deployment_branch_policy[{key}]={value}" for key, value in _BRANCHES.items()]
    made = _line("gh", "api", "--silent", "-X", "PUT", at, *(word for each in limits for word in ("-F", each)))
    for number, each in enumerate(reviewers):
        # GitHub takes numbers alone. An assignment of its own, or a name that nobody has would stop nothing.
        yield f"reviewer_{number}=$({_line('gh', 'api', f'users/{each}', '--jq', '.id')})"
        made += f' -f {shlex.quote("reviewers[][type]=User")} -F "reviewers[][id]=$reviewer_{number}"'
    yield made
    policies = f"{at}/deployment-branch-policies"
    there = _line("gh", "api", policies, "--jq", ".branch_policies[].name")
    yield f"{there} | grep -qx main || {_line('gh', 'api', '--silent', '-X', 'POST', policies, '-f', 'name=main')}"


_BRANCHES = {"protected_branches": "false", "custom_branch_policies": "true"}


def _line(*words: str) -> str:
    return shlex.join(words)


def main(arguments: list[str]) -> int:
    """Exit status 0; 1 with Pulumi's own words if it can't tell the outputs, or if nobody is to approve prod."""
    parser = ArgumentParser(prog="python -m bootstrap.connect", description="What to tell GitHub and Pulumi.")
    parser.add_argument("stack", nargs="?", help="of bootstrap/; default: the one that is selected there")
    says = "who may approve prod, by name on GitHub; may be given up to six times"
    parser.add_argument("--reviewer", action="append", default=[], metavar="LOGIN", help=says)
    parser.add_argument("--no-reviewer", action="store_true", help="whoever merges deploys to prod")
    given = parser.parse_args(arguments)
    stack = ["--stack", given.stack] if given.stack else []
    command = ["pulumi", "stack", "output", "--json", *stack]
    try:
        run = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError as error:
        print(f"connect: the Pulumi CLI can't be run: {error.strerror}", file=sys.stderr)  # noqa: T201
        return 1
    if run.returncode:
        print(f"connect: {run.stderr.strip()}", file=sys.stderr)  # noqa: T201
        return 1
    outputs = json.loads(run.stdout)
    if PROD in outputs["secrets_providers"] and not (given.reviewer or given.no_reviewer):
        print(f"connect: who may approve {PROD}? --reviewer <login>, or --no-reviewer", file=sys.stderr)  # noqa: T201
        return 1
    print("\n".join(commands(outputs, given.reviewer)))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
