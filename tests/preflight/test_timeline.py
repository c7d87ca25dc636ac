"""Timeline: the order the recording demands, the times of the table, and which steps decide."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import recording, resource
from stacks import recorded

from preflight.durations import load
from preflight.recording import Options
from preflight.timeline import Timeline, deployment_timeline, update_timeline

QUICK, ZONE, NAT, DISTRIBUTION = (
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:route53/record:Record",
    "aws:ec2/natGateway:NatGateway",
    "aws:cloudfront/distribution:Distribution",
)


def after(*resources, **options) -> Options:
    return Options(depends_on=tuple(each.urn for each in resources), **options)


def times(found: Timeline) -> dict[str, tuple[str, float, float]]:
    return {each.name: (each.action, each.start_seconds, each.end_seconds) for each in found.steps}


def test_what_depends_on_nothing_begins_at_once_and_the_slowest_decides():
    found = deployment_timeline(recording(resource("a", QUICK), resource("b", NAT)))
    assert times(found) == {"a": ("create", 0, 2), "b": ("create", 0, 105)}
    assert [each.name for each in found.critical_path] == ["b"]
    assert (found.low_seconds, found.typical_seconds, found.high_seconds) == (83, 105, 240)


def test_what_depends_on_others_begins_when_the_last_of_them_has_ended():
    a, b = resource("a", QUICK), resource("b", NAT)
    found = deployment_timeline(recording(a, b, resource("c", ZONE, options=after(a, b))))
    assert times(found)["c"] == ("create", 105, 145)
    assert [each.name for each in found.critical_path] == ["b", "c"]


def test_a_value_that_comes_from_another_is_waited_for_and_so_is_what_the_parent_waits_for():
    a = resource("a", NAT)
    uses = Options(property_dependencies={"x": (a.urn,)})
    home = resource("home", "switchyard:index:Home", options=after(a))
    found = times(deployment_timeline(recording(a, home, resource("b", QUICK, options=uses))))
    assert found["b"][1] == 105
    inside = resource("c", QUICK, parent=home.urn)
    assert times(deployment_timeline(recording(a, home, inside)))["c"][1] == 105


def test_an_update_waits_only_for_what_it_changes():
    a = resource("a", NAT)
    before = recording(a, resource("b", ZONE, options=after(a), ttl=60))
    now = recording(a, resource("b", ZONE, options=after(a), ttl=30))
    assert times(update_timeline(before, now)) == {"b": ("update", 0, 40)}
    assert update_timeline(before, before).typical_seconds == 0


def test_what_goes_is_deleted_last_and_what_depends_on_it_before():
    a = resource("a", NAT)
    b = resource("b", QUICK, options=after(a))
    found = times(update_timeline(recording(a, b), recording(resource("c", ZONE))))
    assert found == {"c": ("create", 0, 40), "b": ("delete", 40, 42), "a": ("delete", 42, 102)}


def test_a_round_of_deletions_begins_when_the_one_before_has_ended():
    """The engine's rounds: `slow` is deleted with what else depends on nothing, although nothing depends on it."""
    first, slow = resource("first", QUICK), resource("slow", NAT)
    quick = resource("quick", QUICK, options=after(first))
    found = times(update_timeline(recording(first, slow, quick), recording()))
    assert found["quick"] == ("delete", 0, 2)
    assert found["slow"] == ("delete", 2, 62)
    assert found["first"] == ("delete", 2, 4)


def test_a_component_that_goes_is_a_round_of_its_own():
    home = resource("home", "switchyard:index:Home")
    inside, alone = resource("inside", QUICK, parent=home.urn), resource("alone", QUICK)
    found = times(update_timeline(recording(home, inside, alone), recording()))
    assert (found["inside"][1], found["alone"][1]) == (0, 2)


def test_a_replacement_is_created_first_and_the_old_one_deleted_at_the_end():
    found = update_timeline(recording(resource("a", QUICK, name="x")), recording(resource("a", QUICK, name="y")))
    assert [(each.action, each.start_seconds) for each in found.steps] == [("create", 0), ("delete", 2)]


def test_what_may_not_be_there_twice_is_deleted_first():
    once = Options(delete_before_replace=True)
    was, now = (resource("a", QUICK, options=once, name=name) for name in "xy")
    found = update_timeline(recording(was), recording(now))
    assert [(each.action, each.start_seconds) for each in found.steps] == [("delete", 0), ("create", 2)]


def test_what_is_kept_on_delete_takes_no_time():
    kept = resource("a", NAT, options=Options(retain_on_delete=True))
    assert update_timeline(recording(kept), recording()).steps == ()


def distribution(*origins: str, target: str, seconds: int = 29):
    home = resource("cdn", "switchyard:index:Distribution")
    inputs = {
        "origins": [
            {"originId": each, "domainName": each, "customOriginConfig": {"originReadTimeout": seconds + 1}}
            for each in origins
        ],
        "defaultCacheBehavior": {"targetOriginId": target},
    }
    return home, resource("cdn", DISTRIBUTION, parent=home.urn, **inputs)


