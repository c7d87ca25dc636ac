"""Markdown from foreign text, rendered as GitHub renders it: no markup, no link, no mention, nothing but the text."""

import html
import re

import pytest
from github import is_harmless, rendered
from hypothesis import given
from hypothesis import strategies as st

from preflight.report.markdown import block, cell, code, prose, summary

HOSTILE = [
    "@octocat",
    "hello @octocat/team, look",
    "#12 GH-12 owner/repo#12 1234567890abcdef",
    "https://example.com www.example.com a@example.com",
    "[x](https://example.com) ![x](https://example.com/x.png) [x]: y <https://example.com>",
    "<script>alert(1)</script> <img src=x onerror=alert(1)> </details> <!-- x",
    "**b** _i_ ~~s~~ `c` ``` # h",
    "- x\n# y\n> z\n\n| a | b |\n|---|---|",
    ":tada: $x^2$ TICKET-12",
    "`` ` ``` ```` a|b \\| \\",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_code_shows_the_text_and_nothing_else(text):
    page = rendered(f"x {code(text)} y")
    is_harmless(page, "p code")
    shown = html.unescape(re.search(r"<code>(.*)</code>", page, re.DOTALL)[1])
    assert shown.split() == text.split()


@pytest.mark.parametrize("text", HOSTILE)
def test_a_cell_stays_one_cell(text):
    page = rendered(f"| a | b |\n|---|---|\n| {cell(text)} | end |")
    assert page.count("<td>") == 2
    assert "<td>end</td>" in page


@pytest.mark.parametrize("text", HOSTILE)
def test_prose_shows_every_word(text):
    page = rendered(prose(text))
    is_harmless(page, "p code")
    shown = html.unescape(re.sub(r"<[^>]*>", "", page))
    assert re.sub(r"\s", "", shown) == re.sub(r"\s", "", text)


def test_prose_leaves_plain_words_alone():
    sentence = "The public URL changes, and viewers lose the old one at once."
    assert prose(sentence) == sentence
    assert prose("It waits 60 s (for the edges).") == "It waits 60 s (for the edges)."


@pytest.mark.parametrize("text", HOSTILE)
def test_a_block_ends_where_it_should(text):
    page = rendered(f"{block(text, 'mermaid')}\n\nafter")
    assert page.count("<pre>") + page.count("<pre ") == 1
    assert page.rstrip().endswith("<p>after</p>")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_summary_is_one_line_of_code(text):
    page = rendered(f"<details><summary>{summary(text)}</summary>\n\nx\n\n</details>")
    is_harmless(page, "details summary code p")
    assert page.count("</details>") == 1


WORDS = st.text(st.sampled_from("ab1@#`*_[]()<>!|\\&:$~-./ \n"), max_size=40)


@given(WORDS)
def test_whatever_the_text_it_is_harmless_as_code_and_as_prose(text):
    is_harmless(rendered(f"x {code(text)} y"), "p code")
    is_harmless(rendered(f"x {prose(text)}"), "p code")
