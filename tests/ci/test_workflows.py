"""What every workflow must hold: pinned, bounded, least of rights, and steps whose words are commands with tests."""

import json
import os
import re
import subprocess
import sys
from importlib.resources import files
from inspect import getsource
from pathlib import Path

import pytest
import yaml
from stacks import ROOT
from workflows import ACTIONS, FILES, OWN, filled, jobs, steps, workflow

from ci.__main__ import parser
from ci.decide import LABEL
from ci.fetch import PLAN, REPORT
from ci.image import ARCHITECTURE
from ci.stack_file import stacks

BIN = Path(sys.executable).parent
JOBS = list(jobs())
CALLS = [each for each in JOBS if "uses" in each[2]]
RUNNING = [each for each in JOBS if "uses" not in each[2]]
SCRIPTS = [(where, step) for where, step in steps() if "run" in step]
USES = sorted({step["uses"] for _, step in steps() if "uses" in step})
WITH_ROLE = [each for each in RUNNING if each[2]["permissions"].get("id-token") == "write"]
WRITES = [each for each in RUNNING if "write" in {v for k, v in each[2]["permissions"].items() if k != "id-token"}]


def ids(found: list) -> list[str]:
    return [" ".join(each[:2]) for each in found]


# What linters say


def complaints(kind: str, text: str) -> list[str]:
    """What the schema that check-jsonschema brings along has against a file. YAML reads the key `on` as True."""
    from jsonschema import Draft7Validator  # noqa: PLC0415 - with all that it can check it takes seconds to import

    schema = json.loads((files("check_jsonschema") / f"builtin_schemas/vendor/{kind}.json").read_text("utf-8"))
    document = {"on" if key is True else key: each for key, each in yaml.safe_load(text).items()}
    return [each.message for each in Draft7Validator(schema).iter_errors(document)]


@pytest.mark.parametrize("path", [*FILES, *ACTIONS], ids=lambda path: path.stem)
def test_the_schema_has_nothing_against(path):
    kind = "github-actions" if path in ACTIONS else "github-workflows"
    assert complaints(kind, path.read_text(encoding="utf-8")) == []


def test_the_schema_would_say_so():
    stray = "on: push\njobs: {a: {runs-on: x, steps: [{run: x, needs: y}]}}"
    assert complaints("github-workflows", stray)
    assert not complaints("github-workflows", stray.replace(", needs: y", ""))


def test_shellcheck_has_nothing_against_any_script(tmp_path):
    assert len(SCRIPTS) > 15
    for number, (where, step) in enumerate(SCRIPTS):
        (tmp_path / f"{number:02} {where}.sh").write_text(f"#!/bin/bash\n{step['run']}\n")
    assert shellcheck(tmp_path) == ""
    (tmp_path / "bad.sh").write_text("#!/bin/bash\nls $STACK\n")
    assert "SC2086" in shellcheck(tmp_path)


def shellcheck(folder: Path) -> str:
    command = [BIN / "shellcheck", "--severity=style", *sorted(folder.glob("*.sh"))]
    return subprocess.run(command, capture_output=True, text=True).stdout


# Where it comes from


def test_every_action_is_pinned_to_a_commit_with_its_version_beside_it():
    pinned = re.compile(r"^ *(?:- )?uses: ([\w-]+/[\w.-]+@[0-9a-f]{40}) # v\d+\.\d+\.\d+$", re.MULTILINE)
    found = {each for path in [*FILES, *ACTIONS] for each in pinned.findall(path.read_text(encoding="utf-8"))}
    assert found == {each for each in USES if not each.startswith("$/")}


def test_an_action_has_the_same_version_everywhere():
    versions: dict[str, set[str]] = {}
    for path in [*FILES, *ACTIONS]:
        for name, rest in re.findall(r"uses: ([\w/.-]+)@(.*)", path.read_text(encoding="utf-8")):
            versions.setdefault(name, set()).add(rest)
    assert {name: each for name, each in versions.items() if len(each) > 1} == {}


