"""Cloud: what there is in the make-believe account, and everything that was ever done to it."""

import copy
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.double.faults import Faults
from engine.double.wire import plain

Kind = Literal["create", "update", "delete"]
QUIET_SECONDS = 0.5
"""Without anything new for so long, the engine waits too: between two steps that need nobody it takes far less."""


class Refused(Exception):
    """AWS says no; the message begins with the code AWS would give."""


@dataclass
class Thing:
    """One resource as it is in the cloud, whatever the engine's state says of it."""

    type: str
    id: str
    urn: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    """Everything Read would answer with, inputs included. Edit it to make drift."""
    settled: bool = True
    """False while an operation on it is under way, and after one that nobody waited for to its end: a service that is
    not steady, a distribution not yet deployed."""
    earlier: list[dict[str, Any]] = field(default_factory=list)
    """While it is not settled, all that it was since it last was: some edges still serve that."""
    looks: int = 0
    """How often it was asked whether it is settled, since it is not."""
    contents: dict[str, Any] = field(default_factory=dict)
    """What is inside it and is no resource: the images of a repository, by tag."""

    @property
    def name(self) -> str:
        """The logical name, from the URN."""
        return self.urn.rpartition("::")[2]

    @property
    def live(self) -> list[dict[str, Any]]:
        """The settings that may be in force now, secrets opened: more than one while an update is under way."""
        return [plain(each) for each in (*self.earlier, self.outputs)]

    def settle(self) -> None:
        """It is as it was asked to be, everywhere."""
        self.settled, self.earlier, self.looks = True, [], 0


@dataclass
class Operation:
    """One thing that was asked of the cloud. Times are seconds since the cloud was made."""

    kind: Kind
    urn: str
    type: str
    begin: float
    id: str = ""
    end: float | None = None
    error: str | None = None

    @property
    def name(self) -> str:
        """The logical name, from the URN."""
        return self.urn.rpartition("::")[2]

    @property
    def did_it(self) -> bool:
        """Whether it ended well."""
        return self.end is not None and self.error is None

    def __str__(self) -> str:
        return f"{self.kind} {self.type} {self.name}" + (f": {self.error}" if self.error else "")


Watcher = Callable[[Operation, "Cloud"], None]


class Cloud:
    """An account that lives in this process, so that tests look into it and reach into it.

    `things` is what exists; `operations` is the log; `faults` says what goes wrong; `watchers` are called under the
    lock after every operation has taken effect and again when it has ended, failed ones included: the place to
    check what must hold at every moment. `refusals` holds everything that AWS's own rules of order refused.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.things: dict[tuple[str, str], Thing] = {}
        self.operations: list[Operation] = []
        self.refusals: list[str] = []
        self.watchers: list[Watcher] = []
        self.faults = Faults()
        self.adopted: set[str] = set()
        """Ids and ARNs of what others made, such as an existing VPC."""
        self.made: Counter[str] = Counter()
        """How often each URN was created: a second one never gets the id of the first."""
        self.builds_are_cached = True
        """Whether building the same folder again gives the same digest, as it does where the builder's cache is."""
        self._start = time.monotonic()
        self._running = self._patient = 0
        self._idle = threading.Condition(self.lock)

    # Looking

    def of_type(self, type_: str) -> list[Thing]:
        """Everything of this type, by URN."""
        with self.lock:
            return sorted((each for each in self.things.values() if each.type == type_), key=lambda each: each.urn)

    def one(self, type_: str, name: str | None = None) -> Thing:
        """The only thing of this type (and logical name); LookupError says what there is."""
        found = [each for each in self.of_type(type_) if name in (None, each.name)]
        if len(found) != 1:
            raise LookupError(f"{len(found)} of {type_} {name or ''}; there is {sorted(map(str, self.things))}")
        return found[0]

    def in_force(self, type_: str, **wanted: Any) -> list[Thing]:
        """The things that are ready and have these outputs. An update leaves what was there before at work."""
        return [
            each
            for each in self.of_type(type_)
            if (each.settled or each.earlier)
            and all(plain(each.outputs).get(key) == value for key, value in wanted.items())
        ]

    def get(self, urn: str, id_: str) -> Thing | None:
        """The thing with this id, if it is still there."""
        return self.things.get((urn, id_))

    def since(self, mark: int) -> list[Operation]:
        """The operations after the first `mark` of them; `len(cloud.operations)` is a mark."""
        return self.operations[mark:]

    # Changing, as the provider does

    @contextmanager
    def operation(self, kind: Kind, urn: str, type_: str) -> Iterator["Step"]:
        """One operation: logged from its begin to its end, and open to faults, latency and watchers on the way."""
        with self.lock:
            operation = Operation(kind=kind, urn=urn, type=type_, begin=self._now())
            self.operations.append(operation)
            self._running += 1
            self._idle.notify_all()
        try:
            if self.faults.meets(kind, urn, "refused"):
                raise Refused(f"InjectedFault: {kind} of {urn} was refused")
            yield Step(self, operation)
        except Refused as error:
            operation.error = str(error)
            if "InjectedFault" not in str(error):
                self.refusals.append(f"{kind} {operation.name}: {error}")
            raise
        finally:
            with self.lock:
                operation.end = self._now()
                self._tell(operation)
                self._running -= 1
                self._idle.notify_all()

    def _now(self) -> float:
        return time.monotonic() - self._start

    def _tell(self, operation: Operation) -> None:
        for each in self.watchers:
            each(operation, self)

    # Reaching in, as a test does

    def remove(self, thing: Thing) -> None:
        """Somebody deletes it by hand."""
        with self.lock:
            del self.things[(thing.urn, thing.id)]

    def wait_until_idle(self, seconds: float = 30) -> None:
        """AWS goes on with what it was asked after the engine is dead; this waits for it."""
        with self._idle:
            if not self._idle.wait_for(lambda: self._running == 0, seconds):
                raise TimeoutError("the cloud is still busy")

    def let_others_go_first(self) -> None:
        """Wait until what still goes on has ended, and nothing new has begun for a while."""
        with self._idle:
            self._patient += 1
            while self._idle.wait(QUIET_SECONDS) or self._running > self._patient:
                pass
            self._patient -= 1

    def snapshot(self) -> dict[str, Any]:
        """All that is in it, to come back to; not the log, the faults or the watchers."""
        with self.lock:
            return copy.deepcopy({"things": self.things, "made": self.made, "adopted": self.adopted})

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Be as it was then, but for the log. What was made since has left no trace, its ids included."""
        with self.lock:
            copied = copy.deepcopy(snapshot)
            self.things, self.made, self.adopted = copied["things"], copied["made"], copied["adopted"]
            self.operations.clear()
            self.refusals.clear()


@dataclass
class Step:
    """An operation under way, in the hands of the provider."""

    cloud: Cloud
    operation: Operation

    def took_effect(self, thing: Thing, *, waits: bool = True) -> None:
        """It has been done, but is not done with: tell the watchers, then let time pass, for who waits."""
        with self.cloud.lock:
            self.operation.id = thing.id
            thing.settled = False
            self.cloud._tell(self.operation)
        if waits:
            time.sleep(self.cloud.faults.seconds(self.operation.kind, self.operation.urn))
            if self.cloud.faults.comes_last(self.operation.kind, self.operation.urn):
                self.cloud.let_others_go_first()

    def settle(self, thing: Thing) -> None:
        """The waiting was not in vain."""
        with self.cloud.lock:
            thing.settle()
