"""AliasRecord: what it refuses, the two records it makes, what it hands back."""

import pytest

from components.alias_record import AliasRecord, AliasRecordArgs

RECORD = "aws:route53/record:Record"
ARGS = {
    "zone_id": "Z1EXAMPLE",
    "name": "app.example.com",
    "target_domain_name": "d111.cloudfront.net",
    "target_zone_id": "Z2FDTNDATAQYW2",
}


def made(record, **changes):
    return record(lambda: AliasRecord("public-name", AliasRecordArgs(**{**ARGS, **changes})))


def test_it_makes_a_record_for_ipv4_and_one_for_ipv6_and_nothing_else(record):
    recording = made(record)
    children = recording.children(recording.one("switchyard:index:AliasRecord").urn)
    assert {(each.type, each.name, each.inputs["type"]) for each in children} == {
        (RECORD, "public-name", "A"),
        (RECORD, "public-name-ipv6", "AAAA"),
    }


def test_both_records_lead_to_the_target_without_asking_for_a_health_that_cloudfront_does_not_have(record):
    for each in made(record).of_type(RECORD):
        assert each.inputs["aliases"] == [
            {"name": "d111.cloudfront.net", "zoneId": "Z2FDTNDATAQYW2", "evaluateTargetHealth": False}
        ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"zone_id": "Z9OTHER"}, {"zoneId": "Z9OTHER"}),
        ({"name": "www.example.org"}, {"name": "www.example.org"}),
    ],
)
def test_zone_and_name_reach_both_records(record, changes, expected):
    for each in made(record, **changes).of_type(RECORD):
        assert expected.items() <= each.inputs.items()


def test_target_and_its_zone_reach_both_records(record):
    for each in made(record, target_domain_name="lb.aws", target_zone_id="Z35S").of_type(RECORD):
        (alias,) = each.inputs["aliases"]
        assert (alias["name"], alias["zoneId"]) == ("lb.aws", "Z35S")


def test_it_hands_back_the_name(record):
    assert made(record).one("switchyard:index:AliasRecord").outputs == {"fqdn": "app.example.com"}


def test_a_name_with_a_dot_at_its_end_is_refused():
    with pytest.raises(ValueError, match=r"AliasRecordArgs: name must be a DNS name .*, got 'app\.example\.com\.'$"):
        AliasRecordArgs(**{**ARGS, "name": "app.example.com."})
