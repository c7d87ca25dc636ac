"""Load: throughput and latency by the number of clients, what the adapter adds, and memory."""

import asyncio
import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web
from rich import box
from rich.progress import Progress
from rich.table import Table

from bench.image import PATH, ROOT, Tools, free_port, program, unheard
from dev.awslambda.front_doors import FrontDoor
from dev.awslambda.function import Function
from dev.edge import Edge
from dev.task import RunningTask, Task

WARM_UP_SECONDS = 1


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
    task = Task(command=tools.command, folder=ROOT, environment=tools.environment(), say=unheard)
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

    function = Function(program(tools), concurrency=max(clients))
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


async def _memory(function: Function) -> tuple[float, float]:
    """Of the service and the adapter in one environment."""
    while not function.idle:
        await asyncio.sleep(0.05)
    adapter, service = function.idle[0].pids
    return resident_mb(service), resident_mb(adapter)


def _add(table: Table, label: str, clients: int, found: Load) -> None:
    percentiles = [f"{found.percentiles[name]:.2f}" for name in ("50", "90", "99")]
    table.add_row(label, str(clients), f"{found.per_second:,.0f}", *percentiles, str(found.failed))
