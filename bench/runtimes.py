"""`make bench-app`: the sample service directly and through Lambda's adapter: cold start, throughput, latency, memory.

Figures of this machine, beside each other, and never a failure. The image's own files are run, as the Dockerfile lays
them out; load comes from bombardier. In front of the adapter stands our own front door, in Python: what it adds is in
the throughput, and not in the line that says what the adapter adds.
"""

import argparse
import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from aiohttp import web
from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from components._web_adapter import adapter_environment
from dev.awslambda.environment import Environment, Program
from dev.awslambda.front_doors import FrontDoor
from dev.awslambda.function import Function
from dev.edge import Edge
from dev.task import RunningTask, Task

ROOT = Path(__file__).parents[1]
PATH = "/api/echo"
WARM_UP_SECONDS = 1


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What is measured, and with what."""

    image: Path
    adapter: Path
    load: Path

    def environment(self, **more: str) -> dict[str, str]:
        app = self.image / "app"
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{app}:{app / 'packages'}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "LOG_LEVEL": "warning",
            "TMPDIR": str(self.image),
            **more,
        }

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-S", "-m", "service"]


def lay_out(packages: Path, folder: Path) -> Path:
    """The image's own files below a folder, by the scripts that the Dockerfile runs."""
    subprocess.run(["/bin/cp", "-R", f"{packages}/.", str(folder)], check=True)  # noqa: S603
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHON": sys.executable,
        "PYTHONPATH": f"{ROOT / 'app'}:{packages / 'app/packages'}",
    }
    subprocess.run([str(ROOT / "app/build/service"), str(folder)], env=environment, check=True)  # noqa: S603
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# Cold starts.
def first_answer(tools: Tools, **more: str) -> tuple[float, float]:
    """Milliseconds from the start of the process until it listens, and until it has answered."""
    port = free_port()
    environment = tools.environment(PORT=str(port), **more) | {"LOG_LEVEL": "info"}
    begun = time.perf_counter()
    process = subprocess.Popen(tools.command, env=environment, stdout=subprocess.PIPE, text=True)  # noqa: S603
    try:
        listens = json.loads(process.stdout.readline())["start_ms"] if process.stdout else 0
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(f"GET {PATH} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            while connection.recv(65536):
                pass
        return float(listens), (time.perf_counter() - begun) * 1000
    finally:
        process.terminate()
        process.wait()


def run_once(tools: Tools, code: str, **more: str) -> float:
    """Milliseconds that Python takes for this, without tidying up."""
    begun = time.perf_counter()
    code = f"import os\n{code}\nos._exit(0)"
    subprocess.run([sys.executable, "-S", "-c", code], env=tools.environment(**more), check=True)  # noqa: S603
    return (time.perf_counter() - begun) * 1000


async def lambda_start(tools: Tools) -> float:
    """Milliseconds until an environment is ready: the adapter has registered, and the service answered it."""
    environment = Environment(_program(tools), memory_mb=1024)
    await environment.start()
    await environment.shut_down()
    return environment.init_ms


def cold_starts(tools: Tools, runs: int, progress: Progress) -> Table:
    """The parts of a start, and all of it with nothing compiled, as Python's image alone would have it. The shortest
    is what it takes, the median what it took here: others use the machine too."""
    bare = {"PYTHONPYCACHEPREFIX": str(tools.image / "nowhere")}
    parts: dict[str, list[float]] = {}
    task = progress.add_task("cold starts", total=runs)
    for _ in range(runs):
        parts.setdefault("interpreter", []).append(run_once(tools, "pass"))
        parts.setdefault("imports", []).append(run_once(tools, "import service.server"))
        listens, answered = first_answer(tools)
        parts.setdefault("listens", []).append(listens)
        parts.setdefault("answers", []).append(answered)
        parts.setdefault("bare", []).append(first_answer(tools, **bare)[1])
        parts.setdefault("lambda", []).append(asyncio.run(lambda_start(tools)))
        progress.advance(task)
    table = Table("cold start", "min ms", "median ms", box=box.SIMPLE_HEAD)
    for column in table.columns[1:]:
        column.justify = "right"
    for label, until, after in (
        ("the interpreter", "interpreter", None),
        ("imports", "imports", "interpreter"),
        ("routes, server, socket", "listens", "imports"),
        ("the first answer", "answers", "listens"),
        ("as a process, in all", "answers", None),
        ("the same with nothing compiled, as before", "bare", None),
        ("in Lambda, adapter and service", "lambda", None),
    ):
        spent = (of(parts[until]) - (of(parts[after]) if after else 0) for of in (min, median))
        table.add_row(label, *(f"{each:.0f}" for each in spent))
    return table


# Load.
@dataclass(frozen=True, kw_only=True)
class Load:
    """What bombardier saw; times in milliseconds."""

    per_second: float
    percentiles: Mapping[str, float]
    failed: int

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Load":
        result = told["result"]
        answered = result["req2xx"]
        failed = sum(result[f"req{kind}xx"] for kind in (1, 3, 4, 5)) + result["others"]
        latency = result["latency"]["percentiles"]
        return cls(
            per_second=answered / result["timeTakenSeconds"],
            percentiles={name: value / 1000 for name, value in latency.items()},
            failed=failed,
        )


async def load(tools: Tools, port: int, clients: int, seconds: float) -> Load:
    process = await asyncio.create_subprocess_exec(
        *(str(tools.load), "-c", str(clients), "-d", f"{seconds}s", "-l", "-o", "json", "-p", "r"),
        f"http://127.0.0.1:{port}{PATH}",
        stdout=subprocess.PIPE,
    )
    printed, _ = await process.communicate()
    return Load.of(json.loads(printed))


def resident_mb(pid: int) -> float:
    """What a process alone would give back (private) and its share of the rest."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("Pss:"))) / 1024


async def loads(tools: Tools, clients: list[int], seconds: float, progress: Progress) -> list[Table]:
    """Throughput and latency by the number of clients, what the adapter adds, and memory."""
    table = Table("", "clients", "per s", "p50 ms", "p90 ms", "p99 ms", "failed", box=box.SIMPLE_HEAD)
    for column in table.columns[1:]:
        column.justify = "right"
    summary = Table("", "", box=box.SIMPLE_HEAD, show_header=False)
    bar = progress.add_task("load", total=2 * len(clients))

    direct: dict[int, Load] = {}
    port = free_port()
    task = Task(command=tools.command, folder=ROOT, environment=tools.environment(), say=_unheard)
    running = RunningTask(task, port)
    try:
        await running.start()
        for count in clients:
            await load(tools, port, count, WARM_UP_SECONDS)
            direct[count] = await load(tools, port, count, seconds)
            _add(table, "directly", count, direct[count])
            progress.advance(bar)
        summary.add_row("memory of the service", f"{resident_mb(running.pid):.0f} MB")
    finally:
        await running.close()

    function = Function(_program(tools), concurrency=max(clients))
    runner = Edge(FrontDoor("httpApi", function)).runner()
    alone: list[float] = []
    service = adapter = 0.0
    try:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        for count in clients:
            progress.update(bar, description=f"starting {count} environments")
            await function.provision(count)
            progress.update(bar, description="load")
            await load(tools, port, count, WARM_UP_SECONDS)
            function.statistics.run_ms.clear()
            _add(table, "through the adapter", count, await load(tools, port, count, seconds))
            if not alone:
                alone = sorted(function.statistics.run_ms)
                service, adapter = await _memory(function)
            progress.advance(bar)
    finally:
        await function.close()
        await runner.cleanup()

    first = direct[clients[0]].percentiles
    added = [alone[int(len(alone) * share)] - first[name] for name, share in (("50", 0.5), ("90", 0.9))]
    summary.add_row("memory of the service in Lambda", f"{service:.0f} MB")
    summary.add_row("memory of the adapter", f"{adapter:.0f} MB")
    summary.add_row(
        f"what the adapter adds, p50 and p90 with {clients[0]} client", f"{added[0]:.2f}, {added[1]:.2f} ms"
    )
    return [table, summary]


def _unheard(_: str) -> None:
    """The lines that the services write are not what this is about."""


def _program(tools: Tools) -> Program:
    variables = adapter_environment(
        port=8080, health_check_path="/healthz", invoke_mode="buffered", authorization_source=None
    )
    environment = {**tools.environment(), **variables}
    return Program(command=tools.command, folder=ROOT, adapter=tools.adapter, environment=environment, say=_unheard)


async def _memory(function: Function) -> tuple[float, float]:
    """Of the service and the adapter in one environment."""
    while not function.idle:
        await asyncio.sleep(0.05)
    adapter, service = function.idle[0].pids
    return resident_mb(service), resident_mb(adapter)


def _add(table: Table, label: str, clients: int, found: Load) -> None:
    percentiles = [f"{found.percentiles[name]:.2f}" for name in ("50", "90", "99")]
    table.add_row(label, str(clients), f"{found.per_second:,.0f}", *percentiles, str(found.failed))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.runtimes", description=__doc__)
    parser.add_argument("--adapter", type=Path, required=True, help="the Lambda Web Adapter: make adapter")
    parser.add_argument("--load", type=Path, required=True, help="bombardier")
    parser.add_argument("--packages", type=Path, default=ROOT / ".tools/image", help="the image's packages, laid out")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 10, 100], help="at once (default 1 10 100)")
    parser.add_argument("--seconds", type=float, default=5, help="of load for each figure (default 5)")
    parser.add_argument("--runs", type=int, default=9, help="cold starts (default 9)")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is stopped then, too
    console = Console(width=100, highlight=False)
    with tempfile.TemporaryDirectory() as folder:
        image = lay_out(arguments.packages, Path(folder))
        tools = Tools(image=image, adapter=arguments.adapter.resolve(), load=arguments.load.resolve())
        with Progress(console=Console(stderr=True), transient=True) as progress:
            tables = [cold_starts(tools, arguments.runs, progress)]
            tables += asyncio.run(loads(tools, arguments.clients, arguments.seconds, progress))
    console.print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores; GET {PATH}, {arguments.seconds:g} s each.")
    for table in tables:
        console.print(table)


if __name__ == "__main__":
    main()
