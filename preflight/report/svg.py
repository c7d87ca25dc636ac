"""An SVG made safe to be part of a page: nothing in it runs, leads anywhere, or reaches beyond itself.

The drawings are our own, but the names in them are not. What is not known to be harmless is left out. A style attribute
becomes attributes, since the page's security policy admits none.
"""

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass

_SVG = "{http://www.w3.org/2000/svg}"
_ELEMENTS = frozenset(
    "svg g path rect circle ellipse line polyline polygon text tspan defs marker mask clipPath pattern use title desc "
    "linearGradient radialGradient stop".split()
)
_ATTRIBUTES = frozenset(
    # Structure and geometry.
    "id class d x y x1 x2 y1 y2 cx cy r rx ry dx dy width height points transform viewBox preserveAspectRatio "
    "refX refY markerWidth markerHeight markerUnits orient maskUnits maskContentUnits clipPathUnits patternUnits "
    "patternContentUnits patternTransform gradientUnits gradientTransform offset textLength lengthAdjust version "
    # Presentation.
    "fill fill-opacity fill-rule clip-rule stroke stroke-width stroke-opacity stroke-dasharray stroke-dashoffset "
    "stroke-linecap stroke-linejoin stroke-miterlimit opacity color display visibility clip-path mask marker-start "
    "marker-end text-anchor dominant-baseline alignment-baseline font-family font-size font-style font-weight "
    "letter-spacing text-decoration shape-rendering stop-color stop-opacity".split()
)
_TO_ITSELF = re.compile(r"url\(\s*['\"]?#([^)'\"]*)['\"]?\s*\)")
_REACHES_OUT = re.compile(r"@import|expression\(|url\(\s*['\"]?(?!['\"]?(?:data:|#))", re.IGNORECASE)


class UnsafeDrawingError(ValueError):
    """A drawing that is no SVG, or whose style would load something."""


@dataclass(frozen=True, kw_only=True)
class Inline:
    """The drawing as an element of a page, and the style sheet that belongs to it."""

    element: str
    style: str


def inline(text: str, prefix: str, label: str) -> Inline:
    """`prefix` keeps its ids apart from those of the page's other drawings; `label` is what it shows, in words."""
    try:
        root = ET.fromstring(text)  # noqa: S314 - made on this machine, a moment ago
    except ET.ParseError as error:
        raise UnsafeDrawingError(f"this is no SVG: {error}") from None
    if root.tag != f"{_SVG}svg":
        raise UnsafeDrawingError(f"this is no SVG but {root.tag}")
    style = "\n".join(_style(each, prefix) for each in root.iter(f"{_SVG}style"))
    clean = _clean(root, prefix)
    clean.set("role", "img")
    clean.set("aria-label", label)
    return Inline(element=ET.tostring(clean, encoding="unicode", short_empty_elements=False), style=style)


def _style(element: ET.Element, prefix: str) -> str:
    text = (element.text or "").strip()
    if _REACHES_OUT.search(text) or "</" in text:
        raise UnsafeDrawingError("its style would load something from elsewhere")
    # A rule for everything would reach the page around it.
    return "" if text.startswith("*") else _TO_ITSELF.sub(rf"url(#{prefix}\1)", text)


def _clean(element: ET.Element, prefix: str) -> ET.Element:
    """A copy, in no namespace as HTML wants it, of what is known to be harmless."""
    copy = ET.Element(element.tag.removeprefix(_SVG))
    copy.text, copy.tail = element.text, element.tail
    declared = [part.partition(":") for part in element.get("style", "").split(";")]
    given = {**element.attrib, **{name.strip(): value.strip() for name, _, value in declared}}
    for name, value in given.items():
        local = name.rpartition("}")[2]
        if local == "href" and value.startswith("#"):
            copy.set("href", f"#{prefix}{value[1:]}")
        elif name == "id":
            copy.set("id", f"{prefix}{value}")
        elif name in _ATTRIBUTES and not _REACHES_OUT.search(value):
            copy.set(name, _TO_ITSELF.sub(rf"url(#{prefix}\1)", value))
    for child in element:
        if isinstance(child.tag, str) and child.tag.removeprefix(_SVG) in _ELEMENTS and child.tag.startswith(_SVG):
            copy.append(_clean(child, prefix))
    return copy
