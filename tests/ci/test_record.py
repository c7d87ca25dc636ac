"""record: one line of the stack's file as it is now, whoever else commits meanwhile."""

import base64
from pathlib import Path

import pytest
from fakes import FakeGithub
from repository import commit, git
from stacks import ROOT

from ci.github import Github
from ci.problem import Problem
from ci.record import record, recorded
from ci.stack_file import with_image

DIGEST = "sha256:" + "0123456789abcdef" * 4
FILE = (ROOT / "Pulumi.dev.yaml").read_text()
PATH = "contents/Pulumi.dev.yaml"


def content(text: str, sha: str = "1") -> dict[str, str]:
    return {"content": base64.b64encode(text.encode()).decode(), "sha": sha}


def test_one_line_is_committed_to_the_file_as_it_is_on_the_branch(fake: FakeGithub, github: Github):
    fake.answers |= {f"GET {PATH}": content(FILE, "abc"), f"PUT {PATH}": {}}
    record(github, "dev", DIGEST, "main")
    assert fake.sent[0].query == {"ref": "main"}
    ((_, _, body),) = fake.changes()
    assert base64.b64decode(body["content"]).decode() == with_image(FILE, DIGEST)
    assert (body["sha"], body["branch"]) == ("abc", "main")
    assert body["message"].startswith("dev runs sha256:0123456789ab")


def test_nothing_is_committed_where_the_digest_stands_already(fake: FakeGithub, github: Github):
    fake.answers[f"GET {PATH}"] = content(with_image(FILE, DIGEST))
    record(github, "dev", DIGEST, "main")
    assert fake.changes() == []


def test_somebody_elses_commit_in_between_is_kept(fake: FakeGithub, github: Github):
    theirs = FILE.replace("minTasks: 1", "minTasks: 3")
    reads = iter([content(FILE, "old"), content(theirs, "new")])

    def put(request):
        return (200, {}) if request.body["sha"] == "new" else (409, {"message": "does not match"})

    fake.answers |= {f"GET {PATH}": lambda _: (200, next(reads)), f"PUT {PATH}": put}
    record(github, "dev", DIGEST, "main")
    written = base64.b64decode(fake.changes()[-1][2]["content"]).decode()
    assert "minTasks: 3" in written
    assert DIGEST in written


def test_who_never_gets_a_word_in_gives_up(fake: FakeGithub, github: Github):
    fake.answers |= {f"GET {PATH}": content(FILE), f"PUT {PATH}": lambda _: (409, {"message": "no"})}
    with pytest.raises(Problem, match="somebody else commits to main all the time"):
        record(github, "dev", DIGEST, "main")
    assert len(fake.changes()) == 5


def test_a_branch_that_takes_no_commit_is_told_with_what_to_do(fake: FakeGithub, github: Github):
    refusal = (422, {"message": "Repository rule violations found"})
    fake.answers |= {f"GET {PATH}": content(FILE), f"PUT {PATH}": lambda _: refusal}
    with pytest.raises(Problem, match=f"not written down: .* 422 Repository rule .*image: {DIGEST}.*delivery.md"):
        record(github, "dev", DIGEST, "main")
    assert len(fake.changes()) == 1


def test_what_is_committed_sets_off_no_deployment(fake: FakeGithub, github: Github):
    fake.answers |= {f"GET {PATH}": content(FILE), f"PUT {PATH}": {}}
    record(github, "dev", DIGEST, "main")
    assert "[skip ci]" in fake.changes()[0][2]["message"]


# By a deploy key, where main is protected


@pytest.fixture
def remote(tmp_path) -> Path:
    """A repository with a stack's file on main."""
    bare, tree = tmp_path / "remote.git", tmp_path / "theirs"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", str(bare))
    git(tmp_path, "clone", "-q", str(bare), str(tree))
    (tree / "Pulumi.dev.yaml").write_text(FILE)
    commit(tree)
    git(tree, "push", "-q", "origin", "HEAD:main")
    return bare


def test_with_a_key_one_line_is_pushed_and_github_is_asked_for_nothing(fake: FakeGithub, github: Github, remote):
    record(github, "dev", DIGEST, "main", "the key", str(remote))
    assert git(remote, "show", "main:Pulumi.dev.yaml") == with_image(FILE, DIGEST).strip()
    assert "[skip ci]" in git(remote, "log", "-1", "--format=%B", "main")
    assert fake.sent == []
    record(github, "dev", DIGEST, "main", "the key", str(remote))
    assert git(remote, "rev-list", "--count", "main") == "2"


def test_a_push_that_was_overtaken_is_made_again_on_what_came_in_between(github: Github, remote, tmp_path):
    # The first push is answered as git answers one that somebody was faster than.
    hook = remote / "hooks/pre-receive"
    hook.write_text(f"#!/bin/sh\n[ -e {tmp_path}/told ] || {{ touch {tmp_path}/told; echo 'fetch first'; exit 1; }}\n")
    hook.chmod(0o755)
    record(github, "dev", DIGEST, "main", "the key", str(remote))
    assert DIGEST in git(remote, "show", "main:Pulumi.dev.yaml")


def test_a_branch_that_takes_no_push_is_told_with_what_to_do_on_the_runs_page_too(
    github: Github, remote, tmp_path, monkeypatch
):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    hook = remote / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho 'GH013: Repository rule violations'; exit 1\n")
    hook.chmod(0o755)
    with pytest.raises(Problem, match=f"not written down: main takes no commit by the deploy key.*image: {DIGEST}"):
        record(github, "dev", DIGEST, "main", "the key", str(remote))
    assert "not written down" in (tmp_path / "summary").read_text()


def test_the_key_is_used_alone_and_for_a_host_that_is_known(github: Github, tmp_path, monkeypatch):
    seen = tmp_path / "seen"
    (tmp_path / "ssh").write_text(
        f'#!/bin/sh\necho "$@" > {seen}\nstat -c %a "$2" >> {seen}\ncat "$2" "${{8#*=}}" >> {seen}\nexit 1\n'
    )
    (tmp_path / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(Problem):
        record(github, "dev", DIGEST, "main", "the key")
    said, mode, key, host = seen.read_text().splitlines()
    assert "IdentitiesOnly=yes -o StrictHostKeyChecking=yes" in said
    assert "git@github.com git-upload-pack 'acme/shop.git'" in said
    assert (mode, key) == ("600", "the key")
    assert host.startswith("github.com ssh-ed25519 ")


def test_what_is_no_digest_reaches_no_file(fake: FakeGithub, github: Github):
    with pytest.raises(Problem, match="a digest is sha256:"):
        record(github, "dev", "none\n  switchyard:protect: false", "main")
    assert fake.sent == []


@pytest.mark.parametrize(("text", "digest"), [(with_image(FILE, DIGEST), DIGEST), (FILE, "")])
def test_the_last_good_digest_is_the_one_on_the_branch(fake: FakeGithub, github: Github, text, digest):
    fake.answers[f"GET {PATH}"] = content(text)
    assert recorded(github, "dev", "main") == digest
    assert fake.sent[0].query == {"ref": "main"}
