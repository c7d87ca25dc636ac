"""Bench: the genuine Pulumi engine, this project's own program, and a make-believe cloud that tests can reach into.

    with Bench("dev") as bench:
        bench.up().must_succeed()
        bench.set("topology=container")
        bench.cloud.faults.strike("update .*::cdn$")
        assert not bench.up().ok

The project is copied to a folder of its own, so that a test may change its settings or files. There the CLI reads
Pulumi.yaml and Pulumi.<stack>.yaml, and runs every command as a person would type it. The program runs in this process,
in the Automation API's own language host; its modules are imported once, and again when a test has changed one. State
is in a `file://` backend.

To walk many transitions, bring the stack to a state once, `moment = bench.moment()`, and go back there with
`bench.return_to(moment)`: state, settings and cloud are then as they were.
"""

import asyncio
import importlib
import json
import os
import re
import runpy
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import grpc
import pulumi
import yaml
from engine.double.cloud import Cloud, Operation
from engine.double.provider import serve
from engine.double.wire import SIGNATURE
from engine.double.wire import UNKNOWN as UNKNOWN_TEXT
from pulumi.automation._server import LanguageServer
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import language_pb2_grpc

from preflight import stackfile
from preflight.recorder import _inside, _program_modules, _uncollected, record_stack
from preflight.recording import SECRET, UNKNOWN, Recording

# The program meets one engine after another in this process. gRPC would share what it knows of a port, and where a new
# engine got the port of one that died, tell it that nobody is there.
_GRPC_CHANNEL_OPTIONS.append(("grpc.use_local_subchannel_pool", 1))

ROOT = Path(__file__).parents[2]
PASSPHRASE = "correct horse battery staple"
SECONDS = 180
"""How long a command may take before it is killed: far more than any needs."""
_TOOLING = ("tests", "preflight", "policies", "bench", "docs", "tools", "bootstrap", "out", "__pycache__")
_SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"


def find_cli() -> str | None:
    """The Pulumi CLI: the one on the PATH, else the one that `make engine` builds; None without either."""
    own = ROOT / ".tools" / "pulumi"
    return shutil.which("pulumi") or (str(own) if os.access(own, os.X_OK) else None)


@dataclass(frozen=True)
class Step:
    """What the engine did, or would do, to one resource: `same`, `create`, `update`, `replace`, `delete` ..."""

    op: str
    urn: str
    type: str
    changed: tuple[str, ...]
    """Paths of the properties that differ."""
    forced_by: tuple[str, ...]
    """Of a replacement, the properties that can't be changed in place."""
    inputs: dict[str, Any]
    """The new inputs, secrets and unknowns as preflight marks them; empty for a deletion."""
    refreshed: bool = False
    """What a refresh found: `same`, `update` or `delete`. The program had no part in it."""
    failed: bool = False
    """It was begun, under the same name, and went wrong."""

    @property
    def name(self) -> str:
        """The logical name, from the URN."""
        return self.urn.rpartition("::")[2]


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    command: str
    code: int
    output: str
    """What it printed, standard error included."""
    steps: tuple[Step, ...]
    operations: tuple[Operation, ...]
    """What reached the cloud meanwhile, in the order in which it began."""
    seconds: float
    waits: tuple[float, ...] = ()
    """Seconds that the program's hooks waited for, each pause in order. On the bench they pass at once."""

    @property
    def ok(self) -> bool:
        """Whether it ended with exit status 0."""
        return self.code == 0

    def must_succeed(self) -> "Outcome":
        """Itself; AssertionError with all that was printed if it failed."""
        assert self.ok, f"pulumi {self.command} ended with {self.code}:\n{self.output}"
        return self

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many resources each kind of step was for, the stack and the providers left out."""
        return dict(Counter(each.op for each in self._own if not each.type.startswith("pulumi:")))

    @property
    def changes(self) -> list[str]:
        """`update cdn`, `create-replacement container-task` ...: every step that is not `same`, in order."""
        return [f"{each.op} {each.name}" for each in self._own if each.op != "same"]

    @property
    def drift(self) -> list[str]:
        """`update cdn`, `delete site`: what a refresh, also one before `up`, found to be other than the state said."""
        found = [each for each in self.steps if each.refreshed and each.op not in ("same", "refresh")]
        return [f"{each.op} {each.name}" for each in found]

    @property
    def failed(self) -> list[str]:
        """Logical names of the resources whose step went wrong."""
        return [each.name for each in self.steps if each.failed]

    @property
    def _own(self) -> list[Step]:
        is_refresh = self.command == "refresh"
        return [each for each in self.steps if each.refreshed == is_refresh and not each.failed]

    def done(self, kind: str) -> list[str]:
        """Logical names of what was created, updated or deleted in the cloud, in order, failures left out."""
        return [each.name for each in self.operations if each.kind == kind and each.did_it]


@dataclass(frozen=True)
class Moment:
    """A stack as it was: its state, its settings and its cloud. Made by `Bench.moment`."""

    state: Path
    stack_file: str
    cloud: dict[str, Any] = field(repr=False)


class Running:
    """A command under way: `kill` it, or `wait` for its Outcome."""

    def __init__(self, bench: "Bench", command: list[str]) -> None:
        self._bench, self._command = bench, command
        self._mark = len(bench.cloud.operations)
        bench.host.waits.clear()
        self._events = bench.folder / f"events-{time.monotonic_ns()}.json"
        self._begin = time.monotonic()
        self._process = bench._spawn([*command, "--event-log", str(self._events)])
        self._output: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout
        self._output.extend(self._process.stdout)

    def kill(self) -> None:
        """The machine goes down: no state is written any more, and the lock stays."""
        self._process.kill()

    def interrupt(self) -> None:
        """Ctrl-C: the engine ends what it has begun and stops."""
        self._process.send_signal(signal.SIGINT)

    def wait(self, seconds: float = SECONDS) -> Outcome:
        """The Outcome, once the engine is dead, the program has ended and the cloud has done all it was asked."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise AssertionError(f"pulumi {self._command[0]} hangs:\n{''.join(self._output)}") from None
        finally:
            self._reader.join()
        self._bench.host.wait_until_idle()
        self._bench.cloud.wait_until_idle()
        return Outcome(
            command=self._command[0],
            code=self._process.returncode,
            output="".join(self._output),
            steps=_steps(self._events),
            operations=tuple(self._bench.cloud.operations[self._mark :]),
            seconds=time.monotonic() - self._begin,
            waits=tuple(self._bench.host.waits),
        )


