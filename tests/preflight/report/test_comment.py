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


def named(report, stack):
    return replace(report, plan=replace(report.plan, stack=stack))


def test_of_several_stacks_each_has_its_verdict_on_top_the_gravest_first():
    lines = told(change("dev"), change(*FLIP), named(change(*DANGEROUS), "prod")).splitlines()
    assert lines[2] == "> [!CAUTION]"
    assert lines[3].startswith("> - `prod`: Danger: read this before you go on. Nothing is left behind")
    assert lines[4:6] == ["> - `dev`: Changes, none of them dangerous", "> - `dev`: Nothing changes"]
    assert [line.partition(":")[0] for line in lines if line.startswith("## ")] == [
        "## `prod` `serverless`",
        "## `dev` `serverless` → `container`",
        "## `dev` `serverless`",
    ]


@pytest.mark.parametrize("count", [25, 150, 2000])
def test_no_danger_is_left_out_however_many_stacks_there_are(count):
    text = told(*[change(*FLIP)] * count, named(change(*DANGEROUS), "prod"))
    assert len(text.encode()) <= MOST_BYTES
    assert text.splitlines()[3].startswith("> - `prod`: Danger: ")
    assert "> [!CAUTION]\n> - Nothing is left behind" in text
    assert re.search(r"Of \d+ stacks the rest is left out here; it is in `report.html`", text) or count == 25
    assert ("stacks more, of which 0 dangerous" in text) is (count == 2000)
    assert len(told(*[named(change(*DANGEROUS), "x" * 100)] * count).encode()) <= MOST_BYTES


def test_of_very_many_dangers_the_first_are_told_and_the_rest_is_counted():
    report = change(*DANGEROUS)
    dangers = tuple(f"Bucket b{n} is removed, and with it its files." for n in range(700))
    text = told(replace(report, comparison=replace(report.comparison, dangers=dangers)))
    assert "Danger: read these before you go on" in text
    assert "> - Bucket `b0` is removed" in text
    assert "> - and 680 more" in text
    assert len(text.encode()) <= MOST_BYTES
    long = replace(report, comparison=replace(report.comparison, dangers=("x" * 100_000,) * 9))
    assert "Danger" in told(long).splitlines()[2]
    assert len(told(long).encode()) <= MOST_BYTES


def test_what_goes_with_it_and_what_it_could_not_be_compared_with_is_said():
    assert re.search(r"Goes with it: the logs of .*serverless-logs\.", told(change(*FLIP)))
    text = told(replace(first_look("dev"), uncompared="this clone is shallow"))
    assert "> [!WARNING]\n> - Compared with nothing: this clone is shallow." in text


def test_what_is_made_up_in_it_is_called_so():
    assert told(change(*FLIP)).endswith("Ids and addresses that only AWS knows are made up.\n")


def test_nothing_foreign_in_it_is_markup_or_a_mention():
    text = told(poisoned())
    page = re.sub(r"<!-- switchyard preflight -->", "", rendered(text))
    is_harmless(page, TAGS)
    assert "<a " not in page
    assert page.count("<details>") == page.count("</details>")
    assert "@octocat" in html.unescape(page)
