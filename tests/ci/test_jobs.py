"""Which jobs of the workflows run, for each event and whatever came before: read from the workflows themselves."""

import pytest
from workflows import Run, evaluate, workflow

OURS, THEIRS = "acme/shop", "mallory/shop"


def pull_request(head: str = OURS, user: str = "alice") -> dict:
    pull = {"head": {"repo": {"full_name": head}}, "user": {"login": user}}
    return {"repository": OURS, "event_name": "pull_request", "event": {"number": 7, "pull_request": pull}}


PUSH = {"repository": OURS, "event_name": "push", "event": {}}
NIGHT = {"repository": OURS, "event_name": "schedule", "event": {}}
BACK = {
    "repository": OURS,
    "event_name": "workflow_dispatch",
    "event": {"inputs": {"stack": "prod", "digest": "sha256:0"}},
}
BUILT = {"build": {"digest": "sha256:1"}}
STACKS = {"stacks": {"stacks": '["dev", "prod"]'}}
NOBODY = pytest.param(pull_request(), {}, id="not connected")
FORK = pytest.param(pull_request(THEIRS), {"AWS_REGION": "eu-west-1"}, id="a fork")
BOT = pytest.param(pull_request(user="dependabot[bot]"), {"AWS_REGION": "eu-west-1"}, id="a bot without a token")


def test_every_pull_request_is_verified_also_before_anything_is_connected():
    assert Run(github=pull_request(THEIRS), vars={}).of("verify").ran == {"test", "report"}


def test_a_report_is_there_also_if_a_test_fails():
    assert Run(github=pull_request(), ends={"test": "failure"}).of("verify").results["report"] == "success"


# preview, review: for those who may push here


@pytest.mark.parametrize(("github", "connected"), [NOBODY, FORK, BOT])
@pytest.mark.parametrize("name", ["preview", "review"])
def test_nothing_with_a_role_runs_for(name, github, connected):
    assert Run(github=github, vars=connected).of(name).ran == set()


def test_a_branch_of_this_repository_is_previewed():
    assert Run(github=pull_request(), outputs=STACKS).of("preview").ran == {"stacks", "plan"}


@pytest.mark.parametrize(
    ("action", "jobs"),
    [
        ("up", {"decide", "build", "up", "say"}),
        ("down", {"decide", "down/down", "down/say"}),
        ("none", {"decide"}),
    ],
)
def test_a_label_decides_what_becomes_of_an_environment(action, jobs):
    assert Run(github=pull_request(), outputs={"decide": {"action": action}}).of("review").ran == jobs


@pytest.mark.parametrize("broken", ["build", "up"])
def test_an_environment_that_could_not_be_made_is_told(broken):
    run = Run(github=pull_request(), outputs={"decide": {"action": "up"}}, ends={broken: "failure"}).of("review")
    assert "say" in run.ran
    assert run.results["up"] != "success"


def test_an_environment_of_which_something_is_left_is_told():
    run = Run(github=pull_request(), outputs={"decide": {"action": "down"}}, ends={"down/down": "failure"})
    assert "down/say" in run.of("review").ran
    assert run.inputs["down"] == {"number": 7, "because": "down"}


def test_nothing_is_told_if_it_was_not_decided():
    run = Run(github=pull_request(), ends={"decide": "failure"}).of("review")
    assert run.ran == {"decide"}


# comment


@pytest.mark.parametrize(
    ("event", "number", "jobs"),
    [("pull_request", "7", {"fetch", "render", "post"}), ("pull_request", "", {"fetch"}), ("merge_group", "7", set())],
)
def test_a_comment_is_made_where_a_pull_request_was_found(event, number, jobs):
    github = {"event": {"workflow_run": {"event": event}}}
    assert Run(github=github, outputs={"fetch": {"pull_request": number}}).of("comment").ran == jobs


def test_what_could_not_be_rendered_is_not_posted():
    github = {"event": {"workflow_run": {"event": "pull_request"}}}
    run = Run(github=github, outputs={"fetch": {"pull_request": "7"}}, ends={"render": "failure"}).of("comment")
    assert "post" not in run.ran


# deploy


