"""The function at the edge, on the genuine engine: changed alone, half changed, and tagged."""

from collections.abc import Iterator

import pytest
from botocore.session import get_session
from engine.bench import Outcome
from engine.double import stages
from engine.recovering import publish_as_told, recover
from engine.walk import Build, Walker, walker

pytestmark = pytest.mark.needs_cli

FUNCTION = "cdn-viewer-request"
CHANGE = f"update .*::{FUNCTION}$"
BEFORE, AFTER = "serverless None", "serverless 30"
LARGER = ("topology=serverless", "service.maxBodyMb=3")
"""Changes the function, and nothing else."""


@pytest.fixture(scope="module")
def walked() -> Iterator[Walker]:
    with walker(Build("httpApi", "internal", "none", "no site"), BEFORE) as it:
        yield it


@pytest.fixture
def stack(walked: Walker) -> Walker:
    walked.start_at(BEFORE)
    return walked


def up_with(stack: Walker, *overrides: str) -> Outcome:
    stack.bench.set(*stack.build.overrides, *overrides)
    return stack.up()


def test_the_function_can_be_changed_alone_although_that_makes_another_version_of_the_distribution(stack: Walker):
    version = stack.bench.cloud.one(stages.DISTRIBUTION).outputs["etag"]
    assert up_with(stack, *LARGER).must_succeed().changes == [f"update {FUNCTION}"]
    assert stack.bench.cloud.one(stages.DISTRIBUTION).outputs["etag"] != version
    assert stack.up().must_succeed().changes == []


def test_a_function_that_was_updated_and_not_published_stops_each_update_until_it_is(stack: Walker):
    stack.bench.cloud.faults.strike(CHANGE, "unpublished", times=1)
    assert not up_with(stack, *LARGER).ok
    for arguments in ((), ("--refresh",)):
        stopped = stack.up(*arguments)
        assert not stopped.ok
        assert "The edges do not run the newest code of cdn-viewer-request-" in stopped.output
        assert stopped.done("delete") == []
    publish_as_told(stack.bench.cloud, stopped.output)
    stack.up().must_succeed()
    assert stack.up().must_succeed().changes == []


@pytest.mark.engine_all
def test_a_function_that_was_never_published_says_how_to(stack: Walker):
    stack.bench.destroy().must_succeed()
    stack.bench.cloud.faults.strike(f"create .*::{FUNCTION}$", "unpublished", times=1)
    assert not stack.up().ok
    stopped = stack.up()
    assert "couldn't find resource" in stopped.output
    publish_as_told(stack.bench.cloud, stopped.output)
    stack.up().must_succeed()


@pytest.mark.engine_all
def test_a_change_of_tags_leaves_the_functions_alone(stack: Walker):
    tagged = up_with(stack, "topology=serverless", "tags={team: shop}").must_succeed()
    assert "update cdn" in tagged.changes
    assert f"update {FUNCTION}" not in tagged.changes
    assert stack.up().must_succeed().changes == []


@pytest.mark.engine_all
@pytest.mark.parametrize("wanted", [BEFORE, AFTER])
@pytest.mark.parametrize(("start", "end"), [(BEFORE, AFTER), (AFTER, BEFORE)])
def test_an_update_of_which_nobody_heard_is_learnt_of_by_a_refresh(stack: Walker, start: str, end: str, wanted: str):
    go(stack, start)
    stack.set(end)
    stack.bench.cloud.faults.strike(CHANGE, "lost", times=1)
    assert stack.up().failed == [FUNCTION]
    stack.set(wanted)
    assert recover(stack, wanted) == ["refresh"]


@pytest.mark.engine_all
@pytest.mark.parametrize(("start", "end"), [(BEFORE, AFTER), (AFTER, BEFORE)])
def test_the_way_back_from_a_distribution_that_refused_needs_no_more_than_an_update(
    stack: Walker, start: str, end: str
):
    go(stack, start)
    stack.set(end)
    stack.bench.cloud.faults.strike("update .*Distribution::cdn$", times=1)
    assert stack.up().failed == ["cdn"]
    stack.set(start)
    assert recover(stack, start) == []


def go(stack: Walker, name: str) -> None:
    if AFTER not in stack.moments:
        stack.visit(AFTER)
    stack.start_at(name)


@pytest.mark.parametrize("operation", ["DescribeFunction", "PublishFunction"])
def test_aws_has_the_commands_that_the_message_tells_to_type(operation: str):
    shape = get_session().get_service_model("cloudfront").operation_model(operation).input_shape
    assert set(shape.members) <= {"Name", "Stage", "IfMatch"}
    assert shape.required_members == [each for each in shape.members if each != "Stage"]
