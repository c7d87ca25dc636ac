"""The base: found where the branch left main, recorded whatever its program does, and gone without a trace."""

import os
import signal
import subprocess
import sys
import time

import pytest
import repository
from repository import git
from stacks import ROOT

from preflight import git as asked
from preflight.base import record_base
from preflight.stackfile import StackFileError

PROGRAM = "import pulumi\npulumi.export('x', pulumi.Config('switchyard').get('topology') or '')\n"


def commit(folder, name="a step", *files):
    for each in files:
        (folder / each).write_text(name)
    return repository.commit(folder, name)


@pytest.fixture
def tree(project):
    root = project({"__main__.py": PROGRAM})
    git(root, "init", "-q", "-b", "main")
    commit(root)
    return root


def base(root, *, ref="HEAD", stack="dev", now=None):
    return record_base(root, stack, ref, (), now or {})


def worktrees(root):
    return len(git(root, "worktree", "list").splitlines())


def preflight(root, *arguments, **more):
    """The command in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "preflight", *arguments]
    return subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)


def test_a_git_hook_may_ask_and_the_commit_is_what_was_staged(tree):
    old = git(tree, "rev-parse", "HEAD")
    (tree / "kept").write_text("kept")
    commit(tree)
    hook = tree / ".git" / "hooks" / "pre-commit"
    told = tree.parent / "told"
    hook.write_text(f"#!/bin/sh\nPYTHONPATH={ROOT} {sys.executable} -m preflight diff dev --base {old} >{told} 2>&1\n")
    hook.chmod(0o755)
    (tree / "__main__.py").write_text(f"{PROGRAM}\n")
    git(tree, "commit", "-q", "-a", "-m", "one file")
    assert "only outputs" in told.read_text() or "nothing changes" in told.read_text()
    assert git(tree, "show", "--stat", "--format=", "HEAD").splitlines()[-1].strip() == "1 file changed, 1 insertion(+)"
    assert (git(tree, "status", "--porcelain"), worktrees(tree)) == ("", 1)


def test_what_the_program_prints_is_no_part_of_the_answer(tree):
    (tree / "__main__.py").write_text(f"print('hello')\nimport os\nos.write(1, b'there')\n{PROGRAM}")
    commit(tree)
    assert base(tree).recording.outputs == {"x": ""}


def test_the_base_is_recorded_again_with_only_the_switch_as_it_is_now(tree):
    (tree / "Pulumi.dev.yaml").write_text("config:\n  switchyard:topology: serverless\n")
    commit(tree)
    now = {"switchyard:topology": "container", "switchyard:waf": "x"}
    found = base(tree, now=now)
    assert (found.recording.outputs, found.switched.outputs) == ({"x": "serverless"}, {"x": "container"})
    assert base(tree, now={"switchyard:topology": "serverless"}).switched is None


def test_where_there_was_no_project_yet_the_stack_is_new(tree):
    inner = tree / "infra"
    inner.mkdir()
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml", "__main__.py"):
        git(tree, "mv", name, f"infra/{name}")
    commit(tree)
    found = base(inner, ref="HEAD~1")
    assert (found.recording.resources, found.config) == ({}, {})
    assert found.notes == (f"dev is new: there is no project in this folder at {found.ref}.",)
    assert base(inner).recording.outputs == {"x": ""}


def test_the_later_of_two_mains_counts(tree):
    behind = git(tree, "rev-parse", "HEAD")
    ahead = commit(tree)
    git(tree, "checkout", "-q", "-b", "change")
    commit(tree)
    git(tree, "branch", "-f", "main", behind)
    assert asked.merge_base(tree) == behind
    git(tree, "update-ref", "refs/remotes/origin/main", ahead)
    assert asked.merge_base(tree) == ahead
    git(tree, "branch", "-f", "main", "change")
    git(tree, "update-ref", "refs/remotes/origin/main", behind)
    assert asked.merge_base(tree) == git(tree, "rev-parse", "HEAD")


def test_a_clone_that_is_too_shallow_is_told_what_to_fetch(tree, tmp_path_factory):
    git(tree, "checkout", "-q", "-b", "change")
    commit(tree, "here")
    git(tree, "checkout", "-q", "main")
    commit(tree, "there")
    shallow = tmp_path_factory.mktemp("shallow")
    git(shallow, "clone", "-q", "--depth=1", "--no-single-branch", "--branch=change", f"file://{tree}", ".")
    with pytest.raises(StackFileError, match=r"this clone is shallow .* git fetch --unshallow"):
        asked.merge_base(shallow)


@pytest.mark.parametrize(
    ("branch", "words"),
    [("trunk", "no branch main or origin/main to compare with"), ("main", "HEAD and main have no commit in common")],
)
def test_without_a_main_to_part_from_it_is_said(tree, branch, words):
    git(tree, "branch", "-q", "-m", "main", branch)
    git(tree, "checkout", "-q", "--orphan", "other")
    commit(tree, "another beginning")
    with pytest.raises(StackFileError, match=words):
        asked.merge_base(tree)


def test_without_git_it_is_said_what_to_do_instead(tree, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(StackFileError, match="there is no git on the PATH"):
        asked.merge_base(tree)


SITE = "import pulumi, pathlib\nif not pathlib.Path('web/dist').is_dir(): raise pulumi.RunError('no folder web/dist')\n"


def test_what_git_ignores_is_named_where_the_base_lacks_it(tree):
    (tree / "__main__.py").write_text(SITE)
    (tree / ".gitignore").write_text("dist/\n")
    (tree / "web" / "dist").mkdir(parents=True)
    (tree / "web" / "source").touch()
    commit(tree)
    (tree / "web" / "dist" / "index.html").write_text("")
    with pytest.raises(StackFileError, match="web/dist is ignored by git, and git's copy of HEAD is without it"):
        base(tree)


def test_a_submodule_is_named_where_the_base_lacks_it(tree, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    git(other, "init", "-q", "-b", "main")
    commit(other, "inside", "index.html")
    (tree / "__main__.py").write_text(SITE.replace("web/dist'", "web/index.html'").replace("is_dir", "is_file"))
    git(tree, "submodule", "add", "-q", str(other), "web")
    commit(tree)
    with pytest.raises(StackFileError, match="web is a submodule, and git's copy of HEAD is without it"):
        base(tree)


def test_another_complaint_of_the_base_is_told_as_it_is(tree):
    (tree / "__main__.py").write_text("import pulumi\nraise pulumi.RunError('too old')\n")
    (tree / ".gitignore").write_text("old\n")
    commit(tree)
    with pytest.raises(StackFileError, match=r"^dev at [0-9a-f]+: too old$"):
        base(tree)


def test_one_that_is_ended_leaves_no_worktree(tree):
    (tree / "__main__.py").write_text(
        f"import time, pathlib\npathlib.Path('{tree}/begun').touch()\ntime.sleep(1)\n{PROGRAM}"
    )
    commit(tree)
    (tree / "__main__.py").write_text(PROGRAM)
    running = preflight(tree, "diff", "dev")
    while not (tree / "begun").exists():
        time.sleep(0.02)
        assert running.poll() is None
    assert worktrees(tree) == 2
    running.send_signal(signal.SIGTERM)
    running.communicate(timeout=30)
    assert (running.returncode != 0, worktrees(tree)) == (True, 1)
