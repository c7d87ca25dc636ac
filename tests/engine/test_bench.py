"""The bench itself: it can be killed and comes back, goes back to a moment, and passes waits; and a few transitions."""

import time
from collections.abc import Iterator

import pytest
from engine.bench import Bench, Moment
from engine.lives import CONTAINER, SERVERLESS
from engine.test_truth import DISTRIBUTION, SMALL
from pulumi.runtime._callbacks import _CallbackServicer

pytestmark = pytest.mark.needs_cli
VPC_ORIGIN = "aws:cloudfront/vpcOrigin:VpcOrigin"


@pytest.fixture(scope="module")
def serverless() -> Iterator[tuple[Bench, Moment]]:
    with Bench("dev", SERVERLESS, *SMALL, checkpoints=True) as bench:
        bench.up().must_succeed()
        yield bench, bench.moment()


@pytest.fixture
def bench(serverless: tuple[Bench, Moment]) -> Bench:
    bench, moment = serverless
    bench.return_to(moment)
    return bench


@pytest.mark.engine_all
def test_one_update_switches_creating_first_and_deleting_last_and_waits_for_requests_in_flight(bench: Bench):
    bench.set(CONTAINER, *SMALL)
    switched = bench.up().must_succeed()
    order = [f"{each.kind} {each.name}" for each in switched.operations]
    moved = order.index("update cdn")
    assert not [each for each in order[:moved] if each.startswith("delete")]
    assert {"create container", "create container-balancer", "create container-vpc-origin"} <= set(order[:moved])
    assert {"delete serverless", "delete serverless-api"} <= set(order[moved:])
    assert switched.waits  # what is waited for, and how long, is the business of the tests of the waits
    assert bench.cloud.refusals == []
    assert bench.up().must_succeed().changes == []


def test_a_program_whose_update_failed_is_ended_with_its_servers(bench: Bench):
    """Collected in the middle of a later one, it would stop that one's."""
    bench.set(SERVERLESS, *SMALL, "service.maxRequestSeconds=20")
    bench.cloud.faults.strike("update .*Distribution::cdn$", times=1)
    assert not bench.up().ok
    assert _CallbackServicer._servicers == []


@pytest.mark.engine_all
def test_an_engine_that_is_killed_leaves_what_the_cloud_was_doing_and_the_next_one_finishes(bench: Bench):
    bench.set(SERVERLESS, *SMALL, "serverless.memoryMb=2048")
    bench.cloud.faults.slow("update .*lambda/function", 2)
    running = bench.start("up")
    wait_for(lambda: any(each.kind == "update" for each in bench.cloud.operations))
    running.kill()
    killed = running.wait()
    assert not killed.ok
    assert [each["resource"]["urn"].rpartition("::")[2] for each in bench.pending()] == ["serverless"]
    assert bench.cloud.one("aws:lambda/function:Function", "serverless").outputs["memorySize"] == 2048
    assert "locked" in bench.up().output
    bench.cloud.faults.clear()
    bench.cancel()
    bench.up("--refresh").must_succeed()
    assert bench.pending() == []
    assert bench.up().must_succeed().changes == []


def wait_for(condition, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it does not happen"
        time.sleep(0.01)


def test_a_moment_brings_back_state_settings_and_cloud(bench: Bench):
    moment, before = bench.moment(), bench.cloud.snapshot()
    bench.set(SERVERLESS, *SMALL, "serverless.memoryMb=2048")
    bench.up().must_succeed()
    bench.return_to(moment)
    assert bench.cloud.snapshot() == before
    assert bench.up().must_succeed().changes == []


@pytest.mark.engine_all
def test_new_tags_reach_everything_but_the_vpc_origin_which_cannot_change_while_it_is_attached():
    with Bench("dev", CONTAINER, *SMALL) as bench:
        bench.up().must_succeed()
        bench.set(CONTAINER, *SMALL, "tags={team: shop}")
        tagged = bench.up().must_succeed()
        assert {"cdn", "container", "container-balancer"} <= set(tagged.done("update"))
        assert not [each for each in tagged.operations if each.type == VPC_ORIGIN]
        assert bench.cloud.one(DISTRIBUTION).outputs["tagsAll"]["team"] == "shop"
        assert bench.up().must_succeed().changes == []


@pytest.mark.engine_all
def test_a_vpc_origin_that_must_point_elsewhere_is_made_anew_and_the_old_one_goes_last():
    with Bench("dev", CONTAINER, *SMALL) as bench:
        bench.up().must_succeed()
        (old,) = [each.id for each in bench.cloud.of_type(VPC_ORIGIN)]
        # Somebody replaces the balancer: its ARN is another one then.
        bench.cloud.remove(bench.cloud.one("aws:lb/loadBalancer:LoadBalancer"))
        for each in ("listener:Listener", "listenerRule:ListenerRule"):
            bench.cloud.remove(bench.cloud.one(f"aws:lb/{each}"))
        moved = bench.up("--refresh").must_succeed()
        order = [f"{each.kind} {each.name}" for each in moved.operations]
        at = [
            order.index(f"{kind}")
            for kind in ("create container-vpc-origin", "update cdn", "delete container-vpc-origin")
        ]
        assert at == sorted(at)
        assert [each.id for each in bench.cloud.of_type(VPC_ORIGIN)] != [old]
        assert bench.up().must_succeed().changes == []
