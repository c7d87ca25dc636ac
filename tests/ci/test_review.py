"""review: an environment for a pull request that costs and shares nothing, while its label says so, and no longer."""

import json
from datetime import UTC, datetime

import jmespath
import pytest
import yaml
from botocore.session import get_session
from costs import priced
from deployments import NEW, REPOSITORY_URL, URL, Project
from fakes import FakeGithub
from stacks import ROOT

import settings as the_programs
from ci import deploy as deploying
from ci.decide import decide
from ci.github import Github, Refused
from ci.problem import Problem
from ci.review import down, settings, up
from ci.review_comment import MARKER, say
from ci.sweep import sweep
from preflight.recorder import record_stack
from preflight.stackfile import load

BOUNDARY = "arn:aws:iam::123456789012:policy/switchyard/review/boundary-review-1a2b3c4"

# What an event means


def event(action: str, *labels: str, label: str = "review", head: int | None = 1, state: str = "open") -> dict:
    return {
        "action": action,
        "label": {"name": label},
        "repository": {"id": 1},
        "pull_request": {
            "state": state,
            "labels": [{"name": each} for each in labels],
            "head": {"repo": {"id": head} if head else None},
        },
    }


@pytest.mark.parametrize(
    ("happened", "action"),
    [
        (event("labeled", "review"), "up"),
        (event("labeled", "review", "bug", label="bug"), "none"),
        (event("labeled", "bug", label="bug"), "none"),
        (event("labeled", "review", state="closed"), "down"),
        (event("unlabeled", "bug"), "down"),
        (event("unlabeled", "review", label="bug"), "none"),
        *((event(pushed, "review"), "up") for pushed in ("opened", "reopened", "synchronize")),
        *((event(pushed, "bug"), "none") for pushed in ("opened", "reopened", "synchronize")),
        (event("closed", "review", state="closed"), "down"),
        (event("closed", state="closed"), "none"),
        (event("edited", "review"), "none"),
        (event("labeled", "review", head=2), "none"),
        (event("labeled", "review", head=None), "none"),
    ],
)
def test_the_label_and_the_event_say_what_is_to_be_done(happened, action):
    assert decide(happened) == action


# What is in it


@pytest.fixture
def shipped() -> dict:
    return yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())["config"]


DEVS = {
    "switchyard:topology": "container",
    "switchyard:standby": True,
    "switchyard:standbyTraffic": 30,
    "switchyard:domain": {"name": "dev.example.com", "zone": "example.com"},
    "switchyard:service": {
        "port": 9000,
        "secrets": {"DB_URL": "arn:aws:secretsmanager:us-east-1:123456789012:secret:x"},
    },
    "switchyard:serverless": {"memoryMb": 512, "provisionedConcurrency": 5, "reservedConcurrency": 9},
    "switchyard:network": {"zones": 3, "existing": {"vpcId": "vpc-0123456789abcdef0"}},
    "switchyard:waf": {"mode": "block"},
    "switchyard:originSecret": 4,
    "switchyard:protect": True,
    "switchyard:tags": {"team": "shop"},
}


def test_it_is_serverless_and_shares_nothing_with_dev_whatever_dev_has(shipped):
    own = settings(shipped | DEVS, 7, BOUNDARY)
    assert own["switchyard:topology"] == "serverless"
    assert (own["switchyard:standby"], own["switchyard:standbyTraffic"]) == (False, 0)
    assert "switchyard:domain" not in own
    assert own["switchyard:service"] == {"port": 9000, "secrets": {}}
    assert own["switchyard:serverless"] == {"memoryMb": 512, "provisionedConcurrency": 0}
    assert own["switchyard:network"] == {"zones": 3}
    assert own["switchyard:waf"] == {"mode": "none"}
    assert own["switchyard:protect"] is False
    assert own["switchyard:tags"] == {"team": "shop", "pull-request": "7"}
    assert own["switchyard:permissionsBoundary"] == BOUNDARY
    assert own["aws:region"] == shipped["aws:region"]


def test_without_a_boundary_there_is_no_empty_one(shipped):
    assert "switchyard:permissionsBoundary" not in settings(shipped, 7, None)


@pytest.mark.parametrize("like", [{}, DEVS], ids=["dev as it ships", "dev with everything"])
def test_the_program_takes_it_and_nothing_in_it_costs_by_the_hour(tmp_path, shipped, like):
    own = settings(shipped | like, 7, BOUNDARY) | {"switchyard:image": NEW}
    (tmp_path / "Pulumi.yaml").write_text((ROOT / "Pulumi.yaml").read_text())
    (tmp_path / "Pulumi.pr-7.yaml").write_text(yaml.safe_dump({"config": own}))
    file = load(tmp_path, "pr-7")
    _, refusals = the_programs.parse(file.config)
    assert refusals == []


