"""`preflight diff`: against settings and against a commit, in text and JSON, with the exit status asked for."""

import json
import subprocess

import pytest
from repository import commit, git
from typer.testing import CliRunner

from preflight import diff_command  # noqa: F401 - registers the command
from preflight.cli import app

PROGRAM = """
import pulumi, pulumi_aws as aws
config = pulumi.Config("switchyard")
aws.s3.Bucket("files", bucket=config.require("name"))
aws.cloudwatch.LogGroup("logs", retention_in_days=int(config.get("days") or 14))
pulumi.export("url", config.get("url") or "")
"""


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A project in git with one commit on main, and the working folder in it."""
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config:\n  switchyard:name: one\n")
    (tmp_path / "__main__.py").write_text(PROGRAM)
    (tmp_path / "requirements.txt").write_text("pulumi==1\n")
    git(tmp_path, "init", "-q", "-b", "main")
    commit(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(app, ["diff", *arguments])


def test_nothing_changed_is_said_and_is_fine(tree):
    done = run("dev", "--exit-code")
    assert (done.exit_code, "nothing changes" in done.stdout) == (0, True)


def test_a_setting_changed_shows_what_it_does(tree):
    done = run("dev", "--with", "days=30")
    assert done.exit_code == 0
    assert "1 updated" in done.stdout
    assert "retentionInDays: 14 -> 30" in done.stdout


def test_danger_comes_first_and_can_fail_the_command(tree):
    done = run("dev", "--with", "name=two", "--fail-on", "danger")
    assert done.exit_code == 1
    assert "!! Bucket files is replaced" in " ".join(done.stdout.split("\n")[2].split())
    assert run("dev", "--with", "days=30", "--fail-on", "danger").exit_code == 0
    assert run("dev", "--with", "days=30", "--exit-code").exit_code == 1


def test_the_working_tree_is_compared_with_where_the_branch_left_main(tree):
    git(tree, "checkout", "-q", "-b", "change")
    (tree / "Pulumi.dev.yaml").write_text("config:\n  switchyard:name: one\n  switchyard:days: 30\n")
    commit(tree)
    (tree / "__main__.py").write_text(PROGRAM.replace('"logs"', '"records"'))
    told = json.loads(run("dev", "--json").stdout)["diff"]
    assert {(each["kind"], each["name"]) for each in told["changes"]} == {("removed", "logs"), ("added", "records")}
    against_branch = json.loads(run("dev", "--json", "--base", "change").stdout)["diff"]
    assert against_branch["against"] != told["against"]


def test_the_base_runs_its_own_program_and_its_own_modules(tree):
    (tree / "helper.py").write_text("DAYS = 3\n")
    (tree / "__main__.py").write_text(
        PROGRAM + "import helper\naws.cloudwatch.LogGroup('more', retention_in_days=helper.DAYS)\n"
    )
    commit(tree)
    (tree / "helper.py").write_text("DAYS = 5\n")
    (change,) = json.loads(run("dev", "--json").stdout)["diff"]["changes"]
    assert change["properties"] == [{"path": "retentionInDays", "before": 3, "after": 5}]


def test_lock_files_that_differ_are_mentioned(tree):
    (tree / "requirements.txt").write_text("pulumi==2\n")
    told = json.loads(run("dev", "--json").stdout)["diff"]
    assert any("requirements.txt differs" in note for note in told["notes"])


def test_a_stack_that_is_new_is_all_added(tree):
    (tree / "Pulumi.prod.yaml").write_text("config:\n  switchyard:name: p\n")
    told = json.loads(run("prod", "--json").stdout)["diff"]
    assert {each["kind"] for each in told["changes"]} == {"added"}
    assert "prod is new." in told["notes"]


def test_a_switch_in_one_commit_with_another_program_is_a_danger(tree):
    def commit_with(topology, program):
        (tree / "Pulumi.dev.yaml").write_text(f"config: {{switchyard:name: one, switchyard:topology: {topology}}}\n")
        (tree / "__main__.py").write_text(f"{program}aws.sqs.Queue(config.require('topology'))\n")

    commit_with("serverless", PROGRAM)
    commit(tree)
    commit_with("container", PROGRAM)
    assert json.loads(run("dev", "--json").stdout)["diff"]["danger"] == []
    commit_with("container", PROGRAM.replace("or 14", "or 30"))
    (danger,) = json.loads(run("dev", "--json").stdout)["diff"]["danger"]
    assert danger.startswith("The switch comes together with other changes (logs): make")


def test_what_is_said_of_the_stack_is_of_how_it_will_be(tree):
    told = json.loads(run("dev", "--json", "--set", "topology=serverless", "--with", "topology=container").stdout)
    assert (told["topology"], told["diff"]["against"]) == ("container", "itself with topology=container")


def test_the_worktree_is_gone_afterwards(tree):
    run("dev")
    listed = subprocess.run(["git", "-C", tree, "worktree", "list"], capture_output=True, text=True).stdout
    assert len(listed.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["dev", "--base", "nowhere"], "no such commit"),
        (["dev", "--base", "main", "--with", "days=1"], "exclude each other"),
        (["nope"], "no stack 'nope'"),
        (["dev", "--base", ""], "--base is empty"),
        (["dev", "--with", "days"], "--with days: expected key=value"),
        (["dev", "--set", "days"], "--set days: expected key=value"),
        (["dev", "--fail-on", "rain"], "rain"),
    ],
)
def test_what_makes_no_sense_is_refused_on_stderr_alone(tree, arguments, words):
    done = run(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert words in done.stderr


def test_a_base_that_cannot_be_recorded_is_refused_with_its_own_words(tree):
    (tree / "__main__.py").write_text("import pulumi\nraise pulumi.RunError('too old')\n")
    commit(tree)
    (tree / "__main__.py").write_text(PROGRAM)
    done = run("dev", "--base", "HEAD")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "too old" in done.stderr


def test_outside_a_repository_a_base_has_to_be_there(tree):
    subprocess.run(["rm", "-rf", tree / ".git"], check=True)
    done = run("dev")
    assert done.exit_code == 2
    assert "--base" in done.stderr


def test_the_same_change_gives_the_same_text(tree):
    assert run("dev", "--with", "name=two").stdout == run("dev", "--with", "name=two").stdout
