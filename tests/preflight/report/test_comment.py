"""The comment: what is on top, that it fits whatever changes, and that nothing foreign in it is more than text."""

import html
import re
from dataclasses import replace

import pytest
from github import is_harmless, rendered
from reports import DANGEROUS, FINDINGS, FLIP, SMALL, change, first_look, of_everything, poisoned

from preflight.drawing.sketch import Place
from preflight.report import words
from preflight.report.comment import MOST_BYTES, comment

TAGS = "p code pre details summary h2 ul li blockquote strong table thead tbody tr th td"


def told(*reports, url=None) -> str:
    return comment(reports, url)


def sections(text: str) -> list[str]:
    """The first word of every part, in order."""
    return [re.sub(r"<[^>]*>|[^A-Za-z ]", "", part).split(" ")[0] for part in text.split("\n\n") if "<summary>" in part]


def test_a_small_change_is_a_small_comment():
    text = told(change(*SMALL))
    assert "Changes, none of them dangerous" in text.splitlines()[2]
    assert "`retentionInDays`: `14` → `30`" in text
    assert len(text) < 6_000


def test_danger_is_on_top_in_an_alert_of_githubs():
    lines = told(change(*DANGEROUS)).splitlines()
    assert lines[2] == "## `dev` `serverless`: Danger: read this before you go on"
    assert lines[4] == "> [!CAUTION]"
    assert lines[5].startswith("> - Nothing is left behind the distribution")


def test_what_a_flip_costs_and_how_long_it_takes_is_said_before_what_it_changes():
    report = change(*FLIP)
    text = told(report)
    headline = text.split("\n\n")[2]
    assert "16 removed, 43 added, 1 updated" in headline
    assert (
        f"**{words.usd(report.costs.estimate.total)} USD a month ({words.change_of(report.costs.change)})**" in headline
    )
    assert "The update takes **about 15 min** (8 to 40 min)" in headline
    names = sections(text)
    order = ["Cost", "Container", "Distribution", "Serverless", "Outputs", "Architecture", "Deserves", "How"]
    assert [each for number, each in enumerate(names) if each not in names[:number]] == order


def test_the_drawing_before_and_after_is_shown_where_it_changed():
    text = told(change(*FLIP))
    assert text.count("```mermaid") == 2
    assert "(added)" in text.partition("Architecture after the change")[2].partition("Architecture before")[0]
    assert "(removed)" in text.partition("Architecture before")[2]
    assert told(change(*SMALL)).count("```mermaid") == 1


def test_a_stack_by_itself_has_a_headline_and_no_difference():
    text = told(first_look("dev"))
    assert "A first look" in text
    assert "The first deployment takes **about" in text
    assert "> [!" not in text


def test_nothing_changed_is_said_in_few_words():
    text = told(change("dev"))
    assert "Nothing changes" in text
    assert "mermaid" not in text


def test_findings_have_a_place_only_where_somebody_looked():
    report = replace(change(*SMALL), findings=None)
    assert "finding" not in told(report)
    text = told(replace(report, findings=FINDINGS))
    assert "1 finding, 1 waived" in text
    assert "- **medium** `balancer`: writes no access logs; set logs.access to true" in text
    assert "No findings" in told(replace(report, findings=()))


def test_it_says_where_the_whole_page_is():
    assert "`report.html`, among the files of this run" in told(change(*SMALL))
    assert "[the whole report](https://example.com/r.html)" in told(change(*SMALL), url="https://example.com/r.html")


CHANGES = {"small": lambda: change(*SMALL), "a flip": lambda: change(*FLIP), "everything": of_everything}


@pytest.mark.parametrize("made", CHANGES.values(), ids=CHANGES)
def test_it_fits_and_is_whole(made):
    text = told(made())
    assert len(text.encode()) <= MOST_BYTES
    page = rendered(text)
    assert page.count("<details>") == page.count("</details>") == page.count("<summary>")
    is_harmless(page.replace("<!-- switchyard preflight -->", ""), TAGS)


def many(count: int):
    """A change of so many resources, each with many properties."""
    report = of_everything()
    (one, *_) = (each for each in report.comparison.difference.changes if each.kind == "updated" and each.properties)
    changes = tuple(
        replace(one, name=f"{one.name}-{n}", urn=f"{one.urn}-{n}", properties=one.properties[:1] * 30)
        for n in range(count)
    )
    difference = replace(report.comparison.difference, changes=changes)
    return replace(report, comparison=replace(report.comparison, difference=difference))


def test_what_does_not_fit_is_left_out_and_that_is_said():
    assert "left out here" not in told(many(10))
    text = told(many(2000))
    assert len(text.encode()) <= MOST_BYTES
    assert re.search(r"\d+ resources left out here, in `report.html`", text)
    assert "2000 updated" in text


def test_a_drawing_too_large_is_left_out_alone():
    report = of_everything()
    large = replace(
        report.drawing, places=tuple(Place(key=str(n), role="place", title="x" * 60) for n in range(1500)), arrows=()
    )
    text = told(replace(report, drawing=large))
    assert len(text.encode()) <= MOST_BYTES
    assert "Left out here; it is in" in text


def test_very_many_stacks_are_left_out_by_name():
    text = told(*[change(*SMALL)] * 150)
    assert len(text.encode()) <= MOST_BYTES
    assert re.search(r"\d+ stacks left out here, in `report.html`, among the files of this run: `dev`", text)


def test_nothing_foreign_in_it_is_markup_or_a_mention():
    text = told(poisoned())
    page = re.sub(r"<!-- switchyard preflight -->", "", rendered(text))
    is_harmless(page, TAGS)
    assert "<a " not in page
    assert page.count("<details>") == page.count("</details>")
    assert "@octocat" in html.unescape(page)
