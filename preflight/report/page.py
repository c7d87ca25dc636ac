"""The page: one HTML file with everything in it, which runs no code but its own and loads nothing."""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from preflight.diff_view import MADE_UP, SIGNS
from preflight.difference import Change, Kind
from preflight.drawing.d2 import svg
from preflight.drawing.sketch import Architecture
from preflight.plan import short_type
from preflight.recording import Recording, Resource
from preflight.report import words
from preflight.report.costs import cost_groups, free_lines
from preflight.report.stack_report import StackReport
from preflight.report.svg import inline
from preflight.timeline import Step, Timeline
from preflight.values import shown, value

_FOLDER = Path(__file__).parent
_LONGEST = 2_000
"""Characters of a value before it is cut: here is room."""
_SHORTEST_SHOWN = 10
"""Seconds: shorter steps of a timeline are counted, not listed."""


def page(reports: Sequence[StackReport], remarks: Sequence[str] = ()) -> str:
    """The reports as HTML, `remarks` above them; the same text for the same reports. Raises D2Error."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    helpers = {
        "MADE_UP": MADE_UP,
        "axis": axis,
        "SIGNS": SIGNS,
        "cost_groups": cost_groups,
        "difference_groups": difference_groups,
        "drawings": drawings,
        "free_lines": free_lines,
        "plan_groups": plan_groups,
        "plot": plot,
        "properties": properties,
        "rows": rows,
        "short_type": short_type,
        "shown": partial(shown, longest=_LONGEST),
        "value": value,
        "words": words,
    }
    style, script = ((_FOLDER / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    return environment.get_template("page.html.j2").render(
        **helpers,
        reports=reports,
        remarks=remarks,
        policy=f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'",
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
    )


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


@dataclass(frozen=True, kw_only=True)
class Group:
    """What is in one component: resources of a plan, or changes."""

    components: tuple[str, ...]
    members: tuple[Any, ...]


def difference_groups(report: StackReport) -> list[Group]:
    """The changes, by component."""
    changes: tuple[Change, ...] = report.comparison.difference.changes if report.comparison else ()
    runs = groupby(changes, lambda each: each.components)
    return [Group(components=components, members=tuple(run)) for components, run in runs]


def plan_groups(recording: Recording) -> list[Group]:
    """The resources, by component."""
    found: dict[tuple[str, ...], list[Resource]] = {}
    for each in recording:
        if each.is_ours and (each.custom or each.remote):
            found.setdefault(tuple(_components(recording, each)), []).append(each)
    return [Group(components=above, members=tuple(members)) for above, members in sorted(found.items())]


def _components(recording: Recording, resource: Resource) -> list[str]:
    above: list[str] = []
    while resource.parent in recording.resources:
        resource = recording.resources[resource.parent]
        above.insert(0, f"{resource.type.rpartition(':')[2]} {resource.name}")
    return above


def properties(inputs: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every leaf of a resource's inputs with its path, for a person; secrets and unknowns in words."""
    if isinstance(inputs, Mapping) and inputs and not any(key.startswith("$") for key in inputs):
        for key, each in inputs.items():
            yield from properties(each, f"{path}.{key}" if path else key)
    elif isinstance(inputs, list) and inputs and any(isinstance(each, Mapping | list) for each in inputs):
        for index, each in enumerate(inputs):
            yield from properties(each, f"{path}[{index}]")
    else:
        yield path, value(inputs)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One drawing of the page."""

    title: str
    drawing: Markup
    is_before: bool = False


def drawings(report: StackReport, number: int) -> list[Figure]:
    """The architecture as it will be, and as it was where it looked different; none without traffic to draw.

    Raises D2Error.
    """
    kinds: Mapping[str, Kind] = report.comparison.kinds if report.comparison else {}
    wanted = [("After the change" if report.redrawn else "As planned", report.drawing, False)]
    if report.comparison and report.redrawn:
        wanted.append(("Before", report.comparison.before_drawing, True))
    found = []
    for title, each, is_before in wanted:
        if each.places:
            label = f"Architecture of {report.stack}, {title.lower()}: {_in_words(each)}"
            prefix = f"d{number}{'b' if is_before else 'a'}-"
            found.append(
                Figure(title=title, drawing=_safe(inline(svg(each, kinds), prefix, label)), is_before=is_before)
            )
    return found


def _in_words(drawing: Architecture) -> str:
    """The ways of the drawing, for whom it can't be seen by."""
    titles = {each.key: each.title for each in drawing.places}
    ways = dict.fromkeys(f"{titles[each.source]} to {titles[each.target]}" for each in drawing.arrows)
    return "; ".join(ways)


def plot(report: StackReport, number: int) -> Markup:
    """The break-even; empty where there is none."""
    if not report.costs.breakeven:
        return Markup("")
    from preflight.plot import as_svg  # noqa: PLC0415 - matplotlib takes half a second to import

    label = f"Cost of both topologies of {report.stack} over requests a month"
    return _safe(inline(as_svg(report.costs.breakeven), f"b{number}-", label))


def _safe(element: str) -> Markup:
    return Markup(element)  # noqa: S704 - inline() leaves nothing in it that could be more than a picture


@dataclass(frozen=True, kw_only=True)
class Row:
    """A step of a timeline with its bar, of 1000 the whole."""

    step: Step
    left: float
    width: float


def rows(timeline: Timeline) -> tuple[list[Row], int]:
    """The steps worth a line, and how many shorter ones there are."""
    whole = timeline.typical_seconds or 1
    shown = [each for each in timeline.steps if each.typical_seconds >= _SHORTEST_SHOWN]
    return [
        Row(
            step=each,
            left=round(1000 * each.start_seconds / whole, 1),
            width=max(round(1000 * each.typical_seconds / whole, 1), 4),
        )
        for each in shown
    ], len(timeline.steps) - len(shown)


_TICKS = (10, 30, 60, 120, 300, 600, 900, 1800, 3600)
"""Seconds between two ticks of an axis."""
_MOST_TICKS = 6


def axis(timeline: Timeline) -> list[tuple[float, str]]:
    """The ticks of a timeline: where, of 1000 the whole, and what time that is."""
    whole = timeline.typical_seconds or 1
    step = next((each for each in _TICKS if whole / each <= _MOST_TICKS), _TICKS[-1])
    return [(round(1000 * at / whole, 1), words.duration(at)) for at in range(0, int(whole) + 1, step)]
