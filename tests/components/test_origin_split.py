"""OriginSplit: what is stored for whom, and that an old value never counts."""

import hashlib
import json

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.origin_split import KEY, OriginSplit, OriginSplitArgs, weight_of

STORE = "aws:cloudfront/keyValueStore:KeyValueStore"
WEIGHT = "aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey"
EPOCH = "random:index/randomId:RandomId"
TOKEN = "random:index/randomPassword:RandomPassword"


@pytest.fixture
def recorded(record):
    def run(*origins, active="serverless", percent=0):
        def program():
            split = OriginSplit("split", OriginSplitArgs(origins=origins))
            split.weigh(active, percent, after=split.epoch_resource.urn)
            pulumi.export("token", split.smoke_token)
            pulumi.export("sha256", split.smoke_token_sha256)
            pulumi.export("origins", list(split.origins))
            pulumi.export("epoch", split.epoch)

        return record(program)

    return run


def children(recording) -> set[str]:
    urn = recording.one("switchyard:index:OriginSplit").urn
    return {f"{child.type.rpartition(':')[2]} {child.name}" for child in recording.children(urn)}


def test_with_one_origin_there_is_only_an_epoch(recorded):
    recording = recorded("serverless")
    assert children(recording) == {"RandomId split-epoch"}
    assert recording.outputs["token"] == ""
    assert recording.outputs["origins"] == []


def test_with_two_origins_there_is_a_store_with_one_key_and_a_token(recorded):
    recording = recorded("serverless", "container")
    assert children(recording) == {
        "RandomId split-epoch",
        "KeyValueStore split",
        "RandomPassword split-smoke-token",
        "KeyvaluestoreKey split-weight",
    }
    assert recording.outputs["origins"] == ["container", "serverless"]


def test_the_epoch_is_another_one_whenever_the_origins_that_may_be_named_change(recorded):
    def epoch(*origins):
        return recorded(*origins).one(EPOCH).inputs

    assert epoch("serverless", "container") == {"byteLength": 8, "keepers": {"origins": "container,serverless"}}
    assert epoch("serverless", "container") == epoch("container", "serverless")
    # None of them may be named while there is only one, so a switch in one step leaves the epoch as it is.
    assert epoch("serverless") == epoch("container") == {"byteLength": 8, "keepers": {"origins": ""}}


def test_the_stored_value_names_the_epoch_and_the_share_of_the_first_origin(recorded):
    recording = recorded("serverless", "container", active="container", percent=10)
    inputs = recording.one(WEIGHT).inputs
    assert inputs["key"] == KEY
    assert json.loads(inputs["value"]) == {"epoch": recording.outputs["epoch"], "container": 90}
    assert inputs["keyValueStoreArn"].startswith("arn:aws:cloudfront::")


# Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-keyvaluestores
LONGEST_VALUE_BYTES = 1024


@given(st.integers(min_value=0, max_value=100))
def test_both_shares_make_a_whole(percent):
    def container(active):
        text = weight_of("e" * 16, ("container", "serverless"), active, percent)
        assert len(text) <= LONGEST_VALUE_BYTES
        return json.loads(text)["container"]

    assert container("serverless") == percent
    assert container("container") == 100 - percent


def test_the_token_is_secret_and_its_hash_is_not(recorded):
    recording = recorded("serverless", "container")
    assert recording.outputs["token"] == {"$secret": True}
    assert len(bytes.fromhex(recording.outputs["sha256"])) == hashlib.sha256().digest_size
    assert recording.one(TOKEN).inputs == {"length": 48, "special": False}


@pytest.mark.parametrize("origins", [(), ("a", "a"), ("a", "b", "c")])
def test_none_three_or_the_same_twice_is_refused(origins):
    with pytest.raises(ValueError, match="origins must be one or two different ids, got"):
        OriginSplitArgs(origins=origins)


@pytest.mark.parametrize(
    ("active", "percent", "problem"),
    [
        ("site", 0, "active must be one of container, serverless, got 'site'"),
        ("serverless", 101, "standby_percent must be 0 to 100, got 101"),
    ],
)
def test_a_share_that_makes_no_sense_is_refused(recorded, active, percent, problem):
    with pytest.raises(ValueError, match=problem):
        recorded("serverless", "container", active=active, percent=percent)
