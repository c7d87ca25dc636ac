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

from policies.secrets import secret_looking
from preflight import check_command, cost_commands, diff_command, made_up, report_command, switch_command  # noqa: F401 - register themselves
from preflight.cli import app
from preflight.recorder import record_stack
from preflight.report_command import COMMENT, PAGE, PARCEL
from preflight.stackfile import load

CANARY = "canary7Q"
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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAX_TOKENS", "4096"),
        ("DB_PASSWORD_SECRET_ARN", "arn:aws:secretsmanager:a"),
        ("SORT_KEY", "id"),
        ("PASSENGERS", "4"),
        ("URL", "https://example.com/@me"),
        ("GREETING", "Bearer of news"),
    ],
)
def test_what_is_no_secret_is_left_as_it_is(name, value):
    assert not secret_looking(name, value)


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
