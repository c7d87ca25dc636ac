"""GitHub's API: pages, refusals, and a token that goes to GitHub alone."""

import pytest
from fakes import TOKEN, FakeGithub

from ci.github import Github, Refused
from ci.problem import Problem


def test_every_page_of_a_list_is_read(fake: FakeGithub, github: Github):
    fake.answers["GET things"] = [{"n": n} for n in range(250)]
    fake.answers["GET wrapped"] = {"total_count": 250, "items": [{"n": n} for n in range(250)]}
    assert [each["n"] for each in github.pages("things")] == list(range(250))
    assert [each["n"] for each in github.pages("wrapped", "items")] == list(range(250))


def test_a_list_ends_somewhere_also_if_github_says_it_does_not(fake: FakeGithub, github: Github):
    fake.answers["GET endless"] = lambda request: (200, [{}] * 100)
    assert len(list(github.pages("endless"))) == 3000


def test_what_is_asked_for_can_hold_anything(fake: FakeGithub, github: Github):
    fake.answers["GET pulls"] = []
    branch = "x:feature/a&state=closed#'; $(id) ü"
    assert list(github.pages("pulls", head=branch)) == []
    assert fake.sent[0].query["head"] == branch
    assert "state" not in fake.sent[0].query


def test_a_refusal_says_what_was_asked_and_why_not(fake: FakeGithub, github: Github):
    fake.answers["PUT contents/x"] = lambda request: (409, {"message": "is at 1 but expected 2"})
    with pytest.raises(Refused, match=r"GitHub refused PUT /repos/acme/shop/contents/x: 409 is at 1 but expected 2"):
        github.send("PUT", "contents/x", {})


def test_github_out_of_reach_is_told_in_one_line():
    with pytest.raises(Problem, match="GitHub can't be reached: "):
        Github("a/b", TOKEN, "http://127.0.0.1:9").get("x")


def test_a_download_follows_github_elsewhere_without_the_token(fake: FakeGithub, github: Github):
    with FakeGithub({"GET /blob": b"content"}) as storage:
        fake.answers["GET zip"] = f"{storage.url}/blob"
        assert github.download("zip", 7) == b"content"
        assert [each.token for each in storage.sent] == [""]
    assert [each.token for each in fake.sent] == [TOKEN]


def test_a_download_is_given_up_past_its_limit(fake: FakeGithub, github: Github):
    with FakeGithub({"GET /blob": b"content"}) as storage:
        fake.answers["GET zip"] = f"{storage.url}/blob"
        assert github.download("zip", 6) is None


def test_a_job_without_a_token_is_told_what_is_missing(monkeypatch):
    monkeypatch.setenv("GITHUB_REPOSITORY", "a/b")
    with pytest.raises(Problem, match="GITHUB_TOKEN must be set"):
        Github.from_environment()
