"""The drawing in Mermaid, which GitHub lays out and paints inside a comment."""

from collections.abc import Iterator, Mapping

from preflight.difference import Kind
from preflight.drawing.sketch import Architecture, Place, mark

_LONGEST = 60
"""Characters of a line before it is cut."""
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ,./:;()%=+!?'-")
_CLASSES: Mapping[Kind, str] = {
    # Lines only: the fill is GitHub's, light or dark.
    "added": "stroke:#1a7f37,stroke-width:3px",
    "removed": "stroke:#cf222e,stroke-width:3px,stroke-dasharray:6 4",
    "replaced": "stroke:#cf222e,stroke-width:3px",
    "updated": "stroke:#bf8700,stroke-width:3px",
    "renamed": "stroke:#8250df,stroke-width:3px",
    "moved": "stroke:#8250df,stroke-width:3px",
}


def mermaid(drawing: Architecture, kinds: Mapping[str, Kind]) -> str:
    """A flow chart, what changes marked by a word and the colour of its line."""
    names = {each.key: f"p{number}" for number, each in enumerate(drawing.places)}
    lines = ["flowchart TB"]
    for each in drawing.places:
        if not each.parent:
            lines += _place(drawing, each, kinds, names, "  ")
    for arrow in drawing.arrows:
        line = "-.->" if arrow.is_aside else "-->"
        label = f'|"{_label(*arrow.label.splitlines())}"|' if arrow.label else ""
        lines.append(f"  {names[arrow.source]} {line}{label} {names[arrow.target]}")
    marked: dict[Kind, list[str]] = {}
    for each in drawing.places:
        if kind := mark(each.urns, kinds):
            marked.setdefault(kind, []).append(names[each.key])
    for kind, those in marked.items():
        lines += [f"  classDef {kind} {_CLASSES[kind]}", f"  class {','.join(those)} {kind}"]
    return "\n".join(lines)


def _place(
    drawing: Architecture, place: Place, kinds: Mapping[str, Kind], names: Mapping[str, str], indent: str
) -> Iterator[str]:
    kind = mark(place.urns, kinds)
    label = _label(f"{place.title} ({kind})" if kind else place.title, place.detail)
    inside = drawing.inside(place.key)
    if not inside:
        yield f'{indent}{names[place.key]}["{label}"]'
        return
    yield f'{indent}subgraph {names[place.key]}["{label}"]'
    for each in inside:
        yield from _place(drawing, each, kinds, names, f"{indent}  ")
    yield f"{indent}end"


def _label(*lines: str) -> str:
    """Text that Mermaid shows as it is. What could be more than a letter to it is spelt by its number."""
    return "<br/>".join(_spelt(line[:_LONGEST]) for line in lines if line)


def _spelt(line: str) -> str:
    return "".join(each if each in _PLAIN else f"#{ord(each)};" for each in line if each.isprintable())