def test_at_rest_it_costs_what_its_image_does(shipped):
    own = settings(shipped | DEVS, 7, None) | {"switchyard:image": NEW}
    overrides = tuple(f"{key.partition(':')[2]}={json.dumps(own[key])}" for key in own if key.startswith("switchyard:"))
    recording = record_stack(load(ROOT, "dev", overrides))
    assert priced(recording).total < 0.1
    assert not [each for each in recording if each.type.startswith(("aws:ec2/", "aws:ecs/", "aws:lb/", "aws:wafv2/"))]


# Up and down


@pytest.fixture
def project(tmp_path, programs, monkeypatch) -> Project:
    project = Project(tmp_path, programs, stack="pr-7", deployed=False)
    project.file.unlink()
    (project.root / "Pulumi.dev.yaml").write_text((ROOT / "Pulumi.dev.yaml").read_text())
    project.has_stacks("dev")
    monkeypatch.setattr(deploying, "PAUSE_SECONDS", 0)
    monkeypatch.setenv("PULUMI_SECRETS_PROVIDER", "awskms://alias/switchyard-review?region=us-east-1")
    monkeypatch.setenv("PERMISSIONS_BOUNDARY", BOUNDARY)
    return project


def test_the_first_push_makes_the_stack_under_its_own_key_the_registry_and_then_runs_the_image(project: Project):
    assert up(7, NEW, project.root / "image.tar", project.root) == URL
    (init,) = project.programs.calls("pulumi stack init")
    assert init.startswith(
        "pulumi stack init pr-7 --secrets-provider awskms://alias/switchyard-review?region=us-east-1"
    )
    assert project.ups == ["none", NEW]
    (copy,) = project.programs.calls("skopeo copy")
    assert copy.endswith(f"docker://{REPOSITORY_URL}@{NEW}")
    assert project.lines("smokes") == [f"pr-7 {NEW}"]


def test_the_next_push_updates_it(project: Project):
    project.has_stacks("pr-7")
    project.tell("outputs", {"repository_url": REPOSITORY_URL, "url": URL})
    up(7, NEW, project.root / "image.tar", project.root)
    assert project.programs.calls("pulumi stack init") == []
    assert project.ups == [NEW]


def test_an_image_that_does_not_answer_is_told(project: Project):
    project.is_ill_with(NEW)
    with pytest.raises(Problem, match="the smoke test failed, and there is no other image to go back to"):
        up(7, NEW, project.root / "image.tar", project.root)


def test_without_a_key_no_stack_is_made(project: Project, monkeypatch):
    monkeypatch.delenv("PULUMI_SECRETS_PROVIDER")
    with pytest.raises(Problem, match="PULUMI_SECRETS_PROVIDER must be set"):
        up(7, NEW, project.root / "image.tar", project.root)
    assert project.programs.calls("pulumi stack init") == []


def test_it_is_destroyed_and_its_stack_with_it(project: Project):
    project.has_stacks("pr-7")
    down(7, project.root)
    assert [each.split()[1:3] for each in project.programs.calls("pulumi")] == [
        ["stack", "--show-name"],
        ["destroy", "--yes"],
        ["stack", "rm"],
    ]
    assert all(each.endswith("--stack pr-7") for each in project.programs.calls("pulumi")[1:])


def test_what_is_not_there_is_not_destroyed(project: Project):
    down(7, project.root)
    assert project.programs.calls("pulumi destroy") == []


def test_what_is_left_keeps_its_stack_and_is_told(project: Project):
    project.has_stacks("pr-7")
    project.tell("stuck", "")
    with pytest.raises(Problem, match="pr-7 is not all gone: the sweeper tries again tonight"):
        down(7, project.root)
    assert project.programs.calls("pulumi stack rm") == []


# What is told


@pytest.fixture
def told(fake: FakeGithub, github: Github, monkeypatch):
    for name, value in {"SERVER_URL": "https://github.com", "REPOSITORY": "acme/shop", "RUN_ID": "11"}.items():
        monkeypatch.setenv(f"GITHUB_{name}", value)
    fake.answers |= {"GET issues/7/comments": [], "POST issues/7/comments": {}}

    def tell(action: str, result: str = "success", url: str = "") -> str:
        say(github, 7, action, result, url)
        ((method, path, body),) = fake.changes()
        assert (method, path) == ("POST", "issues/7/comments")
        return body["body"]

    return tell