class Host(LanguageServer):
    """The Automation API's language host, kept for many runs; it knows whether a program is running."""

    def __init__(self, tree: Path, project: Path) -> None:
        super().__init__(lambda: None)
        self.waits: list[float] = []
        self.pace = 0.0
        """Seconds that pass for each that the program waits for. Default none at all."""
        self.on_wait: list[Callable[[float], None]] = []
        self._tree, self._project = tree, project
        self._idle = threading.Lock()
        self._sources: dict[Path, int] = {}
        self._modules: dict[str, ModuleType] = {}

    def Run(self, request, context):
        """Run the program once."""
        with self._idle, _uncollected(), _unexplained(), alone(self._tree), _inside(self._project), self._imported():
            self.program = self._program
            return super().Run(request, context)

    @contextmanager
    def _imported(self) -> Iterator[None]:
        """What the last run imported is there already, unless a file has changed since."""
        sources = {each: each.stat().st_mtime_ns for each in self._tree.rglob("*") if each.suffix in (".py", ".js")}
        if sources == self._sources:
            sys.modules.update(self._modules)
        try:
            yield
        finally:
            self._sources = sources
            self._modules = _program_modules(self._tree)

    def _program(self) -> None:
        importlib.import_module("components._waits").sleep = self._wait
        runpy.run_path(str(self._project / "__main__.py"), run_name="__main__")

    async def _wait(self, seconds: float) -> None:
        """What the program waits for passes at once, or at another pace; how long it would have been is kept."""
        self.waits.append(seconds)
        await asyncio.sleep(seconds * self.pace)
        for each in self.on_wait:
            each(seconds)

    def wait_until_idle(self, seconds: float = 60) -> None:
        """A program whose engine was killed ends when it notices."""
        if not self._idle.acquire(timeout=seconds):
            raise AssertionError("the program does not end")
        self._idle.release()


