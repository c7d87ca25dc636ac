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

_STAY = ("renamed", "moved")
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
    ("prod", (), ("service.port=9090", "service.healthCheckPath=/api/ready")),
    ("prod", (), (DOMAIN,)),
    ("prod", ("protect=false",), ("protect=false", "waf.mode=none", "site=null", "logs.access=false")),
    ("prod", (), ("tags={team: shop}", "container.maxTasks=20", "container.scaling.requestsPerTask=200")),
    ("prod", ("standby=true",), ("standby=true", SERVERLESS)),
    ("prod", ("standby=true", "standbyTraffic=10"), ("standby=true", "standbyTraffic=50")),
    ("dev", (CONTAINER, DOMAIN), (CONTAINER, DOMAIN, "container.loadBalancer=public")),
    ("dev", (), ("image=none", "site=null")),
    ("dev", (), ("aws:region=eu-west-1",)),
    ("dev", (), ("aws:profile=shop", "tags={team: shop}", "serverless.reservedConcurrency=7")),
    ("dev", (), ("service.paths=[/healthz, /api/*]",)),
]
FAST = 2
_ALIAS = "pulumi.ResourceOptions.merge({0}, pulumi.ResourceOptions(aliases=[pulumi.Alias({1})]))"
_INTO = "pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(parent={}, aliases=[pulumi.Alias(parent={})]))"
_SITE, _SECRET = 'StaticSite("site", args, {})', "OriginSecretArgs(generation=settings.origin_secret), {})"
_BUCKET = "aws.s3.Bucket(\n        {},\n        bucket_prefix=_prefix(name, named_after)"
_KEEPS_ITS_NAME = 'ignore_changes=["bucketPrefix"]'
PROGRAMS = {
    "a component has another name": [
        ("stack.py", _SITE.format("kept"), _SITE.replace("site", "pages").format(_ALIAS.format("kept", "name='site'")))
    ],
    "a component has another type": [
        ("stack.py", _SITE.format("kept"), _SITE.format(_ALIAS.format("kept", "type_='switchyard:index:StaticSite'"))),
        ("components/static_site.py", "switchyard:index:StaticSite", "switchyard:index:Pages"),
    ],
    "a component is in another": [
        ("stack.py", _SECRET.format("opts"), _SECRET.format(_INTO.format("repository", "pulumi.ROOT_STACK_RESOURCE")))
    ],
    "a resource has another name": [
        ("components/_private_bucket.py", _BUCKET.format("name"), _BUCKET.format("f'{name}-files'")),
        ("components/_private_bucket.py", _KEEPS_ITS_NAME, f"{_KEEPS_ITS_NAME}, aliases=[pulumi.Alias(name=name)]"),
    ],
    "a bucket is named after something else, and that is ignored": [
        ("components/_private_bucket.py", "_prefix(name, named_after)", "_prefix(name, f'the-{named_after}')")
    ],
    "a component has another name and no alias": [
        ("stack.py", _SITE.format("kept"), _SITE.replace("site", "p").format("kept"))
    ],
}
"""Changes of the program: file, what is there, and what will be."""


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
        if each.op in KINDS
        and (
            not each.type.startswith(("pulumi:", "switchyard:", _INSIDE_AWSX))
            or (each.op == "update" and each.type.startswith("pulumi:providers:"))
        )
    }


def told_by_preflight(found: Difference) -> Told:
    def forcing(change: Change) -> tuple[str, ...]:
        """As the engine calls it where another is replaced with it."""
        return tuple(
            sorted({"replaceWith" if each.startswith("replaced with ") else each for each in change.forced_by})
        )

    return {
        each.urn: (each.kind, _names(one.path for one in each.properties), forcing(each))
        for each in found.changes
        if each.kind not in _STAY
    }


def image_parts(told: Told) -> Told:
    """Without an image that is built anew: preflight sees the component of a plugin, and not what is inside."""
    return {urn: each for urn, each in told.items() if not (each[0] == "updated" and "awsx:" in urn)}


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
    assert image_parts(told_by_preflight(found)) == told_by_the_engine(previewed)
    inside = {each.urn for each in previewed.steps if each.type.startswith(_INSIDE_AWSX) and each.op in KINDS}
    rebuilt = {each.urn for each in found.changes if each.type.startswith("awsx:")}
    assert bool(rebuilt) == bool(inside)


@pytest.mark.engine_all
@pytest.mark.parametrize("edits", PROGRAMS.values(), ids=PROGRAMS)
def test_of_another_program_too(benches, edits):
    bench = _up(benches, "dev", ())
    before = bench.plan()
    work = bench.folder / "work"
    texts = {work / name: (work / name).read_text() for name, _, _ in edits}
    try:
        for name, old, new in edits:
            assert old in (work / name).read_text()
            (work / name).write_text((work / name).read_text().replace(old, new))
        found, previewed = difference(before, bench.plan()), bench.preview().must_succeed()
    finally:
        for path, text in texts.items():
            path.write_text(text)
    assert told_by_preflight(found) == told_by_the_engine(previewed)
    same = {each.urn for each in previewed.steps if each.op == "same"}
    assert {each.urn for each in found.changes if each.kind in _STAY} <= same


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
