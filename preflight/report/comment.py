"""The comment: what a reviewer reads first, in GitHub's Markdown, small enough for GitHub whatever changes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from preflight.diff_view import MADE_UP, SIGNS
from preflight.difference import Change, Kind
from preflight.drawing.mermaid import mermaid
from preflight.plan import short_type
from preflight.report import words
from preflight.report.markdown import block, cell, code, prose, summary
from preflight.report.stack_report import Level, StackReport, plural
from preflight.values import Shown, shown

MOST_BYTES = 60_000
"""GitHub takes 65,536 characters. The rest is for what a bot puts around it."""
MARKER = "<!-- switchyard preflight -->"
"""By which a bot finds its own comment again."""
_LONG_STEP = 30
"""Seconds: shorter steps of the critical path are left out."""
_LONGEST_LINE = 400
"""Characters of a danger or a note before it is cut."""
_MOST_BYTES_ON_TOP = 12_000
"""Of one line for each stack; further ones are counted."""
_MOST_WHOLE = 50
"""Stacks for which it is worth trying how much can be told of each."""
_GRAVITY: tuple[Level, ...] = ("danger", "change", "calm")


@dataclass(frozen=True, kw_only=True)
class Room:
    """How much of everything is told. Less and less, until it fits."""

    properties: int = 20
    """Of a resource, most that are shown."""
    resources: int = 200
    """Of a stack's difference, most that are shown one by one."""
    lines: int = 15
    """Of a table of costs, or of a list."""
    dangers: int = 20
    """Of a stack, most that are shown."""
    drawings: bool = True


_ROOMS = (
    Room(),
    Room(properties=4),
    Room(properties=0),
    Room(properties=0, resources=60, lines=8, dangers=10),
    Room(properties=0, resources=0, lines=5, dangers=5),
    Room(properties=0, resources=0, lines=3, dangers=3, drawings=False),
)


def comment(reports: Sequence[StackReport], url: str | None, remarks: Sequence[str] = ()) -> str:
    """The reports as one comment under MOST_BYTES, the gravest first, `remarks` above them.

    Each stack's verdict is on top; what does not fit is told of the less grave ones only there. `url` is where the
    whole page is.
    """
    where = f"[the whole report]({url})" if url else "`report.html`, among the files of this run"
    ordered = sorted(reports, key=lambda each: _GRAVITY.index(each.level))
    head = [MARKER, *_quoted("WARNING", remarks, _ROOMS[-1].lines), *(_overview(ordered) if len(ordered) > 1 else ())]
    foot = f"Everything, with the plan and where each time comes from: {where}. {MADE_UP}"
    if len(ordered) <= _MOST_WHOLE:
        for room in _ROOMS:
            text = _joined([*head, *(part for each in ordered for part in _stack(each, room, where)), foot])
            if _fits(text):
                return text
    for number, each in enumerate(ordered):  # very many stacks: as many as fit
        rest = f"Of {plural(len(ordered) - number, 'stack')} the rest is left out here; it is in {where}."
        parts = [*head, *_stack(each, _ROOMS[-1], where)]
        if not _fits(_joined([*parts, rest, foot])):
            return _joined([*head, rest, foot])
        head = parts
    return _joined([*head, foot])


def _fits(text: str) -> bool:
    return len(text.encode()) <= MOST_BYTES


def _joined(parts: Sequence[str]) -> str:
    return "\n\n".join(parts) + "\n"


def _overview(reports: Sequence[StackReport]) -> Iterator[str]:
    """The verdict of every stack in a line; of a dangerous one with the worst there is."""
    alerts: dict[Level, str] = {"danger": "CAUTION", "change": "NOTE", "calm": "NOTE"}
    lines: list[str] = []
    for number, each in enumerate(reports):
        line = f"{code(_cut(each.stack, 80))}: {prose(each.verdict)}"
        if each.comparison and each.comparison.dangers:
            first, *more = each.comparison.dangers
            line += f". {prose(_cut(first))}" + (f" And {len(more)} more." if more else "")
        if sum(map(len, lines)) + len(line) > _MOST_BYTES_ON_TOP:
            dangerous = sum(one.level == "danger" for one in reports[number:])
            lines.append(f"{plural(len(reports) - number, 'stack')} more, of which {dangerous} dangerous")
            break
        lines.append(line)
    yield "\n".join([f"> [!{alerts[reports[0].level]}]", *(f"> - {line}" for line in lines)])