class Bench:
    """One stack on a cloud of its own. `overrides` are as preflight's `--set` takes them. Close it, or use `with`.

    `program` is the folder of another program in the same tree, such as `bootstrap`. With `checkpoints` the engine
    writes the state after each step, as it does by itself, which takes most of its time: for tests that kill it.
    Default: once, when an update has ended, well or not.
    """

    def __init__(
        self, stack: str, *overrides: str, root: Path = ROOT, program: str = "", checkpoints: bool = False
    ) -> None:
        cli = find_cli()
        assert cli, "there is no Pulumi CLI: make engine"
        self.stack, self.root, self.cli = stack, root / program, cli
        self.cloud = Cloud()
        self.folder = Path(tempfile.mkdtemp(prefix="switchyard-"))
        self.tree = self.folder / "work"
        self.work = self.tree / program
        self.host = Host(self.tree, self.work)
        self._salt = ""
        self._provider, ports = serve(self.cloud)
        self._server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
        language_pb2_grpc.add_LanguageRuntimeServicer_to_server(self.host, self._server)
        self._port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()
        shutil.copytree(root, self.tree, ignore=_all_but_programs(program))
        (self.folder / "state").mkdir()
        self._environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("PULUMI_", "AWS_"))},
            "HOME": str(self.folder / "home"),
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{self.folder}/state",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_CHECKPOINTS": str(not checkpoints).lower(),
            "GOGC": "400",  # an engine lives for a second or two, and has memory enough to tidy up less often
            "PULUMI_DEBUG_COMMANDS": "true",
            "PULUMI_DEBUG_PROVIDERS": ",".join(f"{name}:{port}" for name, port in ports.items()),
        }
        self._shipped = (self.root / f"Pulumi.{stack}.yaml").read_text()
        self._parsed = stackfile.parse_yaml(self._shipped)
        self.set(*overrides)
        self.run("stack", "init", stack)
        self._salt = re.search(r"^encryptionsalt: .*$", self._stack_file.read_text(), re.M).group()  # ty: ignore

    def __enter__(self) -> "Bench":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop what it started and remove what it wrote."""
        self._server.stop(None)
        self._provider.stop(None)
        shutil.rmtree(self.folder, ignore_errors=True)

    # Settings

    def set(self, *overrides: str) -> None:
        """The settings of the stack file as it ships, with these changed; earlier ones are forgotten."""
        text = self._shipped
        if overrides:
            loaded = deepcopy(self._parsed)
            for each in overrides:
                stackfile._override(loaded["config"], each)
            text = yaml.safe_dump(loaded, sort_keys=False)
        self._stack_file.write_text(f"{text}\n{self._salt}\n" if self._salt else text)

    @property
    def _stack_file(self) -> Path:
        return self.work / f"Pulumi.{self.stack}.yaml"

    # Commands

    def preview(self, *arguments: str) -> Outcome:
        """What `up` would do."""
        return self.start("preview", *arguments).wait()

    def up(self, *arguments: str) -> Outcome:
        """`pulumi up`, without a preview first; `--refresh` and the like are `arguments`."""
        return self.start("up", *arguments).wait()

    def refresh(self, *arguments: str) -> Outcome:
        """`pulumi refresh`: read everything back into the state."""
        return self.start("refresh", *arguments).wait()

    def destroy(self, *arguments: str) -> Outcome:
        """`pulumi destroy`, without a preview first."""
        return self.start("destroy", *arguments).wait()

    def start(self, command: str, *arguments: str) -> Running:
        """Begin preview, up, refresh or destroy, to kill or interrupt it, or to look at the cloud meanwhile."""
        options = ["--suppress-progress"]
        if command != "preview" and "--preview-only" not in arguments:
            options += ["--yes"] if "--skip-preview=false" in arguments else ["--yes", "--skip-preview"]
        host = ["--client", f"127.0.0.1:{self._port}", "--exec-kind", "auto.inline"]
        return Running(self, [command, *options, *host, *arguments])

    def cancel(self) -> None:
        """`pulumi cancel`: take away the lock of an update that was killed."""
        self.run("cancel", "--yes", "--stack", self.stack)

    def run(self, *arguments: str) -> str:
        """Any other command, such as `stack output --json`: what it prints. AssertionError if it fails."""
        process = self._spawn(list(arguments))
        output, _ = process.communicate(timeout=SECONDS)
        assert process.returncode == 0, f"pulumi {' '.join(arguments)}:\n{output}"
        return output

    def _spawn(self, arguments: list[str]) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [self.cli, "--non-interactive", "--color=never", *arguments],
            cwd=self.work,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    # State

    @property
    def state_file(self) -> Path:
        """The backend's file of this stack."""
        project = yaml.safe_load((self.work / "Pulumi.yaml").read_text())["name"]
        return self.folder / "state" / ".pulumi" / "stacks" / project / f"{self.stack}.json"

    def state(self) -> list[dict[str, Any]]:
        """Every resource of the state as the engine wrote it, what it is yet to delete included."""
        checkpoint = json.loads(self.state_file.read_text())["checkpoint"]["latest"] or {}
        return checkpoint.get("resources", [])

    def pending(self) -> list[dict[str, Any]]:
        """Operations that were under way when the engine died."""
        checkpoint = json.loads(self.state_file.read_text())["checkpoint"]["latest"] or {}
        return checkpoint.get("pending_operations") or []

    def plan(self) -> Recording:
        """What preflight says of the stack as it is set now, without the engine."""
        with alone(self.tree):
            return record_stack(stackfile.load(self.work, self.stack))

    def moment(self) -> Moment:
        """The stack as it is now, to come back to."""
        copy = Path(tempfile.mkdtemp(dir=self.folder)) / "state"
        shutil.copytree(self.folder / "state", copy)
        return Moment(state=copy, stack_file=self._stack_file.read_text(), cloud=self.cloud.snapshot())

    def return_to(self, moment: Moment) -> None:
        """Be as it was then: state, settings and cloud. Faults, watchers and the log are cleared."""
        shutil.rmtree(self.folder / "state")
        shutil.copytree(moment.state, self.folder / "state")
        self._stack_file.write_text(moment.stack_file)
        self.cloud.restore(moment.cloud)
        self.cloud.faults.clear()
        self.cloud.watchers.clear()
        self.host.on_wait.clear()


