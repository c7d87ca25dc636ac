"""connect: the commands that GitHub and Pulumi are told with, each a line that a shell reads as it was meant."""

import json
import shlex
import subprocess
import sys

import pytest
from stacks import ROOT

from bootstrap.connect import commands

OUTPUTS = {
    "repository": "acme/shop",
    "region": "eu-west-1",
    "backend_url": "s3://state-1?region=eu-west-1",
    "secrets_providers": {"dev": "awskms://alias/a-dev?region=r", "review": "awskms://alias/a-review?region=r"},
    "boundaries": {"dev": "arn:dev", "review": "arn:review"},
    "roles": {"dev": "arn:deploy", "preview-dev": "arn:preview", "review": "arn:reviews"},
    "name_servers": [],
}


@pytest.fixture
def told() -> list[list[str]]:
    return [shlex.split(each) for each in commands(OUTPUTS)]


def variables(told, environment):
    found = [each for each in told if each[:3] == ["gh", "variable", "set"] and environment in each]
    return {each[3]: each[-1] for each in found}


def test_each_environment_learns_its_role_and_where_the_state_is(told):
    assert variables(told, "preview-dev") == {
        "AWS_ROLE_ARN": "arn:preview",
        "PULUMI_BACKEND_URL": OUTPUTS["backend_url"],
    }
    assert variables(told, "review") == {
        "AWS_ROLE_ARN": "arn:reviews",
        "PULUMI_BACKEND_URL": OUTPUTS["backend_url"],
        "PULUMI_SECRETS_PROVIDER": "awskms://alias/a-review?region=r",
        "PERMISSIONS_BOUNDARY": "arn:review",
    }


def test_only_main_may_use_an_environment_that_deploys(told):
    limited = [each for each in told if "deployment_branch_policy[custom_branch_policies]=true" in each]
    assert [each[-5] for each in limited] == [f"repos/acme/shop/environments/{each}" for each in ("dev", "record")]
    assert [
        "gh",
        "api",
        "--silent",
        "-X",
        "POST",
        "repos/acme/shop/environments/dev/deployment-branch-policies",
        "-f",
    ] in [each[:7] for each in told]


def test_every_stack_is_made_with_its_key_and_bounded(told):
    made = [each for each in told if each[0] == "pulumi"]
    assert made == [
        ["pulumi", "login", "s3://state-1?region=eu-west-1"],
        ["pulumi", "stack", "init", "dev", "--secrets-provider", "awskms://alias/a-dev?region=r"],
        ["pulumi", "config", "set", "switchyard:permissionsBoundary", "arn:dev", "--stack", "dev"],
    ]


def test_the_switch_that_lets_the_workflows_deploy_comes_last(told):
    assert told[-1][3:] == ["AWS_REGION", "--repo", "acme/shop", "--body", "eu-west-1"]


@pytest.fixture
def run(tmp_path):
    def connect(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "pulumi").write_text(script)
        (tmp_path / "pulumi").chmod(0o755)
        command = [sys.executable, "-m", "bootstrap.connect", *arguments]
        environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)

    return connect


def test_it_asks_pulumi_for_the_stack_that_is_named_and_prints_a_line_each(run):
    answer = json.dumps(OUTPUTS)
    done = run(f"#!/bin/sh\n[ \"$*\" = 'stack output --json --stack main' ] && echo '{answer}'", "main")
    assert done.stdout.splitlines() == list(commands(OUTPUTS))


def test_what_pulumi_says_is_passed_on_if_it_cant_tell(run):
    done = run("#!/bin/sh\necho 'error: no stack selected' >&2; exit 1")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "connect: error: no stack selected\n")
