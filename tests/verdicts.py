"""What the policies say about a recording, and every configuration that the shipped stacks are held to."""

from itertools import product

from stacks import DOMAIN

from policies.judge import Finding, judge
from preflight.findings import findings, graph
from preflight.recording import Recording

NATS = ("none", "endpoints", "instance", "single", "perZone", "regional")
URL = ("serverless.frontDoor=functionUrl", "service.clientsHashBodies=true")
SECRETS = "service.secrets={DB_URL: arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf}"
BOTH = ("prod", "standby=true", DOMAIN, "container.loadBalancer=public", "network.nat=instance")
"""Both halves, with as much of everything as one stack has."""


def caught(recording: Recording) -> set[str]:
    """Names of the policies that have something against it, waivers or not."""
    return {each.policy.name for each in judge(graph(recording))}


def unwaived(recording: Recording) -> list[Finding]:
    """The findings that count."""
    return [each for each in findings(recording) if not each.waiver]


def every_configuration() -> list[tuple[str, ...]]:
    """Both stacks: topologies, front doors, balancer kinds (and with a domain or without), standby, NAT kinds."""
    found = []
    for stack, topology, standby in product(("dev", "prod"), ("serverless", "container"), ("false", "true")):
        chosen = (stack, f"topology={topology}", f"standby={standby}")
        doors = [(), URL] if topology == "serverless" or standby == "true" else [()]
        balancers = [(), (DOMAIN,), (DOMAIN, "container.loadBalancer=public")]
        has_container = topology == "container" or standby == "true"
        for door, balancer, nat in product(
            doors, balancers if has_container else balancers[:2], NATS if has_container else NATS[:1]
        ):
            found.append((*chosen, *door, *balancer, f"network.nat={nat}"))
    return found


FEW = [
    ("dev",),
    ("prod",),
    ("prod", "standby=true", *URL, "network.nat=instance"),
    ("dev", "standby=true", DOMAIN, "container.loadBalancer=public", "network.nat=endpoints", SECRETS),
    ("dev", "topology=container"),
    ("dev", "image=none"),
]
"""Some in which every kind of everything is."""
