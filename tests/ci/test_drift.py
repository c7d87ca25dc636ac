"""drift: one issue for each stack that is not as it was deployed, none for one that is or is just being changed."""

import json
from dataclasses import asdict

import pytest
from deployments import Project
from fakes import FakeGithub
from github import is_harmless, rendered
from reports import HOSTILE

from ci.drift import Look, look
from ci.drift_issue import tell
from ci.github import BOT, Github
from ci.problem import Problem
from ci.pulumi import NO_CHANGES_EXPECTED

BEGAN = "2026-11-26T03:41:00+00:00"
RUNS, ISSUES = "GET actions/workflows/deploy.yml/runs", "GET issues"


# Looking


@pytest.fixture
def project(tmp_path, programs) -> Project:
    project = Project(tmp_path, programs)
    project.tell("preview", " ~ aws:lambda/function:Function: (update)\n")
    return project


def seen(project: Project) -> Look:
    look("dev", project.root / "out", project.root)
    return Look.read(project.root / "out" / "drift-dev.json")


@pytest.mark.parametrize(("status", "differs"), [(0, False), (NO_CHANGES_EXPECTED, True)])
def test_pulumi_says_whether_something_differs(project: Project, status, differs):
    project.tell("status", str(status))
    found = seen(project)
    assert found.differs is differs
    assert "aws:lambda/function:Function" in found.said


def test_looking_changes_nothing(project: Project):
    project.tell("status", "0")
    seen(project)
    (call,) = project.programs.calls("pulumi refresh")
    assert call.startswith("pulumi refresh --preview-only --expect-no-changes ")
    assert "--yes" not in call


def test_what_went_wrong_is_not_taken_for_drift(project: Project):
    project.tell("status", "255")
    with pytest.raises(Problem, match="dev could not be compared with AWS:"):
        seen(project)
    assert not (project.root / "out").exists()


def test_of_a_stack_that_is_not_there_nothing_is_known(project: Project):
    project.has_stacks()
    assert seen(project).differs is None
    assert project.programs.calls("pulumi refresh") == []


# Telling


@pytest.fixture
def told(tmp_path, fake: FakeGithub, github: Github):
    fake.answers |= {ISSUES: [], RUNS: {"workflow_runs": []}, "POST issues": {}, "PATCH issues/5": {}}

    def say(*, differs: bool | None = True, said: str = "~ update") -> list:
        path = tmp_path / "drift.json"
        path.write_text(json.dumps(asdict(Look(began=BEGAN, differs=differs, said=said))))
        tell(github, "dev", path)
        return fake.changes()

    return say


def issue(number: int = 5, *, stack: str = "dev", user: str = BOT, **more) -> dict:
    return {"number": number, "user": {"login": user}, "body": f"<!-- switchyard drift: {stack} -->\n\nx", **more}


def test_the_first_time_an_issue_is_opened(told):
    ((method, path, body),) = told(said="~ aws:lambda/function:Function")
    assert (method, path) == ("POST", "issues")
    assert body["title"] == "dev is not as it was deployed"
    assert body["body"].startswith("<!-- switchyard drift: dev -->")
    assert "~ aws:lambda/function:Function" in body["body"]
    assert "`pulumi up -s dev`" in body["body"]


def test_then_it_is_updated(told, fake: FakeGithub):
    fake.answers[ISSUES] = [issue()]
    ((method, path, body),) = told(said="more")
    assert (method, path, set(body)) == ("PATCH", "issues/5", {"body"})
    assert "more" in body["body"]


def test_and_closed_when_nothing_differs_any_more(told, fake: FakeGithub):
    fake.answers[ISSUES] = [issue()]
    assert told(differs=False) == [("PATCH", "issues/5", {"state": "closed", "state_reason": "completed"})]


def test_the_issue_of_a_stack_that_is_gone_stays_open(told, fake: FakeGithub):
    fake.answers[ISSUES] = [issue()]
    assert told(differs=None) == []


def test_a_stack_without_an_issue_that_does_not_differ_is_left_alone(told):
    assert told(differs=False) == []


@pytest.mark.parametrize(
    "other",
    [issue(stack="prod"), issue(user="mallory"), issue(pull_request={}), issue() | {"body": None}],
    ids=["another stack", "somebody else's", "a pull request", "empty"],
)
def test_only_its_own_issue_is_touched(told, fake: FakeGithub, other):
    fake.answers[ISSUES] = [other]
    ((method, path, _),) = told()
    assert (method, path) == ("POST", "issues")


@pytest.mark.parametrize(
    ("run", "is_told"),
    [
        ({"status": "in_progress", "updated_at": "2026-11-26T03:00:00Z"}, False),
        ({"status": "queued", "updated_at": "2026-11-26T03:00:00Z"}, False),
        ({"status": "completed", "updated_at": "2026-11-26T03:50:00Z"}, False),
        ({"status": "completed", "updated_at": "2026-11-26T03:40:00Z"}, True),
        ({"status": "waiting", "updated_at": "2026-11-20T03:40:00Z"}, True),
        ({"status": "waiting", "updated_at": "2026-11-26T03:50:00Z"}, False),
    ],
    ids=[
        "under way",
        "about to",
        "ended meanwhile",
        "ended before",
        "waits for an approval",
        "deployed dev meanwhile, and waits",
    ],
)
def test_what_a_deployment_just_changed_is_no_drift(told, fake: FakeGithub, run, is_told):
    fake.answers[RUNS] = {"workflow_runs": [run]}
    assert bool(told()) is is_told


@pytest.mark.parametrize("said", [HOSTILE, "```\n@octocat #1", "x" * 200_000])
def test_whatever_pulumi_says_the_issue_is_harmless_and_small_enough(told, said):
    ((_, _, body),) = told(said=said)
    assert len(body["body"]) < 65_536
    is_harmless(rendered(body["body"]), "p code pre a !")
