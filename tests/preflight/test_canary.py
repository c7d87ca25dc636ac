"""No secret is written down: a canary is planted wherever one may stand, and looked for in all that is written.

What the engine keeps and shows is held in tests/engine, on the values that the cloud made up.
"""

import hashlib
import json
import os
import pty
import subprocess
import sys
from dataclasses import asdict

import pytest
from stacks import DOMAIN, ROOT
from typer.testing import CliRunner
from verdicts import URL

from preflight import check_command, cost_commands, diff_command, made_up, report_command, switch_command  # noqa: F401 - register themselves
from preflight.cli import app
from preflight.discreet import discreet, discreet_config, discreet_override
from preflight.recorder import record_stack
from preflight.recording import Options, Resource
from preflight.report_command import COMMENT, PAGE, PARCEL
from preflight.stackfile import load

CANARY = "canary7Q"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
SECRET = f"{CANARY}{'x' * 40}"
CONFIGURATIONS = [
    ("prod", "standby=true", "originSecret=3", DOMAIN, "container.loadBalancer=public"),
    ("dev", "standby=true", *URL, "originSecret=2"),
    ("dev", "originSecret=2"),
]


@pytest.fixture
def planted(monkeypatch):
    """Every random password is the canary."""
    monkeypatch.setitem(made_up._COMPUTED, "random:index/randomPassword:RandomPassword", {"result": SECRET})


@pytest.fixture(scope="module")
def stacks():
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setitem(made_up._COMPUTED, "random:index/randomPassword:RandomPassword", {"result": SECRET})
        return [record_stack(load(ROOT, stack, overrides)) for stack, *overrides in CONFIGURATIONS]


def test_the_canary_is_alive(stacks):
    """It went into the program: its digest, which may be seen, is there."""
    digest = hashlib.sha256(SECRET.encode()).hexdigest()
    for recording in stacks:
        assert digest in json.dumps(recording.to_json())


def test_no_input_output_or_log_of_the_program_holds_a_secret(stacks):
    for recording in stacks:
        assert recording.of_type("random:index/randomPassword:RandomPassword")
        assert CANARY not in json.dumps(asdict(recording))


def test_no_function_or_task_gets_a_secret_in_its_environment_not_even_marked(stacks):
    for recording in stacks:
        for each in recording.of_type("aws:lambda/function:Function"):
            assert "$secret" not in json.dumps(each.inputs)
        for each in recording.of_type("aws:ecs/taskDefinition:TaskDefinition"):
            assert isinstance(each.inputs["containerDefinitions"], str)


