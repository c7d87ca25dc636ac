"""`make dev`: it serves the site and the service in either topology, starts anew on a change, and ends with Ctrl-C."""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from runtimes import ROOT, Client, adapter, free_port, waited_for
from typer.testing import CliRunner
from watchfiles import Change

from dev.__main__ import _tell_of_an_end, app
from dev.awslambda.environment import Program
from dev.awslambda.function import Function
from dev.awslambda.invocation import Buffered, FunctionFailed, Invocation
from dev.lines import readable
from dev.processes import Child
from dev.target import NoTarget, default_stack, target_of
from dev.task import RunningTask, Task
from dev.watch import Sources


@contextmanager
def started(folder: Path, *arguments: str, **variables: str) -> Generator[tuple[subprocess.Popen[str], int]]:
    """`python -m dev` for a copy of the sample service, and its port."""
    service = folder / "app"
    shutil.copytree(ROOT / "app", service, ignore=shutil.ignore_patterns("__pycache__"))
    process = subprocess.Popen(
        [sys.executable, "-m", "dev", "--port", "0", "--folder", str(service), *arguments],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(folder), "TERM": "dumb", **variables},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        lines = iter(process.stdout.readline, "") if process.stdout else iter(())
        greeting = next(line for line in lines if line.startswith("http://"))
        yield process, int(re.findall(r":(\d+)  ", greeting)[0])
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)


@pytest.mark.parametrize("topology", ["container", "serverless"])
def test_it_serves_both_starts_anew_on_a_change_and_ends_with_success(tmp_path, topology):
    there = adapter() if topology == "serverless" else ROOT
    more = ["--topology", topology, "--adapter", str(there.relative_to(ROOT))]  # as the Makefile names it
    with started(tmp_path, *more) as (process, port):
        client = Client(port)
        page = client.ask("GET", "/")
        assert "<title>switchyard</title>" in page.body.decode()
        assert page.headers["content-security-policy"]
        told = client.ask("GET", "/api/").json
        assert told["served_by"] == ("serverless" if topology == "serverless" else "local")
        assert told["host"] == f"127.0.0.1:{port}"
        assert client.ask("PUT", "/api/files/full", {}, bytes(2**20)).status == 201  # service.maxBodyMb of dev is 1
        assert client.ask("POST", "/api/echo", {}, bytes(2**20 + 1)).status == 413

        place = tmp_path / "app" / "service" / "place.py"
        place.write_text(place.read_text().replace('"serverless")', '"container")').replace('"local")', '"container")'))
        waited_for(lambda: client.ask("GET", "/api/").json["served_by"] == "container", 15, every=0.05)
        assert client.ask("GET", "/api/").json["instance"] != told["instance"]
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "Pulumi.nowhere.yaml"),
        (["--topology", "serverless"], "make dev TOPOLOGY=serverless builds it"),
        (["--folder", "/nowhere"], "there is no folder /nowhere: name the one with the service by --folder"),
        (["--command", "node 'x"], "--command is no command, no closing quotation: node 'x"),
        (["--topology", "serverless", "--adapter", "README.md"], "README.md is no program"),
        (["--command", "nowhere x"], "nowhere: No such file or directory"),
    ],
)
def test_what_can_not_be_run_is_said_in_one_line(arguments, said):
    run = CliRunner().invoke(app, arguments)
    assert (run.exit_code, run.stdout) == (2, "")
    assert said in run.stderr
    assert len(run.stderr.splitlines()) == 1


def test_a_service_that_ends_by_itself_is_told_and_one_that_is_stopped_is_not(tmp_path):
    told: list[str] = []

    async def started(*command: str) -> None:
        task = Task(command=command, folder=tmp_path, environment={"PATH": os.environ["PATH"]}, say=told.append)
        running = RunningTask(task, free_port())
        await running.start()
        await running.close()

    asyncio.run(started("false"))
    asyncio.run(started(sys.executable, "-c", SERVER))
    assert told == ["The service ended with status 1; a change starts it anew."]


def test_a_service_that_can_not_be_started_anew_is_told_and_asked_for_and_starts_at_the_next_change(tmp_path):
    told: list[str] = []
    program = tmp_path / "program"
    program.write_text(f"#!{sys.executable}\n{SERVER}")
    program.chmod(0o755)
    task = Task(command=[str(program)], folder=tmp_path, environment={"PATH": os.environ["PATH"]}, say=told.append)

    async def renewed() -> list[bool]:
        running, runs = RunningTask(task, free_port()), []
        await running.start()
        for name in ("gone", "program"):
            next(tmp_path.iterdir()).rename(tmp_path / name)
            await running.renew()
            runs.append(running._listens.is_set() and bool(running._child) and running._child.status is None)
        await running.close()
        return runs

    assert asyncio.run(renewed()) == [False, True]
    assert told == [f"{program}: No such file or directory: the service is not started; a change starts it anew."]


