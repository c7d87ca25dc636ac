"""Traffic on the genuine engine: what changes first, what is waited for, and that an old share never counts."""

import json
import re
from collections.abc import Iterator

import pytest
from edge import Edge
from engine.bench import Bench, Moment, Outcome
from engine.lives import CONTAINER, SERVERLESS
from engine.test_truth import DISTRIBUTION, SMALL

from components.origin_split import KEY

pytestmark = pytest.mark.needs_cli
STANDBY = "standby=true"
FUNCTION = "aws:cloudfront/function:Function"
WEIGHT = "aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey"
VIEWERS = [f"203.0.113.{n}" for n in range(100)]


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Bench, Moment]]:
    with Bench("dev", SERVERLESS, *SMALL) as bench:
        bench.up().must_succeed()
        bench.set(SERVERLESS, *SMALL, STANDBY, "standbyTraffic=50")
        bench.expanded = bench.up().must_succeed()
        yield bench, bench.moment()


@pytest.fixture
def bench(both: tuple[Bench, Moment]) -> Bench:
    """Both halves run, each with half of the viewers."""
    bench, moment = both
    bench.return_to(moment)
    return bench


def edge_operations(outcome: Outcome) -> list[str]:
    """What happened to the function, the distribution and the share, in order."""
    return [f"{each.kind} {each.name}" for each in outcome.operations if each.type in (FUNCTION, DISTRIBUTION, WEIGHT)]


def sides(bench: Bench) -> set[str]:
    """Where viewers go right now: by the function and the store, as they are in the cloud, else by the distribution."""
    distribution = bench.cloud.one(DISTRIBUTION).outputs
    origins = [each["originId"] for each in distribution["origins"]]
    target = distribution["defaultCacheBehavior"]["targetOriginId"]
    function = bench.cloud.one(FUNCTION).outputs
    stored = [each.outputs["value"] for each in bench.cloud.of_type(WEIGHT)]
    store = {KEY: stored[0]} if stored else {}
    # One that named an origin the distribution lacks would be caught, and named nobody: ask one that has them all.
    edge = Edge(
        function["code"],
        origins=["container", "serverless"],
        store=store if function.get("keyValueStoreAssociations") else None,
    )
    found = {each or target for each in edge.sides(VIEWERS)}
    assert found <= set(origins), f"viewers are sent to {found}, and there are {origins}"
    return found


def test_a_standby_comes_in_the_order_function_distribution_share(both):
    bench, _ = both
    expanded = bench.expanded
    assert edge_operations(expanded) == ["update cdn-viewer-request", "update cdn", "create cdn-split-weight"]
    assert expanded.waits == ()


@pytest.mark.engine_all
def test_more_traffic_is_one_value_and_a_flip_at_half_is_the_distribution_alone(bench: Bench):
    assert sides(bench) == {"container", "serverless"}
    bench.set(SERVERLESS, *SMALL, STANDBY, "standbyTraffic=10")
    assert edge_operations(bench.up().must_succeed()) == ["update cdn-split-weight"]
    bench.set(SERVERLESS, *SMALL, STANDBY, "standbyTraffic=50")
    bench.up().must_succeed()
    bench.set(CONTAINER, *SMALL, STANDBY, "standbyTraffic=50")
    flipped = bench.up().must_succeed()
    assert edge_operations(flipped) == ["update cdn"]
    assert flipped.waits == (29,)
    bench.set(CONTAINER, *SMALL, STANDBY)
    assert edge_operations(bench.up().must_succeed()) == ["update cdn-split-weight"]
    assert sides(bench) == {"container"}


def test_a_standby_goes_in_the_order_function_wait_distribution_wait_and_then_the_rest(bench: Bench):
    bench.set(SERVERLESS, *SMALL)
    gone = bench.up().must_succeed()
    assert edge_operations(gone) == ["update cdn-viewer-request", "update cdn", "delete cdn-split-weight"]
    assert gone.waits == (60, 29)
    assert sides(bench) == {"serverless"}
    first_delete = next(n for n, each in enumerate(gone.operations) if each.kind == "delete")
    assert "update cdn" in [f"{each.kind} {each.name}" for each in gone.operations[:first_delete]]


OPERATIONS = [
    "update .*cdn-viewer-request$",
    "update .*Distribution::cdn$",
    "delete .*cdn-split-weight$",
    "delete .*KeyValueStore::cdn-split$",
    "delete .*::container-balancer$",
]


@pytest.mark.engine_all
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_share_that_outlives_its_standby_does_not_count_when_the_standby_comes_back(bench: Bench, operation: str):
    bench.set(SERVERLESS, *SMALL)
    bench.cloud.faults.strike(operation)
    assert not bench.up().ok
    assert sides(bench) <= {"container", "serverless"}
    bench.cloud.faults.clear()
    seen: list[set[str]] = []
    bench.cloud.watchers.append(lambda *_: seen.append(sides(bench)))
    bench.set(SERVERLESS, *SMALL, STANDBY, "standbyTraffic=50")
    bench.up().must_succeed()
    assert seen
    assert sides(bench) == {"container", "serverless"}
    epoch = json.loads(bench.cloud.one(WEIGHT).outputs["value"])["epoch"]
    assert re.search(f'EPOCH = "{epoch}"', bench.cloud.one(FUNCTION).outputs["code"])
    assert bench.up().must_succeed().changes == []
