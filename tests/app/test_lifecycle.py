"""Starting, stopping and failing: what is in flight is answered, and what fails costs no other request."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from contract import IN_FLIGHT
from runtimes import (
    ROOT,
    Answer,
    Client,
    Log,
    Loop,
    behind_door,
    behind_edge,
    environment,
    free_port,
    function,
    loop,
    task,
    waited_for,
)
from service.settings import Settings
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from components._web_adapter import get_event
from dev.awslambda.front_doors import RULES
from dev.awslambda.function import Function
from dev.awslambda.invocation import Buffered
from settings import Timeouts

CONCURRENCY = 3
TIMEOUT_SECONDS = 2


@pytest.fixture(scope="module")
def serving() -> Iterator[Loop]:
    with loop() as made:
        yield made


def ask(port: int, target: str) -> Answer:
    client = Client(port)
    try:
        return client.ask("GET", target)
    finally:
        client.close()


# A task.
def test_a_task_that_stops_answers_all_that_is_in_flight_and_ends_with_success(serving, tmp_path):
    log = Log()
    with (
        task(serving, tmp_path, log.lines.append) as (running, port),
        connect(f"ws://127.0.0.1:{port}/api/socket", proxy=None) as peer,
        socket.create_connection(("127.0.0.1", port), timeout=10) as upload,
        ThreadPoolExecutor(IN_FLIGHT + 1) as pool,
    ):
        idle = Client(port)
        assert idle.ask("GET", "/healthz").status == 200
        upload.sendall(b"POST /api/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{")
        asked = [pool.submit(ask, port, "/api/wait?seconds=1") for _ in range(IN_FLIGHT)]
        waited_for(lambda: _established(port) >= IN_FLIGHT + 3)
        time.sleep(0.2)

        stopping = pool.submit(serving.run, running.stop())
        answers = [each.result() for each in asked]
        assert [each.status for each in answers] == [200] * IN_FLIGHT
        assert {each.headers["connection"] for each in answers} == {"close"}
        with pytest.raises(ConnectionRefusedError):
            ask(port, "/healthz")
        with pytest.raises(ConnectionClosed) as closed:
            peer.recv(timeout=5)
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 1012  # service restart
        assert not stopping.done()  # the rest of the upload is waited for, and the idle connection is not
        upload.sendall(b"}")
        assert b"200 OK" in b"".join(iter(lambda: upload.recv(65536), b""))
        assert stopping.result(5) == 0
    assert len(log.answers(IN_FLIGHT + 1)) == IN_FLIGHT + 1


def _established(port: int) -> int:
    lines = Path("/proc/net/tcp").read_text(encoding="utf-8").splitlines()
    return sum(line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "01" for line in lines[1:])


def test_a_restart_is_not_seen_from_outside_and_a_silent_task_is(serving, tmp_path):
    with task(serving, tmp_path) as (running, _), behind_edge(serving, running) as port:
        before = ask(port, "/api/").json["instance"]
        with ThreadPoolExecutor() as pool:
            slow = pool.submit(ask, port, "/api/wait?seconds=0.5")
            time.sleep(0.1)
            renewing = pool.submit(serving.run, running.renew())
            during = [ask(port, "/api/") for _ in range(3)]
            renewing.result(20)
        assert slow.result().status == 200
        assert [each.status for each in during] == [200] * 3
        assert before not in {each.json["instance"] for each in during}

        running._balancer._session = None
        running._balancer._idle_seconds = 0.3
        assert ask(port, "/api/wait?seconds=0.8").status == 504
        assert ask(port, "/healthz").status == 200


def test_a_task_says_where_it_listens_and_how_long_its_start_took(serving, tmp_path):
    log = Log()
    begun = time.monotonic()
    with task(serving, tmp_path, log.lines.append, LOG_LEVEL="info") as (_, port):
        said = log.one(lambda line: line["message"] == "listening")
        took = (time.monotonic() - begun) * 1000
    tick = 1000 / os.sysconf("SC_CLK_TCK")
    assert said["port"] == port
    assert 0 < said["start_ms"] <= took + tick


def test_idle_connections_and_endless_requests_end_in_their_time(serving, tmp_path):
    variables = {"KEEP_ALIVE_SECONDS": "1", "STOP_SECONDS": "1"}
    with task(serving, tmp_path, **variables) as (running, port), ThreadPoolExecutor() as pool:
        idle = Client(port)
        started = time.monotonic()
        idle.ask("GET", "/healthz")
        assert idle._connection.sock
        assert idle._connection.sock.recv(1) == b""  # or its own time is over
        assert time.monotonic() - started > 0.9

        pool.submit(ask, port, "/api/wait?seconds=20").add_done_callback(lambda future: future.exception())
        waited_for(lambda: _established(port) >= 1)
        time.sleep(0.1)
        started = time.monotonic()
        assert serving.run(running.stop()) == 0
        assert 0.9 < time.monotonic() - started < 15


def test_by_default_they_suit_every_balancer_and_every_stop_that_is_deployed():
    longest = max(Timeouts.of(seconds).balancer_idle for seconds in range(1, 120))
    assert longest < Settings.keep_alive_seconds
    shortest = min(Timeouts.of(seconds).stop for seconds in range(1, 120))
    assert shortest > Settings.stop_seconds


def test_a_stop_while_it_starts_ends_it_with_success(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-S", "-m", "service"],
        env=environment(tmp_path, PORT=str(free_port())),
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
    )
    waited_for(lambda: _catches(process.pid, signal.SIGTERM))
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0


def _catches(pid: int, what: signal.Signals) -> bool:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    caught = next(line.split()[1] for line in lines if line.startswith("SigCgt:"))
    return bool(int(caught, 16) >> (what - 1) & 1)


# A function, one after the other with the same environments.
class Deployed:
    """A function, its port and its log."""

    def __init__(self, serving: Loop, made: Function, port: int, log: Log) -> None:
        self.serving, self.made, self.port, self.log = serving, made, port, log

    def ask(self, target: str) -> Answer:
        return ask(self.port, target)

    def invoke(self, event: dict) -> dict:
        answer = self.serving.run(self.made.invoke(json.dumps(event).encode()))
        assert isinstance(answer, Buffered)
        return json.loads(answer.payload)

    def idle(self) -> list:
        """Every environment, frozen, of which there is one at least."""
        if not self.made.environments:
            self.ask("/healthz")
        waited_for(lambda: len(self.made._idle) == self.made.environments)
        return list(self.made._idle)


@pytest.fixture(scope="module")
def deployed(serving, tmp_path_factory) -> Iterator[Deployed]:
    log, folder = Log(), tmp_path_factory.mktemp("function")
    with (
        function(
            serving,
            folder,
            log.lines.append,
            timeout_seconds=Timeouts.of(TIMEOUT_SECONDS).function,
            concurrency=CONCURRENCY,
            LOG_LEVEL="debug",
        ) as made,
        behind_door(serving, made, "httpApi") as port,
    ):
        yield Deployed(serving, made, port, log)


def test_the_daily_call_of_a_standby_is_answered_as_a_request(deployed):
    answer = deployed.invoke(get_event("/healthz"))
    assert (answer["statusCode"], json.loads(answer["body"])) == (200, {"status": "ok"})
    call = deployed.log.one(lambda each: each["request_id"] == "daily-call")
    assert (call["path"], call["status"]) == ("/healthz", 200)


def test_an_event_that_is_no_request_reaches_the_path_that_is_closed_to_requests(deployed):
    assert deployed.invoke({"Records": [{"eventSource": "aws:sqs"}]}) == {"handled": False}


def test_an_environment_is_frozen_between_requests(deployed):
    environment_ = deployed.idle()[-1]
    waited_for(lambda: {_state(child.pid) for child in environment_._children} == {"T"})
    assert deployed.ask("/healthz").status == 200


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]


def test_requests_at_once_have_an_environment_each_up_to_the_limit(deployed):
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda _: deployed.ask("/api/wait?seconds=1.5"), range(CONCURRENCY + 1)))
    assert sorted(each.status for each in answers) == [*[200] * CONCURRENCY, 503]
    assert deployed.made.environments == len(deployed.made.statistics.init_ms) == CONCURRENCY
    assert {deployed.ask("/api/").status for _ in range(5)} == {200}
    assert deployed.made.environments == CONCURRENCY  # one after the other: nobody new


def test_an_answer_that_its_api_no_longer_waits_for_costs_no_environment(deployed, monkeypatch):
    impatient = {"httpApi": replace(RULES["httpApi"], seconds=0.2)}
    monkeypatch.setattr("dev.awslambda.front_doors.RULES", impatient)
    before = deployed.idle()
    with behind_door(deployed.serving, deployed.made, "httpApi") as port:
        assert ask(port, "/api/wait?seconds=0.6").status == 503
    assert set(deployed.idle()) == set(before)
    assert all(each.is_alive for each in before)


def test_a_service_that_dies_fails_its_request_alone(deployed):
    dying = deployed.idle()[-1]
    with ThreadPoolExecutor() as pool:
        failing = pool.submit(deployed.ask, "/api/wait?seconds=1.5")
        time.sleep(0.3)
        dying._children[1].send(signal.SIGKILL)
        assert failing.result(5).status == 500
    assert deployed.ask("/healthz").status == 200
    assert dying not in deployed.idle()


def test_a_request_past_its_time_fails_alone(deployed):
    late = deployed.idle()[-1]
    assert deployed.ask("/api/wait?seconds=10").status == 500
    waited_for(lambda: not late.is_alive)
    assert deployed.ask("/healthz").status == 200


def test_a_deployment_lets_what_is_in_flight_end_and_stops_every_environment_with_success(deployed, monkeypatch):
    monkeypatch.setattr("dev.awslambda.environment.RUNTIME_SHUTDOWN_SECONDS", 5)  # this machine may be busy
    idle = deployed.idle()
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(deployed.ask, "/api/wait?seconds=1")
        time.sleep(0.3)
        deployed.serving.run(deployed.made.renew())
        assert slow.result().status == 200
    waited_for(lambda: not any(each.is_alive for each in idle), 10)
    assert {each._children[1].status for each in idle} == {0}
    assert deployed.ask("/api/").status == 200
