"""Relations: which of a recording's resources are made from which, by the inputs that say so."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from preflight.recording import Recording, Resource


@dataclass(frozen=True)
class Relations:
    """A recording, with its neighbours looked up."""

    recording: Recording

    def behind(self, resource: Resource, key: str, type_: str) -> list[Resource]:
        """The resources of a type that one of its inputs is made from."""
        urns = resource.options.property_dependencies.get(key, ())
        found = (self.recording.resources.get(urn) for urn in urns)
        return [each for each in found if each and each.type == type_]

    @cached_property
    def _users(self) -> Mapping[str, list[tuple[str, Resource]]]:
        users: dict[str, list[tuple[str, Resource]]] = {}
        for each in self.recording:
            for key, urns in each.options.property_dependencies.items():
                for urn in urns:
                    users.setdefault(urn, []).append((key, each))
        return users

    def users(self, resource: Resource, type_: str, key: str) -> list[Resource]:
        """The resources of a type of which one input is made from this one."""
        return [user for by, user in self._users.get(resource.urn, []) if by == key and user.type == type_]
