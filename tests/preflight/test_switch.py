"""Switch: the steps from any state to a topology alone, their order, their way back, and what closes a way."""

import json
import shutil
from functools import cache
from pathlib import Path

import pytest
from recordings import recording
from repository import commit, git
from stacks import ROOT, recorded, recorded_file
from typer.testing import CliRunner

from preflight import recorder, switch_command
from preflight.cli import Recorded, app
from preflight.difference import difference
from preflight.stackfile import load
from preflight.switch import SHARES, State, Step, route

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


def steps_of_both_ways(start: State, to: str, *, protect: bool = False) -> list[Step]:
    return [step for way in route(start, to, protect=protect).ways for step in way.steps]


@pytest.mark.parametrize("to", ["serverless", "container"])
@pytest.mark.parametrize("start", STATES, ids=str)
def test_each_step_can_be_undone_also_where_it_changes_several_settings(start, to):
    for step in steps_of_both_ways(start, to):
        undone = {**step.after.settings(), **step.way_back}
        assert undone == step.before.settings()
        assert step.way_back.keys() == step.changed.keys()


@pytest.mark.parametrize("to", ["serverless", "container"])
@pytest.mark.parametrize("start", STATES, ids=str)
def test_a_half_is_removed_only_once_no_viewer_is_sent_to_it(start, to):
    for step in steps_of_both_ways(start, to):
        if step.before.standby and not step.after.standby:
            assert step.before.standby_traffic == 0 or start.topology == to
            assert step.before.topology == step.after.topology


def share_of_container(state: State) -> int:
    if not state.standby:
        return 100 if state.topology == "container" else 0
    return state.standby_traffic if state.topology == "serverless" else 100 - state.standby_traffic


@pytest.mark.parametrize("to", ["serverless", "container"])
@pytest.mark.parametrize("start", STATES, ids=str)
def test_viewers_on_the_half_where_all_are_to_be_never_get_fewer_on_any_way(start, to):
    for way in route(start, to, protect=False).ways:
        shares = [share_of_container(start), *(share_of_container(step.after) for step in way.steps)]
        assert shares == sorted(shares, reverse=to == "serverless")


@pytest.mark.parametrize("start", [each for each in STATES if each.topology == "serverless"], ids=str)
def test_the_cautious_flip_moves_nobody(start):
    (flip,) = [step for step in cautious(start, "container") if "topology" in step.changed]
    assert flip.before.standby
    assert flip.after.standby
    assert share_of_container(flip.before) == share_of_container(flip.after) >= SHARES[-1]


def test_past_half_topology_and_share_change_over_together():
    flip, gone = cautious(State(topology="serverless", standby=True, standby_traffic=100), "container")
    assert flip.changed == {"topology": "container", "standbyTraffic": "0"}
    assert flip.way_back == {"topology": "serverless", "standbyTraffic": "100"}
    assert "Soak" in flip.then
    assert gone.changed == {"standby": "false"}


def test_a_way_back_of_several_settings_is_told_whole():
    done = run("dev", "--set", "standby=true", "--set", "standbyTraffic=100")
    assert "back: set topology serverless, standbyTraffic 100, and pulumi up" in done.stdout


def test_one_step_with_a_standby_moves_everybody_before_a_half_goes():
    (_, quick) = route(State(topology="serverless", standby=True, standby_traffic=100), "container", protect=True).ways
    assert [each.after for each in quick.steps] == [
        State(topology="container", standby=True),
        State(topology="container"),
    ]


def test_one_step_is_open_unless_protection_would_stop_it_or_its_way_back():
    def quick(start: State, to: str, protect: bool):
        return route(start, to, protect=protect).ways[1]

    for there, back in (("serverless", "container"), ("container", "serverless")):
        alone = State(topology=there)
        assert quick(alone, back, protect=False).steps
        assert quick(alone, back, protect=True).refused.startswith("protect keeps")
        assert quick(alone, back, protect=True).steps == ()
        assert quick(State(topology=there, standby=True), back, protect=True).steps
        assert quick(alone, there, protect=True) == quick(alone, there, protect=False)


@pytest.mark.parametrize("to", ["serverless", "container"])
@pytest.mark.parametrize("start", STATES, ids=str)
def test_with_protect_no_step_and_no_way_back_drops_a_container_that_serves_alone(start, to):
    alone = State(topology="container")
    for step in steps_of_both_ways(start, to, protect=True):
        for before, after in ((step.before, step.after), (step.after, step.before)):
            assert before != alone or after.topology == "container" or after.standby


@cache
def run(*arguments):
    return CliRunner().invoke(app, ["switch", *arguments], catch_exceptions=False)


@pytest.fixture(autouse=True)
def at_home(monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(recorder, "record_stack", recorded_file)  # each configuration once for all of these tests


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
    [
        "network.nat=single",
        "service.paths=[/v1/*, /healthz]",
        "site=null",
        "domain={name: a.example.com, zone: example.com}",
        "aws:region=eu-central-1",
    ],
)
def test_a_switch_is_not_combined_with_a_change_of_network_paths_domain_or_region(change):
    done = run("dev", "--set", change)
    assert done.exit_code == 1
    assert "change it in an update of its own" in " ".join(done.stdout.split())


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of its own, committed."""
    for each in ("Pulumi.yaml", "Pulumi.dev.yaml"):
        shutil.copy(ROOT / each, tmp_path)
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    return tmp_path


def changed_in(project: Path, old: str, new: str) -> list[str]:
    """What is refused once this was changed in the stack file."""
    path = project / "Pulumi.dev.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return switch_command._combined(Recorded(file=load(project, "dev"), recording=recording()))


def test_nor_with_one_that_was_made_in_the_stack_file_and_not_committed(project):
    (refusal,) = changed_in(project, "nat: none", "nat: single")
    assert refusal.startswith("network is not as it was committed: ")


def test_what_else_changed_in_the_file_is_nobodys_business(project):
    assert changed_in(project, "memoryMb: 1024", "memoryMb: 2048") == []


def test_what_was_never_committed_is_not_compared(tmp_path, project):
    shutil.rmtree(project / ".git")
    assert changed_in(project, "nat: none", "nat: single") == []


def test_another_setting_may_change_beside_it():
    assert run("dev", "--set", "serverless.memoryMb=2048").exit_code == 0


def test_a_stack_without_an_image_has_nothing_to_switch():
    done = run("dev", "--set", "image=none")
    assert done.exit_code == 1
    assert "nothing runs yet" in " ".join(done.stdout.split())
    assert "$ pulumi" not in done.stdout


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
