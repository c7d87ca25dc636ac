"""What preflight says a change does is what the genuine engine's preview says, kind by kind, property by property.

Each change begins at a stack that is up. Compared are the resources, what happens to each, and of each replacement the
properties that force it. What an update changes is compared by its properties, but for those that only AWS can know.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack

import pytest
from engine.bench import Bench, Moment, Outcome
from engine.lives import CONTAINER, SERVERLESS

from preflight.difference import Change, Difference, difference
from preflight.schedule import update

pytestmark = pytest.mark.needs_cli

KINDS = {"create": "added", "delete": "removed", "update": "updated", "replace": "replaced"}
DOMAIN = "domain={name: shop.example.com, zone: example.com}"
URL = ("serverless.frontDoor=functionUrl", "service.methods=read")
_INSIDE_AWSX = "docker-build:"
"""What awsx's plugin registers by itself, where no recording sees it."""
CHANGES = [
    # A fast set, which has every kind in it ...
    ("dev", (), (CONTAINER,)),
    ("dev", (), (*URL, "serverless.memoryMb=2048", "originSecret=2")),
    # ... and the rest.
    ("dev", (), ("originSecret=2", "logs.retentionDays=30")),
    ("dev", (), ("standby=true", "standbyTraffic=10")),
    ("prod", (), ("container.cpu=1024", "container.memoryMb=2048", "container.spot=true")),
    ("prod", (), ("network.cidr=10.9.0.0/16",)),
    ("prod", (), (SERVERLESS, "protect=false")),
    ("prod", (), ("network.nat=perZone", "container.executeCommand=true")),
    ("prod", (), ("network.nat=endpoints",)),
    ("prod", (), ("service.port=9090", "service.healthCheckPath=/ready")),
    ("prod", (), (DOMAIN,)),
    ("prod", ("protect=false",), ("protect=false", "waf.mode=none", "site=null", "logs.access=false")),
    ("prod", (), ("tags={team: shop}", "container.maxTasks=20", "container.scaling.requestsPerTask=200")),
    ("prod", ("standby=true",), ("standby=true", SERVERLESS)),
    ("prod", ("standby=true", "standbyTraffic=10"), ("standby=true", "standbyTraffic=50")),
    ("dev", (CONTAINER, DOMAIN), (CONTAINER, DOMAIN, "container.loadBalancer=public")),
    ("dev", (), ("image=none", "site=null")),
]
FAST = 2


def _case(number: int, case: tuple[str, tuple[str, ...], tuple[str, ...]]):
    marks = [pytest.mark.engine_all] if number >= FAST else []
    return pytest.param(*case, marks=marks, id=f"{case[0]} {' '.join(case[1])} to {' '.join(case[2])}")


@pytest.fixture(scope="module")
def benches() -> Iterator[dict[tuple[str, ...], tuple[Bench, Moment]]]:
    """Each stack that a change begins at, brought up once."""
    with ExitStack() as stack:
        made: dict[tuple[str, ...], tuple[Bench, Moment]] = {}
        made[()] = stack  # ty: ignore[invalid-assignment]
        yield made


def _up(benches, stack: str, start: tuple[str, ...]) -> Bench:
    key = (stack, *start)
    if key not in benches:
        bench = benches[()].enter_context(Bench(stack, *start))
        bench.up().must_succeed()
        benches[key] = bench, bench.moment()
    bench, moment = benches[key]
    bench.return_to(moment)
    return bench


Told = dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]]
"""By URN: what happens, to which properties, and which of them force it."""


def told_by_the_engine(previewed: Outcome) -> Told:
    return {
        each.urn: (KINDS[each.op], _names(each.changed), _names(each.forced_by) if each.op == "replace" else ())
        for each in previewed.steps
        if each.op in KINDS and not each.type.startswith(("pulumi:", "switchyard:", _INSIDE_AWSX))
    }


def told_by_preflight(found: Difference) -> Told:
    def forcing(change: Change) -> tuple[str, ...]:
        """As the engine calls it where another is replaced with it."""
        return tuple(
            sorted({"replaceWith" if each.startswith("replaced with ") else each for each in change.forced_by})
        )

    return {each.urn: (each.kind, _names(one.path for one in each.properties), forcing(each)) for each in found.changes}


def _names(paths: Iterable[str]) -> tuple[str, ...]:
    """The resource's own properties that these paths lie in."""
    return tuple(sorted({path.partition(".")[0].partition("[")[0] for path in paths}))


@pytest.mark.parametrize(("stack", "start", "to"), [_case(*each) for each in enumerate(CHANGES)])
def test_the_difference_is_what_the_engine_previews(benches, stack, start, to):
    bench = _up(benches, stack, start)
    before = bench.plan()
    bench.set(*to)
    found = difference(before, bench.plan())
    previewed = bench.preview().must_succeed()
    engine, ours = told_by_the_engine(previewed), told_by_preflight(found)
    assert ours == engine


def test_the_engine_does_things_in_the_order_that_the_timeline_draws(benches):
    bench = _up(benches, "dev", ())
    before = bench.plan()
    bench.set(CONTAINER)
    tasks = update(before, bench.plan())
    done = {(each.kind, each.urn): each for each in bench.up().must_succeed().operations if each.did_it}
    ran = {key: done[task.action, task.resource.urn] for key, task in tasks.items() if _is_in(done, task)}
    assert len(ran) > 50
    for key, operation in ran.items():
        for earlier in tasks[key].after:
            if earlier in ran:
                assert ran[earlier].end <= operation.begin, f"{earlier} before {key}"


def _is_in(done, task) -> bool:
    return (task.action, task.resource.urn) in done and task.duration.typical > 0
