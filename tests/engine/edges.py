"""Edges: which origins a viewer may be sent to at any moment, and whether each of them would answer.

CloudFront's edges hear of a change at different times. While a distribution deploys, some serve what it was; and a
function or a stored value may be an old one at some edge until the program has waited for the edges: nothing else says
that it has reached them all. What any edge may pick must answer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from edge import Edge
from engine.double.cloud import Cloud, Operation
from engine.double.stages import published
from engine.double.wire import plain
from engine.readiness import why_not_ready

from components._viewer_request import SMOKE_HEADER
from components.origin import AUTHORIZATION_HEADER
from components.origin_split import KEY

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
FUNCTION = "aws:cloudfront/function:Function"
STORED = "aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey"
TOKEN = "random:index/randomPassword:RandomPassword"
SECONDS = 60
"""As long as the program waits for the edges."""
SIDES = ("container", "serverless")
VIEWERS = tuple(f"203.0.113.{n}" for n in range(64))

Version = tuple[str, str | None]
"""A function's code, and the store it reads."""
Pick = tuple[str, str, str]
"""An origin by its id, where it is, and through which VPC origin."""


@dataclass
class Edges:
    """Watches a cloud. `problems` is what was ever wrong, `changes` each operation that changed what can be picked."""

    cloud: Cloud
    problems: list[str] = field(default_factory=list)
    changes: list[Operation] = field(default_factory=list)
    _versions: dict[str, list[Version]] = field(default_factory=dict)
    _values: dict[str, list[str | None]] = field(default_factory=dict)
    _picked: frozenset[Pick] = frozenset()

    def __post_init__(self) -> None:
        self._hear()
        self._picked = self.picks()
        self.cloud.watchers.append(self._watch)

    def copy(self) -> "Edges":
        """Edges that know the same, to watch what becomes of the same moment in another way."""
        return Edges(
            self.cloud,
            _versions={key: list(each) for key, each in self._versions.items()},
            _values={key: list(each) for key, each in self._values.items()},
        )

    def waited(self, seconds: float) -> None:
        """The program has waited: after long enough every edge has the newest."""
        if seconds >= SECONDS:
            with self.cloud.lock:
                self._versions.clear()
                self._values.clear()
                self._hear()
                self._picked = self.picks()

    def picks(self) -> frozenset[Pick]:
        """The origins that some edge may send a viewer to. Adds to `problems` what would not answer."""
        return frozenset(self._look("now"))

    def _watch(self, operation: Operation, _cloud: Cloud) -> None:
        self._hear()
        picked = frozenset(self._look(f"after {operation}"))
        if picked != self._picked and operation not in self.changes:
            self.changes.append(operation)
        self._picked = picked

    def _hear(self) -> None:
        """Note what is new. What was there before may still be at some edge."""
        for each in self.cloud.of_type(FUNCTION):
            if (live := published(each)) is not None:
                stores = live["keyValueStoreAssociations"] or [None]
                _note(self._versions.setdefault(plain(each.outputs)["arn"], []), (live["code"], stores[0]))
        stored = [plain(each.outputs) for each in self.cloud.of_type(STORED)]
        there = {each["keyValueStoreArn"]: each["value"] for each in stored}
        for store in {*there, *self._values}:
            _note(self._values.setdefault(store, []), there.get(store))

    def _look(self, when: str) -> Iterator[Pick]:
        for distribution in self.cloud.of_type(DISTRIBUTION):
            for config in distribution.live:
                origins = {each["originId"]: each for each in config["origins"]}
                for id_, copies in self._named(config):
                    if id_ not in origins:
                        self._complain(f"{when}: viewers may be sent to {id_}, which the distribution does not know")
                        continue
                    origin = origins[id_]
                    for problem in why_not_ready(self.cloud, origin):
                        self._complain(f"{when}: viewers may be sent to {id_}, and {problem}")
                    if _overwrites_authorization(origin) and not copies:
                        self._complain(f"{when}: viewers may be sent to {id_}, and it does not get their Authorization")
                    through = (origin.get("vpcOriginConfig") or {}).get("vpcOriginId", "")
                    yield id_, origin["domainName"], through

    def _complain(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)

    def _named(self, config: Mapping[str, Any]) -> set[tuple[str, bool]]:
        """Ids of origins, and whether a function that sends viewers there copies Authorization for them."""
        found = set()
        for behavior in (config["defaultCacheBehavior"], *(config.get("orderedCacheBehaviors") or ())):
            for association in behavior["functionAssociations"]:
                for code, store in self._versions.get(association["functionArn"], ()):
                    for value in self._values.get(store or "", [None]):
                        named = sides(code, store is not None, value, self._tokens())
                        found |= {(each or behavior["targetOriginId"], copies_authorization(code)) for each in named}
        return found

    def _tokens(self) -> tuple[str, ...]:
        return tuple(plain(each.outputs)["result"] for each in self.cloud.of_type(TOKEN) if "smoke-token" in each.name)


def _overwrites_authorization(origin: Mapping[str, Any]) -> bool:
    """Access control signs what goes to a Function URL, and the signature takes the place of the viewer's header."""
    return ".lambda-url." in origin["domainName"] and bool(origin.get("originAccessControlId"))


def _note(known: list, new: object) -> None:
    if new not in known:
        known.append(new)


@cache
def copies_authorization(code: str) -> bool:
    """Whether what a viewer sends as Authorization also travels under the name that the image reads in Lambda."""
    sent = {"uri": "/", "headers": {"authorization": {"value": "Bearer of a test"}}}
    passed, _ = Edge(code, origins=SIDES).answer(sent)
    return passed["headers"].get(AUTHORIZATION_HEADER) == sent["headers"]["authorization"]


@cache
def sides(code: str, has_store: bool, value: str | None, tokens: tuple[str, ...]) -> frozenset[str | None]:
    """The origins that the function names, None where it names none: for viewers, and for who has a token."""
    store = {} if value is None else {KEY: value}
    # One that named an origin the distribution lacks would be caught, and named nobody: here there are always both.
    edge = Edge(code, origins=SIDES, store=store if has_store else None)
    found = set(edge.sides(VIEWERS))
    for token in tokens:
        for side in SIDES:
            headers = {SMOKE_HEADER: {"value": f"{side}:{token}"}}
            found.add(edge.answer({"uri": "/", "headers": headers})[1])
    return frozenset(found)
