"""The smoke test, against a distribution on this machine: what it asks, what it finds, and how loudly it fails."""

import base64
import hashlib
import http.server
import json
import os
import socket
import subprocess
import sys
import threading

import pytest
from stacks import ROOT
from typer.testing import CliRunner

from components._viewer_request import SMOKE_HEADER, service_code
from settings import Service
from smoke import client as smoke_client
from smoke.__main__ import app
from smoke.checks import LARGEST_BODY_MB, Check, Paths, checks_for
from smoke.client import Client, Request, Unanswered
from smoke.target import NoTarget, outputs_of
from smoke.trial import NoSides, run, sides_of

TOKEN = "right-token"  # the one of conftest.py
SIDES = ["container", "serverless"]
QUICK = Paths(slow=None)


def service(**keys) -> Service:
    return Service.model_validate_json(json.dumps(keys))


def trial(deployed, checks=None, **options):
    checks = checks_for(service(), QUICK) if checks is None else checks
    options = {"differs": ["served_by"], "progress": lambda text: None, **options}
    return run(Client(deployed.url, TOKEN), SIDES, checks, **options)


def test_the_header_is_the_one_that_the_edge_reads():
    assert smoke_client.HEADER == SMOKE_HEADER


def test_two_halves_that_answer_alike_have_no_problem(deploy):
    deployed = deploy()
    outcome = trial(deployed, rounds=3)
    assert outcome.problems == []
    wanted = [("GET", "/healthz", 0), *[("GET", "/api/echo", 0)] * 3, ("POST", "/api/echo", 15)]
    wanted.append(("POST", "/api/echo", 1024 * 1024))
    assert deployed.container.seen == deployed.serverless.seen == wanted
    assert {(each.check, each.side) for each in outcome.results} == {
        (check, side) for check in ("health", "read", "write", "1 MB body") for side in SIDES
    }


def test_each_side_is_asked_whoever_is_active(deploy):
    for active in SIDES:
        assert trial(deploy(active=active), rounds=1).problems == []


def broken(deployed, **changes):
    for name, value in changes.items():
        setattr(deployed.container, name, value)
    return trial(deployed, rounds=1).problems


def test_a_side_that_refuses_a_write_fails_and_differs(deploy):
    assert broken(deploy(), status={"POST /api/echo": 403}) == [
        "write: container failed: status 403, wanted 200 to 399",
        "write: status differs: container 403, serverless 200",
        "1 MB body: container failed: status 403, wanted 200 to 399",
        "1 MB body: status differs: container 403, serverless 200",
    ]


def test_a_redirect_on_one_side_only_is_a_difference(deploy):
    assert broken(deploy(), status={"GET /api/echo": 301}) == ["read: status differs: container 301, serverless 200"]


@pytest.mark.parametrize(
    ("headers", "says", "problem"),
    [
        (
            {"content-type": "text/html"},
            {},
            "content-type differs: container 'text/html', serverless 'application/json'",
        ),
        ({"set-cookie": "session=1; Path=/"}, {}, "cookies differs: container ['session'], serverless []"),
        ({}, {"cookie": None}, "answer differs: "),
        ({}, {"extra": 1}, "answer differs: "),
    ],
)
def test_an_answer_that_differs_is_a_problem(deploy, headers, says, problem):
    problems = broken(deploy(), headers=headers, says=says)
    assert any(each.startswith(f"read: {problem}") for each in problems)


def test_what_may_differ_is_not_a_problem(deploy):
    deployed = deploy()
    deployed.container.says = {"time": 1, "deep": [{"time": 1}]}
    deployed.serverless.says = {"time": 2, "deep": [{"time": 2}]}
    assert trial(deployed, rounds=1, differs=["served_by", "time"]).problems == []
    assert trial(deployed, rounds=1).problems != []


def test_an_answer_that_is_no_json_must_be_the_same_too_unless_it_may_differ(deploy):
    deployed = deploy()
    for half in (deployed.container, deployed.serverless):
        half.headers = {"content-type": "text/html"}
        half.says = {"served_by": "nobody"}
    assert trial(deployed, rounds=1).problems == []
    deployed.container.says = {"served_by": "somebody"}
    problems = trial(deployed, rounds=1).problems
    assert any(each.startswith("read: body differs from byte ") and "'somebody\"}' of " in each for each in problems)
    assert trial(deployed, rounds=1, differs=["body"]).problems == []


def test_a_side_that_another_one_answers_for_fails(deploy):
    assert "health: container failed: serverless answered instead" in broken(deploy(), says={"served_by": "serverless"})


def test_a_side_that_is_much_slower_is_a_problem_and_one_that_is_a_little_slower_is_not(deploy):
    deployed = deploy()
    deployed.container.delay = 0.4
    (problem,) = trial(deployed, rounds=1).problems
    assert problem.startswith("read: container takes 0.4")
    deployed.container.delay = 0.1
    assert trial(deployed, rounds=1).problems == []
    deployed.container.delay = 0.4
    assert trial(deployed, rounds=1, slower=1000).problems == []


