"""The settings between which a user moves a stack, the ways to build it, and a bench that has been everywhere once."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from engine.arrangement import arrangement
from engine.bench import Bench, Moment, Outcome
from engine.edges import Edges

IMAGE = f"image=sha256:{'0123456789abcdef' * 4}"
DOMAIN = "domain={name: shop.example.com, zone: example.com}"
SECRET = "service.secrets={DB_URL: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf'}"
BASE = (IMAGE, SECRET, "waf.mode=none", "logs.access=false")

SHARES = (None, 0, 30, 100)
"""What the standby gets, in percent; None: there is no standby."""
SETTINGS = ("none", *(f"{topology} {share}" for topology in ("serverless", "container") for share in SHARES))
TRANSITIONS = tuple(itertools.permutations(SETTINGS, 2))
"""Every ordered pair that a user can move between."""

FRONT_DOORS = {"httpApi": (), "functionUrl": ("serverless.frontDoor=functionUrl", "service.clientsHashBodies=true")}
BALANCERS = {
    "internal": (),
    "internal with a domain": (DOMAIN,),
    "public": (DOMAIN, "container.loadBalancer=public"),
}
SITES = {"site": (), "no site": ("site=null",)}
NATS = ("none", "endpoints", "instance", "single", "perZone", "regional")
PROTECTED = "none"
"""The kind of NAT of the build that is protected."""
CLOSED = frozenset({("container None", "serverless None"), ("container None", "none")})
"""With `protect` AWS doesn't delete the balancer of a container that serves alone: the way leads by a standby."""


@dataclass(frozen=True)
class Build:
    """How a stack is built, whatever serves."""

    front_door: str
    balancer: str
    nat: str
    site: str
    protect: bool = False

    @property
    def overrides(self) -> tuple[str, ...]:
        """Its settings, as `--set` takes them."""
        chosen = (FRONT_DOORS[self.front_door], BALANCERS[self.balancer], SITES[self.site])
        return (*BASE, *itertools.chain(*chosen), f"network.nat={self.nat}", f"protect={str(self.protect).lower()}")

    def __str__(self) -> str:
        return f"{self.front_door}, {self.balancer}, {self.nat}, {self.site}{', protected' if self.protect else ''}"


def builds() -> tuple[Build, ...]:
    """Two for each kind of NAT, which together have every two of front door, balancer, NAT and site at least once.

    One of them is protected.
    """
    found = []
    for index, nat in enumerate(NATS):
        front_doors, sites = list(FRONT_DOORS), list(SITES)
        private = "internal" if index < 3 else "internal with a domain"
        found.append(Build(front_doors[index % 2], private, nat, sites[index // 2 % 2]))
        found.append(
            Build(front_doors[1 - index % 2], "public", nat, sites[1 - index // 2 % 2], protect=nat == PROTECTED)
        )
    return tuple(found)


def transitions_of(build: int) -> tuple[tuple[str, str], ...]:
    """Those that this build walks: all builds together walk each with every front door, balancer and kind of NAT."""
    nat, second = divmod(build, 2)

    def walks(number: int, transition: tuple[str, str]) -> bool:
        if NATS[nat] == PROTECTED and transition in CLOSED:
            return not builds()[build].protect
        return (nat // 2 + number) % 2 == second

    return tuple(each for number, each in enumerate(TRANSITIONS) if walks(number, each))


def breaks_of(build: int) -> tuple[tuple[str, str], ...]:
    """The transitions on which things go wrong with this build, which is then also taken back: each with one build."""
    ones_without = [number for number, each in enumerate(builds()) if not each.protect]

    def where(number: int, transition: tuple[str, str]) -> int:
        one = number % len(builds())
        is_closed = transition in CLOSED or transition[::-1] in CLOSED
        return ones_without[number % len(ones_without)] if is_closed and builds()[one].protect else one

    return tuple(each for number, each in enumerate(TRANSITIONS) if where(number, each) == build)


def settings_of(name: str) -> tuple[str, ...]:
    """The settings behind a name such as `container 30`."""
    if name == "none":
        return ("topology=serverless", "image=none")
    topology, share = name.split()
    if share == "None":
        return (f"topology={topology}",)
    return (f"topology={topology}", "standby=true", f"standbyTraffic={share}")


@dataclass
class Walker:
    """A bench that was brought to every setting once, to start from any of them."""

    bench: Bench
    build: Build
    moments: dict[str, Moment] = field(default_factory=dict)
    inventories: dict[str, list[str]] = field(default_factory=dict)
    arrangements: dict[str, dict[str, object]] = field(default_factory=dict)
    edges: Edges = field(init=False)

    def visit(self, name: str) -> None:
        """Deploy this setting, and remember it."""
        self.set(name)
        self.bench.up().must_succeed()
        self.moments[name] = self.bench.moment()
        self.inventories[name] = self.inventory()
        self.arrangements[name] = arrangement(self.bench.cloud)

    def start_at(self, name: str) -> None:
        """Be as the stack is with this setting, nothing wrong, and begin to watch."""
        self.bench.return_to(self.moments[name])
        self.watch(Edges(self.bench.cloud))

    def watch(self, edges: Edges) -> None:
        """Let these edges see what happens from now on."""
        self.edges = edges
        self.bench.host.on_wait.append(edges.waited)

    def set(self, name: str) -> None:
        """Change the settings to these."""
        self.bench.set(*self.build.overrides, *settings_of(name))

    def up(self, *arguments: str) -> Outcome:
        """`pulumi up`; whatever comes of it, viewers were only ever sent where they are answered."""
        outcome = self.bench.up(*arguments)
        assert self.edges.problems == [], outcome.output
        return outcome

    def arrive(self, name: str) -> None:
        """`pulumi up` succeeds, and what there is then is what this setting has, with nothing left behind."""
        self.up().must_succeed()
        self.must_be_at(name)

    def must_be_at(self, name: str) -> None:
        """What is in the cloud is what this setting has, viewers go where it says, and the state knows nothing else."""
        assert self.inventory() == self.inventories[name]
        now, wanted = arrangement(self.bench.cloud), self.arrangements[name]
        other = sorted(key for key in {*now, *wanted} if now.get(key) != wanted.get(key))
        assert not other, f"not as {name} has it: {', '.join(other)}"
        assert [each["urn"] for each in self.bench.state() if each.get("delete")] == []
        assert self.bench.pending() == []

    def inventory(self) -> list[str]:
        """What is in the cloud, by type and name."""
        return sorted(f"{each.type} {each.name}" for each in self.bench.cloud.things.values())


Key = TypeVar("Key")


@contextmanager
def one_at_a_time(make: Callable[[Key], AbstractContextManager[Walker]]) -> Iterator[Callable[[Key], Walker]]:
    """Walkers by what they are made of, each kept until another is asked for.

    pytest makes a fixture anew for each test whose other parameters differ, and a walker takes long to make.
    """
    kept: dict[Key, Walker] = {}
    with ExitStack() as open_:

        def get(key: Key) -> Walker:
            if key not in kept:
                open_.close()
                kept.clear()
                kept[key] = open_.enter_context(make(key))
            return kept[key]

        yield get


@contextmanager
def walker(build: Build, *names: str, checkpoints: bool = False) -> Iterator[Walker]:
    """A Walker that has visited these settings, or all of them; `checkpoints` as a Bench takes it."""
    with Bench("dev", *build.overrides, *settings_of("none"), checkpoints=checkpoints) as bench:
        found = Walker(bench, build)
        for each in names or SETTINGS:
            found.visit(each)
        yield found