@pytest.mark.parametrize(
    ("before", "now", "steps"),
    [
        (distribution("a", target="a"), distribution("b", target="b"), [("wait", 60), ("update", 300), ("wait", 29)]),
        (distribution("a", "b", target="a"), distribution("a", "b", target="b"), [("update", 300), ("wait", 29)]),
        (distribution("a", target="a"), distribution("a", "b", target="a"), [("update", 300)]),
    ],
    ids=["an origin leaves", "traffic moves", "an origin comes"],
)
def test_the_pauses_around_a_distribution_that_moves_count(before, now, steps):
    found = update_timeline(recording(*before), recording(*now))
    assert [(each.action, each.typical_seconds) for each in found.steps] == steps
    assert all(each.on_critical_path for each in found.steps)


def test_another_tag_is_quick_whatever_it_is_on():
    one, other = (resource("cdn", DISTRIBUTION, tags={"team": team}) for team in "ab")
    assert update_timeline(recording(one), recording(other)).typical_seconds == load().quick.typical
    more = resource("cdn", DISTRIBUTION, tags={"team": "b"}, comment="x")
    assert update_timeline(recording(one), recording(more)).typical_seconds == 300
    assert update_timeline(recorded("dev"), recorded("dev", "tags={team: shop}")).typical_seconds < 60


def test_what_comes_after_the_distribution_waits_for_the_pauses_too():
    home, was = distribution("a", target="a")
    _, now = distribution("b", target="b")
    later = resource("later", ZONE, options=after(now))
    assert times(update_timeline(recording(home, was), recording(home, now, later)))["later"][1] == 389


def test_a_service_takes_as_long_as_its_health_checks_and_its_draining_demand():
    group = resource(
        "group",
        "aws:lb/targetGroup:TargetGroup",
        healthCheck={"interval": 20, "healthyThreshold": 3},
        deregistrationDelay=45,
    )
    uses = Options(property_dependencies={"loadBalancers": (group.urn,)})
    service = "aws:ecs/service:Service"
    own = {action: load().rows[service][0].durations[action] for action in ("create", "update", "delete")}

    def one(text):
        return resource("app", service, options=uses, x=text)

    created = deployment_timeline(recording(group, one("a"))).steps[-1]
    assert created.typical_seconds == own["create"].typical + 60
    updated = update_timeline(recording(group, one("a")), recording(group, one("b"))).steps[-1]
    assert updated.typical_seconds == own["update"].typical + 60 + 45
    deleted = update_timeline(recording(group, one("a")), recording(group)).steps[-1]
    assert deleted.typical_seconds == own["delete"].typical + 45
    assert created.duration.low == own["create"].low + 60


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([QUICK, ZONE, NAT]), st.sets(st.integers(0, 9))), min_size=1, max_size=10))
def test_whatever_the_graph_the_critical_path_is_connected_and_sums_up(nodes):
    made = []
    for number, (type_, wanted) in enumerate(nodes):
        made.append(resource(f"n{number}", type_, options=after(*(made[n] for n in wanted if n < number))))
    holds(deployment_timeline(recording(*made)))
    holds(update_timeline(recording(*made), recording()))


SWITCHES = [("topology=serverless", "topology=container"), ("topology=container", "topology=serverless")]


@pytest.mark.parametrize("switch", SWITCHES)
@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_for_the_shipped_stacks_it_is_connected_and_sums_up_too(stack, switch):
    before, now = recorded(stack, switch[0]), recorded(stack, switch[1])
    holds(deployment_timeline(before))
    holds(update_timeline(before, now))


def holds(found: Timeline) -> None:
    path = found.critical_path
    assert path[0].start_seconds == 0
    assert all(one.end_seconds == other.start_seconds for one, other in pairwise(path))
    assert sum(each.typical_seconds for each in path) == path[-1].end_seconds == found.typical_seconds
    assert found.low_seconds <= found.typical_seconds <= found.high_seconds
    assert max(each.end_seconds for each in found.steps) == found.typical_seconds


def test_a_switch_makes_the_new_half_then_moves_then_removes_the_old_one():
    found = update_timeline(recorded("dev"), recorded("dev", "topology=container"))
    cdn = [each for each in found.steps if each.name == "cdn"]
    assert [each.action for each in cdn] == ["update"]
    made = [each.end_seconds for each in found.steps if each.component == "Container container"]
    removed = [each.start_seconds for each in found.steps if each.component == "Serverless serverless"]
    assert max(made) <= cdn[0].start_seconds < cdn[0].end_seconds <= min(removed)
    assert {"LoadBalancer", "VpcOrigin", "Distribution"} <= {each.kind for each in found.critical_path}
