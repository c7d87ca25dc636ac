"""The sample service over real HTTP: what it answers, and that it keeps and ends connections as its platforms need."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SERVER = Path(__file__).parents[2] / "app" / "server.py"


@contextmanager
def running(**environment: str) -> Generator[tuple[subprocess.Popen, int]]:
    """The service as its own process on a free port; the environment has only what is given."""
    environment = {"PATH": os.environ["PATH"], "PORT": "0", **environment}
    process = subprocess.Popen(
        [sys.executable, str(SERVER)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout
        yield process, int(process.stdout.readline().rsplit(maxsplit=1)[1])
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with running() as (_, number):
        yield number


@pytest.fixture
def client(port: int) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    yield connection
    connection.close()


def ask(client: http.client.HTTPConnection, method: str, path: str, **more) -> tuple[int, dict]:
    client.request(method, path, **more)
    response = client.getresponse()
    assert response.headers["content-type"] == "application/json"
    return response.status, json.loads(response.read())


def raw(port: int, request: bytes) -> bytes:
    """Send these bytes and read until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_health_is_ok(client):
    assert ask(client, "GET", "/healthz") == (200, {"status": "ok"})


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_the_api_echoes_the_request(client, method):
    headers = {"X-Forwarded-Host": "app.example.com", "X-Viewer-Address": "192.0.2.1", "Cookie": "a=1; b=2"}
    assert ask(client, method, "/api/things?q=1", headers=headers, body="{}") == (
        200,
        {
            "method": method,
            "path": "/api/things?q=1",
            "host": "app.example.com",
            "viewer": "192.0.2.1",
            "cookie": "a=1; b=2",
            "served_by": "local",
        },
    )


@pytest.mark.parametrize("key", ["host", "viewer", "cookie"])
def test_what_was_not_sent_is_not_there(client, key):
    assert ask(client, "GET", "/api/")[1][key] is None


@pytest.mark.parametrize(("query", "seconds"), [("?seconds=1", 1), ("?seconds=x", 0), ("?seconds=-1", 0), ("", 0)])
def test_it_can_take_its_time(client, query, seconds):
    started = time.monotonic()
    assert ask(client, "GET", f"/api/wait{query}")[0] == 200
    assert seconds <= time.monotonic() - started < seconds + 0.9


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"AWS_LAMBDA_FUNCTION_NAME": "app"}, "serverless"),
        ({"ECS_CONTAINER_METADATA_URI_V4": "http://169.254.170.2/v4/x"}, "container"),
    ],
)
def test_it_knows_where_it_runs(environment, expected):
    with running(**environment) as (_, port):
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        assert ask(client, "GET", "/api/")[1]["served_by"] == expected


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/"), ("GET", "/api"), ("GET", "/apiary"), ("GET", "/healthz/x"), ("POST", "/healthz")]
)
def test_anything_else_is_not_found(client, method, path):
    assert ask(client, method, path) == (404, {"error": f"nothing at {method} {path}"})


def test_an_answer_is_never_cached(client):
    client.request("GET", "/api/")
    assert client.getresponse().headers["cache-control"] == "no-store"


def test_head_has_the_headers_of_get_and_no_body(port):
    answer = raw(port, b"HEAD /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"200 OK" in head
    assert b"content-length: 16" in head  # {"status": "ok"}
    assert body == b""


def test_a_connection_is_kept_and_a_body_does_not_run_into_the_next_request(client):
    ask(client, "POST", "/api/", body=b"GET /healthz HTTP/1.1\r\n\r\n" * 5000)
    used = client.sock
    ask(client, "POST", "/nowhere", body="unread?")
    assert ask(client, "GET", "/healthz")[0] == 200
    assert client.sock is used


@pytest.mark.parametrize("header", ["Transfer-Encoding: chunked", "Content-Length: -1", "Content-Length: many"])
def test_a_body_of_untold_length_ends_the_connection(port, header):
    smuggled = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = raw(port, f"POST /api/ HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n{smuggled}".encode())
    assert answer.startswith(b"HTTP/1.1 411 ")
    assert b"connection: close" in answer
    assert answer.count(b"HTTP/1.1 ") == 1


def test_what_is_no_request_is_refused_and_the_service_goes_on(port, client):
    assert b"Error code: 400" in raw(port, b"GET / HTTP/one\r\n\r\n")
    assert ask(client, "GET", "/healthz")[0] == 200


def test_answers_do_not_tell_the_version_of_python(client):
    client.request("GET", "/healthz")
    assert client.getresponse().headers["server"] == "switchyard"


def test_a_term_signal_lets_the_request_in_flight_end_and_does_not_wait_for_idle_connections():
    with running() as (process, port):
        idle = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        assert ask(idle, "GET", "/healthz")[0] == 200
        with socket.create_connection(("127.0.0.1", port), timeout=10) as slow:
            slow.sendall(b"POST /api/slow HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{")
            time.sleep(0.2)
            process.send_signal(signal.SIGTERM)
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(timeout=1)  # serve_forever looks for a shutdown twice a second
            slow.sendall(b"}")
            answer = b"".join(iter(lambda: slow.recv(65536), b""))
            assert b'"path": "/api/slow"' in answer
        assert process.wait(timeout=5) == 0
