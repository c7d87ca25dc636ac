"""Architecture: places that lie in one another, and the arrows that traffic takes between them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from preflight.difference import Kind
from preflight.recording import Resource

Role = Literal["outside", "edge", "region", "vpc", "zone", "subnet", "place"]
"""What a place is; all but the first and the last hold others."""
_LOUDEST: tuple[Kind, ...] = ("replaced", "removed", "added", "updated", "renamed", "moved")


@dataclass(frozen=True, kw_only=True)
class Place:
    """A box of the drawing."""

    key: str
    role: Role
    title: str
    detail: str = ""
    parent: str = ""
    """Key of the place it lies in; empty for what lies in none."""
    urns: frozenset[str] = frozenset()
    """The resources it stands for."""


@dataclass(frozen=True, kw_only=True)
class Arrow:
    """Traffic from one place to another."""

    source: str
    target: str
    label: str = ""
    """What it is, and what lets it, a line each."""
    urns: frozenset[str] = frozenset()
    is_aside: bool = False
    """Not the way that viewers' requests take: a standby, a check, a look-up, the way out."""


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """The whole drawing, before anybody has laid it out."""

    places: tuple[Place, ...]
    arrows: tuple[Arrow, ...]

    def inside(self, parent: str) -> list[Place]:
        return [each for each in self.places if each.parent == parent]


def mark(urns: Iterable[str], kinds: Mapping[str, Kind]) -> Kind | None:
    """What happens to a part of the drawing: the gravest of what happens to its resources."""
    found = {kinds[urn] for urn in urns if urn in kinds}
    return next((kind for kind in _LOUDEST if kind in found), None)


@dataclass
class Sketch:
    """An architecture in the making. A place that is drawn twice is one place, of which the first words stay."""

    places: dict[str, Place] = field(default_factory=dict)
    arrows: dict[tuple[str, str, bool], Arrow] = field(default_factory=dict)

    def place(
        self,
        key: str,
        title: str,
        detail: str = "",
        *,
        within: str = "",
        role: Role = "place",
        of: Iterable[Resource] = (),
    ) -> str:
        """Draw a place, and hand back its key."""
        urns = frozenset(each.urn for each in of)
        known = self.places.get(key)
        if known:
            title, detail, within, role, urns = known.title, known.detail, known.parent, known.role, known.urns | urns
        self.places[key] = Place(key=key, role=role, title=title, detail=detail, parent=within, urns=urns)
        return key

    def settle(self, key: str, title: str, detail: str, within: str, *, of: Iterable[Resource] = ()) -> str:
        """Draw a place, or say of one that an arrow led to what it is and where it lies."""
        urns = frozenset(each.urn for each in of)
        if key in self.places:
            urns |= self.places.pop(key).urns
        self.places[key] = Place(key=key, role="place", title=title, detail=detail, parent=within, urns=urns)
        return key

    def arrow(
        self, source: str, target: str, label: str = "", *, of: Iterable[Resource] = (), aside: bool = False
    ) -> None:
        """Draw an arrow; what is said of the same way is said in one."""
        key = source, target, aside
        urns = frozenset(each.urn for each in of)
        known = self.arrows.get(key)
        if known:
            label, urns = "\n".join(_lines(known.label, label)), known.urns | urns
        self.arrows[key] = Arrow(source=source, target=target, label=label, urns=urns, is_aside=aside)

    def done(self) -> Architecture:
        return Architecture(places=tuple(self.places.values()), arrows=tuple(self.arrows.values()))


def _lines(*labels: str) -> Iterator[str]:
    """Every line of the labels, once."""
    yield from dict.fromkeys(line for label in labels for line in label.splitlines())
