"""Switch: the steps from any state to a topology alone, their order, their way back, and what closes a way."""

import itertools
import json
from functools import cache

import pytest
from stacks import ROOT, recorded
from typer.testing import CliRunner

from preflight import switch_command  # noqa: F401 - registers the command
from preflight.cli import app
from preflight.difference import difference
from preflight.switch import SHARES, State, route

STATES = [
    State(topology=topology, standby=standby, standby_traffic=traffic)
    for topology in ("serverless", "container")
    for standby, traffic in ((False, 0), *((True, share) for share in (0, 5, 10, 50, 100)))
]


def cautious(start: State, to: str, *, protect: bool = False):
    return route(start, to, protect=protect).ways[0].steps


@pytest.mark.parametrize("to", ["serverless", "container"])
@pytest.mark.parametrize("start", STATES, ids=str)
def test_the_steps_lead_from_where_the_stack_is_to_the_topology_alone(start, to):
    steps = cautious(start, to)
    at = start
    for step in steps:
        assert step.before == at
        at = step.after
    assert at == State(topology=to)
    assert bool(steps) == (start != State(topology=to))


@pytest.mark.parametrize("to", ["serverless", "container"])
@pytest.mark.parametrize("start", STATES, ids=str)
def test_each_step_changes_one_setting_unless_the_last_and_can_be_undone(start, to):
    for step in cautious(start, to):
        assert len(step.changed) == 1 or step.after == State(topology=to)
        undone = {**step.after.settings(), **step.way_back}
        assert undone == step.before.settings()


@pytest.mark.parametrize("to", ["serverless", "container"])
@pytest.mark.parametrize("start", STATES, ids=str)
def test_a_half_is_removed_only_once_no_viewer_is_sent_to_it(start, to):
    for step in cautious(start, to):
        if step.before.standby and not step.after.standby:
            assert step.before.standby_traffic == 0 or start.topology == to
            assert step.before.topology == step.after.topology


@pytest.mark.parametrize("start", [each for each in STATES if each.topology == "serverless"], ids=str)
def test_viewers_on_the_new_half_never_get_fewer_on_the_way(start):
    def share(state: State) -> int:
        if not state.standby:
            return 100 if state.topology == "container" else 0
        return state.standby_traffic if state.topology == "serverless" else 100 - state.standby_traffic

    shares = [share(start), *(share(step.after) for step in cautious(start, "container"))]
    beyond_half = start.standby_traffic > SHARES[-1]
    for before, after in itertools.pairwise(shares):
        assert after >= before or beyond_half


def test_the_flip_moves_nobody():
    flips = [step for step in cautious(State(topology="serverless"), "container") if "topology" in step.changed]
    assert [(each.before.standby_traffic, each.after.standby_traffic) for each in flips] == [(50, 50)]


def test_one_step_is_open_unless_protection_would_stop_it_half_way():
    def quick(start: State, to: str, protect: bool):
        return route(start, to, protect=protect).ways[1]

    alone = State(topology="container")
    assert quick(alone, "serverless", protect=False).steps
    assert quick(alone, "serverless", protect=True).refused.startswith("protect keeps")
    assert quick(alone, "serverless", protect=True).steps == ()
    assert quick(State(topology="container", standby=True), "serverless", protect=True).steps
    assert quick(State(topology="serverless"), "container", protect=True).steps
    assert quick(alone, "container", protect=True) == quick(alone, "container", protect=False)


@cache
def run(*arguments):
    return CliRunner().invoke(app, ["switch", *arguments], catch_exceptions=False)


@pytest.fixture(autouse=True)
def at_home(monkeypatch):
    monkeypatch.chdir(ROOT)


def test_what_a_step_changes_is_what_the_recordings_say():
    told = json.loads(run("dev", "--json").stdout)["switch"]
    first = told["ways"][0]["steps"][0]
    found = difference(recorded("dev"), recorded("dev", "standby=true"))
    assert first["changes"]["created"] == len(found.of_kind("added"))
    assert first["changes"]["deleted"] == len(found.of_kind("removed")) == 0
    assert first["set"] == {"standby": "true"}
    assert first["back"] == {"standby": "false"}


def test_both_halves_cost_more_than_either_and_the_way_ends_at_the_others_price():
    steps = json.loads(run("prod", "--json").stdout)["switch"]["ways"][0]["steps"]
    assert steps[0]["monthly"] > steps[-1]["monthly"]
    there = json.loads(run("dev", "--json").stdout)["switch"]["ways"][0]["steps"]
    assert there[0]["monthly"] == there[-2]["monthly"] > 0


def test_the_commands_are_there_to_be_copied():
    done = run("dev")
    assert done.exit_code == 0
    assert "$ pulumi config set switchyard:standby true -s dev" in done.stdout
    assert "$ pulumi up -s dev" in done.stdout
    assert "back: set standby false" in done.stdout


def test_what_the_other_topology_cannot_do_is_refused_with_the_ways_out():
    done = run("prod", "--set", "service.needs=[websocket]")
    assert done.exit_code == 1
    words = " ".join(done.stdout.split())
    assert "prod can't switch to serverless" in words
    assert "has no websocket" in words
    assert "drop websocket from service.needs" in words
    assert "$ pulumi up" not in done.stdout


@pytest.mark.parametrize(
    "change",
    ["network.nat=single", "service.paths=[/v1/*, /healthz]", "domain={name: a.example.com, zone: example.com}"],
)
def test_a_switch_is_not_combined_with_a_change_of_network_paths_or_domain(change):
    done = run("dev", "--set", change)
    assert done.exit_code == 1
    assert "change it in an update of its own" in " ".join(done.stdout.split())


def test_another_setting_may_change_beside_it():
    assert run("dev", "--set", "serverless.memoryMb=2048").exit_code == 0


def test_a_stack_that_is_there_has_nothing_to_do():
    done = run("dev", "--to", "serverless")
    assert done.exit_code == 0
    assert "dev is there already" in done.stdout


def test_a_stack_half_way_goes_on_from_where_it_is():
    steps = json.loads(run("dev", "--set", "standby=true", "--set", "standbyTraffic=10", "--json").stdout)
    assert steps["switch"]["ways"][0]["steps"][0]["set"] == {"standbyTraffic": "50"}


def test_what_makes_no_sense_is_refused_on_stderr_alone():
    for arguments in (("nope",), ("dev", "--to", "kubernetes"), ("dev", "--set", "topology=x")):
        done = run(*arguments)
        assert (done.exit_code, done.stdout) == (2, "")
        assert done.stderr