def test_a_side_that_does_not_answer_fails(deploy):
    deployed = deploy()
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    (check, *_) = checks_for(service(), QUICK)
    outcome = run(Client(url), [None], [check], progress=lambda text: None)
    (problem,) = outcome.problems
    assert problem.startswith("health: active failed: ConnectionRefusedError")
    assert deployed.container.seen == []


def test_silence_ends_after_the_timeout():
    with socket.create_server(("127.0.0.1", 0)) as server:
        silent = Client(f"http://127.0.0.1:{server.getsockname()[1]}", timeout_seconds=0.2)
        with pytest.raises(Unanswered, match=r"imed *out"):
            silent.ask(Request(path="/"))


# Which sides there are


def test_the_edge_says_which_sides_there_are(deploy):
    assert sides_of(Client(deploy().url, TOKEN), "/healthz", 0) == SIDES


@pytest.mark.parametrize("what", ["a wrong token", "no standby"])
def test_a_token_that_chooses_nothing_is_told_at_once(deploy, what):
    alone = what == "no standby"
    deployed = deploy(change=lambda code: service_code() if alone else code)
    client = Client(deployed.url, "wrong" if what == "a wrong token" else TOKEN)
    with pytest.raises(NoSides, match="the edge does not take the token"):
        sides_of(client, "/healthz", 0)


def test_an_edge_without_a_share_of_viewers_says_so_and_not_that_the_token_is_wrong(deploy):
    client = Client(deploy(epoch="e0").url, TOKEN)
    with pytest.raises(NoSides, match="takes the token, and no share of viewers is in force"):
        sides_of(client, "/healthz", 0)


def test_it_waits_for_the_edge_to_take_the_token(deploy):
    deployed, pauses = deploy(), []
    client = Client(deployed.url, "not-yet")

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        client._token = TOKEN

    assert sides_of(client, "/healthz", 60, pause) == SIDES
    assert pauses == [2]


def test_a_service_that_speaks_of_sides_itself_is_not_taken_for_the_edge(deploy):
    deployed = deploy()
    deployed.serverless.says = {"sides": SIDES}
    with pytest.raises(NoSides, match="the edge does not take the token"):
        sides_of(Client(deployed.url, "wrong"), "/healthz", 0)


def test_an_edge_that_takes_any_token_is_refused(deploy):
    deployed = deploy(change=lambda code: code.replace("hash === TOKEN_SHA256", "true"))
    with pytest.raises(NoSides, match="takes any token"):
        sides_of(Client(deployed.url, TOKEN), "/healthz", 0)


# What is tried


def names(**keys) -> list[str]:
    return [each.name for each in checks_for(service(**keys), Paths())]


def test_what_is_tried_follows_from_what_the_service_needs():
    assert names() == ["health", "read", "write", "1 MB body", "20 s"]
    assert names(methods="read") == ["health", "read", "20 s"]
    assert names(maxBodyMb=0, maxRequestSeconds=5) == ["health", "read", "write", "4 s"]
    assert names(maxBodyMb=100, needs=["websocket"])[3:] == [f"{LARGEST_BODY_MB} MB body", "20 s", "websocket"]
    assert [each.name for each in checks_for(service(), QUICK)] == ["health", "read", "write", "1 MB body"]


def test_a_long_request_is_asked_for_by_its_seconds():
    (check,) = [each for each in checks_for(service(maxRequestSeconds=10), Paths()) if each.name == "9 s"]
    assert check.request.path == "/api/wait?seconds=9"


