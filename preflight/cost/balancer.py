"""Rules of the load balancer in front of the tasks."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from preflight.cost.graph import KB_PER_GB, Graph
from preflight.cost.rule import Charge, Finding, Rule, Unpriced, free, priced
from preflight.recording import Resource

# Source: https://aws.amazon.com/elasticloadbalancing/pricing/
_LCU_CONNECTIONS_PER_SECOND = 25
_LCU_OPEN_CONNECTIONS = 3000
_LCU_RULES_PER_SECOND = 1000


def load_balancer(graph: Graph, balancer: Resource) -> Iterator[Finding]:
    """By the hour, the capacity units of its use, and a public IPv4 in each zone unless it is internal."""
    if balancer.inputs.get("loadBalancerType", "application") != "application":
        yield Unpriced(what="load balancer", reason="only application load balancers have a rule")
        return
    yield Charge(price="alb.hour", quantity=graph.hours, what="load balancer")
    yield Charge(
        price="alb.lcu_hour", quantity=capacity_units(graph, balancer) * graph.hours, what="load balancer capacity"
    )
    has_public_ipv4 = balancer.inputs.get("ipAddressType") != "dualstack-without-public-ipv4"
    if balancer.inputs.get("internal") is not True and has_public_ipv4:
        zones = len(balancer.inputs.get("subnets") or balancer.inputs.get("subnetMappings") or ())
        what = f"public IPv4, {zones} of the balancer"
        yield Charge(price="public_ipv4.in_use_hour", quantity=zones * graph.hours, what=what)


def capacity_units(graph: Graph, balancer: Resource) -> Decimal:
    """LCU on average: the largest of the four dimensions. Default: all bytes go through, on connections kept open."""
    given = graph.given(balancer, "aws_lb")
    size = graph.workload.response_kb + graph.workload.request_kb
    processed = given.get("processed_bytes_gb", graph.requests_to(balancer) * size / KB_PER_GB)
    return max(
        given.get("new_connections", Decimal(0)) / _LCU_CONNECTIONS_PER_SECOND,
        given.get("active_connections", Decimal(0)) / _LCU_OPEN_CONNECTIONS,
        processed / graph.hours,
        given.get("rule_evaluations", Decimal(0)) / _LCU_RULES_PER_SECOND,
    )


_BALANCER = "part of the load balancer"
RULES: Mapping[str, Rule] = {
    "aws:lb/loadBalancer:LoadBalancer": priced(load_balancer),
    "aws:alb/loadBalancer:LoadBalancer": priced(load_balancer),
    "aws:lb/listener:Listener": free(_BALANCER),
    "aws:lb/listenerRule:ListenerRule": free(_BALANCER),
    "aws:lb/targetGroup:TargetGroup": free(_BALANCER),
}
