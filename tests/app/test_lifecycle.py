"""Starting, stopping and failing: what is in flight is answered, and what fails costs no other request."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
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

from components._web_adapter import get_event
from dev.awslambda.function import Function
from dev.awslambda.invocation import Buffered
from settings import Timeouts

IN_FLIGHT = 40


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


def at_once(port: int, target: str, count: int) -> list[Answer]:
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda _: ask(port, target), range(count)))


def invoke(serving: Loop, made: Function, event: dict) -> dict:
    answer = serving.run(made.invoke(json.dumps(event).encode()))
    assert isinstance(answer, Buffered)
    return json.loads(answer.payload)


def is_idle(made: Function) -> bool:
    return waited_for(lambda: len(made._idle) == made.environments)


# A task.
def test_a_task_that_stops_answers_all_that_is_in_flight_and_ends_with_success(serving, tmp_path):
    log = Log()
    with task(serving, tmp_path, log.lines.append) as (running, port), ThreadPoolExecutor(IN_FLIGHT) as pool:
        asked = [pool.submit(ask, port, "/api/wait?seconds=1") for _ in range(IN_FLIGHT)]
        waited_for(lambda: _established(port, IN_FLIGHT))
        time.sleep(0.1)
        assert serving.run(running.stop()) == 0
        answers = [each.result() for each in asked]
        assert [each.status for each in answers] == [200] * IN_FLIGHT
        with pytest.raises(ConnectionRefusedError):
            ask(port, "/healthz")
    assert len(log.answers(IN_FLIGHT)) == IN_FLIGHT


def _established(port: int, count: int) -> bool:
    lines = Path("/proc/net/tcp").read_text(encoding="utf-8").splitlines()
    return sum(line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "01" for line in lines[1:]) >= count


def test_a_task_that_stops_takes_the_rest_of_a_body_and_waits_for_no_idle_connection(serving, tmp_path):
    with task(serving, tmp_path) as (running, port):
        idle = Client(port)
        assert idle.ask("GET", "/healthz").status == 200
        with socket.create_connection(("127.0.0.1", port), timeout=10) as slow:
            slow.sendall(b"POST /api/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{")
            time.sleep(0.1)
            with ThreadPoolExecutor() as pool:
                stopping = pool.submit(serving.run, running.stop())
                time.sleep(0.3)
                assert not stopping.done()
                slow.sendall(b"}")
                answer = b"".join(iter(lambda: slow.recv(65536), b""))
                assert b"200 OK" in answer
                assert b"connection: close" in answer.lower()
                assert stopping.result(5) == 0


def test_a_request_that_takes_too_long_does_not_hold_a_stop_up_for_ever(serving, tmp_path):
    with task(serving, tmp_path, STOP_SECONDS="1") as (running, port), ThreadPoolExecutor() as pool:
        pool.submit(ask, port, "/api/wait?seconds=20").add_done_callback(lambda future: future.exception())
        time.sleep(0.2)
        started = time.monotonic()
        assert serving.run(running.stop()) == 0
        assert 0.9 < time.monotonic() - started < 5


def test_a_websocket_is_told_when_its_task_stops(serving, tmp_path):
    from websockets.exceptions import ConnectionClosed  # noqa: PLC0415
    from websockets.sync.client import connect  # noqa: PLC0415

    with task(serving, tmp_path) as (running, port), connect(f"ws://127.0.0.1:{port}/api/socket", proxy=None) as peer:
        serving.run(running.stop())
        with pytest.raises(ConnectionClosed) as closed:
            peer.recv(timeout=5)
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 1012  # service restart


def test_a_restart_is_not_seen_from_outside(serving, tmp_path):
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


def test_an_idle_connection_is_kept_longer_than_any_balancer_keeps_it(serving, tmp_path):
    longest = max(Timeouts.of(seconds).balancer_idle for seconds in range(1, 120))
    assert longest < Settings.keep_alive_seconds
    shortest = min(Timeouts.of(seconds).stop for seconds in range(1, 120))
    assert shortest > Settings.stop_seconds
    with task(serving, tmp_path, KEEP_ALIVE_SECONDS="1") as (_, port):
        client = Client(port)
        client.ask("GET", "/healthz")
        assert client._connection.sock
        started = time.monotonic()
        assert client._connection.sock.recv(1) == b""
        assert 0.8 < time.monotonic() - started < 3


def test_a_balancer_gives_up_on_a_task_that_is_silent(serving, tmp_path):
    with task(serving, tmp_path) as (running, _), behind_edge(serving, running) as port:
        running._balancer._idle_seconds = 0.3
        assert ask(port, "/api/wait?seconds=2").status == 504
        assert ask(port, "/healthz").status == 200


# A function.
@pytest.mark.parametrize(("door", "failed"), [("httpApi", 500), ("functionUrl", 502)])
def test_a_request_past_its_time_fails_and_the_next_one_does_not(serving, tmp_path, door, failed):
    with (
        function(serving, tmp_path, behind=door, timeout_seconds=Timeouts.of(1).function) as made,
        behind_door(serving, made, door) as port,
    ):
        first = ask(port, "/api/").json["instance"]
        assert ask(port, "/api/wait?seconds=3").status == failed
        again = ask(port, "/api/")
        assert again.status == 200
        assert again.json["instance"] != first
        assert len(made.statistics.init_ms) == 2


@pytest.mark.parametrize(("door", "throttled"), [("httpApi", 503), ("functionUrl", 429)])
def test_requests_at_once_have_an_environment_each_up_to_the_limit(serving, tmp_path, door, throttled):
    with function(serving, tmp_path, behind=door, concurrency=3) as made, behind_door(serving, made, door) as port:
        answers = at_once(port, "/api/wait?seconds=1.5", 4)
        assert sorted(each.status for each in answers) == [200, 200, 200, throttled]
        assert made.environments == len(made.statistics.init_ms) == 3
        assert {ask(port, "/api/").status for _ in range(5)} == {200}
        assert made.environments == 3  # one after the other: nobody new


def test_a_deployment_lets_what_is_in_flight_end_and_stops_every_environment_with_success(
    serving, tmp_path, monkeypatch
):
    monkeypatch.setattr("dev.awslambda.environment.RUNTIME_SHUTDOWN_SECONDS", 5)  # this machine may be busy
    with (
        function(serving, tmp_path, concurrency=3) as made,
        behind_door(serving, made, "httpApi") as port,
        ThreadPoolExecutor() as pool,
    ):
        assert {each.status for each in at_once(port, "/api/wait?seconds=0.3", 3)} == {200}
        assert is_idle(made)
        environments = list(made._idle)
        slow = [pool.submit(ask, port, "/api/wait?seconds=1") for _ in range(2)]
        time.sleep(0.3)
        serving.run(made.renew())
        assert [each.result().status for each in slow] == [200, 200]
        assert ask(port, "/api/").status == 200
        waited_for(lambda: not any(each.is_alive for each in environments), 10)
        assert [each._children[1].status for each in environments] == [0, 0, 0]


def test_an_environment_is_frozen_between_requests(serving, tmp_path):
    with function(serving, tmp_path) as made, behind_door(serving, made, "httpApi") as port:
        assert ask(port, "/healthz").status == 200
        assert is_idle(made)
        states = [
            Path(f"/proc/{child.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
            for child in made._idle[0]._children
        ]
        assert states == ["T", "T"]
        assert ask(port, "/healthz").status == 200


def test_a_service_that_dies_fails_its_request_alone(serving, tmp_path):
    with function(serving, tmp_path) as made, behind_door(serving, made, "httpApi") as port:
        assert ask(port, "/healthz").status == 200
        assert is_idle(made)
        service = made._idle[0]._children[1]
        with ThreadPoolExecutor() as pool:
            failing = pool.submit(ask, port, "/api/wait?seconds=10")
            time.sleep(0.3)
            service.send(signal.SIGKILL)
            assert failing.result(5).status == 500
        assert ask(port, "/healthz").status == 200


def test_the_daily_call_of_a_standby_is_answered_as_a_request(serving, tmp_path):
    log = Log()
    with function(serving, tmp_path, log.lines.append, LOG_LEVEL="debug") as made:
        answer = invoke(serving, made, get_event("/healthz"))
        assert (answer["statusCode"], json.loads(answer["body"])) == (200, {"status": "ok"})
        ready, call = log.answers(2)  # the adapter's own question comes first
        assert (ready["path"], call["path"], call["request_id"]) == ("/healthz", "/healthz", "daily-call")


def test_an_event_that_is_no_request_reaches_the_path_that_is_closed_to_requests(serving, tmp_path):
    with function(serving, tmp_path) as made:
        assert invoke(serving, made, {"Records": [{"eventSource": "aws:sqs"}]}) == {"handled": False}
    with function(serving, tmp_path, AWS_LWA_PASS_THROUGH_PATH="/queue") as made:
        assert invoke(serving, made, {"Records": []}) == {"handled": False}
