"""Whether the edges run the code: how often it is looked, and what to do by what there is."""

import asyncio

import pulumi
import pytest

from components import _published


def looked(*live: str, development: str = "new") -> None:
    """Wait for the code `new`, where AWS tells these of LIVE, the last one for ever."""
    left = list(live)

    async def look(stage: _published.Stage) -> str:
        if stage == "DEVELOPMENT":
            return development
        return left.pop(0) if len(left) > 1 else left[0]

    asyncio.run(_published.must_be_published(look, "fn-1", "new"))


def test_what_is_published_is_not_waited_for(slept):
    looked("new")
    assert slept == []


def test_what_was_just_published_may_be_seen_a_little_later(slept):
    looked("old", "old", "new")
    assert slept == [_published.POLL_SECONDS] * 2


def test_code_that_was_updated_and_not_published_is_published_by_the_command_in_the_message(slept):
    with pytest.raises(pulumi.RunError) as raised:
        looked("old")
    assert len(slept) == _published.LOOKS - 1
    assert str(raised.value).splitlines()[1] == (
        '  aws cloudfront publish-function --name fn-1 --if-match "$(aws cloudfront describe-function --name fn-1 '
        '--stage DEVELOPMENT --query ETag --output text)"'
    )


def test_code_that_the_state_does_not_know_is_found_by_a_refresh(slept):
    with pytest.raises(pulumi.RunError, match=r"fn-1 is not as this stack knows it.* pulumi up --refresh") as raised:
        looked("other", development="other")
    assert "publish-function" not in str(raised.value)
