"""VpcOrigin: what it refuses, and that it is replaced, with a new name, whenever it has to point elsewhere."""

import itertools
import re

import botocore.session
import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.vpc_origin import ZONES_WITHOUT_VPC_ORIGINS, VpcOrigin, VpcOriginArgs, endpoint_name

BALANCER = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/main/0123456789abcdef"


def some_args(**changes) -> VpcOriginArgs:
    return VpcOriginArgs(**{"load_balancer_arn": BALANCER, "port": 443, "protocol": "https-only", **changes})


@pytest.fixture
def recorded(record):
    def run(**changes):
        return record(lambda: VpcOrigin("container", some_args(**changes)))

    return run


def endpoint(recording) -> dict:
    return recording.one("aws:cloudfront/vpcOrigin:VpcOrigin").inputs["vpcOriginEndpointConfig"]


def test_it_has_one_child_of_its_own_name(recorded):
    recording = recorded()
    (child,) = recording.children(recording.one("switchyard:index:VpcOrigin").urn)
    assert (child.type, child.name) == ("aws:cloudfront/vpcOrigin:VpcOrigin", "container")


def test_it_points_at_the_balancer_over_tls_1_2(recorded):
    assert endpoint(recorded()) == {
        "name": endpoint_name("container", BALANCER, 443, "https-only"),
        "arn": BALANCER,
        "httpPort": 80,
        "httpsPort": 443,
        "originProtocolPolicy": "https-only",
        "originSslProtocols": {"items": ["TLSv1.2"], "quantity": 1},
    }


@pytest.mark.parametrize(
    ("protocol", "port", "http", "https"), [("http-only", 8080, 8080, 443), ("https-only", 8443, 80, 8443)]
)
def test_the_port_is_that_of_the_protocol_in_use(recorded, protocol, port, http, https):
    config = endpoint(recorded(protocol=protocol, port=port))
    assert (config["httpPort"], config["httpsPort"], config["originProtocolPolicy"]) == (http, https, protocol)


def test_it_is_replaced_when_it_changes_and_tags_never_touch_it(recorded):
    options = recorded().one("aws:cloudfront/vpcOrigin:VpcOrigin").options
    assert options.replace_on_changes == ("vpcOriginEndpointConfig",)
    assert options.ignore_changes == ("tags", "tagsAll")
    assert not options.delete_before_replace


def test_it_is_given_half_an_hour_to_come_and_to_go(recorded):
    timeouts = recorded().one("aws:cloudfront/vpcOrigin:VpcOrigin").options.custom_timeouts
    assert timeouts == {"create": "30m", "delete": "30m"}


def test_its_outputs_are_those_of_the_child(recorded):
    outputs = recorded().one("switchyard:index:VpcOrigin").outputs
    assert list(outputs) == ["vpc_origin_id"]
    assert re.fullmatch(r"vo_\w{22}", outputs["vpc_origin_id"])


def test_the_endpoints_name_follows_the_balancer_even_one_not_made_yet(record):
    other = BALANCER.replace("main", "next")

    def program():
        VpcOrigin("container", some_args(load_balancer_arn=pulumi.Output.from_input(other)))

    assert endpoint(record(program))["name"] == endpoint_name("container", other, 443, "https-only")
    assert endpoint_name("container", other, 443, "https-only") != endpoint_name(
        "container", BALANCER, 443, "https-only"
    )


def test_each_target_has_a_name_of_its_own():
    targets = itertools.product((BALANCER, BALANCER + "0"), (80, 443, 8080), ("http-only", "https-only"))
    assert len({endpoint_name("x", *target) for target in targets}) == 12


@given(st.text("abc-", min_size=1, max_size=90))
def test_a_name_is_64_characters_at_most_and_starts_as_the_components(name):
    made = endpoint_name(name, BALANCER, 80, "http-only")
    assert re.fullmatch(r"[a-c-]{1,51}-[0-9a-f]{12}", made)
    assert made.startswith(name[:51])


@pytest.mark.parametrize("good", [80, 443, 1024, 65535])
def test_a_port_that_cloudfront_can_call_is_allowed(good):
    assert some_args(port=good).port == good


@pytest.mark.parametrize("bad", [0, 79, 81, 442, 444, 1023, 65536])
def test_any_other_port_is_refused(bad):
    with pytest.raises(ValueError, match=f"port must be 80, 443 or 1024 to 65535, got {bad}$"):
        some_args(port=bad)


def test_other_protocols_and_other_arns_are_refused_together():
    with pytest.raises(ValueError, match=r"load_balancer_arn must be .*, got 'x'; protocol must be one of") as error:
        some_args(load_balancer_arn="x", protocol="match-viewer")
    assert "got 'match-viewer'" in str(error.value)


def test_the_protocols_are_cloudfronts():
    policy = botocore.session.get_session().get_service_model("cloudfront").shape_for("OriginProtocolPolicy")
    assert {"http-only", "https-only"} <= set(policy.enum)


def test_the_zones_to_avoid_are_named_by_id():
    assert all(re.fullmatch(r"[a-z]+\d-az\d", zone) for zone in ZONES_WITHOUT_VPC_ORIGINS)
    assert set(ZONES_WITHOUT_VPC_ORIGINS) == {"use1-az3", "usw1-az2", "apne1-az3", "cac1-az3"}
