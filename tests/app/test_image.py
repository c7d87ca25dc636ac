"""The image: what the Dockerfile says, done here by the scripts that it runs, and started as it would be started."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from functools import cached_property
from itertools import takewhile
from pathlib import Path

import pytest
from dockerfile_parse import DockerfileParser
from runtimes import PACKAGES, ROOT, Client, free_port, waited_for

from components._build_context import IGNORE_FILES, ignore_spec
from components._fargate import container_definition

APP = ROOT / "app"
USER = 10001
PINNED = r"[a-z0-9./-]+:\d+\.\d+\.\d+[a-z0-9.-]*@sha256:[0-9a-f]{64}"


@dataclass
class Stage:
    """A part of the Dockerfile, from one FROM to the next."""

    base: str
    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def values(self, instruction: str) -> list[str]:
        return [value for name, value in self.steps if name == instruction]

    @cached_property
    def environment(self) -> dict[str, str]:
        pairs = [pair for value in self.values("ENV") for pair in re.findall(r"(\w+)=(\S+)", value)]
        return dict(pairs)


def stages() -> list[Stage]:
    found: list[Stage] = []
    with (APP / "Dockerfile").open("rb") as file:
        parsed = DockerfileParser(fileobj=file, env_replace=False).structure
    for step in parsed:
        if step["instruction"] == "FROM":
            base, _, name = step["value"].partition(" AS ")
            found.append(Stage(base, name))
        elif step["instruction"] != "COMMENT":
            found[-1].steps.append((step["instruction"], step["value"]))
    return found


ADAPTER, PACKAGES_STAGE, SERVICE_STAGE, FINAL = stages()


# What it says.
def test_every_base_is_pinned_by_version_and_digest_and_the_two_pythons_are_one():
    assert all(re.fullmatch(PINNED, each.base) for each in (ADAPTER, PACKAGES_STAGE, FINAL))
    assert PACKAGES_STAGE.base == FINAL.base  # bytecode is for one version
    assert SERVICE_STAGE.base == PACKAGES_STAGE.name
    assert not FINAL.name


def test_the_adapter_is_where_lambda_looks_for_extensions():
    assert ADAPTER.base.startswith("public.ecr.aws/awsguru/aws-lambda-adapter:1.1.0@")
    assert FINAL.values("COPY")[0] == "--from=adapter /lambda-adapter /opt/extensions/lambda-adapter"
    assert ADAPTER.steps == []


def test_all_else_in_the_image_is_what_the_two_scripts_lay_out():
    assert PACKAGES_STAGE.steps == [
        ("WORKDIR", "/src"),
        ("COPY", "requirements.txt ./"),
        ("COPY", "build build"),
        ("RUN", '["build/packages", "/image"]'),
    ]
    assert SERVICE_STAGE.steps == [
        ("COPY", "service service"),
        ("ENV", "PYTHONPATH=/src:/image/app/packages"),
        ("RUN", '["build/service", "/layer"]'),
    ]
    assert FINAL.values("COPY")[1:] == ["--from=packages /image /", "--from=service /layer /"]
    assert FINAL.values("RUN") == []


def test_it_runs_as_the_user_and_on_the_port_that_fargate_is_told():
    task = container_definition(
        image="x",
        port=int(FINAL.environment["PORT"]),
        environment={},
        memory_mib=512,
        stop_timeout_seconds=45,
        read_only=True,
        log_group="x",
        region="x",
    )
    assert FINAL.values("USER") == [task["user"]] == [f"{USER}:{USER}"]
    assert FINAL.values("EXPOSE") == [str(task["portMappings"][0]["containerPort"])]


def test_the_entry_point_is_the_service_itself_and_no_shell():
    assert [json.loads(each) for each in FINAL.values("ENTRYPOINT")] == [["python", "-m", "service"]]
    assert FINAL.values("CMD") == []


def test_a_snapshot_may_be_made_of_it():
    assert FINAL.values("LABEL") == ['com.amazonaws.lambda.feature.snapstart="Allow"']


def test_only_what_is_copied_is_sent_to_the_builder():
    ignored = ignore_spec((APP / IGNORE_FILES[1]).read_text(encoding="utf-8"))
    sent = {path.relative_to(APP).parts[0] for path in APP.rglob("*") if path.is_file() and _is_sent(path, ignored)}
    assert sent == {"Dockerfile", "requirements.txt", "build", "service"}


def _is_sent(path: Path, ignored) -> bool:
    return not ignored.match_file(path.relative_to(APP).as_posix())


def test_its_packages_are_locked_and_are_those_that_the_tests_have():
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]["app"]
    locked = pins(APP / "requirements.txt")
    assert {re.split(r"[<>=]", each)[0] for each in asked} <= set(locked)
    assert locked.items() <= pins(ROOT / "requirements-dev.txt").items()


def pins(path: Path) -> dict[str, str]:
    lines = re.findall(r"^([a-z0-9.-]+)==(\S+)((?:.*\\\n.*)*)", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert all("--hash=sha256:" in rest for _, _, rest in lines)
    return {name: version for name, version, _ in lines}


# What it does.
@pytest.fixture(scope="module")
def layout(tmp_path_factory) -> Path:
    """The image's own files below a folder, laid out as the Dockerfile does it, readable by its user."""
    if not (PACKAGES / "ready").exists():
        pytest.skip("the image's packages are not laid out: make .tools/image/ready")
    root = tmp_path_factory.mktemp("image")
    shutil.copytree(PACKAGES, root, dirs_exist_ok=True)
    stage = {
        name: value.replace("/src", str(APP)).replace("/image", str(root))
        for name, value in SERVICE_STAGE.environment.items()
    }
    (command,) = (json.loads(each) for each in SERVICE_STAGE.values("RUN"))
    environment = {"PATH": os.environ["PATH"], "PYTHON": sys.executable, **stage}
    subprocess.run([APP / command[0], root], env=environment, check=True)
    for folder in (root, *takewhile(lambda each: "pytest" in str(each), root.parents)):  # for their owner alone
        folder.chmod(folder.stat().st_mode | stat.S_IXOTH | stat.S_IROTH)
    return root