def _stack(report: StackReport, room: Room, where: str) -> Iterator[str]:
    comparison = report.comparison
    topologies = " → ".join(map(code, report.topologies))
    yield f"## {code(report.stack)} {topologies}: {report.verdict}"
    if comparison:
        yield from _quoted("CAUTION", comparison.dangers, room.dangers)
    yield from _quoted("WARNING", report.notes, room.dangers)
    yield _headline(report)
    if comparison and comparison.goes_along:
        along = comparison.goes_along[: room.dangers]
        yield f"Goes with it: {'; '.join(prose(_cut(line)) for line in along)}."
    yield from _costs(report, room)
    if comparison and comparison.difference:
        yield from _difference(report, room, where)
    yield from _drawings(report, room, where)
    yield from _findings(report, room)
    yield from _attention(report, room)
    yield from _duration(report)


def _quoted(kind: str, lines: Sequence[str], most: int) -> Iterator[str]:
    """One of GitHub's alerts, each line an item of a list."""
    if lines:
        told = [prose(_cut(line)) for line in lines[:most]]
        told += [f"and {len(lines) - most} more"] if len(lines) > most else []
        yield "\n".join([f"> [!{kind}]", *(f"> - {line}" for line in told)])


def _cut(text: str, longest: int = _LONGEST_LINE) -> str:
    return text if len(text) <= longest else f"{text[:longest]} …"


def _headline(report: StackReport) -> str:
    costs, comparison = report.costs, report.comparison
    parts = []
    if comparison:
        changed = f", with {', '.join(map(code, comparison.changed))}" if comparison.changed else ""
        both = f" (both with {', '.join(map(code, report.both))})" if report.both else ""
        parts.append(f"Against {code(comparison.against)}{changed}{both}: {report.extent}.")
    else:
        parts.append(f"{report.extent}.")
    change = f" ({words.change_of(costs.change)})" if costs.change is not None else ""
    parts.append(f"**{words.usd(costs.estimate.total)} USD a month{change}**, {_load(report)}.")
    if report.timeline.steps:
        typical = words.duration(report.timeline.typical_seconds)
        parts.append(f"{report.what_takes.capitalize()} takes **about {typical}** ({words.span(report.timeline)}).")
    if report.findings is not None:
        parts.append(f"{plural(len(words.standing(report.findings)), 'finding')}.")
    return " ".join(parts)


def _load(report: StackReport) -> str:
    requests = report.costs.workload.requests
    return f"at {words.many(requests)} requests" if requests else "before any request"


def _folded(title: str, body: str) -> str:
    """`title` is HTML already."""
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def _difference(report: StackReport, room: Room, where: str) -> Iterator[str]:
    if not report.comparison:
        return
    left = room.resources
    for components, run in groupby(report.comparison.difference.changes, lambda each: each.components):
        changes = list(run)
        counts = ", ".join(f"{count} {kind}" for kind, count in words.counts(changes))
        title = f"{summary(' > '.join(components) or 'the stack itself')}: {counts}"
        listed = changes[:left] if left > 0 else []
        left -= len(changes)
        lines = [line for each in listed for line in _change(each, room)]
        if len(listed) < len(changes):
            lines.append(f"- {plural(len(changes) - len(listed), 'resource')} left out here, in {where}")
        yield _folded(title, "\n".join(lines))
    if report.comparison.difference.outputs:
        outputs = list(shown(report.comparison.difference.outputs))
        lines = [_property(each) for each in outputs[: room.properties or 3]]
        if len(outputs) > len(lines):
            lines.append(f"- {len(outputs) - len(lines)} more")
        yield _folded(f"Outputs: {len(outputs)} updated", "\n".join(lines))


def _change(change: Change, room: Room) -> Iterator[str]:
    line = f"- `{SIGNS[change.kind]}` {code(short_type(change.type))} {code(change.name)}"
    if change.forced_by:
        line += f" **replaced**, for {', '.join(map(code, change.forced_by))}"
    if change.old_urn:
        line += f", was {code(change.old_urn.rpartition('::')[2])}"
    if change.protected:
        line += ", protected"
    yield line
    properties = list(shown(change.properties))
    for each in properties[: room.properties]:
        yield f"  {_property(each)}"
    if room.properties < len(properties):
        yield f"  - {plural(len(properties) - room.properties, 'property')} more"


