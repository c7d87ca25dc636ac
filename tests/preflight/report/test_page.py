"""The page: whole, loading nothing, running nothing but its own, and foreign text is text. The browser has its own."""

import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from reports import DANGEROUS, FINDINGS, FLIP, HOSTILE, change, first_look, poisoned

from preflight.report.page import axis, page, properties
from preflight.report.stack_report import StackReport

SECTIONS = ("architecture", "difference", "cost", "duration", "plan", "outputs")


class Read(HTMLParser):
    """Every tag with its attributes, and the text outside of script and style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.raw: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        if self._open and self._open[-1] in ("script", "style"):
            self.raw[self._open[-1]] = self.raw.get(self._open[-1], "") + data
        else:
            self.text += data


@cache
def read(made: Callable[..., StackReport], *arguments: str) -> Read:
    """The page of a report, each read once."""
    return Read(page([made(*arguments)]))


def with_findings(*findings) -> Read:
    return Read(page([replace(change(*DANGEROUS), findings=findings)]))


def ids(found: Read) -> list[str]:
    return [attributes["id"] for _, attributes in found.tags if attributes.get("id")]


def test_every_section_is_there():
    assert {f"s1-{name}" for name in SECTIONS} <= set(ids(read(change, *FLIP)))


def test_what_was_not_asked_for_has_no_place():
    alone = ids(Read(page([replace(first_look("dev"), findings=None)])))
    assert "s1-difference" not in alone
    assert "s1-findings" not in alone
    assert "s1-findings" in ids(with_findings())


def test_ids_are_unique_with_several_stacks_too():
    found = ids(Read(page([change(*DANGEROUS), change(*DANGEROUS)])))
    assert len(set(found)) == len(found)


def test_its_policy_admits_its_own_style_and_script_alone():
    found = read(change, *FLIP)
    (policy,) = [each["content"] for tag, each in found.tags if each.get("http-equiv") == "Content-Security-Policy"]
    hashes = [b64encode(sha256(found.raw[tag].encode()).digest()).decode() for tag in ("style", "script")]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )


@pytest.mark.parametrize("made", [(change, *FLIP), (poisoned,)], ids=["a flip", "poisoned"])
def test_nothing_in_it_runs_loads_or_leads_away(made):
    found = read(*made)
    assert [tag for tag, _ in found.tags].count("script") == 1
    assert not {"img", "iframe", "object", "embed", "link", "base", "form", "a"} & {
        tag for tag, each in found.tags if not (tag == "a" and (each.get("href") or "").startswith("#"))
    }
    for _, attributes in found.tags:
        for name, value in attributes.items():
            assert not name.startswith("on"), name
            assert name != "style"
            if name in ("href", "src", "xlink:href", "action"):
                assert (value or "").startswith("#")


def test_foreign_text_is_shown_as_it_is():
    assert re.sub(r"\s+", " ", read(poisoned).text).count(HOSTILE) > 50


def test_secrets_are_not_in_it():
    text = page([change(*FLIP)])
    assert "[secret]" in text
    assert "$secret" not in text


def test_the_same_report_gives_the_same_page():
    assert page([change(*DANGEROUS)]) == page([change(*DANGEROUS)])


def test_the_drawing_before_is_there_where_it_changed():
    drawn = [each.get("aria-label") or "" for tag, each in read(change, *FLIP).tags if tag == "svg"]
    assert sum(each.startswith("Architecture of dev") for each in drawn) == 2
    drawn = [each.get("aria-label") or "" for tag, each in read(first_look, "dev").tags if tag == "svg"]
    assert sum(each.startswith("Architecture of dev") for each in drawn) == 1


def test_a_stack_by_itself_tells_of_the_first_deployment_and_of_a_switch():
    text = read(first_look, "dev").text
    assert "A switch to container, in one step: about 15 min" in " ".join(text.split())


def test_findings_are_told_with_what_to_change_the_waived_ones_apart():
    text = " ".join(with_findings(*FINDINGS).text.split())
    assert "medium balancer writes no access logs" in text
    assert "set logs.access to true" in text
    assert text.index("writes no access logs") < text.index("Waived: logs are written once")


def test_inputs_are_told_leaf_by_leaf_with_secrets_in_words():
    inputs = {"a": {"b": [{"c": 1}, {"c": {"$secret": True}}]}, "d": ["x", "y"], "e": {}, "f": {"$unknown": True}}
    assert list(properties(inputs)) == [
        ("a.b[0].c", "1"),
        ("a.b[1].c", "[secret]"),
        ("d", '["x", "y"]'),
        ("e", "{}"),
        ("f", "[known only to AWS]"),
    ]


def test_a_switch_in_one_step_is_announced_only_where_that_way_is_open():
    assert "A switch to container, in one step: about" in read(first_look, "dev").text
    prod = " ".join(read(first_look, "prod").text.split())
    assert "A switch to serverless, its first step: about" in prod
    assert "It takes several: protect keeps the load balancer of a container that serves alone" in prod
    assert "in one step" not in read(first_look, "prod", "standby=true").text


def test_what_goes_with_a_change_and_what_is_to_be_said_of_all_stacks_is_there():
    found = Read(page([change(*FLIP)], ["old has no file any more."]))
    assert "Goes with it: the logs of" in found.text
    assert "old has no file any more." in found.text
    assert "Ids and addresses that only AWS knows are made up." in found.text


def test_the_ticks_of_an_axis_are_few_and_round():
    timeline = change(*FLIP).timeline
    for seconds in (5, 59, 200, 900, 7_000, 100_000):
        ticks = axis(replace(timeline, typical_seconds=seconds))
        assert ticks[0] == (0, "0 s")
        assert len(ticks) <= 7 or seconds > 6 * 3600
        assert all(0 <= at <= 1000 for at, _ in ticks)
