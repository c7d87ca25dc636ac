"""Judge a stack: every finding of every policy, and which of them are waived."""

from collections.abc import Iterable
from dataclasses import dataclass

from policies import (  # noqa: F401 - each registers its policies
    admission,
    apigateway,
    balancer,
    belonging,
    callers,
    cloudfront,
    containers,
    dns,
    doors,
    ecr,
    ecs,
    endpoints,
    escalation,
    functions,
    groups,
    headers,
    hidden,
    iam,
    kms,
    listeners,
    logs,
    network,
    origins,
    s3,
    services,
    subnets,
    trust,
    waf,
)
from policies.graph import Stack
from policies.registry import POLICIES, SEVERITIES, Policy, Severity
from policies.waivers import Waiver


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One resource that a policy has something against."""

    policy: Policy
    urn: str
    message: str
    waiver: Waiver | None = None

    @property
    def name(self) -> str:
        """The resource's logical name."""
        return self.urn.rpartition("::")[2]


def judge(
    stack: Stack, waivers: tuple[Waiver, ...] = (), policies: Iterable[Policy] = POLICIES.values()
) -> list[Finding]:
    """All findings of these policies, the worst first, then by policy and resource."""
    found = [
        Finding(
            policy=policy,
            urn=resource.urn,
            message=message,
            waiver=next((each for each in waivers if each.covers(policy, resource, message, stack.name)), None),
        )
        for policy in policies
        for resource, message in policy.complaints(stack)
    ]
    return sorted(
        dict.fromkeys(found),
        key=lambda each: (-SEVERITIES.index(each.policy.severity), each.policy.name, each.urn, each.message),
    )


def at_least(severity: Severity, findings: list[Finding]) -> list[Finding]:
    """Those that count: of this severity or a worse one, and not waived."""
    lowest = SEVERITIES.index(severity)
    return [each for each in findings if SEVERITIES.index(each.policy.severity) >= lowest and not each.waiver]
