"""The terminal view of a plan. What comes from the program goes through `Text`: it may look like rich's markup."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from preflight.plan import Branch, Plan
from preflight.recording import SECRET, UNKNOWN


def show(plan: Plan, console: Console) -> None:
    """Print one stack."""
    with console.capture() as captured:
        for part in _parts(plan):
            console.print(part)
    # rich fills every line up with blanks, which only get in the way in a file.
    console.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def _parts(plan: Plan) -> Iterator[RenderableType]:
    yield Rule(_title(plan), align="left", style="cyan")
    yield Text(_summary(plan), style="dim")
    yield _section("Resources by type", _counts(plan))
    yield _section("Components", _tree(plan))
    if plan.attention:
        yield _section("Deserves attention", _rows([(Text("!", "bold yellow"), Text(each)) for each in plan.attention]))
    if plan.outputs:
        rows = [(Text(key, "bold"), Text(_value(value))) for key, value in plan.outputs.items()]
        yield _section("Outputs, made up where AWS would decide", _rows(rows))
    yield _section("Next", Text(plan.next_step, style="bold green", overflow="fold"))


def _title(plan: Plan) -> Text:
    title = Text(plan.stack, style="bold cyan")
    return title.append(f"  {plan.topology}", style="bold") if plan.topology else title


def _summary(plan: Plan) -> str:
    resources = sum(plan.counts.values())
    parts = [
        f"{resources} {_plural('resource', resources)} in {plan.components} {_plural('component', plan.components)}"
    ]
    if plan.protected:
        parts.append(f"{plan.protected} protected from deletion")
    return "; ".join(parts)


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"


def _section(title: str, body: RenderableType) -> RenderableType:
    return Group("", Text(title, style="bold"), Padding(body, (0, 0, 0, 2)))


def _counts(plan: Plan) -> RenderableType:
    services: dict[str, dict[str, int]] = {}
    for kind, count in plan.counts.items():
        service, _, name = kind.partition(".")
        services.setdefault(service, {})[name] = count
    rows = [
        (
            Text(service),
            Text(str(sum(counts.values())), "cyan", justify="right"),
            Text(", ".join(f"{name} x{count}" if count > 1 else name for name, count in counts.items()), "dim"),
        )
        for service, counts in sorted(services.items())
    ]
    return _rows(rows) if rows else Text("none", style="dim")


def _tree(plan: Plan) -> RenderableType:
    root = Tree("", hide_root=True, guide_style="dim")
    for branch in plan.tree:
        _grow(root, branch, "")
    return root if plan.tree else Text("none", style="dim")


def _grow(tree: Tree, branch: Branch, parent: str) -> None:
    twig = tree.add(_label(branch, parent))
    for child in branch.children:
        _grow(twig, child, branch.names[0])


def _label(branch: Branch, parent: str) -> Text:
    label = Text(no_wrap=True, overflow="ellipsis")
    label.append(branch.kind, style="bold" if branch.is_component else "")
    if len(branch.names) == 1:
        return label.append(f" {branch.names[0]}", style="cyan" if branch.is_component else "dim")
    # In a run the parent's name in front of each would leave no room for what tells them apart.
    names = [each.removeprefix(f"{parent}-") for each in branch.names]
    return label.append(f" x{len(names)}", style="cyan").append(f" {', '.join(names)}", style="dim")


def _rows(rows: Sequence[tuple[Text, ...]]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in rows[0][:-1]:
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _value(value: Any) -> str:
    if value == SECRET:
        return "[secret]"
    if value == UNKNOWN:
        return "known after pulumi up"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
