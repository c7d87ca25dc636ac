"""overtaken: what was merged before what a stack runs does not get there after it."""

import pytest
from fakes import FakeGithub

from ci.github import Github, Refused
from ci.overtaken import must_not_be_overtaken
from ci.problem import Problem

OLD, NEW, NEWEST = "1" * 40, "2" * 40, "3" * 40


@pytest.fixture
def deployed(fake: FakeGithub):
    """Deployments of prod, newest first: each a commit, and the states it went through."""

    def are(*deployments: tuple[str, str]) -> None:
        fake.answers["GET deployments"] = [{"id": n, "sha": sha} for n, (sha, _) in enumerate(deployments)]
        for number, (_, states) in enumerate(deployments):
            fake.answers[f"GET deployments/{number}/statuses"] = [{"state": each} for each in states.split()]

    for commit, base in ((OLD, NEW), (OLD, NEWEST), (NEW, NEWEST)):
        fake.answers[f"GET compare/{base}...{commit}"] = {"status": "behind"}
        fake.answers[f"GET compare/{commit}...{base}"] = {"status": "ahead"}
    return are


def test_a_merge_that_a_newer_one_overtook_is_not_deployed(fake, github: Github, deployed):
    deployed((OLD, "in_progress waiting"), (NEW, "success in_progress"))
    with pytest.raises(Problem, match="prod was deployed from 2222222, which is newer than 1111111: nothing is done"):
        must_not_be_overtaken(github, "prod", OLD)
    assert fake.sent[0].query["environment"] == "prod"


@pytest.mark.parametrize(
    "before",
    [
        [],
        [(OLD, "success in_progress")],
        [(NEW, "success")],
        [(NEWEST, "failure in_progress"), (OLD, "inactive success")],
        [(NEWEST, "waiting"), (OLD, "success")],
    ],
    ids=["the first", "after an older one", "once more", "after a newer one failed", "before one that waits"],
)
def test_any_other_is(github: Github, deployed, before):
    deployed((NEW, "in_progress"), *before)
    must_not_be_overtaken(github, "prod", NEW)


def test_what_was_deployed_counts_also_after_another_took_its_place_and_failed(github: Github, deployed):
    deployed((NEWEST, "failure"), (NEW, "inactive success"))
    with pytest.raises(Problem):
        must_not_be_overtaken(github, "prod", OLD)


def test_a_branch_that_was_written_anew_or_has_parted_stops_nothing(fake, github: Github, deployed):
    deployed(("4" * 40, "success"))
    must_not_be_overtaken(github, "prod", OLD)
    fake.answers[f"GET compare/{'4' * 40}...{OLD}"] = {"status": "diverged"}
    must_not_be_overtaken(github, "prod", OLD)
    fake.answers[f"GET compare/{'4' * 40}...{OLD}"] = lambda _: (500, {"message": "no"})
    with pytest.raises(Refused):
        must_not_be_overtaken(github, "prod", OLD)
