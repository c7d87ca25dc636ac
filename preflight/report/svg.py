"""An SVG made safe to be part of a page: nothing in it runs, leads anywhere, or reaches beyond itself.

The drawings are our own, but the names in them are not. What is not known to be harmless is left out, and so is every
style sheet. A style attribute becomes attributes, since the page's security policy admits none.
"""

import re
import xml.etree.ElementTree as ET

_SVG = "{http://www.w3.org/2000/svg}"
_ELEMENTS = frozenset(
    {"svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "defs", "marker"}
    | {"mask", "clipPath", "pattern", "use", "title", "desc"}
)
_GEOMETRY = frozenset(
    {"id", "class", "d", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "ry", "dx", "dy", "width", "height"}
    | {"points", "transform", "viewBox", "preserveAspectRatio", "refX", "refY", "markerWidth", "markerHeight"}
    | {"markerUnits", "orient", "maskUnits", "clipPathUnits", "patternUnits", "patternTransform"}
)
_LOOKS = frozenset(
    {"fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "opacity"}
    | {"stroke-dashoffset", "stroke-linecap", "stroke-linejoin", "clip-path", "mask", "marker-start", "marker-end"}
    | {"text-anchor", "dominant-baseline", "font-size", "font-weight"}
)
_ATTRIBUTES = _GEOMETRY | _LOOKS
_TO_ITSELF = re.compile(r"url\(\s*['\"]?#([^)'\"]*)['\"]?\s*\)")
_FONT_SIZE = re.compile(r"([\d.]+)px")
_REACHES_OUT = re.compile(r"url\(\s*['\"]?(?!['\"]?#)", re.IGNORECASE)


class NoDrawingError(ValueError):
    """What should be an SVG is none."""


def inline(text: str, prefix: str, label: str) -> str:
    """The drawing as an element of a page.

    `prefix` keeps its ids apart from those of the page's other drawings; `label` is what it shows, in words. Its own
    style sheets are left out: the page paints it, so that it fits light and dark.
    """
    try:
        root = ET.fromstring(text)  # noqa: S314 - made on this machine, a moment ago
    except ET.ParseError as error:
        raise NoDrawingError(f"this is no SVG: {error}") from None
    if root.tag != f"{_SVG}svg":
        raise NoDrawingError(f"this is no SVG but {root.tag}")
    clean = _clean(root, prefix)
    if "width" not in clean.attrib:
        clean.set("width", clean.get("viewBox", "0 0 100 100").split()[2])
    clean.set("role", "img")
    clean.set("aria-label", label)
    return ET.tostring(clean, encoding="unicode", short_empty_elements=False)


def _clean(element: ET.Element, prefix: str) -> ET.Element:
    """A copy, in no namespace as HTML wants it, of what is known to be harmless."""
    copy = ET.Element(element.tag.removeprefix(_SVG))
    copy.text, copy.tail = element.text, element.tail
    declared = [part.partition(":") for part in element.get("style", "").split(";")]
    given = {**element.attrib, **{name.strip(): value.strip() for name, _, value in declared}}
    for name, value in given.items():
        if name == "font" and (size := _FONT_SIZE.search(value)):
            copy.set("font-size", size[1])
        elif name.rpartition("}")[2] == "href" and value.startswith("#"):
            copy.set("href", f"#{prefix}{value[1:]}")
        elif name == "id":
            copy.set("id", f"{prefix}{value}")
        elif name in _ATTRIBUTES and not _REACHES_OUT.search(value):
            copy.set(name, _TO_ITSELF.sub(rf"url(#{prefix}\1)", value))
    for child in element:
        if isinstance(child.tag, str) and child.tag.removeprefix(_SVG) in _ELEMENTS and child.tag.startswith(_SVG):
            copy.append(_clean(child, prefix))
    return copy
