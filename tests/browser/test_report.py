"""The report's page in Chromium, as a reader has it: narrow and wide, light and dark, by keyboard, and alone."""

from dataclasses import replace
from pathlib import Path

import pytest
from reports import DANGEROUS, FINDINGS, FLIP, HOSTILE, change, poisoned
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from preflight.report.page import page

LOOKS = [(width, scheme) for width in (400, 1400) for scheme in ("light", "dark")]
CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def flip(tmp_path_factory) -> Path:
    """A flip of dev, which is calm, with findings, beside a change that is dangerous."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(page([replace(change(*FLIP), findings=FINDINGS), change(*DANGEROUS)]), encoding="utf-8")
    return path


def open_all(browser) -> None:
    browser.run("document.querySelectorAll('details').forEach((each) => { each.open = true; })")


def press(browser, *keys: str) -> None:
    ActionChains(browser.driver).send_keys(*keys).perform()


def focused(browser) -> str:
    return browser.run(
        "const at = document.activeElement; return at.id || at.getAttribute('href') || at.textContent.trim()"
    )


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_every_section_is_seen_and_nothing_goes_wrong_or_leaves(browser, flip, width, scheme):
    browser.open(flip, width=width, scheme=scheme)
    for name in ("verdict", "architecture", "difference", "cost", "findings", "duration", "plan", "outputs"):
        size = browser.run("return document.getElementById(arguments[0]).getBoundingClientRect().height", f"s1-{name}")
        assert size > 40, name
    assert browser.run("return document.querySelectorAll('.drawing svg .place').length") > 10
    assert browser.run("return document.querySelectorAll('.plot svg path').length") > 10
    assert browser.run("return document.querySelectorAll('.gantt .critical .bar').length") > 3
    asked = browser.run("return performance.getEntriesByType('resource').map((each) => each.name)")
    assert asked == []
    assert browser.said() == []


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_text_stands_out_as_wcag_aa_wants_it(browser, flip, width, scheme):
    browser.open(flip, width=width, scheme=scheme)
    open_all(browser)
    browser.run("document.querySelectorAll('article').forEach((each) => { each.hidden = false; })")
    found = browser.run(CONTRAST)
    assert found["checked"] > 300
    assert found["weak"] == []


@pytest.mark.parametrize(("width", "scheme"), LOOKS[::2])
def test_nothing_is_wider_than_the_window_but_what_scrolls_by_itself(browser, flip, width, scheme):
    browser.open(flip, width=width, scheme=scheme)
    open_all(browser)
    assert browser.run("return document.documentElement.scrollWidth") <= width


def test_words_in_the_drawing_stay_inside_their_boxes(browser, flip):
    browser.open(flip)
    outside = browser.run(
        """
        return [...document.querySelectorAll("#s1 figure:not(.before figure) .drawing .place")].filter((place) => {
          const box = place.querySelector(".shape rect").getBoundingClientRect();
          const words = place.querySelector(":scope > text").getBoundingClientRect();
          return words.left < box.left || words.right > box.right || words.top < box.top || words.bottom > box.bottom;
        }).map((place) => place.textContent)
        """
    )
    assert outside == []


@pytest.mark.parametrize(("width", "scheme"), LOOKS[::2])
def test_the_drawing_begins_with_the_viewers_and_its_words_are_large_enough(browser, flip, width, scheme):
    browser.open(flip, width=width, scheme=scheme)
    browser.run("document.querySelector('#s1 .drawing').scrollIntoView({ behavior: 'instant' })")
    browser.driver.execute_async_script("setTimeout(arguments[0], 200)")
    left, right, least = browser.run(
        """
        const drawing = document.querySelector("#s1 .drawing");
        const box = drawing.querySelector(".outside").getBoundingClientRect();
        const sizes = [...drawing.querySelectorAll("text")].map(
          (each) => parseFloat(getComputedStyle(each).fontSize) * each.getScreenCTM().d);
        return [box.left, box.right, Math.min(...sizes)];
        """
    )
    assert 0 <= left < right <= width
    assert least > 11


@pytest.mark.parametrize(("width", "scheme"), LOOKS[::2])
def test_the_axis_of_a_timeline_is_that_of_its_bars(browser, flip, width, scheme):
    browser.open(flip, width=width, scheme=scheme)
    labels, ticks = browser.run(
        """
        const at = (each) => each.getBoundingClientRect();
        const table = document.querySelector("#s1-duration .gantt"), axis = table.querySelector(".axis");
        const ticks = table.querySelector("tbody svg").querySelectorAll(".tick");
        return [
          [...axis.querySelectorAll("text")].map((each) => [each.textContent, at(each).left, at(each).right]),
          [...ticks].map((each) => at(each).left),
        ];
        """
    )
    assert [text for text, _, _ in labels] == ["0", "5 min", "10 min", "15 min"]
    assert all(left - 2 <= tick <= right + 2 for (_, left, right), tick in zip(labels, ticks, strict=True))


def test_every_part_that_acts_is_reached_by_the_tab_key_and_shows_it(browser, flip):
    browser.open(flip, width=1400)
    wanted = browser.run(
        """
        const can = "a[href], input, summary, [tabindex='0']";
        return [...document.querySelectorAll(can)].filter((each) => each.tabIndex >= 0 && each.checkVisibility()).length
        """
    )
    seen = []
    for _ in range(wanted):
        press(browser, Keys.TAB)
        outline = browser.run("return getComputedStyle(document.activeElement).outlineStyle")
        seen.append((browser.run("return document.activeElement.tagName"), outline))
    assert "BODY" not in {tag for tag, _ in seen}
    assert {outline for _, outline in seen} == {"solid"}


def test_the_first_tab_skips_to_the_report(browser, flip):
    browser.open(flip)
    press(browser, Keys.TAB)
    assert focused(browser) == "#main"


def test_stacks_are_tabs_by_arrow_keys(browser, flip):
    browser.open(flip)
    assert browser.run("return [s1.hidden, s2.hidden]") == [False, True]
    browser.run("t1.focus()")
    press(browser, Keys.ARROW_RIGHT)
    assert (focused(browser), browser.run("return [s1.hidden, s2.hidden]")) == ("t2", [True, False])
    assert browser.run("return t2.getAttribute('aria-selected')") == "true"
    press(browser, Keys.ARROW_RIGHT)
    assert focused(browser) == "t1"


def test_an_address_leads_to_its_stack(browser, flip):
    browser.open(flip)
    browser.run("location.hash = '#s2-cost'")
    browser.driver.execute_async_script("setTimeout(arguments[0], 50)")
    assert browser.run("return [s1.hidden, s2.hidden]") == [True, False]


def test_details_open_with_enter_and_the_search_finds_inputs(browser, flip):
    browser.open(flip)
    browser.run("document.querySelector('#s1-plan details.group > summary').focus()")
    press(browser, Keys.ENTER)
    assert browser.run("return document.querySelector('#s1-plan details.group').open")
    browser.run("q1.focus()")
    press(browser, "deregistrationDelay")
    every = browser.run("return document.querySelectorAll('#s1-plan .resources > li').length")
    assert browser.run("return document.querySelector('#s1-plan output').textContent") == f"1 of {every}"
    shown = browser.run(
        "return [...document.querySelectorAll('#s1-plan .resources > li')].filter((e) => e.checkVisibility())"
        ".map((e) => e.querySelector('.name').textContent)"
    )
    assert shown == ["container-balancer-app"]
    press(browser, *[Keys.BACKSPACE] * len("deregistrationDelay"), "nothing like it")
    assert browser.run("return document.querySelector('#s1-plan output').textContent") == f"0 of {every}"


def test_on_paper_everything_is_there_and_the_controls_are_not(browser, flip):
    browser.open(flip)
    try:
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        browser.run("dispatchEvent(new Event('beforeprint'))")
        assert browser.run("return [s1.hidden, s2.hidden]") == [False, False]
        assert browser.run("return [...document.querySelectorAll('#s1-difference details')].every((each) => each.open)")
        assert browser.run("return document.querySelector('.search').checkVisibility()") is False
        browser.run("dispatchEvent(new Event('afterprint'))")
        assert browser.run("return s2.hidden")
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_without_its_script_all_stacks_are_there(browser, flip, tmp_path):
    bare = tmp_path / "bare.html"
    bare.write_text(flip.read_text(encoding="utf-8").replace('"use strict";', "throw 0;"), encoding="utf-8")
    browser.open(bare)
    assert browser.run("return [s1, s2].map((each) => each.checkVisibility())") == [True, True]
    assert any("Content Security Policy" in each for each in browser.said())  # a changed script does not run


def test_hostile_names_are_text_in_the_browser_too(browser, tmp_path):
    path = tmp_path / "hostile.html"
    path.write_text(page([poisoned()]), encoding="utf-8")
    browser.open(path)
    assert browser.run("return document.querySelectorAll('img, a[href^=http], .stack script').length") == 0
    assert HOSTILE.split()[0] in browser.run("return document.querySelector('h1').textContent")
    assert browser.said() == []
