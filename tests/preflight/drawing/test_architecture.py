"""The architecture of the shipped stacks: what lies in what, which way traffic takes, and what lets it."""

import pytest
from recordings import recording, resource
from stacks import DOMAIN, recorded

from preflight.difference import difference
from preflight.drawing.architecture import architecture
from preflight.drawing.sketch import mark

REGION = "us-east-1"
PRIVATE = {
    ("network.nat=perZone",): "NAT gateway",
    (DOMAIN, "container.loadBalancer=public", "network.nat=instance"): "NAT instance",
}
EXISTING = (
    "network={existing: {vpcId: vpc-1234567890abcdef0, publicSubnetIds: [subnet-1234567890abcdef0, "
    "subnet-1234567890abcdef1], privateSubnetIds: [subnet-1234567890abcdef2, subnet-1234567890abcdef3]}}"
)


def drawn(*case):
    return architecture(recorded(*case), REGION)


def ways(found) -> dict[tuple[str, str], str]:
    """What is said of each way, by the titles of its ends."""
    titles = {each.key: each.title for each in found.places}
    return {(titles[each.source], titles[each.target]): each.label for each in found.arrows}


def above(found, title: str) -> list[list[str]]:
    """The titles of what a place lies in, the nearest first, for each place of this title."""
    by_key = {each.key: each for each in found.places}
    paths = []
    for each in found.places:
        if each.title == title:
            path, parent = [], by_key.get(each.parent)
            while parent:
                path.append(parent.title)
                parent = by_key.get(parent.parent)
            paths.append(path)
    return paths


def test_the_serverless_way_goes_over_the_edge_and_the_api_to_the_function():
    found = ways(drawn("dev"))
    assert found["Viewers", "Distribution cdn"] == "HTTPS"
    assert found["Distribution cdn", "HTTP API serverless-api"] == "/api/*, /healthz\nwith x-origin-secret"
    assert ("HTTP API serverless-api", "Function serverless") in found
    assert ("HTTP API serverless-api", "Authorizer serverless-api-authorizer") in found
    assert found["Distribution cdn", "S3 bucket site"] == "all other paths\nsigned"


def test_a_function_url_is_called_in_place_of_an_api():
    found = ways(drawn("dev", "serverless.frontDoor=functionUrl", "service.methods=read"))
    assert found["Distribution cdn", "Function URL serverless-url"].endswith("signed")
    assert ("Function URL serverless-url", "Function serverless") in found


def test_the_container_way_goes_through_the_groups_that_let_it():
    found = ways(drawn("prod"))
    assert ("Viewers", "Web ACL waf") in found
    assert ("Distribution cdn", "VPC origin container-vpc-origin") in found
    origin, balancer, tasks = (
        "VPC origin container-vpc-origin",
        "Load balancer container-balancer",
        "Tasks of container",
    )
    assert found[origin, balancer] == "HTTP on 80\nby container-balancer-balancer"
    assert found[balancer, tasks] == "HTTP on 8080\nby container-tasks"
    assert found[tasks, "Internet gateway"] == "out on 443\nby container-tasks"


def test_tasks_lie_in_a_subnet_of_each_zone_of_the_network_in_the_region():
    found = drawn("prod")
    assert above(found, "Tasks of container") == [
        ["public subnet", zone, "VPC container-vpc", REGION] for zone in ("us-east-1a", "us-east-1b")
    ]
    assert above(found, "Load balancer container-balancer") == [["VPC container-vpc", REGION]]
    assert above(found, "Distribution cdn") == [["CloudFront"]]


@pytest.mark.parametrize(("settings", "gateway"), PRIVATE.items())
def test_private_tasks_go_out_by_the_gateway_of_a_public_subnet(settings, gateway):
    found = drawn("prod", *settings)
    assert [path[0] for path in above(found, "Tasks of container")] == ["private subnet", "private subnet"]
    for title in {each.title for each in found.places if each.title.startswith(gateway)}:
        assert above(found, title)[0][0] == "public subnet"
        assert ("Tasks of container", title) in ways(found)
        assert (title, "Internet gateway") in ways(found)
    assert gateway in "\n".join(each.title for each in found.places)
    assert ("Tasks of container", "Internet gateway") not in ways(found)