def files(root: Path) -> list[Path]:
    return [path for path in (root / "app").rglob("*") if path.is_file()]


def test_every_file_can_be_read_by_anybody_and_written_by_nobody_else(layout):
    for path in layout.rglob("*"):
        mode = path.stat().st_mode
        assert mode & stat.S_IROTH, path
        assert not mode & (stat.S_IWGRP | stat.S_IWOTH), path
        assert mode & stat.S_IXOTH or path.is_file(), path


def test_every_source_has_its_bytecode_which_is_never_compared_with_it(layout):
    sources = {path for path in files(layout) if path.suffix == ".py"}
    tag = sys.implementation.cache_tag
    for source in sources:
        compiled = source.parent / "__pycache__" / f"{source.stem}.{tag}.pyc"
        assert compiled.read_bytes()[4:8] == b"\x01\0\0\0", source  # by hash, unchecked
    assert len(sources) > 300


def test_it_holds_what_the_lock_names_and_nothing_to_install_more_with(layout):
    packages = layout / "app" / "packages"
    held = {path.name.partition("-")[0].lower().replace("_", "-") for path in packages.glob("*.dist-info")}
    assert held == set(pins(APP / "requirements.txt"))
    assert not (packages / "bin").exists()
    assert sum(path.stat().st_size for path in files(layout)) < 25_000_000


# Imported before it becomes the user, who need not be able to read where this Python is.
STARTED = f"""
import importlib, os, sys
sys.path.append({str(APP / "build")!r})
import bytecode
for name in bytecode.IMPORTED:
    importlib.import_module(name)
if os.getuid() == 0:
    os.setgroups([]); os.setgid({USER}); os.setuid({USER})
from service.__main__ import main
sys.exit(main())
"""


def test_it_starts_as_its_user_and_answers_and_writes_nothing_but_to_tmp(layout):
    port, tmp = free_port(), layout.parent / "image-tmp"
    tmp.mkdir()
    if os.getuid() == 0:
        os.chown(tmp, USER, USER)
    before = {path: path.stat().st_mtime_ns for path in layout.rglob("*")}
    process = subprocess.Popen(
        [sys.executable, "-S", "-c", STARTED],
        env={**as_laid_out(layout), "PORT": str(port), "TMPDIR": str(tmp)},
        cwd=f"{layout}{FINAL.values('WORKDIR')[0]}",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        waited_for(lambda: process.poll() is not None or answers(port), 20)
        assert process.poll() is None, process.stdout and process.stdout.read()
        client = Client(port)
        assert client.ask("GET", "/readyz").json == {"status": "ok", "store": "SQLite"}
        assert client.ask("PUT", "/api/files/a", {"content-type": "text/plain"}, b"x").status == 201
        assert Path(f"/proc/{process.pid}").stat().st_uid == (USER if os.getuid() == 0 else os.getuid())
    finally:
        process.terminate()
    assert process.wait(10) == 0
    assert {path: path.stat().st_mtime_ns for path in layout.rglob("*")} == before
    assert [path.name for path in tmp.iterdir()] == ["store.db"]


def as_laid_out(layout: Path) -> dict[str, str]:
    """The image's own variables, where its /app is below another root."""
    own = {name: value.replace("/app", f"{layout}/app") for name, value in FINAL.environment.items()}
    return {**own, "PATH": "/usr/bin:/bin"}


def answers(port: int) -> bool:
    try:
        return Client(port).ask("GET", "/healthz").status == 200
    except OSError:
        return False


LOADED = """
import json, sys, urllib.request
from service.__main__ import main
import service.server
class Stopped(service.server.Server):
    async def main_loop(self):
        import asyncio
        port = self.servers[0].sockets[0].getsockname()[1]
        ask = lambda path: urllib.request.urlopen(f"http://127.0.0.1:{port}{path}").read()
        for path in ("/readyz", "/api/tasks", "/api/echo?a=1", "/"):
            await asyncio.to_thread(ask, path)
service.server.Server = Stopped
main()
print("LOADED", json.dumps([getattr(each, "__file__", None) for each in list(sys.modules.values())]))
"""


def test_no_start_and_no_first_request_compiles_anything(layout, tmp_path):
    """Python's own image has no bytecode of the standard library: what is loaded of it has to be in ours."""
    run = subprocess.run(
        [sys.executable, "-S", "-c", LOADED],
        env={**as_laid_out(layout), "PORT": "0", "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = json.loads(run.stdout.partition("LOADED ")[2])
    tag = sys.implementation.cache_tag
    sources = {Path(each) for each in loaded if each and each.endswith(".py")}
    compiled = {source: source.parent / "__pycache__" / f"{source.stem}.{tag}.pyc" for source in sources}
    missing = [
        source
        for source, path in compiled.items()
        if not (path if path.is_relative_to(layout) else Path(f"{layout}{path}")).exists()
    ]
    assert len(sources) > 300
    assert missing == []
