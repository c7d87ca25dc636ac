"""`pulumi up` must not say that all is well when ECS went back to the old tasks, whatever the provider says."""

from collections.abc import Iterator

import pytest
from engine.bench import Bench, Moment
from engine.lives import CONTAINER, SERVERLESS

from components._revision import REVISION

pytestmark = pytest.mark.needs_cli

# No site, and a digest instead of a build: the service and the distribution are all that matters here.
SMALL = ("site=null", f"image=sha256:{'0123456789abcdef' * 4}", "waf.mode=none", "logs.access=false")
LONGER = "service.maxRequestSeconds=60"
"""A setting that changes the task definition and the distribution alike."""
SERVICE = "aws:ecs/service:Service"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Bench, Moment]]:
    with Bench("dev", CONTAINER, *SMALL) as bench:
        bench.up().must_succeed()
        yield bench, bench.moment()


@pytest.fixture
def bench(running: tuple[Bench, Moment]) -> Bench:
    """A container that runs, about to get a new task definition and a new distribution."""
    bench, moment = running
    bench.return_to(moment)
    bench.set(CONTAINER, *SMALL, LONGER)
    return bench


def runs_what_was_asked(bench: Bench) -> bool:
    """Whether the service runs the newest task definition."""
    (*_, newest) = sorted(
        bench.cloud.of_type("aws:ecs/taskDefinition:TaskDefinition"), key=lambda each: each.outputs["revision"]
    )
    return bench.cloud.one(SERVICE).outputs["taskDefinition"] == newest.outputs["arn"]


def must_be_stopped_by_the_hook(bench: Bench, *arguments: str, differs: str = "taskDefinition") -> None:
    """Run an update that fails since the service does not run what was asked; nothing else may have happened to it."""
    live, there = dict(bench.cloud.one(DISTRIBUTION).outputs), set(bench.cloud.things)
    failed = bench.up(*arguments)
    assert not failed.ok
    assert "ECS rolled container back" in failed.output
    assert f"\n      {differs} is " in failed.output
    assert "/events" in failed.output
    assert "aws ecs describe-services" in failed.output
    assert [each.name for each in failed.operations if each.type == DISTRIBUTION] == []
    assert bench.cloud.one(DISTRIBUTION).outputs == live
    # What still runs is not deregistered, and what it runs in stays: nothing is deleted after a failure.
    assert failed.done("delete") == []
    assert there <= set(bench.cloud.things)
    service = bench.cloud.one(SERVICE)
    assert service.outputs["taskDefinition"] in {
        each.outputs["arn"] for each in bench.cloud.of_type("aws:ecs/taskDefinition:TaskDefinition")
    }


def must_deploy_again(bench: Bench, *arguments: str) -> None:
    """Run the update again: it deploys, then moves the distribution, and the next one has nothing left to do."""
    mended = bench.up(*arguments).must_succeed()
    assert mended.done("update")[-2:] == ["container", "cdn"]
    assert runs_what_was_asked(bench)
    assert len(bench.cloud.of_type("aws:ecs/taskDefinition:TaskDefinition")) == 1
    assert bench.up().must_succeed().changes == []


def test_an_update_that_ecs_rolled_back_fails_although_the_provider_is_content_and_the_next_one_deploys_again(bench):
    bench.cloud.faults.strike(f"update .*{SERVICE}", "rolled back", times=1)
    must_be_stopped_by_the_hook(bench)
    must_deploy_again(bench)


PUBLIC, PRIVATE = "network.nat=none", "network.nat=single"
MOVES = {
    "into private subnets": (PUBLIC, PRIVATE, "networkConfiguration.subnets"),
    "into public subnets": (PRIVATE, PUBLIC, "networkConfiguration.assignPublicIp"),
    "to Spot": ("container.spot=false", "container.spot=true", "capacityProviderStrategies"),
    "off Spot": ("container.spot=true", "container.spot=false", "capacityProviderStrategies"),
}
"""Changes of the service that leave its task definition alone."""


WORST = "into public subnets"
"""After it, what the tasks still ran in would be deleted."""


