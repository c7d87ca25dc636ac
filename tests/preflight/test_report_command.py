"""`preflight report`: what it writes, what it compares with, and what it refuses."""

import re

import pytest
from repository import commit, git
from typer.testing import CliRunner

from preflight import report_command  # noqa: F401 - registers the command
from preflight.cli import app

PROGRAM = """
import pulumi, pulumi_aws as aws
config = pulumi.Config("switchyard")
aws.s3.Bucket("files", bucket=config.require("name"))
aws.cloudwatch.LogGroup("logs", retention_in_days=int(config.get("days") or 14))
pulumi.export("url", config.get("url") or "")
"""


@pytest.fixture
def tree(project):
    """A small project, in git with one commit on main, and the working folder in it."""
    root = project({"__main__.py": PROGRAM, "Pulumi.dev.yaml": "config:\n  switchyard:name: one\n"})
    git(root, "init", "-q", "-b", "main")
    commit(root)
    return root


def run(*arguments):
    return CliRunner().invoke(app, ["report", *arguments])


def written(out) -> tuple[str, str]:
    return tuple((out / name).read_text(encoding="utf-8") for name in ("report.html", "comment.md"))


def test_it_writes_a_page_and_a_comment_and_says_where(tree):
    done = run("dev", "--out", "deep/out", "--with", "days=30")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.split() == ["deep/out/report.html", "deep/out/comment.md"]
    page, comment = written(tree / "deep/out")
    assert "retentionInDays" in page
    assert "`retentionInDays`: `14` → `30`" in comment
    assert "Against `dev as it is`, with `days=30`: 1 updated." in comment


def test_without_more_it_compares_with_where_the_branch_left_main(tree):
    git(tree, "checkout", "-q", "-b", "change")
    (tree / "Pulumi.dev.yaml").write_text("config:\n  switchyard:name: one\n  switchyard:days: 30\n")
    commit(tree)
    assert run("--out", "out").exit_code == 0
    assert "`14` → `30`" in written(tree / "out")[1]


def test_a_commit_that_is_named_is_compared_with(tree):
    assert run("--out", "out", "--base", "HEAD").exit_code == 0
    assert "Nothing changes" in written(tree / "out")[1]


def test_without_a_main_branch_it_compares_with_nothing(tree):
    git(tree, "branch", "-m", "main", "trunk")
    assert run("dev", "--out", "out").exit_code == 0
    page, comment = written(tree / "out")
    assert "A first look" in comment
    why = "Compared with nothing: no branch main or origin/main to compare with: name a commit with --base."
    assert why in comment.replace("`", "")
    assert why in page


def test_without_git_it_compares_with_nothing_and_says_so(tree, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert run("dev", "--out", "out").exit_code == 0
    assert "Compared with nothing: there is no git on the" in written(tree / "out")[1].replace("`", "")


def test_a_stack_that_is_named_twice_is_there_once(tree):
    run("dev", "dev", "--out", "out", "--with", "days=30")
    assert written(tree / "out")[0].count('<article class="stack"') == 1


def test_a_stack_whose_file_is_gone_is_mentioned(tree):
    (tree / "Pulumi.old.yaml").write_text("config:\n  switchyard:name: two\n")
    commit(tree)
    (tree / "Pulumi.old.yaml").unlink()
    run("--out", "out")
    assert all("old has no file any more." in each.replace("`", "") for each in written(tree / "out"))
    run("dev", "--out", "out")
    assert not any("no file any more" in each for each in written(tree / "out"))


def test_settings_that_both_sides_have_are_not_called_the_difference(tree):
    run("dev", "--out", "out", "--base", "HEAD", "--set", "days=30")
    page, comment = written(tree / "out")
    assert re.search(r"Against `[0-9a-f]+` \(both with `days=30`\): nothing changes", comment)
    assert "both with <code>days=30</code>" in page


def test_a_base_that_cannot_be_recorded_is_a_warning_unless_it_was_asked_for(tree):
    (tree / "__main__.py").write_text("import pulumi\nraise pulumi.RunError('too old')\n")
    commit(tree)
    (tree / "__main__.py").write_text(PROGRAM)
    done = run("dev", "--out", "out")
    assert (done.exit_code, "dev is compared with nothing" in done.stderr, "too old" in done.stderr) == (0, True, True)
    done = run("dev", "--out", "out", "--base", "HEAD")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "too old" in done.stderr


def test_all_stacks_are_on_one_page_each_with_its_own_base(tree):
    (tree / "Pulumi.prod.yaml").write_text("config:\n  switchyard:name: two\n")
    assert run("--out", "out").exit_code == 0
    page, comment = written(tree / "out")
    assert page.count('<article class="stack"') == 2
    assert comment.index("## `prod`") < comment.index("## `dev`")  # the graver first
    assert "prod is new." in comment.replace("`", "")


def test_the_comment_points_to_where_the_page_will_be(tree):
    run("dev", "--out", "out", "--with", "days=30", "--url", "https://example.com/runs/1?a=b#c")
    assert "[the whole report](https://example.com/runs/1?a=b#c)" in written(tree / "out")[1]


def test_the_load_and_its_cost_are_those_asked_for(tree):
    assert run("dev", "--out", "out", "--with", "days=30", "--requests", "24.5M").exit_code == 0
    assert "at 24.5 million requests" in written(tree / "out")[1]


def test_danger_is_told_by_the_settings_too(tree):
    run("dev", "--out", "out", "--with", "name=two")
    page, comment = written(tree / "out")
    assert "Danger: read this before you go on" in page
    assert "> - Bucket files is replaced" in comment


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--base", "main", "--with", "days=1"], "exclude each other"),
        (["--base", "nowhere"], "no such commit"),
        (["--url", "javascript:alert(1)"], "--url javascript:alert(1): must be an address"),
        (["--url", "https://example.com/) [x](y"], "must be an address"),
        (["--requests", "many"], "--requests many"),
        (["--base", " "], "--base is empty"),
        (["--with", "days"], "--with days: expected key=value"),
        (["nope"], "no stack 'nope'"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(tree, arguments, words):
    done = run(*arguments, "--out", "out")
    assert (done.exit_code, done.stdout) == (2, "")
    assert words in done.stderr
    assert not (tree / "out").exists()


def test_a_place_that_cannot_be_written_is_said(tree):
    (tree / "out").write_text("a file")
    done = run("dev", "--out", "out", "--with", "days=30")
    assert done.exit_code == 2
    assert "--out out: File exists" in done.stderr