def socket_server(accepts: str) -> str:
    """A server that answers an upgrade: rightly, with a wrong proof, or not at all."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            proof = self.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
            digest = base64.b64encode(hashlib.sha1(proof.encode()).digest()).decode()
            self.send_response(101 if accepts != "no" else 200)
            self.send_header("sec-websocket-accept", digest if accepts == "yes" else "wrong")
            self.end_headers()

        def log_message(self, *args): ...

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=lambda: (server.handle_request(), server.server_close()), daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


@pytest.mark.parametrize(
    ("accepts", "problem"),
    [("yes", None), ("no", "status 200, wanted 101"), ("wrongly", "doesn't prove that it read the key")],
)
def test_a_websocket_is_opened_where_the_service_needs_one(accepts, problem):
    check: Check = checks_for(service(needs=["websocket"]), QUICK)[-1]
    found = check.problem(Client(socket_server(accepts)).ask(check.request))
    assert found is None if problem is None else problem in found


def test_a_url_that_is_none_is_refused():
    for bad in ("", "shop.example.com", "ftp://x", "https://"):
        with pytest.raises(ValueError, match="the URL must begin with https://"):
            Client(bad)


def test_a_path_beyond_ascii_is_encoded_and_what_is_encoded_stays(deploy):
    deployed = deploy()
    for path in ("/api/ü?q=a b", "/api/%C3%BC?q=a%20b"):
        Client(deployed.url).ask(Request(path=path))
    assert {path for _, path, _ in deployed.serverless.seen} == {"/api/%C3%BC?q=a%20b"}


def test_a_token_with_a_line_end_is_trimmed_and_one_that_can_be_none_is_refused_unseen(deploy):
    assert sides_of(Client(deploy().url, f"{TOKEN}\n"), "/healthz", 0) == SIDES
    with pytest.raises(ValueError, match="the token must be letters and digits") as refused:
        Client("https://x", "hid\nden")
    assert "hid" not in str(refused.value)


# Where the stack is

FAKE_PULUMI = """#!/bin/sh
echo "$*" > "$(dirname "$0")/asked"
cat "$(dirname "$0")/answer"; echo "error: no stack named 'prod' found" >&2; exit $(cat "$(dirname "$0")/status")
"""


@pytest.fixture
def pulumi(tmp_path, monkeypatch):
    def answers(text: str, status: int = 0) -> None:
        for name, content in (("pulumi", FAKE_PULUMI), ("answer", text), ("status", str(status))):
            (tmp_path / name).write_text(content)
        (tmp_path / "pulumi").chmod(0o755)

    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return answers


def test_the_pulumi_cli_says_where_the_stack_is(pulumi, tmp_path):
    pulumi('{"url": "https://x", "smoke_token": "t"}')
    assert outputs_of("prod", ROOT) == ("https://x", "t")
    asked = (tmp_path / "asked").read_text().split()
    assert asked == ["stack", "output", "--json", "--show-secrets", "--stack", "prod"]
    pulumi('{"url": "https://x"}')
    assert outputs_of("prod", ROOT) == ("https://x", "")


def test_where_it_can_not_be_told_the_message_says_what_to_do(pulumi, monkeypatch, tmp_path):
    pulumi("", 255)
    with pytest.raises(NoTarget, match=r"failed: error: no stack named 'prod' found\. Mend that, or give the URL"):
        outputs_of("prod", ROOT)
    for text in ("Logging in ...", '["token"]', "7"):
        pulumi(text)
        with pytest.raises(NoTarget, match="printed no JSON object") as refused:
            outputs_of("prod", ROOT)
        assert "token" not in str(refused.value).partition("--url")[0]
    pulumi('{"url": ""}')
    with pytest.raises(NoTarget, match="has no url yet: pulumi up -s prod"):
        outputs_of("prod", ROOT)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(NoTarget, match=r"the Pulumi CLI can't be run .*--url"):
        outputs_of("prod", ROOT)


# The command


def smoke(*arguments: str, token: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SMOKE_TOKEN": token, "COLUMNS": "120"}
    command = [sys.executable, "-m", "smoke", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_the_command_shows_both_sides_and_ends_well(deploy):
    deployed = deploy()
    outcome = smoke("dev", "--url", deployed.url, "--slow-path", "", "--rounds", "1", token=TOKEN)
    assert outcome.returncode == 0, outcome.stderr
    assert "container and serverless answer alike." in outcome.stdout
    assert "1 MB body" in outcome.stdout
    assert TOKEN not in outcome.stdout + outcome.stderr


def test_the_command_fails_loudly(deploy):
    deployed = deploy()
    deployed.serverless.status = {"POST /api/echo": 413}
    outcome = smoke("dev", "--url", deployed.url, "--slow-path", "", "--rounds", "1", "--json", token=TOKEN)
    assert outcome.returncode == 1
    document = json.loads(outcome.stdout)
    assert "write: serverless failed: status 413, wanted 200 to 399" in document["problems"]
    assert document["sides"] == SIDES
    (write,) = [each for each in document["results"] if (each["check"], each["side"]) == ("write", "serverless")]
    assert (write["status"], write["problem"]) == (413, "status 413, wanted 200 to 399")
    assert smoke("dev", "--url", deployed.url, "--patience", "0", token="wrong").returncode == 1


def test_without_a_token_it_tries_whoever_serves(deploy):
    deployed = deploy()
    outcome = smoke("dev", "--url", deployed.url, "--slow-path", "", "--rounds", "1")
    assert outcome.returncode == 0, outcome.stderr
    assert "There is no standby to compare it with." in outcome.stdout
    assert deployed.container.seen == []


def test_a_stack_with_a_standby_is_not_tried_on_one_side_alone(deploy, tmp_path, monkeypatch):
    for each in ("Pulumi.yaml", "Pulumi.dev.yaml"):
        text = (ROOT / each).read_text()
        (tmp_path / each).write_text(text.replace("switchyard:standby: false", "switchyard:standby: true"))
    monkeypatch.setattr("smoke.__main__.ROOT", tmp_path)
    monkeypatch.delenv("SMOKE_TOKEN", raising=False)
    deployed = deploy()
    outcome = CliRunner().invoke(app, ["dev", "--url", deployed.url])
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert "has a standby, and without its token only the active half could be tried" in outcome.stderr
    assert deployed.serverless.seen == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nowhere", "--url", "https://x"), "nowhere"),
        (("dev", "--url", "x"), "smoke: the URL must begin with https://"),
    ],
)
def test_bad_usage_ends_with_2_and_nothing_on_stdout(arguments, says):
    outcome = smoke(*arguments)
    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert says in outcome.stderr
