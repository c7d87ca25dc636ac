"""record: one line of the stack's file as it is now, whoever else commits meanwhile."""

import base64

import pytest
from fakes import FakeGithub
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
    with pytest.raises(Problem, match=f"422 Repository rule .* Let the rules of main admit .*image: {DIGEST}"):
        record(github, "dev", DIGEST, "main")
    assert len(fake.changes()) == 1


def test_what_is_no_digest_reaches_no_file(fake: FakeGithub, github: Github):
    with pytest.raises(Problem, match="a digest is sha256:"):
        record(github, "dev", "none\n  switchyard:protect: false", "main")
    assert fake.sent == []


@pytest.mark.parametrize(("text", "digest"), [(with_image(FILE, DIGEST), DIGEST), (FILE, "")])
def test_the_last_good_digest_is_the_one_on_the_branch(fake: FakeGithub, github: Github, text, digest):
    fake.answers[f"GET {PATH}"] = content(text)
    assert recorded(github, "dev", "main") == digest
    assert fake.sent[0].query == {"ref": "main"}
