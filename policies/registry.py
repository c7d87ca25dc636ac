"""The policies: what each is called, stands for and asks, and the functions that look for what is wrong.

A resource policy is a function from one resource to the messages about it; a stack policy one from the stack to
pairs of a resource and a message. Both are written once, under a decorator, and listed in `POLICIES`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from policies.graph import Resource, Stack

Severity = Literal["low", "medium", "high", "critical"]
SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high", "critical")
"""From the least to the worst."""

ResourceCheck = Callable[[Resource], Iterator[str]]
StackCheck = Callable[[Stack], Iterator[tuple[Resource, str]]]


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One thing that must hold, and how to tell where it does not."""

    name: str
    controls: tuple[str, ...]
    """Ids of the controls it stands for, such as `ELB.6`; `SY.34` is a row of docs/controls.md without a public id."""
    severity: Severity
    what: str
    """What must hold, as a sentence."""
    fix: str
    """What to change where it does not."""
    link: str
    """Where the reason is explained."""
    types: tuple[str, ...]
    """Types of the resources it is about, `aws:*` for all that begin so; without any it has nothing to say."""
    resource_check: ResourceCheck | None = None
    stack_check: StackCheck | None = None

    def is_about(self, type_: str) -> bool:
        """Whether resources of this type are among those it looks at."""
        return any(type_.startswith(each[:-1]) if each.endswith("*") else type_ == each for each in self.types)

    def complaints(self, stack: Stack) -> Iterator[tuple[Resource, str]]:
        """Every resource of the stack that is wrong, with what is wrong with it."""
        if self.stack_check:
            yield from self.stack_check(stack)
        if self.resource_check:
            for resource in stack.of_type(*self.types):
                for message in self.resource_check(resource):
                    yield resource, message


POLICIES: dict[str, Policy] = {}
"""Every policy by its name. `policies.judge` imports the modules that fill it."""


def resource_policy(
    *types: str, controls: Sequence[str], severity: Severity, fix: str, link: str
) -> Callable[[ResourceCheck], ResourceCheck]:
    """Register the function below as a policy about each resource of these types; its docstring says what must hold."""

    def register(check: ResourceCheck) -> ResourceCheck:
        _add(_policy(check, types, controls, severity, fix, link, resource_check=check))
        return check

    return register


def stack_policy(
    *types: str, controls: Sequence[str], severity: Severity, fix: str, link: str
) -> Callable[[StackCheck], StackCheck]:
    """Register the function below as a policy about a whole stack that any of these types is in."""

    def register(check: StackCheck) -> StackCheck:
        _add(_policy(check, types, controls, severity, fix, link, stack_check=check))
        return check

    return register


def _policy(
    check: Callable[..., object],
    types: Sequence[str],
    controls: Sequence[str],
    severity: Severity,
    fix: str,
    link: str,
    **checks: Any,
) -> Policy:
    return Policy(
        name=getattr(check, "__name__", "").replace("_", "-"),
        what=" ".join((check.__doc__ or "").split()),
        types=tuple(types),
        controls=tuple(controls),
        severity=severity,
        fix=fix,
        link=link,
        **checks,
    )


def _add(policy: Policy) -> None:
    if policy.name in POLICIES:
        raise ValueError(f"there are two policies called {policy.name}")
    POLICIES[policy.name] = policy
