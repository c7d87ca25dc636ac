"""Switch: the updates that take a stack from one topology to the other, cautiously or at once.

Pure: from where the stack is to the settings of each step. What a step changes is found out by recording both sides.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from preflight.stackfile import NAMESPACE

Topology = Literal["serverless", "container"]
OTHER: Mapping[str, Topology] = {"serverless": "container", "container": "serverless"}
SHARES = (10, 50)
"""Percent of viewers in the steps before the flip; the last is half, where a flip changes one setting alone."""
SOAK = "Soak for a day or more: until the next step, going back takes seconds."
NEVER_WITH_A_SWITCH = ("aws:region", "domain", "network", "service.paths", "site")
"""What must not change in the same update: with them it could not be told what went wrong, nor gone back."""


_DEFAULTS = {"topology": "", "standby": "false", "standbyTraffic": "0"}
"""The settings of a switch, as they are where the stack file is silent."""
KEYS = frozenset(f"{NAMESPACE}:{key}" for key in _DEFAULTS)


def only_switched(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    """The overrides that take one configuration to another's place in a switch, and change nothing else.

    None where both are at the same place, or one knows of no topology.
    """
    was, now = (
        {key: config.get(f"{NAMESPACE}:{key}", default) for key, default in _DEFAULTS.items()}
        for config in (before, after)
    )
    if not (was["topology"] and now["topology"]):
        return ()
    return tuple(f"{key}={value}" for key, value in now.items() if value != was[key])


@dataclass(frozen=True, kw_only=True)
class State:
    """Where a stack is between two topologies."""

    topology: Topology
    standby: bool = False
    standby_traffic: int = 0

    def settings(self) -> dict[str, str]:
        return {
            "topology": self.topology,
            "standby": str(self.standby).lower(),
            "standbyTraffic": str(self.standby_traffic),
        }


def state_of(config: Mapping[str, str]) -> State:
    """Where the stack file says the stack is."""
    return State(
        topology="container" if config[f"{NAMESPACE}:topology"] == "container" else "serverless",
        standby=config.get(f"{NAMESPACE}:standby") == "true",
        standby_traffic=int(config.get(f"{NAMESPACE}:standbyTraffic", "0")),
    )


@dataclass(frozen=True, kw_only=True)
class Step:
    """One update: which settings it changes, and what to do before the next."""

    title: str
    before: State
    after: State
    then: str = ""

    @property
    def changed(self) -> dict[str, str]:
        """The settings to change, in the order of the stack file."""
        was = self.before.settings()
        return {key: value for key, value in self.after.settings().items() if value != was[key]}

    @property
    def way_back(self) -> dict[str, str]:
        """The settings that undo it."""
        was = self.before.settings()
        return {key: was[key] for key in self.changed}


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way to switch: its steps, or why it is not open."""

    name: Literal["cautious", "quick"]
    steps: tuple[Step, ...] = ()
    refused: str = ""


@dataclass(frozen=True, kw_only=True)
class Route:
    """From where a stack is to where it should be."""

    start: State
    to: Topology
    ways: tuple[Way, ...] = field(default=())


def route(start: State, to: Topology, *, protect: bool) -> Route:
    """Both ways from `start` to `to` alone; no steps if the stack is there already."""
    return Route(
        start=start,
        to=to,
        ways=(
            Way(name="cautious", steps=tuple(_cautious(start, to))),
            _quick(start, to, protect=protect),
        ),
    )


def _cautious(start: State, to: Topology) -> Iterator[Step]:
    """Expand, move viewers over in parts, flip where it moves nobody, soak, contract."""
    at = start
    target = State(topology=to)
    if at == target:
        return

    def step(title: str, after: State, then: str = "") -> Step:
        nonlocal at
        made, at = Step(title=title, before=at, after=after, then=then), after
        return made

    if at.topology != to:
        if not at.standby:
            both = State(topology=at.topology, standby=True)
            yield step(
                f"Deploy {to} beside {at.topology}",
                both,
                "Try it before viewers do: make smoke. Nobody is sent there yet.",
            )
        for share in SHARES:
            if at.standby_traffic < share:
                after = State(topology=at.topology, standby=True, standby_traffic=share)
                yield step(
                    f"Send {share} % of viewers to {to}", after, "Watch errors and latency for 15 minutes or more."
                )
        # The share is always that of the half that isn't active, so the two settings change over together.
        rest = 100 - at.standby_traffic
        flipped = State(topology=to, standby=True, standby_traffic=rest)
        yield step(f"Make {to} the active one; nobody moves", flipped, "" if rest else SOAK)
    if at.standby and at.standby_traffic:
        yield step(f"Send everybody to {to}", State(topology=to, standby=True), SOAK)
    yield step(f"Remove {OTHER[to]}", target)


_PROTECTED = (
    "protect keeps the load balancer of a container that serves alone from being deleted: one step away from it would "
    "fail half-way, and so would taking back one step to it; the cautious ones lead there and back"
)


def _quick(start: State, to: Topology, *, protect: bool) -> Way:
    """All viewers at once. With a standby they move before it goes, or they would go back with it for a while."""
    target = State(topology=to)
    if start == target:
        return Way(name="quick")
    if protect and not start.standby and start.topology != to:
        return Way(name="quick", refused=_PROTECTED)
    if start.topology == to:
        return Way(name="quick", steps=(Step(title=f"Remove {OTHER[to]}", before=start, after=target),))
    if not start.standby:
        title = f"Deploy {to}, move every viewer, remove {OTHER[to]}"
        return Way(name="quick", steps=(Step(title=title, before=start, after=target),))
    over = State(topology=to, standby=True)
    return Way(
        name="quick",
        steps=(
            Step(title=f"Make {to} the active one, with every viewer", before=start, after=over),
            Step(title=f"Remove {OTHER[to]}", before=over, after=target),
        ),
    )