def test_a_gateway_that_spans_the_zones_lies_in_the_network_itself():
    assert above(drawn("prod", "network.nat=regional"), "NAT gateway container-vpc-nat")[0][0] == "VPC container-vpc"


def test_without_internet_the_endpoints_are_the_only_way_out():
    found = ways(drawn("prod", "network.nat=endpoints"))
    assert found["Tasks of container", "Interface endpoints"] == "out on 443\nby container-tasks"
    assert ("Tasks of container", "Internet gateway") not in found


def test_a_public_balancer_is_called_by_the_distribution_itself():
    found = ways(drawn("prod", DOMAIN, "container.loadBalancer=public", "network.nat=instance"))
    label = found["Distribution cdn", "Load balancer container-balancer"]
    assert "HTTPS on 443" in label
    assert "by container-balancer-balancer" in label


def of_halves(found) -> dict[str, tuple[str, bool]]:
    """The first words of the ways from the distribution, and whether they are dashed."""
    titles = {each.key: each.title for each in found.places}
    return {
        titles[each.target]: (" ".join(each.label.splitlines()[:2]), each.is_aside)
        for each in found.arrows
        if titles[each.source] == "Distribution cdn" and "bucket" not in titles[each.target]
    }


def test_a_standby_that_nobody_is_sent_to_is_drawn_dashed():
    words, aside = of_halves(drawn("prod", "standby=true"))["HTTP API serverless-api"]
    assert (words.startswith("standing by"), aside) == (True, True)


def test_a_half_that_takes_some_viewers_is_drawn_as_a_way_with_its_share():
    found = drawn("prod", "standby=true", "standbyTraffic=10")
    assert of_halves(found)["HTTP API serverless-api"] == ("10 % of viewers with x-origin-secret", False)
    assert of_halves(found)["VPC origin container-vpc-origin"] == ("/api/*, /healthz 90 % of viewers", False)
    (store,) = [each for each in found.places if each.title == "KeyValueStore cdn-split"]
    assert store.detail == "who goes where: container 90 %"
    assert [each.label for each in found.arrows if each.source == store.key] == [""]


def test_an_adopted_network_is_drawn_by_its_ids():
    found = drawn("prod", EXISTING)
    assert above(found, "Tasks of container")[0] == [
        "subnet subnet-1234567890abcdef2",
        "VPC vpc-1234567890abcdef0",
        REGION,
    ]


def test_a_rule_that_is_gone_shows_as_a_way_that_nothing_lets_in():
    whole = recorded("prod")
    rule = "container-from-balancer"
    without = {urn: each for urn, each in whole.resources.items() if each.name != rule}
    found = architecture(type(whole)(**{**vars(whole), "resources": without}), REGION)
    assert ways(found)["Load balancer container-balancer", "Tasks of container"].startswith("nothing lets it in")


def test_what_changes_is_marked_by_the_gravest_that_happens_to_it():
    before, after = recorded("dev"), recorded("dev", "topology=container")
    kinds = {each.urn: each.kind for each in difference(before, after).changes}
    marks = {each.title: mark(each.urns, kinds) for each in architecture(after, REGION).places}
    assert marks["Distribution cdn"] == "updated"
    assert marks["Tasks of container"] == "added"
    assert marks["S3 bucket site"] is None
    assert mark({"a", "b"}, {"a": "added", "b": "replaced"}) == "replaced"


def test_a_stack_without_traffic_has_nothing_to_draw():
    found = architecture(recording(resource("files", "aws:s3/bucket:Bucket")), REGION)
    assert (found.places, found.arrows) == ((), ())


@pytest.mark.parametrize(
    "case", [("dev",), ("prod", "standby=true", "standbyTraffic=10"), ("prod", "network.nat=perZone")], ids=str
)
def test_every_arrow_ends_at_a_place_and_every_place_lies_in_one(case):
    found = drawn(*case)
    keys = {each.key for each in found.places}
    assert len(keys) == len(found.places)
    assert {end for each in found.arrows for end in (each.source, each.target)} <= keys
    assert {each.parent for each in found.places} <= {"", *keys}
    urns = set(recorded(*case).resources)
    assert {urn for each in (*found.places, *found.arrows) for urn in each.urns} <= urns
