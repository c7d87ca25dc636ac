"""HostedZone: what it refuses, the zone it makes, what it hands back."""

import pytest

from components.hosted_zone import HostedZone, HostedZoneArgs

ZONE = "aws:route53/zone:Zone"


def made(record, **changes):
    return record(lambda: HostedZone("dns", HostedZoneArgs(**{"name": "example.com", **changes})))


def test_it_makes_one_public_zone_under_its_own_name(record):
    recording = made(record)
    (zone,) = recording.children(recording.one("switchyard:index:HostedZone").urn)
    assert (zone.type, zone.name) == (ZONE, "dns")
    assert "vpcs" not in zone.inputs


def test_a_zone_that_holds_records_of_others_is_not_deleted(record):
    assert made(record).one(ZONE).inputs["forceDestroy"] is False


def test_name_and_comment_reach_the_zone(record):
    inputs = made(record, name="example.org", comment="for the shop").one(ZONE).inputs
    assert (inputs["name"], inputs["comment"]) == ("example.org", "for the shop")


def test_it_hands_back_the_id_and_the_servers_to_name_at_the_registrar(record):
    outputs = made(record).one("switchyard:index:HostedZone").outputs
    assert outputs["zone_id"].startswith("Z")
    assert len(outputs["name_servers"]) > 1
    assert set(outputs) == {"zone_id", "name_servers"}


@pytest.mark.parametrize(
    "name", ["example", "Example.com", "example.com.", "*.example.com", "-a.example.com", "a b.de"]
)
def test_what_is_no_domain_is_refused(name):
    with pytest.raises(ValueError, match=r"HostedZoneArgs: name must be a DNS name .*, got '"):
        HostedZoneArgs(name=name)


def test_a_comment_is_refused_just_past_the_limit_and_allowed_on_it():
    assert HostedZoneArgs(name="example.com", comment="x" * 256)
    with pytest.raises(ValueError, match=r"comment must be at most 256 characters, got 257$"):
        HostedZoneArgs(name="example.com", comment="x" * 257)


def test_a_name_and_its_labels_are_refused_just_past_their_limits_and_allowed_on_them():
    longest = ".".join(["a" * 63] * 3 + ["a" * 61])
    assert len(longest) == 253
    assert HostedZoneArgs(name=longest)
    for bad in (longest + "a", "a" * 64 + ".com"):
        with pytest.raises(ValueError, match=f"of at most 253 characters .*, got '{bad}'$"):
            HostedZoneArgs(name=bad)
