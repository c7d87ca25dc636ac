"""The container half: a load balancer, how CloudFront comes to it, and the tasks in their subnets."""

from typing import Any

from preflight.drawing.sketch import Sketch
from preflight.drawing.view import View, lets_in, lets_out, ports, security_groups
from preflight.drawing.vpc import draw_subnet_of, draw_vpc, draw_ways_out
from preflight.recording import Resource

_GROUP, _RULE, _LISTENER = (
    "aws:lb/targetGroup:TargetGroup",
    "aws:lb/listenerRule:ListenerRule",
    "aws:lb/listener:Listener",
)
_BALANCER = "aws:lb/loadBalancer:LoadBalancer"


def draw_service(view: View, sketch: Sketch, service: Resource) -> None:
    """The service's tasks in each of its subnets, with what calls them and where they may call out to."""
    guards = security_groups(view, service, "networkConfiguration")
    if not guards:
        return
    vpc = draw_vpc(view, sketch, guards[0])
    outbound = list(lets_out(view, guards))
    label_out = _label(f"out on {ports(outbound)}" if outbound else "", guards)
    places = []
    for subnet_id in service.inputs["networkConfiguration"].get("subnets", ()):
        within = draw_subnet_of(view, sketch, subnet_id, vpc)
        key = f"{service.urn} {within}"
        definitions = view.behind(service, "taskDefinition", "aws:ecs/taskDefinition:TaskDefinition")
        parts = [service, *definitions, *guards]
        places.append(
            sketch.place(key, f"Tasks of {service.name}", _size(view, service, definitions), within=within, of=parts)
        )
        if subnet := view.recording.resources.get(within):
            draw_ways_out(view, sketch, key, subnet, vpc, label_out)
    for group in view.behind(service, "loadBalancers", _GROUP):
        for listener, balancer in _balancers(view, group):
            _draw_balancer(view, sketch, balancer, listener, vpc)
            callers = security_groups(view, balancer, "securityGroups")
            rules = list(lets_in(view, guards, callers))
            label = _label(f"HTTP on {ports(rules)}" if rules else "nothing lets it in", guards)
            for key in places:
                sketch.arrow(balancer.urn, key, label, of=[group, *rules])


def _size(view: View, service: Resource, definitions: list[Resource]) -> str:
    """`0.5 vCPU, 1 GB; 2 to 10 in all zones`."""
    parts = []
    for each in definitions:
        cpu, memory = each.inputs.get("cpu"), each.inputs.get("memory")
        if str(cpu).isdigit() and str(memory).isdigit():
            parts.append(f"{int(str(cpu)) / 1024:g} vCPU, {int(str(memory)) / 1024:g} GB")
    for each in view.users(service, "aws:appautoscaling/target:Target", "resourceId"):
        parts.append(f"{each.inputs.get('minCapacity')} to {each.inputs.get('maxCapacity')} in all")
    return "; ".join(parts)


def _balancers(view: View, group: Resource) -> list[tuple[Resource, Resource]]:
    """Each (listener, balancer) that forwards to a target group, by a rule or by default."""
    listeners = view.users(group, _LISTENER, "defaultActions")
    for rule in view.users(group, _RULE, "actions"):
        listeners += view.behind(rule, "listenerArn", _LISTENER)
    found = {each.urn: each for each in listeners}.values()
    return [(each, balancer) for each in found for balancer in view.behind(each, "loadBalancerArn", _BALANCER)]


def _draw_balancer(view: View, sketch: Sketch, balancer: Resource, listener: Resource, vpc: str) -> None:
    is_internal = balancer.inputs.get("internal") is True
    zones = len(balancer.inputs.get("subnets", ()))
    detail = f"{'internal' if is_internal else 'on the internet'}, in {zones} subnets"
    guards = security_groups(view, balancer, "securityGroups")
    parts = [balancer, listener, *guards, *view.users(listener, _RULE, "listenerArn")]
    sketch.settle(balancer.urn, f"Load balancer {balancer.name}", detail, vpc, of=parts)
    way_in = list(lets_in(view, guards, ()))
    label = _label(f"{_protocol(listener)} on {ports(way_in)}" if way_in else "nothing lets it in", guards)
    for origin in view.users(balancer, "aws:cloudfront/vpcOrigin:VpcOrigin", "vpcOriginEndpointConfig"):
        sketch.settle(origin.urn, f"VPC origin {origin.name}", "CloudFront's door to the VPC", vpc, of=[origin])
        sketch.arrow(origin.urn, balancer.urn, label, of=[listener, *way_in])
    from_the_edge = {each.urn for each in view.recording.of_type("aws:cloudfront/distribution:Distribution")}
    for arrow in list(sketch.arrows.values()):
        if arrow.target == balancer.urn and arrow.source in from_the_edge:
            sketch.arrow(arrow.source, balancer.urn, label, of=way_in, aside=arrow.is_aside)


def _protocol(listener: Resource) -> Any:
    return listener.inputs.get("protocol", "")


def _label(what: str, guards: list[Resource]) -> str:
    """What passes, and the security groups that let it."""
    by = "by " + ", ".join(each.name for each in guards)
    return f"{what}\n{by}" if what else by