def _all_but_programs(program: str) -> Callable[[str, list[str]], set[str]]:
    """What a program does not need, of a project's folder."""

    def ignored(_folder: str, names: list[str]) -> set[str]:
        return {each for each in names if each.startswith(".") or each in _TOOLING} - {program}

    return ignored


@contextmanager
def _unexplained() -> Iterator[None]:
    """Leave out what the SDK tells the engine of each of its steps: a call for each, of which the engine shows none.

    And where the engine has gone away, the call fails, and the SDK gives the program up half-way. It stays with its
    servers, and collected within a later program, would stop the servers of that one.
    """
    debug = pulumi.log.debug
    pulumi.log.debug = lambda *_, **__: None
    try:
        yield
    finally:
        pulumi.log.debug = debug


@contextmanager
def alone(project: Path) -> Iterator[None]:
    """Forget modules of the same names as the project's while it runs: they may be those of another copy of it."""
    own = {each.stem for each in project.iterdir() if each.suffix == ".py" or (each / "__init__.py").exists()}
    aside = {
        name: module for name, module in sys.modules.copy().items() if name.partition(".")[0] in own - {"__main__"}
    }
    for name in aside:
        del sys.modules[name]
    try:
        yield
    finally:
        for name in [each for each in sys.modules.copy() if each.partition(".")[0] in own - {"__main__"}]:
            del sys.modules[name]
        sys.modules.update(aside)


def readable(value: Any) -> Any:
    """Inputs as the engine logs or stores them, with unknowns and secrets marked as preflight marks them."""
    if isinstance(value, dict):
        if value.get(SIGNATURE) == _SECRET_SIGNATURE:
            return SECRET
        return {key: readable(each) for key, each in value.items() if key != "__defaults"}
    if isinstance(value, list):
        return [readable(each) for each in value]
    return UNKNOWN if value == UNKNOWN_TEXT else value


def _steps(events: Path) -> tuple[Step, ...]:
    """The steps in an event log. What a refresh found is known only after it has looked."""
    found: list[Step] = []
    refreshing: set[str] = set()
    for line in events.read_text().splitlines() if events.exists() else ():
        try:
            event = json.loads(line)
        except ValueError:  # the engine was killed while it wrote
            continue
        before, after, failed = (event.get(key) for key in ("resourcePreEvent", "resOutputsEvent", "resOpFailedEvent"))
        data = (before or after or failed or {}).get("metadata")
        if not data:
            continue
        if before and data["op"] == "refresh":
            refreshing.add(data["urn"])
        elif before or failed or data["urn"] in refreshing:
            refreshed = not before and data["urn"] in refreshing
            refreshing -= {data["urn"]} if refreshed else set()
            found.append(
                Step(
                    op=data["op"],
                    urn=data["urn"],
                    type=data["type"],
                    changed=tuple(sorted(data.get("detailedDiff") or data.get("diffs") or ())),
                    forced_by=tuple(sorted(data.get("keys") or ())),
                    inputs=readable((data.get("new") or {}).get("inputs") or {}),
                    refreshed=refreshed,
                    failed=failed is not None,
                )
            )
    return tuple(found)