@pytest.mark.parametrize(
    "move", [pytest.param(each, marks=() if each == WORST else pytest.mark.engine_all) for each in MOVES]
)
def test_so_does_one_whose_tasks_were_to_run_elsewhere_and_what_they_still_run_in_is_there(move):
    before, after, differs = MOVES[move]
    with Bench("dev", CONTAINER, *SMALL, before) as bench:
        bench.up().must_succeed()
        old = _revision(bench)
        bench.set(CONTAINER, *SMALL, after)
        bench.cloud.faults.strike(f"update .*{SERVICE}", "rolled back", times=1)
        must_be_stopped_by_the_hook(bench, differs=differs)
        assert _revision(bench) == old
        assert "container" in bench.up().must_succeed().done("update")
        assert _revision(bench) != old
        assert bench.up().must_succeed().changes == []


def _revision(bench: Bench) -> list[object]:
    return [bench.cloud.one(SERVICE).outputs[each] for each in REVISION]


@pytest.mark.engine_all
def test_it_fails_as_often_as_ecs_rolls_back(bench):
    bench.cloud.faults.strike(f"update .*{SERVICE}", "rolled back", times=2)
    must_be_stopped_by_the_hook(bench)
    must_be_stopped_by_the_hook(bench)
    must_deploy_again(bench)


@pytest.mark.engine_all
def test_when_the_provider_itself_saw_the_rollback_the_next_update_fails_once_more_and_then_deploys(bench):
    """Its error leaves the planned task definition in the state, so that nothing seems left to do but to look."""
    bench.cloud.faults.strike(f"update .*{SERVICE}", "unready", times=1)
    failed = bench.up()
    assert not failed.ok
    assert "timeout while waiting" in failed.output
    assert "cdn" not in failed.done("update")
    assert not runs_what_was_asked(bench)
    must_be_stopped_by_the_hook(bench)
    must_deploy_again(bench)


@pytest.mark.engine_all
def test_when_the_provider_itself_saw_the_rollback_an_update_with_refresh_deploys_at_once(bench):
    bench.cloud.faults.strike(f"update .*{SERVICE}", "unready", times=1)
    assert not bench.up().ok
    must_deploy_again(bench, "--refresh")


@pytest.mark.engine_all
def test_new_tasks_that_lost_the_right_to_their_image_do_not_start_until_a_refresh_finds_that_out(bench):
    bench.cloud.remove(bench.cloud.one("aws:iam/rolePolicy:RolePolicy", "container-start-policy"))
    failed = bench.up()
    assert not failed.ok
    assert "no task starts: the execution role may not ecr:BatchGetImage" in failed.output
    assert not runs_what_was_asked(bench)
    must_deploy_again(bench, "--refresh")


@pytest.mark.engine_all
def test_after_a_rollback_the_settings_can_be_set_back_instead(bench):
    bench.cloud.faults.strike(f"update .*{SERVICE}", "rolled back", times=1)
    must_be_stopped_by_the_hook(bench)
    bench.set(CONTAINER, *SMALL)
    back = bench.up().must_succeed()
    assert "cdn" not in back.done("update")
    assert bench.up().must_succeed().changes == []
    assert len(bench.cloud.of_type("aws:ecs/taskDefinition:TaskDefinition")) == 1


@pytest.mark.engine_all
@pytest.mark.parametrize("how", ["rolled back", "unready"])
def test_a_switch_to_tasks_that_never_start_stops_before_the_distribution_moves(how):
    with Bench("dev", SERVERLESS, *SMALL) as bench:
        bench.up().must_succeed()
        live = dict(bench.cloud.one(DISTRIBUTION).outputs)
        bench.set(CONTAINER, *SMALL)
        bench.cloud.faults.strike(f"create .*{SERVICE}", how, times=1)
        failed = bench.up()
        assert not failed.ok
        assert bench.cloud.one(DISTRIBUTION).outputs == live
        assert bench.cloud.one("aws:lambda/alias:Alias")
        for _ in range(2):
            if bench.up().ok:
                break
        assert bench.up().must_succeed().changes == []
        assert bench.cloud.of_type("aws:lambda/alias:Alias") == []
        assert runs_what_was_asked(bench)
