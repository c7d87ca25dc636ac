"""fetch: which pull request a run was for, told by GitHub alone, and what is taken from runs that may be hostile."""

import io
import json
import struct
import warnings
import zipfile
from pathlib import Path

import pytest
from fakes import FakeGithub, zipped

from ci import artefact
from ci.fetch import ENDED, FAILED, MISSING, PLANNED, Fetched, fetch
from ci.github import Github

OURS, THEIRS = 1, 2
SHA = "1234567890abcdef1234567890abcdef12345678"
RUN = {
    "head_sha": SHA,
    "head_branch": "feature/a&b",
    "head_repository": {"id": THEIRS, "owner": {"login": "mallory"}},
}
REPOSITORY = {"id": OURS, "default_branch": "main"}


def event(**changes):
    return {"workflow_run": {**RUN, **changes}, "repository": REPOSITORY}


def pull(number=7, *, sha=SHA, head=THEIRS, base=OURS, ref="main", branch=RUN["head_branch"]):
    return {
        "number": number,
        "head": {"sha": sha, "ref": branch, "repo": {"id": head} if head else None},
        "base": {"ref": ref, "repo": {"id": base}},
    }


def run(id_, *, repository=THEIRS, branch=RUN["head_branch"], number=1, attempt=1, conclusion="success"):
    return {
        "id": id_,
        "run_number": number,
        "run_attempt": attempt,
        "conclusion": conclusion,
        "html_url": f"https://github.com/acme/shop/actions/runs/{id_}",
        "head_branch": branch,
        "head_repository": {"id": repository} if repository else None,
    }


def runs(fake: FakeGithub, workflow: str, *found):
    fake.answers[f"GET actions/workflows/{workflow}.yml/runs"] = {"total_count": len(found), "workflow_runs": [*found]}


def artefacts(fake: FakeGithub, run_id: int, **contents):
    """Each artefact of a run, behind GitHub's redirect to another host."""
    listed = []
    for number, (name, content) in enumerate(contents.items(), run_id * 100):
        size = content[1] if isinstance(content, tuple) else len(content)
        body = content[0] if isinstance(content, tuple) else content
        listed.append({"id": number, "name": name.replace("_", "-"), "size_in_bytes": size, "expired": False})
        fake.answers[f"GET actions/artifacts/{number}/zip"] = f"{fake.url}/blob/{number}"
        fake.answers[f"GET /blob/{number}"] = body
    fake.answers[f"GET actions/runs/{run_id}/artifacts"] = {"total_count": len(listed), "artifacts": listed}


@pytest.fixture
def told(fake: FakeGithub, github: Github, tmp_path: Path):
    """A fork's pull request whose verify ran."""
    fake.answers["GET pulls"] = [pull()]
    runs(fake, "verify", run(11))
    runs(fake, "preview")
    artefacts(fake, 11, report=zipped(**{"report.json": b"{}", "report.html": b"<script>"}))

    def tell(**changes) -> str:
        return fetch(github, event(**changes), tmp_path / "in")

    return tell


def kept(tmp_path: Path) -> list[str]:
    folder = tmp_path / "in"
    return sorted(each.name for each in folder.iterdir()) if folder.exists() else []


# Whose it is


def test_the_pull_request_is_found_by_head_repository_branch_and_commit(fake, told, tmp_path):
    assert told() == "7"
    asked = fake.sent[0].query
    assert (asked["head"], asked["state"], asked["base"]) == ("mallory:feature/a&b", "open", "main")
    fetched = Fetched.read(tmp_path / "in")
    assert (fetched.pull_request, fetched.sha, fetched.is_fork, fetched.verify) == (7, SHA, True, "success")


def test_what_the_artefact_says_of_its_pull_request_is_not_even_read(fake, told, tmp_path):
    artefacts(fake, 11, report=zipped(**{"report.json": b'{"pull_request": 99}', "NR": b"99", "fetched.json": b"{}"}))
    assert told() == "7"
    assert Fetched.read(tmp_path / "in").pull_request == 7
    assert kept(tmp_path) == ["fetched.json", "report.json"]


@pytest.mark.parametrize(
    "found",
    [
        [],
        [pull(sha="f" * 40)],  # something was pushed since
        [pull(head=3)],  # another fork with a branch of that name
        [pull(head=None)],  # the fork is gone
        [pull(branch="feature/a")],
        [pull(base=5)],
        [pull(ref="release")],
        [pull(7), pull(8)],  # which one?
    ],
    ids=["none", "stale", "other fork", "gone", "other branch", "other base", "not main", "two"],
)
def test_without_just_one_open_pull_request_that_is_still_as_it_ran_nothing_is_told(fake, told, tmp_path, found):
    fake.answers["GET pulls"] = found
    assert told() == ""
    assert kept(tmp_path) == []


def test_a_run_of_a_repository_that_is_gone_is_nobodys(told):
    assert told(head_repository=None) == ""


def test_only_runs_of_the_same_repository_and_branch_count_and_of_those_the_newest(fake, told, tmp_path):
    others = [run(21, repository=OURS, number=9), run(22, branch="x", number=9), run(23, repository=None, number=9)]
    runs(fake, "verify", run(10, number=1), *others, run(11, number=2, attempt=2), run(9, number=2))
    assert told() == "7"
    assert Fetched.read(tmp_path / "in").verify_url.endswith("/11")


# What is taken


def test_a_fork_has_no_plan_of_pulumis_whatever_its_runs_left(fake, told, tmp_path):
    runs(fake, "preview", run(12))
    artefacts(fake, 12, plan_prod=zipped(**{"plan-prod.txt": b"all fine"}))
    assert told() == "7"
    assert kept(tmp_path) == ["fetched.json", "report.json"]
    assert Fetched.read(tmp_path / "in").preview == ""