def test_a_merge_is_built_once_and_goes_to_dev_and_then_to_prod_as_the_same_digest():
    run = Run(github=PUSH, outputs=BUILT).of("deploy")
    assert list(run.results) == [
        "build",
        "dev/deploy",
        "dev",
        "record-dev",
        "prod/deploy",
        "prod",
        "rollback",
        "record",
    ]
    assert run.ran == {"build", "dev/deploy", "record-dev", "prod/deploy", "record"}
    assert run.inputs["dev"] == {"stack": "dev", "digest": "sha256:1", "is_built_here": True}
    assert run.inputs["prod"] == {"stack": "prod", "digest": "sha256:1", "is_built_here": True}


def test_nothing_is_built_before_anything_is_connected():
    assert Run(github=PUSH, vars={}).of("deploy").ran == set()


@pytest.mark.parametrize("broken", ["build", "dev/deploy"])
def test_what_fails_before_prod_never_gets_there(broken):
    run = Run(github=PUSH, outputs=BUILT, ends={broken: "failure"}).of("deploy")
    assert not [each for each in run.ran if each.startswith("prod/")]


def test_prod_does_not_wait_for_what_dev_runs_to_be_written_down():
    run = Run(github=PUSH, outputs=BUILT, ends={"record-dev": "failure"}).of("deploy")
    assert {"prod/deploy", "record"} <= run.ran


@pytest.mark.parametrize(("stack", "record"), [("dev", "record-dev"), ("prod", "record")])
def test_a_digest_that_failed_is_not_written_down(stack, record):
    run = Run(github=PUSH, outputs=BUILT, ends={f"{stack}/deploy": "failure"}).of("deploy")
    assert record not in run.ran


def test_a_way_back_builds_nothing_and_goes_where_it_is_told():
    run = Run(github=BACK).of("deploy")
    assert run.ran == {"rollback/deploy", "record"}
    assert run.inputs["rollback"] == {"stack": "prod", "digest": "sha256:0"}


def test_what_a_way_back_brought_is_not_written_down_if_it_failed():
    assert "record" not in Run(github=BACK, ends={"rollback/deploy": "failure"}).of("deploy").ran


@pytest.mark.parametrize(
    ("github", "stack", "digest"), [({**PUSH, "inputs": {}}, "prod", "sha256:1"), (BACK, "dev", "sha256:0")]
)
def test_what_is_written_down_at_the_end_is_what_was_deployed(github, stack, digest):
    given = workflow("deploy")["jobs"]["record"]["steps"][-1]["env"]
    context = {
        "inputs": {"stack": "dev", "digest": "sha256:0"} if github is BACK else {},
        "needs": {"build": {"outputs": BUILT["build"]}},
    }
    assert [evaluate(given[key], context) for key in ("STACK", "DIGEST")] == [stack, digest]


# Nights


@pytest.mark.parametrize(("numbers", "jobs"), [("[]", {"list"}), ("[3, 7]", {"list", "down/down", "down/say"})])
def test_the_sweeper_destroys_what_it_found(numbers, jobs):
    run = Run(github=NIGHT, outputs={"list": {"numbers": numbers}}).of("sweep")
    assert run.ran == jobs


def test_a_list_that_failed_destroys_nothing():
    assert Run(github=NIGHT, ends={"list": "failure"}).of("sweep").ran == {"list"}


@pytest.mark.parametrize("looked", ["success", "failure"])
def test_drift_is_told_of_each_stack_that_could_be_looked_at(looked):
    run = Run(github=NIGHT, outputs=STACKS, ends={"look": looked}).of("drift")
    assert run.ran == {"stacks", "look", "tell"}


@pytest.mark.parametrize("name", ["drift", "sweep"])
def test_nights_are_quiet_before_anything_is_connected(name):
    assert Run(github=NIGHT, vars={}).of(name).ran == set()


# The reader itself


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a.b == 'x' && a.c != ''", True),
        ("!cancelled() && (a.b == 'y' || a.c == '1')", True),
        ("a.missing.further == ''", True),
        ("a.c && 'yes' || 'no'", "yes"),
        ("a.missing && 'yes' || 'no'", "no"),
    ],
)
def test_expressions_are_read_as_github_reads_them(text, value):
    assert evaluate(text, {"a": {"b": "x", "c": "1"}}) == value


def test_an_expression_that_is_not_understood_is_an_error():
    with pytest.raises(ValueError, match="what is"):
        evaluate("a.b < 3", {})