def test_the_engine_is_the_one_that_the_tests_run():
    built = re.search(r"pulumi/pkg/v3 v([\d.]+)", (ROOT / "tools/go.mod").read_text())
    named = [step["with"]["pulumi-version"] for _, step in steps() if step.get("uses", "").startswith("pulumi/")]
    assert built
    assert set(named) == {built[1]}


def test_what_is_named_of_the_projects_own_is_there():
    for used in {*(each for each in USES if each.startswith("$/")), *(job["uses"] for *_, job in CALLS)}:
        path = ROOT / used.removeprefix("$/")
        assert path.is_file() or (path / "action.yml").is_file(), used


# Rights


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_workflow_gives_nothing_and_waits_for_no_pull_request_target(path):
    says = workflow(path.stem)
    assert says["permissions"] == {}
    assert not {"pull_request_target", "issue_comment"} & set(says[True])
    assert "concurrency" in says or set(says[True]) == {"workflow_call"}


@pytest.mark.parametrize(("file", "name", "job"), JOBS, ids=ids(JOBS))
def test_a_job_names_its_rights_itself(file, name, job):
    assert isinstance(job["permissions"], dict)


@pytest.mark.parametrize(("file", "name", "job"), RUNNING, ids=ids(RUNNING))
def test_a_job_ends_some_time_on_a_system_that_does_not_change_under_it(file, name, job):
    assert 5 <= job["timeout-minutes"] <= 120
    assert re.fullmatch(r"ubuntu-\d\d\.04(-arm)?", job["runs-on"])


def test_what_runs_for_forks_has_no_rights_and_no_words_of_anything_worth_having():
    for _, name, job in JOBS:
        if name in workflow("verify")["jobs"]:
            assert job["permissions"] == {}
    text = (ROOT / ".github/workflows/verify.yml").read_text()
    assert not re.search(r"secrets\.|vars\.|github\.token|environment:", text)


@pytest.mark.parametrize(("file", "name", "job"), WITH_ROLE, ids=ids(WITH_ROLE))
def test_a_job_with_a_role_is_of_an_environment_and_can_write_nothing_on_github(file, name, job):
    assert job["environment"]["name"]
    assert {key for key, each in job["permissions"].items() if each == "write"} == {"id-token"}
    sessions = [step["with"] for step in job["steps"] if "role" in step.get("with", {})]
    assert [each["role"] for each in sessions] == ["${{ vars.AWS_ROLE_ARN }}"]
    assert job["timeout-minutes"] * 60 < int(sessions[0].get("seconds", 3600))


def test_nobody_has_a_role_but_jobs_of_an_environment():
    assert WITH_ROLE
    for _, step in steps():
        if "role" in step.get("with", {}):
            assert any(step in job["steps"] for *_, job in WITH_ROLE)


@pytest.mark.parametrize(("file", "name", "job"), WRITES, ids=ids(WRITES))
def test_a_job_that_may_write_runs_no_code_of_a_pull_request_and_no_package(file, name, job):
    checkout, *rest = job["steps"]
    is_of_pull_request = "pull_request" in workflow(file)[True] or "workflow_call" in workflow(file)[True]
    if is_of_pull_request and "pull-requests" in job["permissions"]:
        assert checkout["with"]["ref"] == "${{ github.event.repository.default_branch }}"
    for step in rest:
        assert "set-up" not in step.get("uses", "")
        assert re.match(r"python3 -m ci ", step.get("run", "python3 -m ci "))


def test_a_token_is_given_to_python_alone_and_kept_by_no_checkout():
    for where, step in steps():
        if "GITHUB_TOKEN" in step.get("env", {}):
            assert re.search(r"python(3)? -m ci ", step["run"]), where
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False, where


def test_the_one_secret_is_for_a_job_that_writes_down_and_for_an_environment_of_its_own():
    text = "".join(path.read_text() for path in [*FILES, *ACTIONS])
    jobs = [job for _, job in workflow("deploy")["jobs"].items() if "secrets." in str(job)]
    assert len(re.findall(r"secrets\.", text)) == len(jobs) == 2
    for job in jobs:
        assert job["environment"] == {"name": "record", "deployment": False}
        assert "id-token" not in job["permissions"]
        assert [step["run"].split()[:4] for step in job["steps"] if "run" in step] == [
            ["python3", "-m", "ci", "record"]
        ]


