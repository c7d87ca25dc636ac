"""Danger: each kind of it is named, and a harmless change is not called dangerous."""

import pytest
from recordings import recording, resource
from stacks import DOMAIN, ROOT, recorded

from preflight.danger import KEEPS_DATA, dangers
from preflight.difference import difference
from preflight.force_new import REPLACED_BY
from preflight.recording import Options
from preflight.stackfile import load


def told(before, after, **configs) -> str:
    return "\n".join(dangers(difference(before, after), before, after, **configs))


def settings(*pairs):
    return {"configs": tuple({f"switchyard:{key}": value for key, value in pair.items()} for pair in pairs)}


@pytest.mark.parametrize("type_", sorted(KEEPS_DATA))
def test_what_keeps_data_is_named_when_it_goes(type_):
    before, after = recording(resource("it", type_)), recording()
    assert KEEPS_DATA[type_] in told(before, after)
    assert told(after, before) == ""


def test_a_replacement_loses_data_as_a_removal_does_and_says_why():
    before = recording(resource("files", "aws:s3/bucket:Bucket", bucket="a"))
    after = recording(resource("files", "aws:s3/bucket:Bucket", bucket="b"))
    assert "Bucket files is replaced (bucket can't be changed in place), and with it its files" in told(before, after)
    assert "bucket" in REPLACED_BY["aws:s3/bucket:Bucket"]


def test_what_is_protected_is_named_before_the_engine_refuses():
    before = recording(resource("it", options=Options(protect=True)))
    assert "is protected, so the engine will refuse that it is removed" in told(before, recording())


def test_a_new_public_address_is_named():
    assert "The public URL changes from" in told(recorded("prod"), recorded("prod", DOMAIN))


def test_an_address_where_there_was_none_is_no_danger():
    assert told(recorded("dev", "image=none", "site=null"), recorded("dev", "site=null")) == ""


def test_a_distribution_that_goes_takes_its_address_along():
    found = told(recorded("dev", "site=null"), recorded("dev", "site=null", "image=none"))
    assert "Distribution cdn is removed" in found


def test_nothing_left_behind_the_distribution_is_named():
    assert "Nothing is left behind the distribution: serverless goes" in told(
        recorded("dev"), recorded("dev", "image=none")
    )


def test_another_network_is_named():
    assert "Vpc container-vpc is replaced" in told(recorded("prod"), recorded("prod", "network.cidr=10.9.0.0/16"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (DOMAIN, "Listener container-balancer-listener changes its port, protocol"),
        ("service.port=9090", "TargetGroup container-balancer-app changes its port"),
    ],
)
def test_another_way_into_a_balancer_that_serves_is_named(change, words):
    assert words in told(recorded("prod"), recorded("prod", change))
    standing_by = "standby=true", "topology=serverless"
    assert words not in told(recorded("prod", *standing_by), recorded("prod", *standing_by, change))


def test_a_switch_together_with_another_change_is_named():
    before, after = recorded("dev"), recorded("dev", "topology=container")
    alone = settings({"topology": "serverless"}, {"topology": "container", "standby": "true"})
    assert told(before, after, **alone) == ""
    mixed = settings({"topology": "serverless", "waf": "{}"}, {"topology": "container", "waf": "x", "domain": "y"})
    assert "comes together with other changes (domain, waf)" in told(before, after, **mixed)


@pytest.mark.parametrize(
    "change", ["topology=container", "standby=true", "container.maxTasks=3", "logs.retentionDays=30", "originSecret=2"]
)
def test_an_everyday_change_is_not_dangerous(change):
    before, after = load(ROOT, "dev").config, load(ROOT, "dev", (change,)).config
    assert told(recorded("dev"), recorded("dev", change), configs=(before, after)) == ""
