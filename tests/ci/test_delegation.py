"""delegation: told in a second that a certificate would wait for nothing, with the servers to name."""

from types import SimpleNamespace

import dns.exception
import dns.resolver
import pytest
from botocore.session import get_session

from ci.delegation import check, delegated, name_servers
from ci.problem import Problem

OURS = ["ns-1.awsdns-01.com", "ns-2.awsdns-02.net"]


class Route53:
    """As much of boto3's client as is asked."""

    def __init__(self, *zones: dict) -> None:
        self.zones = zones

    def list_hosted_zones_by_name(self, DNSName: str) -> dict:  # noqa: N803 - as AWS calls it
        return {"HostedZones": [each for each in self.zones if each["Name"] >= DNSName]}

    def get_hosted_zone(self, Id: str) -> dict:  # noqa: N803
        return {"DelegationSet": {"NameServers": OURS}} if Id == "Z1" else {}


def zone(name: str = "example.com.", identity: str = "Z1", *, private: bool = False) -> dict:
    return {"Name": name, "Id": identity, "Config": {"PrivateZone": private}}


def resolver(*servers: str, error: Exception | None = None) -> SimpleNamespace:
    def resolve(name: str, kind: str, lifetime: float) -> list[SimpleNamespace]:
        assert (name, kind) == ("example.com", "NS")
        if error:
            raise error
        return [SimpleNamespace(target=each) for each in servers]

    return SimpleNamespace(resolve=resolve)


@pytest.mark.parametrize("told", [OURS, [f"{each.upper()}." for each in reversed(OURS)]])
def test_the_same_servers_in_any_order_and_case_are_fine(told):
    check("example.com", Route53(zone()), resolver(*told))


def test_others_are_told_with_those_to_name():
    with pytest.raises(Problem, match=r"is told of ns\.registrar\.example\. .*name these instead: ns-1.*, ns-2"):
        check("example.com", Route53(zone()), resolver("ns.registrar.example."))


@pytest.mark.parametrize("error", [dns.resolver.NXDOMAIN(), dns.exception.Timeout(), dns.resolver.NoAnswer])
def test_a_zone_that_nobody_knows_is_told_as_that(error):
    error = error if isinstance(error, Exception) else dns.exception.DNSException()
    with pytest.raises(Problem, match="The world is told of no name server"):
        check("example.com", Route53(zone()), resolver(error=error))
    assert delegated("example.com", resolver(error=error)) == frozenset()


@pytest.mark.parametrize(
    "zones", [[], [zone(private=True)], [zone("example.com.au.")]], ids=["none", "a private one", "another"]
)
def test_an_account_without_the_zone_is_told_who_makes_one(zones):
    with pytest.raises(Problem, match=r"there is no public zone example\.com in this account: bootstrap/ can make one"):
        name_servers("example.com", Route53(*zones))


def test_what_is_asked_of_aws_is_what_aws_answers():
    model = get_session().get_service_model("route53")
    asked = model.operation_model("ListHostedZonesByName")
    assert "DNSName" in asked.input_shape.members
    item = asked.output_shape.members["HostedZones"].member
    assert {"Name", "Id", "Config"} <= set(item.members)
    answer = model.operation_model("GetHostedZone").output_shape.members["DelegationSet"]
    assert "NameServers" in answer.members