def test_what_runs_with_python_alone_needs_nothing_else():
    """`-S` leaves out all that is installed."""
    alone = [step["run"] for _, step in SCRIPTS if step["run"].startswith("python3 -m ci ")]
    assert len(alone) > 8
    needed = set()
    for script in alone:
        words = [re.sub(r'"\$(NUMBER|RESULT)"', "7", each).strip('"') for each in script.split()[3:]]
        words = ["expired" if each == "$BECAUSE" else each for each in words]
        needed |= set(re.findall(r"from (ci\.\w+) import", getsource(parser().parse_args(words).run)))
    code = "; ".join(f"import {each}" for each in sorted(needed))
    run = subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def test_in_the_queue_a_merge_is_asked_first_whether_a_newer_one_overtook_it_and_a_way_back_is_not():
    scripts = [step for step in workflow("deploy-stack")["jobs"]["deploy"]["steps"] if "run" in step]
    assert [step["run"].partition(" -m ci ")[2].split()[0] for step in scripts] == ["overtaken", "good", "deploy"]
    assert scripts[0]["if"] == "inputs.is_built_here"
    assert scripts[0]["env"]["COMMIT"] == "${{ github.sha }}"


def test_each_stack_has_one_queue_from_which_nothing_is_dropped():
    (deploy,) = (job for file, name, job in JOBS if (file, name) == ("deploy-stack", "deploy"))
    assert deploy["concurrency"] == {
        "group": "stack-${{ inputs.stack }}",
        "cancel-in-progress": False,
        "queue": "max",
    }
    review = {
        str(job["concurrency"]["group"])
        for file, _, job in WITH_ROLE
        if file.startswith("review") and "concurrency" in job
    }
    assert {re.sub(r"\$\{\{.*\}\}", "N", each) for each in review} == {"stack-pr-N"}


def test_no_update_is_ever_cancelled():
    for file, name, job in WITH_ROLE:
        if file not in ("preview",):  # a plan changes nothing
            for says in (workflow(file), job):
                assert says.get("concurrency", {}).get("cancel-in-progress", False) is False, (file, name)


# What the files say to each other and to the code


def test_what_is_deployed_is_what_has_a_file_dev_first():
    deployed = [job["with"]["stack"] for file, _, job in CALLS if file == "deploy" and job["with"].get("is_built_here")]
    assert sorted(deployed) == stacks(ROOT)
    assert workflow("deploy")[True]["workflow_dispatch"]["inputs"]["stack"]["options"] == deployed == ["dev", "prod"]


def test_a_call_gives_what_is_asked_for_and_the_rights_that_its_jobs_need():
    for file, name, job in CALLS:
        called = workflow(Path(job["uses"].removeprefix(OWN)).stem)
        inputs = called[True]["workflow_call"]["inputs"]
        assert set(job["with"]) <= set(inputs)
        assert {key for key, each in inputs.items() if each.get("required")} <= set(job["with"]), (file, name)
        needed: dict[str, str] = {}
        for inner in called["jobs"].values():
            for key, each in inner["permissions"].items():
                needed[key] = "write" if "write" in (each, needed.get(key)) else each
        assert job["permissions"] == needed, (file, name)


def test_an_artefact_has_one_name_where_it_is_left_and_where_it_is_taken():
    left = {step["with"]["name"] for _, step in steps() if "upload-artifact" in step.get("uses", "")}
    taken = {step["with"]["name"] for _, step in steps() if "download-artifact" in step.get("uses", "")}
    assert taken <= left
    assert {REPORT, f"{PLAN}${{{{ matrix.stack }}}}"} <= left


def test_the_image_is_built_on_the_architecture_it_is_for():
    builds = [job["runs-on"] for *_, job in RUNNING if any("ci build" in step.get("run", "") for step in job["steps"])]
    assert len(builds) == 2
    assert all("arm" in each for each in builds)
    assert ARCHITECTURE == "arm64"