def test_a_line_of_any_length_is_read_and_the_program_ends(tmp_path):
    told: list[str] = []

    async def ended() -> int:
        code = "print('x' * 3_000_000); print('y', end='')"
        child = await Child.start([sys.executable, "-c", code], {"PATH": os.environ["PATH"]}, tmp_path, told.append)
        return await asyncio.wait_for(child.end, 20)

    assert asyncio.run(ended()) == 0
    assert (sum(each.count("x") for each in told), told[-1]) == (3_000_000, "y")


SERVER = "import os, signal, socket; s = socket.create_server(('', int(os.environ['PORT']))); signal.pause()"


def test_a_function_that_can_not_be_started_fails_with_its_reason_in_the_log(tmp_path):
    told: list[str] = []
    program = Program(command=["/nowhere"], folder=tmp_path, adapter=Path("/bin/true"), say=told.append)
    with pytest.raises(FunctionFailed, match=r"Runtime\.InvalidEntrypoint: /nowhere: No such file"):
        asyncio.run(Function(program).invoke(b"{}"))
    assert told == ["Runtime.InvalidEntrypoint: /nowhere: No such file or directory"]


def test_a_second_start_takes_of_the_time_of_the_function(monkeypatch):
    left: list[float] = []

    class Slow:
        init_ms, is_alive, starts = 0.0, False, 0

        def __init__(self, *_: object) -> None: ...

        async def start(self, _: float = 0) -> None:
            Slow.starts += 1
            await asyncio.sleep(0.2)
            if Slow.starts == 1:
                raise FunctionFailed("Sandbox.Timedout")

        async def invoke(self, invocation: Invocation) -> None:
            left.append(invocation.deadline - time.time())
            invocation.succeed(Buffered(payload=b""))

    monkeypatch.setattr("dev.awslambda.function.Environment", Slow)
    program = Program(command=[], folder=Path(), adapter=Path())
    asyncio.run(Function(program, timeout_seconds=5).invoke(b"{}"))
    assert 4 < left[0] <= 4.81


def test_a_task_has_a_tmp_of_its_own_that_goes_with_it(tmp_path):
    told: list[str] = []
    code = f"import os; print(os.environ['TMPDIR'], flush=True); {SERVER}"
    task = Task(command=[sys.executable, "-c", code], folder=tmp_path, environment=os.environ, say=told.append)

    async def started() -> None:
        running = [RunningTask(task, free_port()) for _ in range(2)]
        for each in running:
            await each.start()
        async with asyncio.timeout(10):  # it may answer before what it said is read
            while len(told) < len(running):
                await asyncio.sleep(0.02)
        assert len({*told, "/tmp", os.environ.get("TMPDIR", "/tmp")}) == 3
        assert all(Path(each).is_dir() for each in told)
        for each in running:
            await each.close()

    asyncio.run(started())
    assert not any(Path(each).exists() for each in told)


def test_changes_that_are_not_seen_any_more_are_told_of():
    told = StringIO()

    async def ended() -> None:
        async def watch() -> None:
            raise FileNotFoundError("the folder is gone")

        watching = asyncio.create_task(watch())
        await asyncio.wait([watching])
        _tell_of_an_end(watching, Console(file=told))

    asyncio.run(ended())
    assert told.getvalue() == "Changes are not watched any more: the folder is gone\n"


@pytest.mark.parametrize(
    ("name", "is_watched"),
    [
        *((f"src/a.{kind}", True) for kind in ("rb", "go", "java", "py", "ts", "yaml", "json", "sql", "erb")),
        *(("Gemfile", True), (".env", True), ("a.pyc", False), ("a.py~", False), (".git/HEAD", False)),
        *(("node_modules/x/a.js", False), ("build/a.js", False), ("log/a.json", False), ("store.db", False)),
    ],
)
def test_a_change_of_any_source_is_watched_and_of_what_is_ignored_is_not(tmp_path, name, is_watched):
    (tmp_path / ".gitignore").write_text("build/\n*.db\n")
    (tmp_path / ".dockerignore").write_text("log\n")
    assert Sources(tmp_path)(Change.modified, str(tmp_path / name)) is is_watched


