"""The service as a process: its pages, its logs, and what it refuses to start with."""

import json
import subprocess
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from runtimes import ROOT, Client, Log, Loop, behind_door, behind_edge, command, environment, function, loop, task

import smoke.checks
import smoke.client
import smoke.trial
from settings import Service

FIELDS = {
    *("timestamp", "level", "message", "logger", "request_id", "served_by", "instance"),
    *("method", "path", "host", "viewer", "trace_id", "status", "duration_ms", "bytes"),
}


@pytest.fixture(scope="module")
def serving() -> Iterator[Loop]:
    with loop() as made:
        yield made


@pytest.fixture(scope="module")
def running(serving, tmp_path_factory) -> Iterator[tuple[Client, Log]]:
    log = Log()
    with task(serving, tmp_path_factory.mktemp("task"), log.lines.append, LOG_LEVEL="debug") as (_, port):
        yield Client(port), log


def started_with(folder, **variables: str) -> tuple[int, list[str]]:
    """Exit status and messages of a service that does not start."""
    run = subprocess.run(
        command(), env=environment(folder, **variables), cwd=ROOT, capture_output=True, text=True, timeout=20
    )
    return run.returncode, [json.loads(line)["message"] for line in run.stdout.splitlines()]


def test_a_service_that_is_well_is_ready(running):
    assert running[0].ask("GET", "/readyz").json == {"status": "ok", "store": "SQLite"}


def test_the_page_says_where_it_runs_and_lets_in_nothing_foreign(running):
    answer = running[0].ask("GET", "/", {"x-forwarded-host": "<script>alert(1)</script>"})
    page = answer.body.decode()
    assert "<title>Served by this machine</title>" in page
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")


def test_the_api_says_who_is_asked_by_whom(running):
    told = running[0].ask("GET", "/api/", {"x-forwarded-host": "app.example.com", "x-viewer-address": "192.0.2.1"}).json
    assert (told["served_by"], told["host"], told["viewer"]) == ("local", "app.example.com", "192.0.2.1")
    assert set(told) == {"served_by", "instance", "started", "host", "viewer", "request_id"}


def test_what_is_not_known_is_null_and_not_made_up(running):
    told = running[0].ask("GET", "/api/").json
    assert (told["host"], told["viewer"]) == (None, None)


def test_writers_are_told_what_becomes_of_it(running):
    assert running[0].ask("GET", "/api/tasks").json["store"] == {"kind": "SQLite", "outlives_instance": False}
    assert running[0].ask("GET", "/api/files").json["max_upload_bytes"] == 1024 * 1024


@pytest.mark.parametrize(
    ("name", "headers", "status"),
    [
        *(("a%2Fb", {}, 404), ("a%0Ab", {}, 400), ("x" * 121, {}, 400), ("a", {"content-type": "evil"}, 415)),
        *(("..", {}, 400), ("%2E", {}, 400), (quote("a\u202egpj.exe"), {}, 400), ("a%C2%85b", {}, 400)),
        ("...", {}, 201),
    ],
)
def test_a_file_is_taken_unless_its_name_or_type_is_strange(running, name, headers, status):
    assert running[0].ask("PUT", f"/api/files/{name}", headers, b"x").status == status


def test_an_address_for_people_is_no_address_of_the_schema(running):
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert running[0].ask("GET", path).status == 404


def test_without_its_store_it_is_well_and_not_ready_and_what_is_for_trials_can_be_left_out(serving, tmp_path):
    log = Log()
    variables = {"DB_URL": f"sqlite:///{tmp_path}/nowhere/x.db", "DIAGNOSTICS": "false"}
    with task(serving, tmp_path, log.lines.append, **variables) as (_, port):
        client = Client(port)
        health, ready, tasks = (client.ask("GET", path) for path in ("/healthz", "/readyz", "/api/tasks"))
        assert (health.status, health.json) == (200, {"status": "ok"})
        assert (ready.status, ready.json) == (503, {"status": "unavailable", "store": "SQLite"})
        assert (tasks.status, tasks.json["error"]) == (503, "the store can't be reached")
        for path in ("/api/echo", "/api/wait", "/api/fail", "/api/bytes", "/api/background/x"):
            assert client.ask("GET", path).status == 404
    assert "/healthz" not in [each["path"] for each in log.answers(7)]  # logged at debug


def test_it_is_what_make_smoke_asks_for(running):
    wanted = Service(needs=("websocket",), maxRequestSeconds=2, maxBodyMb=8)
    asked = smoke.client.Client(f"http://127.0.0.1:{running[0].port}")
    trial = smoke.trial.run(asked, [None], smoke.checks.checks_for(wanted, smoke.checks.Paths()), progress=len)
    assert trial.problems == []
    assert {each.check for each in trial.results} == {"health", "read", "write", "8 MB body", "1 s", "websocket"}


# Logs.
def test_a_line_is_the_same_in_both_runtimes(serving, tmp_path):
    lines = {}
    for name in ("container", "serverless"):
        log = Log()
        if name == "container":
            with task(serving, tmp_path, log.lines.append) as (running, _), behind_edge(serving, running) as port:
                answer = Client(port).ask("GET", "/api/echo?password=1")
        else:
            with (
                function(serving, tmp_path, log.lines.append, behind="functionUrl") as made,
                behind_door(serving, made, "functionUrl") as port,
            ):
                answer = Client(port).ask("GET", "/api/echo?password=1")
        (lines[name],) = log.answers(1)
        assert lines[name]["request_id"] == answer.headers["x-request-id"]
        assert not any("password" in line for line in log.lines)
        assert all("logger" in each for each in log.documents())  # the service's own, and nobody else's
        assert len(log.documents()) == len(log.lines)
    assert set(lines["container"]) == set(lines["serverless"]) == FIELDS
    same = ("level", "message", "logger", "method", "path", "status", "viewer")
    assert {name: lines["container"][name] for name in same} == {name: lines["serverless"][name] for name in same}
    assert lines["serverless"]["served_by"] == "serverless"
    assert all(line["trace_id"].startswith("Root=1-") for line in lines.values())


def test_an_error_is_in_the_log_with_its_reason_under_the_id_that_was_told(running):
    client, log = running
    told = client.ask("GET", "/api/fail").json["request_id"]
    line = log.one(lambda each: "exception" in each)
    assert (line["request_id"], line["level"]) == (told, "ERROR")
    assert line["exception"].endswith("RuntimeError: asked to fail")


def test_health_checks_are_logged_only_on_demand(running):
    client, log = running
    client.ask("GET", "/healthz")
    assert log.one(lambda each: each.get("path") == "/healthz")["level"] == "DEBUG"


# What it does not start with.
def test_settings_that_can_not_be_are_refused_with_a_status_of_their_own(tmp_path):
    status, messages = started_with(tmp_path, PORT="x", LOG_LEVEL="loud")
    assert status == 78
    assert messages == [
        "PORT must be a whole number from 0 to 65535, got 'x'",
        "LOG_LEVEL must be one of debug, info, warning, error, got 'loud'",
    ]


def test_a_port_that_is_taken_ends_the_service_with_one_line(tmp_path, running):
    status, messages = started_with(tmp_path, PORT=str(running[0].port))
    assert status not in (0, 78)
    assert any("address already in use" in each for each in messages)
