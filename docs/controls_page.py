"""The page of controls, docs/controls.md: what answers each row, the waivers, and what else is asked."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from policies.controls import Control, Verdict, load
from policies.graph import Stack
from policies.registry import POLICIES
from policies.waivers import load as load_waivers
from policies.wildcards import counted, wildcards
from preflight.findings import graph
from preflight.recorder import record_stack
from preflight.stackfile import load as load_stack

COLUMNS = [(stack, topology) for stack in ("dev", "prod") for topology in ("serverless", "container")]
_SHOWN: Mapping[Verdict, str] = {"holds": "yes", "waived": "waived", "finding": "**no**", "nothing there": "-"}
_INTRODUCTION = """# Controls

What a careful reviewer asks of each resource, and how it is answered here. Ids are those of AWS Foundational Security
Best Practices, of Control Tower (CT) and of the CIS AWS Foundations Benchmark; `SY` are rows without a public id. The
columns are the shipped stacks in both topologies: `yes`, `waived` (the reason is below), or `-` where there is no such
resource. Written by `make docs`.

Each policy is tested by a program that it must catch and one that it must not, under its name in
[tests/twins.py](../tests/twins.py), and by what it says when a shipped stack is made worse
([tests/mutants.py](../tests/mutants.py)).
"""


def controls_page(root: Path) -> str:
    """The whole page."""
    stacks = [_recorded(root, stack, topology) for stack, topology in COLUMNS]
    rows = [(control, [control.verdict(stack) for stack in stacks]) for control in load()]
    kinds = Counter(kind(control, verdicts) for control, verdicts in rows)
    counted = ", ".join(f"{kinds[each]} {each}" for each in ("enforced", "by construction", "waived", "not applicable"))
    light = sum(kind(*row) == "enforced" and "waived" in row[1] for row in rows)
    parts = [
        _INTRODUCTION,
        f"\nOf {len(rows)} rows: {counted}. {light} of those enforced are waived in one environment or topology.\n\n",
        *_table(
            ["row", "control", "asks", *(f"{stack} {topology}" for stack, topology in COLUMNS), "by", "test"],
            (_row(*each) for each in rows),
        ),
        "\n## Waivers\n\nFrom `policies/waivers.yaml`.\n\n",
        *_table(["control", "resource", "environment", "reason", "who may revisit it", "when"], _waivers()),
        *_wildcards(root),
        "\n## Beyond the list\n\nPolicies that stand for no row.\n\n",
        *_table(["policy", "severity", "what must hold"], _others()),
    ]
    return "".join(parts)


def kind(control: Control, verdicts: list[Verdict]) -> str:
    """How a row is answered: waived only where nothing that there is holds."""
    if control.not_applicable:
        return "not applicable"
    if control.construction:
        return "by construction"
    there = {each for each in verdicts if each != "nothing there"}
    return "waived" if there == {"waived"} else "enforced"


def _recorded(root: Path, stack: str, topology: str) -> Stack:
    return graph(record_stack(load_stack(root, stack, (f"topology={topology}",))))


def _row(control: Control, verdicts: list[Verdict]) -> list[str]:
    cells = ["" if control.not_applicable or control.construction else _SHOWN[each] for each in verdicts]
    by = ", ".join(f"`{each}`" for each in control.policies)
    test = "[twins](../tests/twins.py)" if control.policies else ""
    if control.construction:
        by = f"by construction: {control.construction}"
        file, _, name = control.test.partition("::")
        test = f"[{name}](../{file})"
    if control.not_applicable:
        by = f"not applicable: {control.not_applicable}"
        test = "[absent](../tests/policies/test_controls.py)" if control.absent else ""
    return [str(control.row), ", ".join(control.controls), control.asks, *cells, by, test]


def _waivers() -> Iterator[list[str]]:
    for each in load_waivers():
        only = f" ({each.says})" if each.says != "*" else ""
        resource, environment = each.resource.replace("*", "\\*"), each.environment.replace("*", "all")
        yield [
            f"{each.control}{only.replace('*', '...').replace('[...]', '*')}",
            resource,
            environment,
            each.reason,
            each.who,
            str(each.revisit),
        ]


_ASKED = (
    "container.executeCommand=true",
    "serverless.tracing=true",
    "service.secrets={DB_URL: arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf}",
)
EVERYTHING = [
    ("prod", "standby=true", "domain={name: shop.example.com, zone: example.com}", "network.nat=instance", *_ASKED),
    ("prod", "standby=true", "serverless.frontDoor=functionUrl", "service.clientsHashBodies=true"),
]
"""Stacks that have every role, every policy and every kind of way in between them."""


def _wildcards(root: Path) -> Iterator[str]:
    stacks = [graph(record_stack(load_stack(root, stack, tuple(more)))) for stack, *more in EVERYTHING]
    sums = counted(stacks[0])
    found = sorted({each for stack in stacks for each in wildcards(stack)})
    yield (
        "\n## Wildcards\n\nWith both topologies, a domain, secrets, traces and ECS Exec there are "
        f"{sums['documents']} IAM documents with {sums['statements']} statements,\n"
        f"and {sums['permissions']} permissions of functions. No action in them is a wildcard.\n"
        f"{len(found)} resources or sources, those of a function URL included, are named by one:\n\n"
    )
    rows = ([each.where, each.actions, f"`{each.pattern}`", each.reason] for each in found)
    yield from _table(["in", "for", "what", "why no narrower one"], rows)


def _others() -> Iterator[list[str]]:
    named = {policy for control in load() for policy in control.policies}
    for policy in POLICIES.values():
        if policy.name not in named:
            yield [f"`{policy.name}`", policy.severity, policy.what]


def _table(head: list[str], rows: Iterator[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |\n"
    yield f"|{'---|' * len(head)}\n"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n"
