"""post: one comment, found again by its first line and by who wrote it."""

import pytest
from fakes import FakeGithub

from ci.github import BOT, Github
from ci.post import post

TEXT = "<!-- marker -->\n\nnew\n"
LIST = "GET issues/7/comments"


def comment(number: int = 3, body: str = "<!-- marker -->\n\nold", user: str = BOT) -> dict:
    return {"id": number, "user": {"login": user}, "body": body}


@pytest.fixture
def changes(fake: FakeGithub, github: Github):
    fake.answers |= {"POST issues/7/comments": {}, "PATCH issues/comments/3": {}}

    def posted(*there: dict) -> list[tuple[str, str]]:
        fake.answers[LIST] = list(there)
        post(github, 7, TEXT)
        assert all(body == {"body": TEXT} for *_, body in fake.changes())
        return [(method, path) for method, path, _ in fake.changes()]

    return posted


def test_the_first_is_posted(changes):
    assert changes() == [("POST", "issues/7/comments")]


def test_the_next_updates_it_also_among_very_many(changes):
    others = [comment(number, "hello") for number in range(100, 350)]
    assert changes(*others, comment()) == [("PATCH", "issues/comments/3")]


def test_the_same_again_changes_nothing(changes):
    assert changes(comment(body=TEXT.replace("\n", "\r\n").strip().replace("\r\n", "\n"))) == []


@pytest.mark.parametrize("other", [comment(user="mallory"), comment(body="hi\n<!-- marker -->")])
def test_what_somebody_else_wrote_or_only_quotes_it_is_left_alone(changes, other):
    assert changes(other) == [("POST", "issues/7/comments")]