def test_what_it_starts_does_not_outlive_it_however_it_ends(tmp_path):
    code = (
        "import asyncio, os; from pathlib import Path; from dev.processes import Child\n"
        "async def run():\n"
        "    child = await Child.start(['sleep', '60'], os.environ, Path('.'), print)\n"
        "    print(child.pid, flush=True); await child.end\n"
        "asyncio.run(run())"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        child = int(process.stdout.readline())
        os.kill(child, signal.SIGSTOP)  # as an environment between requests
        process.kill()
    waited_for(
        lambda: not Path(f"/proc/{child}/status").exists() or "(zombie)" in Path(f"/proc/{child}/status").read_text()
    )


def project(folder: Path, service: str) -> Path:
    (folder / "Pulumi.yaml").write_text("name: x\nruntime: python\n")
    (folder / "app").mkdir()
    (folder / "Pulumi.test.yaml").write_text(
        f"config:\n  aws:region: us-east-1\n  switchyard:topology: serverless\n  switchyard:image: app\n{service}"
    )
    return folder


REGION = {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:s-AbCdEf"


def test_the_service_gets_its_variables_and_a_secret_only_where_there_is_a_way_to_it(tmp_path):
    root = project(
        tmp_path, f"  switchyard:service: {{environment: {{LEVEL: '1'}}, secrets: {{DB_URL: '{SECRET}'}}}}\n"
    )
    plain = target_of(root, "test", root / "app", "", {"PATH": "/bin", "OTHER": "x"})
    assert plain.environment == {"PATH": "/bin", **REGION, "PYTHONUNBUFFERED": "1", "LEVEL": "1"}
    assert plain.notes == ["DB_URL is a secret: export it, or AWS credentials to fetch it with; for now it is not set"]
    own = target_of(root, "test", root / "app", "", {"DB_URL": "sqlite:///x"})
    assert (own.environment["DB_URL"], own.notes) == ("sqlite:///x", [])
    keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    fetched = target_of(root, "test", root / "app", "", keys)
    assert fetched.environment == {**REGION, "PYTHONUNBUFFERED": "1", "LEVEL": "1", "DB_URL_SECRET_ARN": SECRET, **keys}


def test_the_function_gets_the_variables_that_the_program_gives_it(tmp_path):
    url = "  switchyard:serverless: {frontDoor: functionUrl}\n"
    service = "  switchyard:service: {needs: [streaming], clientsHashBodies: true, port: 9000, healthCheckPath: /up}\n"
    target = target_of(project(tmp_path, service + url), "test", tmp_path / "app", "node 'a b.js'", {})
    assert target.command == ["node", "a b.js"]
    assert target.lambda_environment() == {
        **REGION,
        "PYTHONUNBUFFERED": "1",
        "PORT": "9000",
        "AWS_LWA_PORT": "9000",
        "AWS_LWA_READINESS_CHECK_PATH": "/up",
        "AWS_LWA_READINESS_CHECK_HEALTHY_STATUS": "200-399",
        "AWS_LWA_INVOKE_MODE": "response_stream",
        "AWS_LWA_AUTHORIZATION_SOURCE": "x-forwarded-authorization",
        "RUST_LOG": "error",
    }


def test_how_much_the_adapter_tells_is_the_services_own_choice(tmp_path):
    url = "  switchyard:serverless: {frontDoor: functionUrl}\n"
    service = "  switchyard:service: {clientsHashBodies: true, environment: {RUST_LOG: info}}\n"
    target = target_of(project(tmp_path, service + url), "test", tmp_path / "app", "", {})
    assert target.lambda_environment()["RUST_LOG"] == "info"


def test_a_stack_that_is_refused_is_not_run(tmp_path):
    root = project(tmp_path, "  switchyard:service: {port: 0}\n")
    with pytest.raises(NoTarget, match=r"Pulumi\.test\.yaml is refused: python -m preflight preview test"):
        target_of(root, "test", root / "app", "", {})


def test_the_stack_is_dev_or_the_first_there_is(tmp_path):
    assert default_stack(ROOT) == "dev"
    assert default_stack(project(tmp_path, "")) == "test"
    (tmp_path / "Pulumi.test.yaml").unlink()
    with pytest.raises(NoTarget, match=r"there is no Pulumi\.<stack>\.yaml"):
        default_stack(tmp_path)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("plain", "plain"),
        ("{}", "{}"),
        ('{"timestamp": "2026-11-26T10:00:00.000+00:00", "message": "hello"}', "10:00:00.000 hello"),
        (
            '{"timestamp": "2026-11-26T10:00:00.000+00:00", "message": "GET /", "duration_ms": 1.5, "instance": "a"}',
            "10:00:00.000 GET /  1.5 ms  a",
        ),
        (
            '{"timestamp": "2026-11-26T10:00:00.000+00:00", "message": "x", "exception": "Traceback\\n  a"}',
            "10:00:00.000 x\nTraceback\n  a",
        ),
    ],
)
def test_a_line_of_the_log_is_made_readable(line, text):
    assert readable(line).plain == text
