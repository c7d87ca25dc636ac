"""Controls: what a careful reviewer asks, row by row, and how each row is answered; in controls.yaml."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from policies.graph import Stack
from policies.judge import judge
from policies.registry import POLICIES, Policy
from policies.waivers import load as load_waivers

FILE = Path(__file__).with_name("controls.yaml")
Verdict = Literal["holds", "waived", "finding", "nothing there"]


@dataclass(frozen=True, kw_only=True)
class Control:
    """One row. It has policies, or a construction with its test, or a reason why it does not apply."""

    row: int
    controls: tuple[str, ...]
    """Ids, as AWS and CIS give them."""
    asks: str
    policies: tuple[str, ...] = ()
    construction: str = ""
    """Why it can't be otherwise."""
    test: str = ""
    """The test that shows so, as pytest names it."""
    not_applicable: str = ""
    types: tuple[str, ...] = ()
    """Types of resource that it is about, where its policies are about others, too."""
    absent: tuple[str, ...] = ()
    """Types of resource whose absence makes it not apply."""

    def verdict(self, stack: Stack) -> Verdict:
        """What its policies say about a stack; the worst of them counts."""
        if self.types and not stack.of_type(*self.types):
            return "nothing there"
        policies = [POLICIES[each] for each in self.policies]
        found = judge(stack, load_waivers(), policies)
        if any(not each.waiver for each in found):
            return "finding"
        if found:
            return "waived"
        return "holds" if any(_has_something_to_say(each, stack) for each in policies) else "nothing there"


def _has_something_to_say(policy: Policy, stack: Stack) -> bool:
    return bool(stack.of_type(*policy.types))


@cache
def load() -> tuple[Control, ...]:
    """Every row, in order."""
    import yaml  # noqa: PLC0415 - only the documentation and the tests read it

    return tuple(_control(row) for row in yaml.safe_load(FILE.read_text(encoding="utf-8")))


def _control(row: dict[str, Any]) -> Control:
    lists: dict[str, Any] = {key: tuple(row.get(key, ())) for key in ("controls", "policies", "types", "absent")}
    return Control(**{**row, **lists})