def _property(change: Shown) -> str:
    if change.lines:
        return f"- {code(change.path)}: its lines change"
    if change.is_list:
        words = [f"{word} {code(what)}" for word, what in (("without", change.was), ("with", change.now)) if what]
        return f"- {code(change.path)}: {'; '.join(words)}"
    if change.was is None:
        return f"- {code(change.path)} = {code(change.now or '')}"
    if change.now is None:
        return f"- {code(change.path)}, was {code(change.was)}, is left out"
    return f"- {code(change.path)}: {code(change.was)} → {code(change.now)}"


def _costs(report: StackReport, room: Room) -> Iterator[str]:
    costs = report.costs
    changes = [each for each in costs.changes if words.is_worth_a_line(each)]
    if costs.before and costs.change is not None and changes:
        table = ["| resource | what | before | after | change |", "|---|---|--:|--:|--:|"]
        for each in changes[: room.lines]:
            name = cell(each.urn.rpartition("::")[2])
            before, after = words.usd(each.before), words.usd(each.after)
            table.append(f"| {name} | {cell(each.what)} | {before} | {after} | {words.change_of(each.change)} |")
        rest = changes[room.lines :]
        if rest:
            amount = words.change_of(sum((each.change for each in rest), start=costs.change * 0))
            table.append(f"| {len(rest)} more | | | | {amount} |")
        before, after = words.usd(costs.before.total), words.usd(costs.estimate.total)
        table.append(f"| **total** | | {before} | {after} | **{words.change_of(costs.change)}** |")
        if costs.breakeven:
            said = f"{words.where_equal(costs.breakeven)} {words.how_sure(costs.breakeven)}"
            table += ["", f"{said} List prices, {code(costs.estimate.region)}, no taxes."]
        yield _folded(f"Cost: {words.change_of(costs.change)} USD a month", "\n".join(table))
    if gaps := costs.estimate.unpriced:
        yield f"{plural(len(gaps), 'thing')} could not be priced, and the total is without."


def _drawings(report: StackReport, room: Room, where: str) -> Iterator[str]:
    kinds: Mapping[str, Kind] = report.comparison.kinds if report.comparison else {}
    wanted = [("Architecture", report.drawing)]
    if report.comparison and report.redrawn:
        wanted = [
            ("Architecture after the change", report.drawing),
            ("Architecture before", report.comparison.before_drawing),
        ]
    elif report.comparison and not report.comparison.difference:
        return
    for title, drawing in wanted:
        if not drawing.places:
            continue
        text = block(mermaid(drawing, kinds), "mermaid") if room.drawings else f"Left out here; it is in {where}."
        yield _folded(title, text)


def _findings(report: StackReport, room: Room) -> Iterator[str]:
    if report.findings is None:
        return
    standing, waived = words.standing(report.findings), words.waived(report.findings)
    if not standing:
        yield f"No findings{f', {len(waived)} waived' if waived else ''}."
        return
    lines = []
    for each in standing[: room.lines]:
        name = code(each["urn"].rpartition("::")[2])
        lines.append(f"- **{prose(each['severity'])}** {name}: {prose(each['message'])}; {prose(each['fix'])}")
    if len(standing) > room.lines:
        lines.append(f"- {len(standing) - room.lines} more")
    title = plural(len(standing), "finding")
    yield _folded(f"{title}, {len(waived)} waived" if waived else title, "\n".join(lines))


def _attention(report: StackReport, room: Room) -> Iterator[str]:
    lines = [f"- {prose(line)}" for line in report.attention[: room.lines]]
    if lines:
        rest = len(report.attention) - len(lines)
        lines += [f"- {rest} more"] if rest else []
        yield _folded(f"Deserves attention: {len(report.attention)}", "\n".join(lines))


def _duration(report: StackReport) -> Iterator[str]:
    steps = [each for each in report.timeline.critical_path if each.typical_seconds >= _LONG_STEP]
    if not steps:
        return
    lines = ["| from | step | takes | likely |", "|--:|---|--:|---|"]
    for each in steps:
        step = f"{each.action} {cell(f'{each.kind} {each.name}')}"
        takes, likely = words.duration(each.typical_seconds), words.span(each.duration)
        lines.append(f"| {words.duration(each.start_seconds)} | {step} | {takes} | {likely} |")
    title = f"How long: about {words.duration(report.timeline.typical_seconds)}, and what decides it"
    yield _folded(title, "\n".join(lines))
