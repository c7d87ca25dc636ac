"""`protect` on the engine: a container that serves alone can't go in one step, and there is a way back from all."""

from collections.abc import Iterator

import pytest
from engine.walk import Build, Walker, walker

pytestmark = [pytest.mark.needs_cli, pytest.mark.engine_all]

SERVERLESS, CONTAINER, STANDBY = "serverless None", "container None", "serverless 0"
IS_PROTECTED = "cannot be deleted: deletion protection is enabled"


@pytest.fixture(scope="module")
def stack() -> Iterator[Walker]:
    build = Build("httpApi", "internal", "none", "no site", protect=True)
    with walker(build, SERVERLESS, STANDBY, CONTAINER) as found:
        yield found


def test_the_way_back_from_a_protected_container_leads_by_a_standby_also_after_aws_refused_one_step(stack: Walker):
    stack.start_at(CONTAINER)
    stack.set(SERVERLESS)
    refused = stack.up()
    assert not refused.ok
    assert IS_PROTECTED in refused.output
    stack.bench.cloud.refusals.clear()
    for name in (CONTAINER, STANDBY, SERVERLESS):
        stack.set(name)
        stack.arrive(name)
    assert stack.bench.cloud.refusals == []


def test_a_protected_container_whose_tasks_never_start_is_taken_back_by_a_standby(stack: Walker):
    stack.start_at(SERVERLESS)
    stack.bench.cloud.faults.strike("create .*Service::container$", "unready")
    stack.bench.cloud.faults.strike("update .*Service::container$", "unready")
    stack.set(CONTAINER)
    assert not stack.up().ok
    stack.set(STANDBY)
    assert not stack.up().ok  # the tasks still don't start, but the protection is gone
    stack.set(SERVERLESS)
    stack.arrive(SERVERLESS)
    assert stack.bench.cloud.refusals == []
