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
    policies = "repos/acme/shop/environments/dev/deployment-branch-policies"
    (line,) = [each for each in told if each[:3] == ["gh", "api", policies]]
    assert line[line.index("||") + 1 :] == ["gh", "api", "--silent", "-X", "POST", policies, "-f", "name=main"]


def test_every_stack_is_made_with_its_key_and_bounded(told):
    made = [each for each in told if each[0] == "pulumi"]
    assert made == [
        ["pulumi", "login", "s3://state-1?region=eu-west-1"],
        [
            *("pulumi", "stack", "select", "dev", "2>/dev/null", "||"),
            *("pulumi", "stack", "init", "dev", "--secrets-provider", "awskms://alias/a-dev?region=r"),
        ],
        ["pulumi", "config", "set", "switchyard:permissionsBoundary", "arn:dev", "--stack", "dev"],
    ]


def test_the_switch_that_lets_the_workflows_deploy_comes_last(told):
    assert told[-1][3:] == ["AWS_REGION", "--repo", "acme/shop", "--body", "eu-west-1"]


@pytest.fixture
def shell(tmp_path):
    """Runs the commands with stand-ins that write down what they are called with, and fail where a test says."""

    def run(lines: list[str], *, fails: str = "", policies: str = "", stacks: str = "") -> tuple[int, list[str]]:
        log = tmp_path / "log"
        log.write_text("")
        write = f'echo "$(basename $0) $*" >> {log}'
        fail = f'case "$*" in *"{fails}"*) exit 1;; esac' if fails else ":"
        for name, answers in {
            "gh": f'case "$*" in *"--jq .id") echo 42;; *"--jq .branch_policies"*) echo "{policies}";; esac',
            "pulumi": f'case "$*" in "stack select "*) [ "$3" = "{stacks}" ];; esac',
        }.items():
            (tmp_path / name).write_text(f"#!/bin/sh\n{write}\n{fail}\n{answers}\n")
            (tmp_path / name).chmod(0o755)
        done = subprocess.run(["/bin/sh"], input="\n".join(lines), env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, text=True)
        return done.returncode, log.read_text().splitlines()

    return run


PROD = {
    "secrets_providers": {"prod": "awskms://alias/a-prod?region=r"},
    "boundaries": {"prod": "arn:prod"},
    "roles": {"prod": "arn:deploy", "preview-prod": "arn:preview"},
}


def test_a_reviewer_is_named_to_prod_before_anything_may_deploy(shell):
    status, calls = shell(list(commands({**OUTPUTS, **PROD}, ["alice", "bob"])))
    assert status == 0
    (made,) = [each for each in calls if each.startswith("gh api --silent -X PUT repos/acme/shop/environments/prod ")]
    assert made.endswith(" -f reviewers[][type]=User -F reviewers[][id]=42" * 2)
    assert not [each for each in calls if "preview-prod" in each and "reviewers" in each]
    assert "AWS_REGION" in calls[-1]


@pytest.mark.parametrize(
    "fails", ["users/alice", "environments/prod ", "deployment-branch-policies -f", "pulumi login"]
)
def test_what_comes_after_a_failure_is_not_run_and_nothing_may_deploy(shell, fails):
    status, calls = shell(list(commands({**OUTPUTS, **PROD}, ["alice"])), fails=fails.removeprefix("pulumi "))
    assert status != 0
    assert not [each for each in calls if "AWS_REGION" in each]


def test_what_is_there_already_is_not_made_again(shell):
    status, calls = shell(list(commands(OUTPUTS)), policies="main", stacks="dev")
    assert status == 0
    assert not [each for each in calls if "stack init" in each or "-X POST" in each]
    status, calls = shell(list(commands(OUTPUTS)))
    assert len([each for each in calls if "stack init dev" in each]) == 1
    assert len([each for each in calls if "-X POST" in each]) == 2


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


def test_prod_is_connected_only_if_somebody_is_to_approve_it_or_it_is_said_that_nobody_is(run):
    script = f"#!/bin/sh\necho '{json.dumps({**OUTPUTS, **PROD})}'"
    done = run(script)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "connect: who may approve prod? --reviewer <login>, or --no-reviewer\n"
    assert run(script, "--no-reviewer").returncode == 0
    assert "users/alice" in run(script, "main", "--reviewer", "alice").stdout


def test_what_pulumi_says_is_passed_on_if_it_cant_tell(run):
    done = run("#!/bin/sh\necho 'error: no stack selected' >&2; exit 1")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "connect: error: no stack selected\n")
