"""View: a recording as the drawing looks at it, with the addresses that AWS would give what is in it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from preflight import made_up
from preflight.drawing.sketch import Sketch
from preflight.recording import Resource
from preflight.relations import Relations

OUTSIDE = "internet"


@dataclass(frozen=True)
class View(Relations):
    """One stack, in the region that its stack file names."""

    region: str

    @cached_property
    def _by_value(self) -> dict[str, Resource]:
        """Resources by every text that AWS would compute for them; a URL also by its host."""
        found: dict[str, Resource] = {}
        for each in self.recording:
            if each.custom:
                for value in made_up.outputs(each, self.region).values():
                    if isinstance(value, str):
                        found.setdefault(value, each)
                        found.setdefault(value.removeprefix("https://").partition("/")[0], each)
        return found

    def at(self, value: object) -> Resource | None:
        """The resource of which this is the id, the ARN or the address."""
        return self._by_value.get(value) if isinstance(value, str) else None

    def draw_region(self, sketch: Sketch) -> str:
        return sketch.place("region", self.region, role="region")


def security_groups(view: View, resource: Resource, key: str) -> list[Resource]:
    """The security groups that guard it, by the input that names them."""
    return view.behind(resource, key, "aws:ec2/securityGroup:SecurityGroup")


def lets_in(view: View, guards: Iterable[Resource], callers: Iterable[Resource]) -> Iterator[Resource]:
    """The inbound rules of the guarding groups that admit a group of the callers; without callers, all others."""
    calling = {each.urn for each in callers}
    rule = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    for group in guards:
        for each in view.users(group, rule, "securityGroupId"):
            admitted = set(each.options.property_dependencies.get("referencedSecurityGroupId", ()))
            if admitted & calling or (not admitted and not calling):
                yield each


def lets_out(view: View, guards: Iterable[Resource]) -> Iterator[Resource]:
    """The outbound rules of these groups that name an address, not another group."""
    rule = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
    for group in guards:
        for each in view.users(group, rule, "securityGroupId"):
            if "referencedSecurityGroupId" not in each.inputs:
                yield each


def ports(rules: Iterable[Resource]) -> str:
    """The ports of some rules: `443`, `80 and 8000 to 8080`, `every port`."""
    found = []
    for each in rules:
        low, high = each.inputs.get("fromPort"), each.inputs.get("toPort")
        found.append("every port" if low is None else f"{low}" if low == high else f"{low} to {high}")
    return " and ".join(dict.fromkeys(found))