@pytest.mark.parametrize(
    ("action", "result", "url", "words"),
    [
        ("up", "success", URL, f"runs at {URL}. Every push updates it"),
        (
            "up",
            "failure",
            "",
            "could not be deployed to an environment of its own: [the run says why](https://github.com/",
        ),
        ("up", "skipped", "", "could not be deployed"),
        ("up", "success", "https://x.example/a b) ![", "could not be deployed"),
        ("up", "success", "javascript:alert(1)", "could not be deployed"),
        ("down", "success", "", "is gone."),
        ("down", "failure", "", "Something is left"),
        ("expired", "success", "", "was closed, has lost its label, or was not updated for days"),
        ("expired", "cancelled", "", "Something is left"),
    ],
)
def test_the_comment_says_what_came_of_it(told, action, result, url, words):
    text = told(action, result, url)
    assert text.startswith(f"{MARKER}\n")
    assert words in text


# The sweeper

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def pull(*labels: str, state: str = "open") -> dict:
    return {"state": state, "labels": [{"name": each} for each in labels]}


BACKEND = "s3://state-1a2b3c4?region=us-east-1"


@pytest.fixture
def bucket(project: Project, programs, monkeypatch):
    """A state bucket with these keys, by what follows the project's folder, and when each was written."""
    monkeypatch.setenv("PULUMI_BACKEND_URL", BACKEND)
    (project.root / "Pulumi.yaml").write_text((ROOT / "Pulumi.yaml").read_text())

    def holds(**keys: str) -> None:
        listed = [[f".pulumi/stacks/switchyard/{key}", when] for key, when in keys.items()]
        programs.add("aws", f"cat <<'EOF'\n{json.dumps(listed or None)}\nEOF")

    return holds


FRESH, OLD = "2026-11-25T00:00:00+00:00", "2026-11-18T23:59:59+00:00"


def test_only_what_is_too_old_closed_unlabelled_or_unknown_is_destroyed(
    fake: FakeGithub, github: Github, project: Project, bucket
):
    others = ("dev.json", "prod.json", "pr-.json", "pr-0.json", "pr-01.json", "pr-7x.json", "xpr-8.json", "pr-9/x.json")
    keys = {f"pr-{number}.json": FRESH for number in (1, 3, 4, 5)} | {"pr-2.json": OLD, "pr-2.json.bak": OLD}
    bucket(**keys, **dict.fromkeys(others, OLD))
    fake.answers |= {
        "GET pulls/1": pull("review"),
        "GET pulls/2": pull("review"),
        "GET pulls/3": pull("review", state="closed"),
        "GET pulls/4": pull("bug"),
    }
    assert sweep(github, 7, project.root, NOW) == [2, 3, 4, 5]


def test_the_sweeper_reads_no_state_but_only_names(github: Github, project: Project, bucket):
    bucket()
    assert sweep(github, 7, project.root, NOW) == []
    (call,) = project.programs.calls("aws")
    assert call.startswith(
        "aws s3api list-objects-v2 --bucket state-1a2b3c4 --prefix .pulumi/stacks/switchyard/pr- --query "
    )
    assert project.programs.calls("pulumi") == []


def test_the_query_is_one_that_fits_what_s3_answers():
    answer = {"Contents": [{"Key": "k", "LastModified": "t", "Size": 1}]}
    assert jmespath.search("Contents[].[Key, LastModified]", answer) == [["k", "t"]]
    assert jmespath.search("Contents[].[Key, LastModified]", {}) is None
    operation = get_session().get_service_model("s3").operation_model("ListObjectsV2")
    assert {"Bucket", "Prefix"} <= set(operation.input_shape.members)
    assert {"Key", "LastModified"} <= set(operation.output_shape.members["Contents"].member.members)


def test_what_github_can_not_say_is_not_taken_for_closed(fake: FakeGithub, github: Github, project: Project, bucket):
    bucket(**{"pr-1.json": FRESH})
    fake.answers["GET pulls/1"] = lambda _: (500, {"message": "oops"})
    with pytest.raises(Refused, match="500 oops"):
        sweep(github, 7, project.root, NOW)


@pytest.mark.parametrize("backend", ["", "file:///tmp/x", "s3://state --endpoint-url x"])
def test_without_a_bucket_nothing_is_swept(github: Github, project: Project, bucket, monkeypatch, backend):
    monkeypatch.setenv("PULUMI_BACKEND_URL", backend)
    with pytest.raises(Problem, match="PULUMI_BACKEND_URL must be s3://<bucket>"):
        sweep(github, 7, project.root, NOW)