COMMANDS = [
    ("preview", "prod"),
    ("preview", "dev", "--json"),
    ("check", "dev", "--waived"),
    *(
        pytest.param(each, marks=pytest.mark.policies_all)
        for each in (
            ("check", "prod", "--json"),
            ("cost",),
            ("cost", "dev", "--json"),
            ("diff", "dev", "--with", "originSecret=3"),
            ("diff", "dev", "--with", "originSecret=3", "--json"),
            ("switch", "dev"),
            ("switch", "prod", "--to", "serverless"),
        )
    ),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_nothing_that_preflight_writes_holds_a_secret(planted, monkeypatch, command):
    monkeypatch.chdir(ROOT)
    also = ["--set", "standby=true", "--set", "originSecret=2"] if command[0] != "switch" else []
    done = CliRunner().invoke(app, [*command, *also])
    assert done.exit_code in (0, 1), done.stderr
    assert done.stdout
    assert CANARY not in done.stdout + done.stderr


@pytest.mark.policies_all
def test_the_page_and_the_comment_hold_no_secret(planted, monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)
    arguments = ["report", "prod", "--out", str(tmp_path), "--set", "standby=true", "--with", "originSecret=2"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.stderr
    assert {each.name for each in tmp_path.iterdir()} == {PAGE, COMMENT, PARCEL}
    written = [each.read_text(encoding="utf-8") for each in tmp_path.iterdir()]
    assert CANARY not in "".join([*written, done.stdout, done.stderr])


PLACES = [
    f"switchyard:service: {{secrets: {{DB: {SECRET}}}}}",
    f"switchyard:service: {{secrets: [{SECRET}]}}",
    f"switchyard:service: {{secrets: {SECRET}}}",
    f"switchyard:service: {{secrets: {{DB: {{value: {SECRET}}}}}}}",
    f"switchyard:service: {{secrets: {{DB: 'postgres://me:{SECRET}@db/app'}}}}",
    f"switchyard:service: {{secrets: {{DB: {{secure: {SECRET}}}}}}}",
    f"switchyard:service: {{environment: {{DB: {{secure: {SECRET}}}}}}}",
    f"switchyard:tags: {{secure: {SECRET}}}",
    f"switchyard:nosuch: {{secure: {SECRET}}}",
    f"switchyard:service: {{enviroment: {{DB_PASSWORD: {SECRET}}}}}",
    f"switchyard:service: {{environment: {{DB_PASSWORD: [{SECRET}]}}}}",
    f"switchyard:service: {{environment: DB_PASSWORD={SECRET}}}",
    f"switchyard:service: DB_PASSWORD={SECRET}",
    f"switchyard:tags: DB_PASSWORD={SECRET}",
    f"switchyard:enviroment: DB_PASSWORD={SECRET}",
    f"switchyard:serverless: {{memoryMb: {{DB_PASSWORD: {SECRET}}}}}",
    f"switchyard:image: https://me:{SECRET}@registry.example.com/app",
    f"shop:service: {{environment: {{DB_PASSWORD: {SECRET}}}}}",
    f"aws:secretKey: {SECRET}",
    f"aws:secretKey: {{secure: {SECRET}}}",
    f"aws:accessKey: {SECRET}",
    f"aws:token: {SECRET}",
    f"other:token: {{secure: {SECRET}}}",
]


@pytest.mark.parametrize("line", PLACES)
def test_what_is_refused_is_not_quoted_where_it_may_be_a_secret(project, line):
    text = f"config:\n  aws:region: us-east-1\n  switchyard:topology: serverless\n  switchyard:image: none\n  {line}\n"
    project({"__main__.py": "from settings import Settings\nSettings.load()\n", "Pulumi.dev.yaml": text})
    done = CliRunner().invoke(app, ["preview", "dev", "--json"])
    assert done.exit_code == (0 if line.startswith("other:") else 2), done.stderr
    assert CANARY not in done.stdout + done.stderr


@pytest.mark.parametrize("override", ['service={"environment":{"A":"%s"', "service.a..b=%s", "topology.a=%s"])
def test_an_override_that_makes_no_sense_is_not_quoted(monkeypatch, override):
    monkeypatch.chdir(ROOT)
    done = CliRunner().invoke(app, ["preview", "dev", "--set", override % SECRET])
    assert done.exit_code == 2
    assert CANARY not in done.stdout + done.stderr


ENVIRONMENT = {
    "DBPASSWORD": SECRET,
    "SIGNING_KEY": SECRET,
    "STRIPE": f"sk_live_{SECRET}",
    "AUTH": f"Bearer {SECRET}",
    "JWT": f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.{SECRET}",
    "CHAT": f"xoxb-{SECRET}",
    "GIT": f"github_pat_{SECRET}",
    "CACHE": f"redis://:{SECRET}@cache:6379/0",
    "MYSQL_PASSWORD2": SECRET,
    "PGPASS": SECRET,
    "OPENAI_KEY": f"sk-proj-{SECRET}",
    "DSN": f"Server=db;User Id=me;Password={SECRET};",
    "HOOK": f"https://hooks.slack.com/services/T0000/B0000/{SECRET}",
    "GITLAB": f"glpat-{SECRET}",
    "DB_PASSWORD_FILE": SECRET,
    "OAUTH_TOKEN_URL": SECRET,
}


@pytest.mark.parametrize("command", [("preview", "dev", "--json"), ("check", "dev", "--json")], ids=" ".join)
def test_what_looks_like_a_secret_in_the_environment_is_reported_and_not_written(monkeypatch, command):
    monkeypatch.chdir(ROOT)
    also = ["--set", "standby=true", "--set", f"service.environment={json.dumps(ENVIRONMENT)}"]
    done = CliRunner().invoke(app, [*command, *also])
    assert done.exit_code in (0, 1), done.stderr
    assert CANARY not in done.stdout + done.stderr
    if command[0] == "check":
        assert all(done.stdout.count(f"variable {name} looks like a secret") == 2 for name in ENVIRONMENT)
    else:
        assert all(name in done.stdout for name in ENVIRONMENT)


PLANTED = f"service.environment={json.dumps(ENVIRONMENT)}"


@pytest.mark.policies_all
@pytest.mark.parametrize("command", [("diff", "dev"), ("diff", "dev", "--json"), ("report", "dev")], ids=" ".join)
@pytest.mark.parametrize("option", ["--set", "--with"])
def test_no_comparison_tells_a_secret_of_the_environment_nor_the_setting_that_it_came_with(
    monkeypatch, tmp_path, command, option
):
    monkeypatch.chdir(ROOT)
    out = ["--out", str(tmp_path)] if command[0] == "report" else []
    done = CliRunner().invoke(app, [*command, *out, "--set", "standby=true", option, PLANTED, "--with", "protect=true"])
    assert done.exit_code == 0, done.stderr
    written = [each.read_text(encoding="utf-8") for each in tmp_path.iterdir()]
    assert len(written) == (3 if out else 0)
    assert CANARY not in "".join([*written, done.stdout, done.stderr])


def test_a_setting_is_told_as_it_was_given_unless_there_is_a_secret_in_it():
    for plain in ("originSecret=2", "topology=container", 'service.environment={"A": "b"}', "tags.a=b", "a=[", "x"):
        assert discreet_override(plain) == plain
    assert discreet_override(PLANTED) == "service.environment=..."
    for key in ("service.environment.DB_PASSWORD", 'service.environment["DB_PASSWORD"]'):
        assert discreet_override(f"{key}={SECRET}") == f"{key}=..."
    assert discreet_override(f"service.environment.DB=postgres://me:{SECRET}@db") == "service.environment.DB=..."


def test_a_configuration_is_kept_as_it_is_but_for_the_secrets_in_it():
    plain = {"switchyard:topology": "container", "switchyard:originSecret": "2", "switchyard:tags": '{"a":  "b"}'}
    environment = {"switchyard:service": json.dumps({"environment": {"A": "b", **ENVIRONMENT}})}
    found = discreet_config(plain | environment)
    assert {key: found[key] for key in plain} == plain
    hidden = dict.fromkeys(ENVIRONMENT, "[secret]")
    assert json.loads(found["switchyard:service"]) == {"environment": {"A": "b", **hidden}}


@pytest.mark.parametrize(
    ("type_", "inputs"),
    [
        (TASK, {"command": ["serve", f"--db-password={SECRET}"]}),
        (TASK, {"entryPoint": ["sh", "-c", f"DB_PASSWORD={SECRET} serve"]}),
        (TASK, {"dockerLabels": {"API_KEY": SECRET}}),
        (TASK, {"logConfiguration": {"options": {"splunk-token": SECRET}}}),
        (TASK, {"environment": [{"name": "DB_PASSWORD", "value": SECRET}]}),
        ("aws:ec2/instance:Instance", {"userData": f"#!/bin/sh\nexport DB_PASSWORD={SECRET}\n"}),
    ],
)
def test_what_a_task_or_a_machine_is_started_with_is_recorded_without_its_secrets(type_, inputs):
    given = {"containerDefinitions": json.dumps([{"name": "app", **inputs}])} if type_ == TASK else inputs
    about = {"urn": f"urn:pulumi:dev::shop::{type_}::it", "type": type_, "name": "it", "parent": "", "source": ""}
    found = discreet(Resource(**about, custom=True, remote=False, inputs=given, options=Options()))
    assert CANARY not in json.dumps(found.inputs)
    assert "$secret" in json.dumps(found.inputs)


@pytest.mark.policies_all
def test_a_terminal_is_told_no_more_than_a_pipe(tmp_path):
    """Progress, colours and all."""
    script = (
        "from preflight import made_up; "
        f"made_up._COMPUTED['random:index/randomPassword:RandomPassword'] = {{'result': '{SECRET}'}}; "
        "from preflight.cli import app; app(['preview', 'prod', '--set', 'standby=true'])"
    )
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=terminal, stdout=terminal, stderr=terminal, close_fds=True
    )
    os.close(terminal)
    told = b""
    while True:
        try:
            part = os.read(controller, 65_536)
        except OSError:
            break
        if not part:
            break
        told += part
    process.wait()
    os.close(controller)
    assert b"container-balancer" in told
    assert CANARY.encode() not in told
