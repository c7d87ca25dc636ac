"""Drawings become part of a page: what could run, lead away or load is left out, the rest stays."""

import xml.etree.ElementTree as ET

import pytest

from preflight.report.svg import NoDrawingError, inline

SVG = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def cleaned(inner: str) -> str:
    return inline(f'<svg {SVG} viewBox="0 0 10 20">{inner}</svg>', "p-", "a drawing")


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '<a href="https://example.com"><text>x</text></a>',
        '<image href="https://example.com/x.png"/>',
        "<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>x</p></foreignObject>",
        "<style>@import url(https://example.com)</style>",
        '<animate attributeName="href" to="x"/>',
        '<p xmlns="http://www.w3.org/1999/xhtml">x</p>',
    ],
)
def test_an_element_that_is_not_known_to_be_harmless_is_left_out(hostile):
    assert list(ET.fromstring(cleaned(hostile))) == []


@pytest.mark.parametrize(
    "attribute",
    [
        'onload="alert(1)"',
        'href="javascript:alert(1)"',
        'xlink:href="https://example.com#x"',
        'fill="url(https://example.com/x#y)"',
        'style="fill: url(//example.com)"',
        'filter="url(#x)"',
        'data-x="1"',
    ],
)
def test_an_attribute_that_is_not_known_to_be_harmless_is_left_out(attribute):
    (rect,) = ET.fromstring(cleaned(f'<rect width="1" {attribute}/>'))
    assert rect.attrib == {"width": "1"}


def test_a_style_attribute_becomes_attributes():
    (text,) = ET.fromstring(cleaned('<text style="fill: #fff; font: 10px serif; behavior: x">a</text>'))
    assert text.attrib == {"fill": "#fff", "font-size": "10"}


def test_ids_are_kept_apart_and_what_names_them_follows():
    marker, path, use = ET.fromstring(cleaned('<marker id="m"/><path marker-end="url(#m)"/><use xlink:href="#m"/>'))
    assert (marker.get("id"), path.get("marker-end"), use.get("href")) == ("p-m", "url(#p-m)", "#p-m")


def test_text_stays_text_and_is_escaped():
    assert "&lt;b&gt; &amp; c" in cleaned("<text>&lt;b&gt; &amp; c</text>")


def test_it_says_what_it_shows_and_how_wide_it_is():
    root = ET.fromstring(cleaned(""))
    assert (root.get("role"), root.get("aria-label"), root.get("width")) == ("img", "a drawing", "10")


@pytest.mark.parametrize("text", ["not XML", "<html/>"])
def test_what_is_no_drawing_is_refused(text):
    with pytest.raises(NoDrawingError, match="this is no SVG"):
        inline(text, "p-", "a drawing")
