"""Secrets: fetched once at the start from where the program says they are, played by moto, and told to nobody."""

import concurrent.futures
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer
from runtimes import ROOT, Log, behind_door, command, environment, function, loop, task
from service import secrets
from service.aws import AwsError, Credentials, Service, sign
from service.secrets import Unresolved, fetch, references

from components._secrets import SECRET_ARN, secret_environment

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "s1gning-k3y", "AWS_SESSION_TOKEN": "s3ssion"}
PLAIN, DOCUMENT, PARAMETER = "pla1n-v4lue", {"password": "d0cument-v4lue", "port": 5432}, "p4rameter-v4lue"


@pytest.fixture(scope="module")
def aws() -> Iterator[dict[str, str]]:
    """The ARNs of three secrets, and the variables that lead to them."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    account = {"region_name": "us-east-1", "aws_access_key_id": "a", "aws_secret_access_key": "b", "endpoint_url": url}
    manager, store = boto3.client("secretsmanager", **account), boto3.client("ssm", **account)
    store.put_parameter(Name="/app/token", Value=PARAMETER, Type="SecureString")
    yield {
        **KEYS,
        "AWS_ENDPOINT_URL": url,
        "plain": manager.create_secret(Name="plain", SecretString=PLAIN)["ARN"],
        "document": manager.create_secret(Name="doc/ument", SecretString=json.dumps(DOCUMENT))["ARN"],
        "binary": manager.create_secret(Name="binary", SecretBinary=b"\0")["ARN"],
        "parameter": "arn:aws:ssm:us-east-1:123456789012:parameter/app/token",
    }
    server.stop()


def resolved(aws: dict[str, str], **arns: str) -> dict[str, str]:
    """What becomes of these, as `service.secrets` of a stack would name them."""
    return fetch({**aws, **secret_environment(arns)})()


def test_each_kind_of_secret_becomes_its_variable(aws):
    found = resolved(
        aws,
        DB_URL=aws["plain"],
        DB_PASSWORD=f"{aws['document']}:password::",
        DB_PORT=f"{aws['document']}:port::",
        WHOLE=aws["document"],
        TOKEN=aws["parameter"],
    )
    assert found == {
        "DB_URL": PLAIN,
        "DB_PASSWORD": DOCUMENT["password"],
        "DB_PORT": "5432",
        "WHOLE": json.dumps(DOCUMENT),
        "TOKEN": PARAMETER,
    }


@pytest.mark.parametrize("kind", ["plain", "document", "parameter"])
def test_what_the_program_takes_for_a_reference_the_service_takes_too(aws, kind):
    import re  # noqa: PLC0415

    assert re.fullmatch(SECRET_ARN, aws[kind])
    assert [each.name for each in references(secret_environment({"A": aws[kind]}))] == ["A"]


def test_where_nothing_is_referenced_nothing_is_asked(monkeypatch):
    monkeypatch.setattr("urllib.request.build_opener", lambda *_: pytest.fail("AWS was asked"))
    assert fetch({"PATH": "/bin", "_SECRET_ARN": "x", "SECRET_ARN_OF": "x"})() == {}
    started = subprocess.run(
        [sys.executable, "-S", "-X", "importtime", "-m", "service.secrets", "true"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "app")},
        capture_output=True,
        text=True,
    )
    assert started.returncode == 0
    assert "service.aws" not in started.stderr
    assert "urllib.request" not in started.stderr


class Slow(BaseHTTPRequestHandler):
    """Counts who asks, and answers each after a while with what it was asked for: a time, or until all are there."""

    asked: list[str] = []  # noqa: RUF012
    seconds = 0.0
    together = threading.Barrier(1)
    status = 200
    said: dict = {}  # noqa: RUF012

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        name = body.get("SecretId") or body["Name"]
        self.asked.append(name)
        time.sleep(self.seconds)
        self.together.wait(10)
        content = self.said or {"SecretString": json.dumps({"a": name, "b": "2"}), "Parameter": {"Value": name}}
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def slow(monkeypatch) -> Iterator[dict[str, str]]:
    monkeypatch.setattr(Slow, "asked", [])
    with ThreadingHTTPServer(("127.0.0.1", 0), Slow) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield {**KEYS, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}"}
        server.shutdown()


def arn(number: int, key: str = "") -> str:
    return f"arn:aws:secretsmanager:us-east-1:123456789012:secret:s{number}-AbCdEf{key}"


def test_all_are_fetched_at_once_and_each_only_once(slow, monkeypatch):
    monkeypatch.setattr(Slow, "together", threading.Barrier(6))
    wanted = {f"A{number}": arn(number, ":a::") for number in range(6)} | {f"B{n}": arn(n, ":b::") for n in range(6)}
    found = resolved(slow, **wanted)
    assert (found["A3"], found["B3"]) == (arn(3), "2")
    assert sorted(Slow.asked) == [arn(number) for number in range(6)]


def test_it_is_not_waited_for_longer_than_a_start_has_time(slow, monkeypatch):
    monkeypatch.setattr(secrets, "DEADLINE_SECONDS", 0.2)
    monkeypatch.setattr(Slow, "seconds", 5)
    with pytest.raises(Unresolved) as refused:
        resolved(slow, DB_URL=arn(1))
    assert str(refused.value) == f"DB_URL_SECRET_ARN: no answer within 0.2 seconds ({arn(1)})"


def test_the_time_runs_from_the_first_question_on(slow, monkeypatch):
    monkeypatch.setattr(secrets, "DEADLINE_SECONDS", 0.1)
    monkeypatch.setattr(Slow, "seconds", 5)
    waits = []
    monkeypatch.setattr(concurrent.futures, "wait", lambda _, seconds: waits.append(seconds))
    fetching = fetch({**slow, "DB_URL_SECRET_ARN": arn(1)})
    time.sleep(0.1)
    with pytest.raises(Unresolved):
        fetching()
    assert waits == [0]


def test_a_start_that_gives_up_ends_though_somebody_still_waits_for_aws(tmp_path):
    """What never answers here is asked three times for two seconds each."""
    shortly = "import sys; from service import __main__, secrets; secrets.DEADLINE_SECONDS = 0.1; "
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with subprocess.Popen(
            [*command()[:2], "-c", shortly + "sys.exit(__main__.main())"],
            env=environment(tmp_path, **KEYS, AWS_ENDPOINT_URL=url, A_SECRET_ARN=arn(1)),
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout
            assert "no answer within 0.1 seconds" in process.stdout.readline()
            assert process.wait(2.5) == 78


@pytest.mark.parametrize(
    ("status", "kind", "asked"),
    [
        (400, "com.amazonaws#AccessDeniedException", 1),
        (400, "ThrottlingException", 3),
        (500, "InternalServiceError", 3),
    ],
)
def test_what_may_pass_is_tried_again_and_what_may_not_is_not(slow, monkeypatch, status, kind, asked):
    monkeypatch.setattr(Slow, "seconds", 0)
    monkeypatch.setattr(Slow, "status", status)
    monkeypatch.setattr(Slow, "said", {"__type": kind, "Message": "not for you"})
    with pytest.raises(Unresolved) as refused:
        resolved(slow, DB_URL=arn(1))
    said = f"secretsmanager in us-east-1: {kind.rpartition('#')[2]}: not for you"
    assert str(refused.value) == f"DB_URL_SECRET_ARN: {said} ({arn(1)})"
    assert len(Slow.asked) == asked


@pytest.mark.parametrize("said", [{"Parameter": {}}, {"Parameter": None}, [1]])
def test_an_answer_that_is_none_of_aws_is_told_as_such(slow, monkeypatch, said):
    monkeypatch.setattr(Slow, "seconds", 0)
    monkeypatch.setattr(Slow, "said", said)
    parameter = "arn:aws:ssm:us-east-1:123456789012:parameter/x"
    with pytest.raises(Unresolved, match="DB_URL_SECRET_ARN: what answered is not AWS"):
        resolved(slow, DB_URL=parameter)


@pytest.mark.parametrize("value", ["a\0b", "\ud800"])
def test_what_no_variable_can_hold_is_told_and_not_shown(slow, monkeypatch, value):
    monkeypatch.setattr(Slow, "seconds", 0)
    monkeypatch.setattr(Slow, "said", {"SecretString": value})
    with pytest.raises(Unresolved) as refused:
        resolved(slow, DB_URL=arn(1))
    said = "the value has a NUL or half a character, which no variable can hold"
    assert str(refused.value) == f"DB_URL_SECRET_ARN: {said} ({arn(1)})"


@pytest.mark.parametrize("said", [{"SecretString": 1}, {"SecretString": {"a": 1}}])
def test_a_secret_that_is_no_text_is_none_of_aws(slow, monkeypatch, said):
    monkeypatch.setattr(Slow, "seconds", 0)
    monkeypatch.setattr(Slow, "said", said)
    with pytest.raises(Unresolved, match="DB_URL_SECRET_ARN: what answered is not AWS"):
        resolved(slow, DB_URL=arn(1))


def test_every_problem_is_told_at_once_and_no_value_with_it(aws):
    missing = arn(9)
    with pytest.raises(Unresolved) as refused:
        resolved(
            aws,
            GONE=missing,
            KEYLESS=f"{aws['document']}:user::",
            NO_DOCUMENT=f"{aws['plain']}:user::",
            BINARY=aws["binary"],
            FINE=aws["plain"],
        )
    lines = str(refused.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "BINARY_SECRET_ARN",
        "GONE_SECRET_ARN",
        "KEYLESS_SECRET_ARN",
        "NO_DOCUMENT_SECRET_ARN",
    ]
    assert "binary" in lines[0]
    assert "ResourceNotFoundException" in lines[1]
    assert "the secret has no key 'user'" in lines[2]
    assert "the secret is no JSON object" in lines[3]
    assert not any(value in str(refused.value) for value in (PLAIN, DOCUMENT["password"], "5432", *KEYS.values()))


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"A_SECRET_ARN": "plain"}, "A_SECRET_ARN must be the ARN of a Secrets Manager secret"),
        ({"A_SECRET_ARN": f"{arn(1)}:a:AWSPREVIOUS:"}, "A_SECRET_ARN must be the ARN of a Secrets Manager secret"),
        ({"A_SECRET_ARN": ""}, "of an SSM parameter, got nothing"),
        ({"A_SECRET_ARN": arn(1), "A": "1"}, "A and A_SECRET_ARN are both set: keep one"),
    ],
)
def test_what_is_no_reference_is_refused(variables, said):
    with pytest.raises(Unresolved, match=said):
        references(variables)


def test_a_secret_in_the_place_of_its_address_is_not_told():
    with pytest.raises(Unresolved, match="got something else, which is not shown") as refused:
        references({"A_SECRET_ARN": PLAIN})
    assert PLAIN not in str(refused.value)


# Credentials.
def test_without_credentials_it_is_said_where_they_come_from():
    with pytest.raises(Unresolved, match="there are no AWS credentials: Lambda and ECS give their own"):
        fetch({"DB_URL_SECRET_ARN": arn(1)})()


@pytest.mark.parametrize("variable", ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"])
def test_a_task_asks_ecs_for_its_credentials(monkeypatch, variable):
    class Ecs(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told = {"AccessKeyId": self.path, "SecretAccessKey": "s", "Token": self.headers["authorization"] or "none"}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(told).encode())

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Ecs) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setattr("service.aws._ECS_CREDENTIALS", url)
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")  # which is not asked
        is_full = variable.endswith("FULL_URI")
        given_ = {variable: f"{url}/creds" if is_full else "/creds"}
        if is_full:
            given_["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "secret-token"
        found = Credentials.of(given_)
        server.shutdown()
    assert (found.access_key, found.token) == ("/creds", "secret-token" if is_full else "none")
    assert "creds" not in repr(found)


def test_credentials_that_are_not_to_be_had_are_told(monkeypatch):
    monkeypatch.setattr("service.aws._ECS_CREDENTIALS", "http://127.0.0.1:1")
    with pytest.raises(AwsError, match="the task's credentials: "):
        Credentials.of({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"})


TEXT = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)


@given(
    payload=st.binary(max_size=200), key=TEXT, secret=TEXT, token=st.none() | TEXT, name=st.sampled_from(["ssm", "x"])
)
def test_a_request_is_signed_as_botocore_signs_it(payload, key, secret, token, name):
    headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": "T.A", "host": "x.example"}
    now = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
    ours = sign(
        Service(name=name, region="eu-west-1"),
        headers,
        payload,
        Credentials(access_key=key, secret_key=secret, token=token),
        now,
    )
    request = AWSRequest("POST", "https://x.example/", data=payload, headers=headers)
    request.context["timestamp"] = now.strftime("%Y%m%dT%H%M%SZ")
    signer = SigV4Auth(BotocoreCredentials(key, secret, token), name, "eu-west-1")
    request.headers["X-Amz-Date"] = request.context["timestamp"]
    if token:
        request.headers["X-Amz-Security-Token"] = token
    signature = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    assert ours["authorization"].endswith(f"Signature={signature}")
    assert f"SignedHeaders={signer.signed_headers(signer.headers_to_sign(request))}" in ours["authorization"]


# In the image, alike in both runtimes.
@pytest.fixture(scope="module")
def serving():
    with loop() as made:
        yield made


@pytest.mark.parametrize("runtime", ["container", "serverless"])
def test_the_service_starts_with_its_secret_and_never_logs_it(serving, aws, tmp_path, runtime):
    variables = {name: aws[name] for name in (*KEYS, "AWS_ENDPOINT_URL")}
    store = f"sqlite:///{tmp_path}/s3cret-name.db"
    boto3.client(
        "ssm",
        region_name="us-east-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
        endpoint_url=aws["AWS_ENDPOINT_URL"],
    ).put_parameter(Name=f"/{runtime}", Value=store, Type="SecureString")
    variables |= secret_environment({"DB_URL": f"arn:aws:ssm:us-east-1:123456789012:parameter/{runtime}"})
    from runtimes import Client  # noqa: PLC0415

    log = Log()
    if runtime == "container":
        with task(serving, tmp_path, log.lines.append, **variables) as (_, port):
            assert Client(port).ask("POST", "/api/tasks", body={"title": "x"}).status == 201
    else:
        with (
            function(serving, tmp_path, log.lines.append, **variables) as made,
            behind_door(serving, made, "httpApi") as port,
        ):
            assert Client(port).ask("POST", "/api/tasks", body={"title": "x"}).status == 201
    assert (tmp_path / "s3cret-name.db").exists()
    assert not any("s3cret" in line for line in log.lines)


def test_a_service_whose_secret_is_not_to_be_had_ends_with_a_line_for_each(tmp_path):
    variables = {"A_SECRET_ARN": arn(1), "B_SECRET_ARN": arn(2)}
    run = subprocess.run(
        command(), env=environment(tmp_path, **variables), cwd=ROOT, capture_output=True, text=True, timeout=20
    )
    assert run.returncode == 78
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    assert [(line["level"], line["message"].partition(":")[0]) for line in lines] == [
        ("ERROR", "A_SECRET_ARN"),
        ("ERROR", "B_SECRET_ARN"),
    ]


def test_another_program_can_be_started_with_its_secrets(aws):
    variables = {**aws, **secret_environment({"TOKEN": aws["parameter"]}), "PATH": os.environ["PATH"]}
    run = subprocess.run(
        [sys.executable, "-m", "service.secrets", "printenv", "TOKEN"],
        env={**variables, "PYTHONPATH": str(ROOT / "app")},
        capture_output=True,
        text=True,
    )
    assert run.stdout.strip() == PARAMETER
    wrong = subprocess.run(
        [sys.executable, "-m", "service.secrets", "printenv", "TOKEN"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "app"), "TOKEN_SECRET_ARN": "x"},
        capture_output=True,
        text=True,
    )
    for command_, said in (([], "usage: python -m service.secrets"), (["nowhere"], "nowhere: No such file")):
        none = subprocess.run(
            [sys.executable, "-m", "service.secrets", *command_],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "app")},
            capture_output=True,
            text=True,
        )
        assert (none.returncode, len(none.stderr.splitlines())) == (1, 1)
        assert said in none.stderr
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "TOKEN_SECRET_ARN must be" in wrong.stderr
