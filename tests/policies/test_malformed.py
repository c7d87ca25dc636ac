"""No policy fails over what a program registers by mistake, however malformed."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from malformed import malformed
from stacks import recorded
from twins import TWINS, wrong_stack
from verdicts import BOTH

from policies.graph import Stack
from policies.judge import POLICIES, judge
from preflight.findings import graph


def stack_for(policies: list[str]) -> Stack:
    """A shipped stack, and the wrong twins of these policies beside it."""
    return Stack.of("prod", [*graph(recorded(*BOTH)), *graph(wrong_stack(policies))])


def judged(stack: Stack, seed: int) -> None:
    for each in judge(malformed(stack, Random(seed))):
        assert each.message == str(each.message)
        assert each.urn in stack.resources


@pytest.fixture(scope="module")
def part() -> Stack:
    """With something for every policy to look at."""
    shipped = graph(recorded(*BOTH))
    return stack_for(sorted(name for name, each in POLICIES.items() if not shipped.of_type(*each.types)))


def test_every_policy_has_something_malformed_to_look_at(part):
    assert [name for name, each in POLICIES.items() if not part.of_type(*each.types)] == []


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_no_policy_fails_over_a_malformed_resource(part, seed):
    judged(part, seed)


@pytest.mark.policies_all
def test_no_policy_fails_over_a_malformed_resource_of_any_twin():
    stack = stack_for(sorted(TWINS))

    @settings(max_examples=300, deadline=None)
    @given(seed=st.integers(0, 2**32))
    def sweep(seed: int) -> None:
        judged(stack, seed)

    sweep()
