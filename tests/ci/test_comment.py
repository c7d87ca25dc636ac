"""render: the comment, worded by this project's own code, harmless and small whatever a pull request's code left."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from github import is_harmless, rendered
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reports import HOSTILE, as_recorded
from stacks import ROOT

from ci.comment import MOST_BYTES, render
from ci.fetch import ENDED, FAILED, MISSING, PLANNED, Fetched
from preflight.report.assemble import Before
from preflight.report.comment import MARKER
from preflight.report.parcel import ParcelError, pack, unpack

TAGS = "p code pre details summary h2 ul li blockquote strong table thead tbody tr th td em br a !"
RUN = "https://github.com/acme/shop/actions/runs"
BRANCH = Fetched(
    pull_request=7,
    sha="1234567890abcdef1234567890abcdef12345678",
    is_fork=False,
    verify_url=f"{RUN}/11",
    verify="success",
    preview_url=f"{RUN}/12",
    preview="success",
)
FORK = replace(BRANCH, is_fork=True, preview_url="", preview="")
PLAN = """Previewing update (dev):
  ~ aws:lambda/function:Function: (update)
Resources:
    + 2 to create
    ~ 1 to update
"""


@cache
def report() -> str:
    """What `preflight report` leaves for a change of a setting of dev."""
    before = Before(against="abc1234", recorded=as_recorded("dev"))
    return pack([(as_recorded("dev", "logs.retentionDays=30"), before, "")])


@pytest.fixture
def told(tmp_path: Path):
    def tell(fetched: Fetched = BRANCH, report: str | bytes | None = None, ended: str = PLANNED, **plans: str) -> str:
        for each in tmp_path.iterdir():
            each.unlink()
        (tmp_path / "fetched.json").write_text(json.dumps(vars(fetched)))
        if report is not None:
            (tmp_path / "report.json").write_bytes(report.encode() if isinstance(report, str) else report)
        for stack, text in plans.items():
            (tmp_path / f"plan-{stack}.txt").write_text(text)
            (tmp_path / f"plan-{stack}.{ENDED}").write_text(ended)
        render(tmp_path)
        return (tmp_path / "comment.md").read_text()

    return tell


def must_be_harmless(text: str) -> None:
    page = rendered(text)
    is_harmless(page, TAGS)
    links = {each.partition('"')[0] for each in page.split('<a href="')[1:]}
    assert links <= {f"{RUN}/11", f"{RUN}/12"}
    assert text.startswith(f"{MARKER}\n")
    assert len(text) <= MOST_BYTES


# What is told


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        (PLANNED, "no changes"),
        (FAILED, "it failed"),
        ("", "it failed"),
        (MISSING, "there is no such stack yet, so all is to create"),
    ],
)
def test_a_plan_without_counts_is_told_as_it_ended(told, ended, words):
    text = told(ended=ended, dev="error: AccessDenied\n")
    assert f"Pulumi's own plan of <code>dev</code>: {words}</summary>" in text


def test_the_report_is_that_of_the_command_itself(told):
    text = told(FORK, report())
    assert "Changes, none of them dangerous" in text
    assert "`retentionInDays`: `14` → `30`" in text
    must_be_harmless(text)


def test_it_says_of_which_commit_by_whom_and_how_far_that_can_be_believed(told):
    text = told(FORK, report())
    assert f"_At `1234567`. [verify]({RUN}/11): success._" in text
    assert "the pull request's own code says it would do, without credentials" in text
    assert "It comes from a fork, so Pulumi was not asked" in text


def test_what_is_to_be_said_of_all_stacks_comes_first(told):
    text = told(FORK, pack([(as_recorded("dev"), None, "there is no main")], ["prod has no file any more."]))
    assert text.index("> - prod has no file any more.") < text.index("## `dev`")
    must_be_harmless(text)


def test_a_fork_sees_what_the_documentation_shows(told):
    shown = (
        (ROOT / "docs/delivery.md").read_text(encoding="utf-8").partition("<!-- fork: ")[2].partition("```text\n")[2]
    )
    lines = shown.partition("```")[0].splitlines()
    assert len(lines) == 5
    assert "\n".join(lines) in told(FORK, report())


def test_pulumis_own_plan_stands_beside_it_folded_with_its_sums(told):
    text = told(BRANCH, report(), dev=PLAN, prod=PLAN)
    assert f"[preview]({RUN}/12): success" in text
    assert text.count("<details><summary>Pulumi's own plan of <code>") == 2
    assert "plan of <code>dev</code>: 2 to create, 1 to update</summary>" in text
    assert "~ aws:lambda/function:Function: (update)" in text
    must_be_harmless(text)


@pytest.mark.parametrize(
    ("fetched", "words"),
    [
        (replace(FORK, verify="failure"), "There is no report: the run above says why."),
        (replace(FORK, verify=""), "The report is being made."),
        (replace(BRANCH, verify="", verify_url=""), "The report is being made."),
        (replace(BRANCH, preview="failure"), f"[preview]({RUN}/12): failure"),
        (replace(BRANCH, preview=""), f"[preview]({RUN}/12): running"),
    ],
)
def test_what_is_not_there_yet_or_never_will_be_is_said(told, fetched, words):
    assert words in told(fetched)


# What must not get through


def walk(node: Any, path: tuple = ()):
    yield path
    for key, each in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from walk(each, (*path, key))


@cache
def small() -> tuple[dict, list[tuple]]:
    """A report of a few resources, so that one can be spoiled often; and every place in it."""
    parcel = json.loads(report())
    for side in (parcel["stacks"][0]["now"], parcel["stacks"][0]["before"]["side"]):
        resources = side["recording"]["resources"]
        kept = [urn for urn in resources if urn.split("::")[-1] in ("aws", "serverless", "serverless-logs", "cdn")]
        side["recording"]["resources"] = {urn: resources[urn] for urn in kept}
    return parcel, list(walk(parcel))


TEXTS = [HOSTILE, "\u202egnp.exe", "\x1b[31mred", "@octocat", "a" * 100_000, "", "urn:pulumi:a::b::c::d", "::::"]
TEXTS += ["```", "<script>", "https://evil.example"]
SPOILT = st.sampled_from(
    [*TEXTS, None, 0, -1, 1e308, True, [], {}, [HOSTILE], {HOSTILE: HOSTILE}, {"$secret": True}, {"$unknown": True}]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_stands_wherever_in_the_report_the_comment_is_harmless_and_small(told, data):
    parcel, places = small()
    spoilt = json.loads(json.dumps(parcel))
    for _ in range(data.draw(st.integers(1, 4))):
        path = data.draw(st.sampled_from(places))
        node = spoilt
        try:
            for step in path[:-1]:
                node = node[step]
            if path:
                node[path[-1]] = data.draw(SPOILT)
        except (KeyError, IndexError, TypeError):
            continue
    must_be_harmless(told(FORK, json.dumps(spoilt)))


@pytest.mark.parametrize("content", [b"", b"{}", b"[" * 100_000, b"\xff\xfe", b'{"schema": 2, "stacks": []}', b"null"])
def test_what_is_no_report_is_told_as_that(told, content):
    text = told(FORK, content)
    assert "The report of this run is none that could be read." in text
    must_be_harmless(text)


def test_every_text_of_a_report_may_be_hostile(told):
    def poisoned(node):
        if isinstance(node, dict):
            return {key: poisoned(each) for key, each in node.items()}
        if isinstance(node, list):
            return [poisoned(each) for each in node]
        return f"{node}{HOSTILE}" if isinstance(node, str) and "::" not in node and ":" not in node else node

    parcel = poisoned(json.loads(report()))
    text = told(FORK, json.dumps(parcel))
    must_be_harmless(text)
    assert "could not be told" not in text


def test_a_report_of_very_many_stacks_is_refused():
    stack = json.loads(report())["stacks"][0]
    with pytest.raises(ParcelError, match="21 stacks, 20 at most"):
        unpack(json.dumps({"schema": 1, "stacks": [stack] * 21, "remarks": []}).encode())


def test_resources_that_hang_below_themselves_are_refused():
    parcel, _ = small()
    spoilt = json.loads(json.dumps(parcel))
    resources = spoilt["stacks"][0]["now"]["recording"]["resources"]
    one, other = list(resources)[:2]
    resources[one]["parent"], resources[other]["parent"] = other, one
    with pytest.raises(ParcelError, match="its own ancestor"):
        unpack(json.dumps(spoilt).encode())
    resources[one]["urn"] = "x"
    with pytest.raises(ParcelError, match="not under its own URN"):
        unpack(json.dumps(spoilt).encode())


@pytest.mark.parametrize(
    "text", [HOSTILE, "```\n# Approved\n@octocat", "````````", "\x1b[2J\u202e", "<details>", "#1 " * 99]
)
def test_whatever_a_plan_says_it_stays_in_its_block(told, text):
    must_be_harmless(told(BRANCH, report(), dev=text))


def test_sums_are_numbers_and_known_words_alone(told):
    text = told(BRANCH, None, dev="    + 2 to create\n    + 999999999999 to create\n    + 3 to @octocat\n")
    assert "plan of <code>dev</code>: 2 to create</summary>" in text


def test_long_plans_lose_their_middle_and_leave_room_for_the_report(told):
    long = "begin\n" + "x" * 400_000 + "\n    + 2 to create\nend"
    text = told(BRANCH, report(), **{f"s{n}": long for n in range(10)})
    assert len(text) <= MOST_BYTES
    assert "characters left out" in text
    assert "2 to create" in text
    assert "`retentionInDays`: `14` → `30`" in text
    must_be_harmless(text)
