"""The pack is alive: a stack that is made worse in one way is caught, or it is said why that need not be.

By default a part of the mutants of one stack, with `make test-all` all mutants of seven, and their numbers.
"""

from collections import Counter

import pytest
from mutants import SURVIVORS, Mutant, may_survive, mutants
from stacks import DOMAIN, recorded
from verdicts import URL

from policies.graph import Stack
from policies.judge import judge
from policies.waivers import load
from preflight.findings import graph

BOTH = ("prod", "standby=true", DOMAIN, "container.loadBalancer=public", "network.nat=instance")
STACKS = [
    BOTH,
    ("prod", "standby=true", *URL, "network.nat=endpoints"),
    ("prod", "topology=container", DOMAIN),
    ("prod", "topology=container", "network.nat=regional"),
    ("prod", "topology=serverless"),
    ("dev",),
    ("dev", "topology=container"),
]
EVERY = 23


def verdicts(stack: Stack) -> set[tuple[str, str, str]]:
    return {(each.policy.name, each.urn, each.message) for each in judge(stack, load()) if not each.waiver}


def uncaught(stack: Stack, some: list[Mutant]) -> list[Mutant]:
    before = verdicts(stack)
    return [each for each in some if not verdicts(each.stack) - before]


def told(some: list[Mutant]) -> list[str]:
    return sorted({f"{each.type} {each.resource}: {each.what}" for each in some if not may_survive(each)})


def test_a_part_of_the_mutants_of_prod_is_caught():
    stack = graph(recorded(*BOTH))
    some = list(mutants(stack))[::EVERY]
    assert len(some) > 40
    assert told(uncaught(stack, some)) == []


@pytest.mark.policies_all
def test_every_mutant_of_every_stack_is_caught_and_every_exception_is_needed(capsys):
    made, used = Counter(), set()
    for configuration in STACKS:
        stack = graph(recorded(*configuration))
        every = list(mutants(stack))
        alive = uncaught(stack, every)
        assert told(alive) == []
        reasons = [may_survive(each) for each in alive]
        used |= set(reasons)
        made.update(["made"] * len(every))
        made.update(["caught"] * (len(every) - len(alive)))
        made.update(reason[0] for reason in reasons if reason)
    with capsys.disabled():
        print("\nmutants:", dict(made))  # noqa: T201
    said = {
        (reason, type_, each)
        for reason, types in SURVIVORS.items()
        for type_, paths in types.items()
        for each in paths.split(", ")
    }
    assert said - used == set()