def test_the_label_is_named_as_the_code_reads_it():
    assert f"`{LABEL}`" in (ROOT / ".github/workflows/review.yml").read_text().partition("\nname:")[0]


# Each script, run by a shell, with whatever may stand in its variables

HOSTILE = """a b'"$(touch owned)`touch owned`;touch owned&&*\\"""
PROGRAM = f"#!{sys.executable}\nimport json, sys\nopen('calls', 'a').write(json.dumps(sys.argv) + '\\n')\n"
VALUES = {
    "NUMBER": "7",
    "RESULT": "success",
    "BECAUSE": "expired",
    "ARCHIVE": "image/image.tar",
}


def run_script(folder: Path, script: str, **env: str) -> list[list[str]]:
    """Every call of a program that is the project's, as the program sees it."""
    for name in ("python3", ".venv/bin/python", "make"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(PROGRAM)
        path.chmod(0o755)
    (folder / "out").mkdir(exist_ok=True)
    (folder / "out/comment.md").write_text("# told\n")
    given = {"PATH": f"{folder}:{os.environ['PATH']}", "GITHUB_STEP_SUMMARY": str(folder / "summary"), **env}
    # As GitHub runs it. Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    run = subprocess.run(command, cwd=folder, env=given, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    calls = folder / "calls"
    return [json.loads(line) for line in calls.read_text().splitlines()] if calls.exists() else []


@pytest.mark.parametrize(("where", "step"), SCRIPTS, ids=[where for where, _ in SCRIPTS])
def test_a_script_is_one_command_that_the_code_understands_whatever_its_variables_hold(where, step, tmp_path):
    assert "\n" not in step["run"].strip()
    names = [each for each in step.get("env", {}) if f"${each}" in step["run"]]
    env = {name: VALUES.get(name, HOSTILE) for name in names}
    calls = run_script(tmp_path, step["run"], **env)
    assert not list(tmp_path.rglob("owned"))
    if not calls:
        assert (tmp_path / "summary").read_text() == "# told\n"
        return
    ((program, *given),) = calls
    if Path(program).name == "make":
        makefile = (ROOT / "Makefile").read_text()
        target = given[0].replace(".venv/ready", "$(READY)")
        assert re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE)
        return
    assert given[:2] == ["-m", "ci"]
    understood = vars(parser().parse_args(given[2:]))
    passed = {str(value) for value in understood.values()}
    assert {env[name] for name in names} - passed <= {f"drift/drift-{HOSTILE}.json"}


def test_a_digest_comes_with_its_archive_only_where_it_was_built(tmp_path):
    (step,) = (step for _, step in SCRIPTS if " ci deploy " in step["run"])
    env = {"STACK": "prod", "DIGEST": "sha256:0", "LAST_GOOD": ""}
    archives = []
    for number, built in enumerate((True, False)):
        archive = filled(step["env"]["ARCHIVE"], {"inputs": {"is_built_here": built}})
        folder = tmp_path / str(number)
        folder.mkdir()
        ((_, *given),) = run_script(folder, step["run"], **env, ARCHIVE=archive)
        understood = parser().parse_args(given[2:])
        assert (understood.stack, understood.digest, understood.last_good) == ("prod", "sha256:0", "")
        archives.append(understood.archive)
    assert archives == [Path("image/image.tar"), None]


def test_every_variable_of_a_script_is_given_and_every_given_one_is_used():
    code = "".join(path.read_text() for path in (ROOT / "ci").glob("*.py"))
    for where, step in SCRIPTS:
        given = set(step.get("env", {}))
        used = set(re.findall(r"\$\{?([A-Z_]+)", step["run"])) - {"GITHUB_STEP_SUMMARY"}
        assert used <= given, where
        for name in given - used - {"REQUIRE_ALL", "PULUMI_BACKEND_URL"}:
            assert f'"{name}"' in code or f"{name.partition('_')[0]}_" in code, (where, name)


def test_dependabot_waits_a_week_before_it_moves_a_pin():
    says = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text())
    assert {each["package-ecosystem"] for each in says["updates"]} == {"github-actions", "docker"}
    assert all(each["cooldown"]["default-days"] >= 7 for each in says["updates"])
