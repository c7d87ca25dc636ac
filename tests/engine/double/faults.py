"""What is to go wrong in the cloud, and how long things take: rules a test lays down before it runs the engine."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

How = Literal["refused", "lost", "unready", "rolled back", "unpublished"]
"""`refused`: nothing happened. `lost`: it happened, and the answer did not arrive. `unready`: it happened, the provider
waited in vain, and says so with the state it knows. `rolled back`: an ECS service went back to its last revision, and
the provider reports success. `unpublished`: a function at the edge has new code, which was refused when it was to be
published, and the provider says so with the state that it planned."""


@dataclass
class Fault:
    """One rule. `operation` is a regular expression on `<kind> <URN>`, such as `update .*Distribution::cdn$`."""

    operation: str
    how: How
    times: int | None
    """How often it strikes; None: until it is taken back."""
    then: Callable[[], None] | None = None
    """What else happens at that moment."""
    struck: int = 0


@dataclass
class Faults:
    """The rules in force. Empty by default: everything works, at once."""

    rules: list[Fault] = field(default_factory=list)
    latencies: list[tuple[str, float]] = field(default_factory=list)
    last: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def strike(
        self, operation: str, how: How = "refused", times: int | None = None, then: Callable[[], None] | None = None
    ) -> Fault:
        """Let operations that match go wrong, `times` of them or all, and do `then` besides."""
        fault = Fault(operation, how, times, then)
        self.rules.append(fault)
        return fault

    def slow(self, operation: str, seconds: float) -> None:
        """Let operations that match take this long between taking effect and being done. The last match counts."""
        self.latencies.append((operation, seconds))

    def come_last(self, operation: str) -> None:
        """Let operations that match be done when nothing else goes on: whoever does not wait for them is ahead."""
        self.last.append(operation)

    def clear(self) -> None:
        """Everything works again, at once."""
        self.rules.clear()
        self.latencies.clear()
        self.last.clear()

    def meets(self, kind: str, urn: str, *hows: How) -> Fault | None:
        """The rule that strikes this operation now; counts it."""
        with self._lock:
            for each in self.rules:
                open_ = each.times is None or each.struck < each.times
                if each.how in hows and open_ and re.search(each.operation, f"{kind} {urn}"):
                    each.struck += 1
                    if each.then:
                        each.then()
                    return each
        return None

    def comes_last(self, kind: str, urn: str) -> bool:
        """Whether this operation is to wait for all others."""
        return any(re.search(operation, f"{kind} {urn}") for operation in self.last)

    def seconds(self, kind: str, urn: str) -> float:
        """How long this operation takes."""
        found = [seconds for operation, seconds in self.latencies if re.search(operation, f"{kind} {urn}")]
        return found[-1] if found else 0.0