@pytest.fixture
def branch(fake: FakeGithub, github: Github, tmp_path: Path):
    """The same for a branch of this repository, previewed too."""
    fake.answers["GET pulls"] = [pull(head=OURS)]
    runs(fake, "verify", run(11, repository=OURS))
    runs(fake, "preview", run(12, repository=OURS))
    artefacts(fake, 11, report=zipped(**{"report.json": b"{}"}))
    ours = {"id": OURS, "owner": {"login": "acme"}}
    return lambda: fetch(github, event(head_repository=ours), tmp_path / "in")


def test_a_branch_of_this_repository_has_one_for_each_stack(fake, branch, tmp_path):
    plans = {f"plan_{stack}": zipped(**{f"plan-{stack}.txt": b"x"}) for stack in ("dev", "prod")}
    artefacts(fake, 12, **plans, other=zipped(**{"other.txt": b"x"}))
    assert branch() == "7"
    plans = [f"plan-{stack}.{each}" for stack in ("dev", "prod") for each in (ENDED, "txt")]
    assert kept(tmp_path) == ["fetched.json", *plans, "report.json"]
    assert Fetched.read(tmp_path / "in").preview == "success"


@pytest.mark.parametrize("name", ["plan-../../etc/x", "plan-a/b", "plan-.", "plan-", "plan-A", "plan-a b", "plan-\x00"])
def test_an_artefacts_name_never_leads_anywhere(fake, branch, tmp_path, name):
    artefacts(fake, 12, **{name: zipped(**{f"{name}.txt": b"x"})})
    branch()
    assert kept(tmp_path) == ["fetched.json", "report.json"]
    assert [each.name for each in tmp_path.iterdir() if each.name not in ("in", "programs")] == []


def test_there_are_only_so_many_plans(fake, branch, tmp_path):
    artefacts(fake, 12, **{f"plan_{n}": zipped(**{f"plan-{n}.txt": b"x"}) for n in range(30)})
    branch()
    assert len([each for each in kept(tmp_path) if each.startswith("plan-") and each.endswith(".txt")]) == 10


@pytest.mark.parametrize(
    ("files", "ended"),
    [
        ({"plan-dev.ended": b"planned"}, PLANNED),
        ({"plan-dev.ended": b"missing"}, MISSING),
        ({"plan-dev.ended": b"failed"}, FAILED),
        ({"plan-dev.ended": b"planned, all fine"}, FAILED),
        ({"plan-dev.ended": b"fine\xff"}, FAILED),
        ({}, FAILED),
    ],
)
def test_how_a_plan_ended_is_a_known_word_and_a_failure_where_it_is_none(fake, branch, tmp_path, files, ended):
    artefacts(fake, 12, plan_dev=zipped(**{"plan-dev.txt": b"x", **files}))
    branch()
    assert (tmp_path / "in" / "plan-dev.ended").read_text() == ended


def test_an_artefact_that_is_too_large_is_not_even_asked_for(fake, told, tmp_path):
    artefacts(fake, 11, report=(b"", artefact.MOST_BYTES + 1))
    assert told() == "7"
    assert kept(tmp_path) == ["fetched.json"]
    assert not [each for each in fake.sent if each.path.endswith("/zip")]


def test_a_size_that_is_a_lie_is_found_out_while_it_is_read(fake, told, tmp_path, monkeypatch):
    monkeypatch.setattr(artefact, "MOST_BYTES", 1000)
    artefacts(fake, 11, report=(b"x" * 5000, 10))
    assert told() == "7"
    assert kept(tmp_path) == ["fetched.json"]


def test_an_expired_artefact_is_left(fake, told, tmp_path):
    fake.answers["GET actions/runs/11/artifacts"]["artifacts"][0]["expired"] = True
    assert told() == "7"
    assert kept(tmp_path) == ["fetched.json"]


# Archives


def bomb() -> bytes:
    """A small archive of a gigabyte, as far as its own words go, and of 64 MB in truth."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("report.json", b"0" * (64 * 1024 * 1024))
    return buffer.getvalue()


def twice() -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("report.json", b"one")
        archive.writestr("report.json", b"two")
    return buffer.getvalue()


def corrupt() -> bytes:
    """The stored file is not what its sum says."""
    archive = bytearray(zipped(**{"report.json": b"hello, world"}))
    archive[45] ^= 0xFF
    return bytes(archive)


def encrypted() -> bytes:
    archive = bytearray(zipped(**{"report.json": b"x"}))
    flags = archive.rindex(b"PK\x01\x02") + 8
    struct.pack_into("<H", archive, flags, 1)
    return bytes(archive)


@pytest.mark.parametrize(
    "archive",
    [b"", b"PK", bomb(), twice(), corrupt(), encrypted(), zipped(**{"./report.json": b"x"}), zipped(other=b"x")],
    ids=["empty", "cut", "bomb", "twice", "corrupt", "encrypted", "elsewhere", "missing"],
)
def test_a_file_that_cant_be_had_just_once_whole_and_small_is_not_had(archive):
    assert artefact.member(archive, "report.json", 1024) is None


def test_a_file_is_had_up_to_its_limit():
    assert artefact.member(zipped(**{"a": b"x" * 9}), "a", 9) == b"x" * 9
    assert artefact.member(zipped(**{"a": b"x" * 10}), "a", 9) is None


def test_what_is_fetched_is_told_as_plain_data(told, tmp_path):
    told()
    facts = json.loads((tmp_path / "in" / "fetched.json").read_text())
    assert set(facts) == set(Fetched.__dataclass_fields__)
