"""delegation: whether the world asks a zone's own servers for it.

A certificate is validated through the zone. Where the registrar names other servers, that waits for more than an hour
and fails; here it is told in a second.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ci.problem import Problem

_SECONDS = 10


def check_for(file: Path) -> None:
    """Check the zone of a stack's `domain`, if it has one. Raises Problem as `check` does."""
    import yaml  # noqa: PLC0415

    domain = yaml.safe_load(file.read_text(encoding="utf-8"))["config"].get("switchyard:domain")
    if domain:
        check(domain["zone"])


def check(zone: str, route53: Any = None, resolver: Any = None) -> None:
    """Compare Route 53's name servers of the zone with those that the world is told. Raises Problem if they differ."""
    wanted = name_servers(zone, route53 or _route53())
    told = delegated(zone, resolver or _resolver())
    if told != wanted:
        raise Problem(
            f"{zone} is not delegated to its zone in Route 53, so no certificate could be had. The world is told of "
            f"{', '.join(sorted(told)) or 'no name server'}. At the registrar, or in the zone above, name these "
            f"instead: {', '.join(sorted(wanted))}"
        )


def name_servers(zone: str, route53: Any) -> frozenset[str]:
    """The servers of the public zone of this name. Raises Problem if the account has none."""
    found = route53.list_hosted_zones_by_name(DNSName=zone)["HostedZones"]
    public = [each for each in found if each["Name"] == f"{zone}." and not each["Config"]["PrivateZone"]]
    if not public:
        raise Problem(f"there is no public zone {zone} in this account: bootstrap/ can make one")
    return _plain(route53.get_hosted_zone(Id=public[0]["Id"])["DelegationSet"]["NameServers"])


def delegated(zone: str, resolver: Any) -> frozenset[str]:
    """The servers that anybody who asks is told of; none if nobody knows the zone."""
    import dns.exception  # noqa: PLC0415

    try:
        return _plain(str(each.target) for each in resolver.resolve(zone, "NS", lifetime=_SECONDS))
    except dns.exception.DNSException:
        return frozenset()


def _plain(names: Iterable[str]) -> frozenset[str]:
    return frozenset(each.rstrip(".").lower() for each in names)


def _route53() -> Any:
    import boto3  # noqa: PLC0415

    return boto3.client("route53")


def _resolver() -> Any:
    import dns.resolver  # noqa: PLC0415

    return dns.resolver.Resolver()
