"""The pack is alive: a stack that is made worse in one way is caught, or it is said why that need not be.

By default a part of the mutants of one stack, with `make test-all` all mutants of seven, and their numbers.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

import pytest
from mutants import SURVIVORS, Mutant, may_survive, mutants
from stacks import DOMAIN, ROOT, recorded
from verdicts import BOTH, URL

from policies.graph import Stack
from policies.judge import POLICIES, judge
from policies.waivers import load
from preflight.findings import graph

STACKS = [
    BOTH,
    ("prod", "standby=true", *URL, "network.nat=endpoints"),
    ("prod", "topology=container", DOMAIN),
    ("prod", "topology=container", "network.nat=regional"),
    ("prod", "topology=serverless"),
    ("dev",),
    ("dev", "topology=container"),
]
EVERY = 29


def verdicts(stack: Stack) -> set[tuple[str, str, str]]:
    return {(each.policy.name, each.urn, each.message) for each in judge(stack, load()) if not each.waiver}


def catchers(stack: Stack, some: Iterable[Mutant]) -> Iterator[tuple[Mutant, set[str]]]:
    """Each mutant, and the policies that catch it."""
    before = verdicts(stack)
    for each in some:
        yield each, {policy for policy, _, _ in verdicts(each.stack) - before}


def told(alive: Iterable[Mutant]) -> list[str]:
    return sorted({f"{each.type} {each.resource}: {each.what}" for each in alive if not may_survive(each)})


def test_a_part_of_the_mutants_of_prod_is_caught():
    stack = graph(recorded(*BOTH))
    some = list(mutants(stack))[::EVERY]
    assert len(some) > 40
    assert told(each for each, by in catchers(stack, some) if not by) == []


@pytest.mark.parametrize(
    ("type_", "what", "survives"),
    [
        ("ecs.Service", "networkConfiguration.assignPublicIp is dropped", True),
        ("ecs.Service", "networkConfiguration.assignPublicIp is True", False),
        ("lb.Listener", "protocol is HTTP", False),
        ("acm.Certificate", "keyAlgorithm is RSA_1024", False),
        ("lb.LoadBalancer", "accessLogs.enabled is False", False),
        ("lb.LoadBalancer", "accessLogs.enabled is True", True),
        ("lambda.Permission", "is left out", True),
    ],
)
def test_an_exception_is_for_one_direction_of_a_change(type_, what, survives):
    assert bool(may_survive(Mutant("a", type_, what, Stack("a", {})))) is survives


@pytest.mark.policies_all
def test_every_mutant_of_every_stack_is_caught_and_every_exception_and_every_policy_is_needed(capsys):
    made, used, wanted, alive = Counter(), set(), set(), set()
    for configuration in STACKS:
        stack = graph(recorded(*configuration))
        # What a waiver is for is caught as it stands.
        alive |= {each.policy.name for each in judge(stack)}
        wanted |= {each.name for each in POLICIES.values() if stack.of_type(*each.types)}
        survivors = []
        for each, by in catchers(stack, mutants(stack)):
            excuse = may_survive(each)
            made.update(["made", "caught" if by else excuse[0] if excuse else "not caught"])
            if by and not excuse:
                alive |= by
            if not by:
                survivors.append(each)
                used.add(excuse)
        assert told(survivors) == []
    with capsys.disabled():
        print("\nmutants:", dict(made))  # noqa: T201
    promised = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert f"in {made['made']:,} ways" in promised
    assert f"catches {made['caught']:,} of them" in promised
    assert wanted - alive == set()
    said = {
        (reason, type_, each)
        for reason, types in SURVIVORS.items()
        for type_, entries in types.items()
        for each in entries.split(", ")
    }
    assert said - used == set()
