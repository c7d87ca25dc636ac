"""Cold starts: how long it takes from nothing to the first answer, and what of."""

import asyncio
import socket
import subprocess
import sys
import time
from itertools import zip_longest
from statistics import median

from rich import box
from rich.progress import Progress
from rich.table import Table

from bench.image import PATH, Tools, free_port, program
from dev.awslambda.environment import Environment


def first_answer(tools: Tools, **more: str) -> tuple[float, float]:
    """Milliseconds from the start of the process until it listens, and until it has answered."""
    port = free_port()
    environment = tools.environment(PORT=str(port), **more) | {"LOG_LEVEL": "info"}
    begun = time.perf_counter()
    process = subprocess.Popen(tools.command, env=environment, stdout=subprocess.PIPE, text=True)  # noqa: S603
    try:
        if process.stdout:
            process.stdout.readline()  # "listening", its first
        listens = (time.perf_counter() - begun) * 1000  # by one clock: the service's own counts in ticks of 10 ms
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(f"GET {PATH} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            while connection.recv(65536):
                pass
        return listens, (time.perf_counter() - begun) * 1000
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
    environment = Environment(program(tools), memory_mb=1024)
    await environment.start()
    await environment.shut_down()
    return environment.init_ms


def cold_starts(tools: Tools, runs: int, progress: Progress) -> Table:
    """The parts of a start, and all of it with nothing compiled, as Python's image alone would have it. The shortest
    is what it takes, the median what it took here: others use the machine too. A part has no shortest: it is the
    difference of two processes."""
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
        spent = spent_on(parts[until], parts[after] if after else [])
        table.add_row(label, "" if after else f"{min(spent):.0f}", f"{median(spent):.0f}")
    return table


def spent_on(until: list[float], after: list[float]) -> list[float]:
    """Of each run, what came after another part of the same run: the shortest of one and the shortest of the other
    need not be of one run, and their difference would be nobody's."""
    return [end - start for end, start in zip_longest(until, after, fillvalue=0)]
