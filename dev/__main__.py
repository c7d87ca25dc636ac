"""`python -m dev`: the service, the front end and what stands in front of them, on this machine; a change starts the
service anew. With `--topology serverless` it runs behind the genuine Lambda Web Adapter, in a Lambda of our own.

Exit status: 0 after Ctrl-C, 2 for usage and configuration.
"""

import asyncio
import os
import signal
import socket
from pathlib import Path
from typing import Annotated

import typer
from aiohttp import web
from rich.console import Console

from dev.awslambda.environment import Program
from dev.awslambda.front_doors import FrontDoor
from dev.awslambda.function import CONCURRENCY, Function
from dev.lines import readable
from dev.target import NoTarget, Target, default_stack, target_of
from dev.task import RunningTask, Task
from parity import Topology
from preflight.stackfile import StackFileError

ROOT = Path(__file__).parents[1]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    stack: Annotated[str, typer.Argument(metavar="[STACK]", help="Its file says what there is; default dev.")] = "",
    topology: Annotated[Topology, typer.Option(help="serverless: through the Lambda Web Adapter.")] = "container",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen; 0 takes a free one.")] = 8000,
    folder: Annotated[Path, typer.Option(help="The service: watched for changes.")] = ROOT / "app",
    command: Annotated[str, typer.Option(help="Starts it there; default: the sample service.")] = "",
    adapter: Annotated[str, typer.Option(help="Where the adapter is, for serverless.")] = "",
    concurrency: Annotated[int, typer.Option(min=1, help="Most environments at once, for serverless.")] = CONCURRENCY,
) -> None:
    """Run the service and the front end on this machine, in either topology."""
    try:
        target = target_of(ROOT, stack or default_stack(ROOT), folder, command, os.environ)
        if topology == "serverless" and not Path(adapter).is_file():
            raise NoTarget("the Lambda Web Adapter is not there: make dev TOPOLOGY=serverless builds it")
        if topology == "serverless" and not os.access(adapter, os.X_OK):
            raise NoTarget(f"{adapter} is no program, and the Lambda Web Adapter is one")
    except (NoTarget, StackFileError) as error:
        typer.echo(f"dev: {error}", err=True)
        raise typer.Exit(2) from error
    try:
        asyncio.run(_run(target, topology, port, Path(adapter).resolve(), concurrency))
    except OSError as error:
        what = f"{error.filename}: " if error.filename else ""
        typer.echo(f"dev: {what}{error.strerror or error}", err=True)
        raise typer.Exit(2) from error


async def _run(target: Target, topology: Topology, port: int, adapter: Path, concurrency: int) -> None:
    console = Console(highlight=False)

    def say(line: str) -> None:
        console.print(readable(line), soft_wrap=True)

    stopped = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stopped.set)
    service: RunningTask | Function
    if topology == "container":
        task = Task(command=target.command, folder=target.folder, environment=target.environment, say=say)
        origin = service = RunningTask(task, _free_port(), target.settings.timeouts.balancer_idle)
        await service.start()
    else:
        program = Program(
            command=target.command,
            folder=target.folder,
            adapter=adapter,
            environment=target.lambda_environment(),
            say=say,
        )
        service = Function(
            program,
            memory_mb=target.settings.serverless.memory_mb,
            timeout_seconds=target.settings.timeouts.function,
            concurrency=concurrency,
        )
        origin = FrontDoor(target.settings.serverless.front_door, service)
    runner = target.edge(origin, topology).runner()
    await runner.setup()
    watching = asyncio.create_task(_watch(target.folder, service, console))
    watching.add_done_callback(lambda done: _tell_of_an_end(done, console))
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        _greet(console, target, topology, runner.addresses[0][1])
        await stopped.wait()
    finally:
        watching.cancel()
        await service.close()
        await runner.cleanup()


def _greet(console: Console, target: Target, topology: Topology, port: int) -> None:
    how = f"Lambda behind {target.settings.serverless.front_door}" if topology == "serverless" else "one process"
    site = f"the site, and the service at {', '.join(target.settings.service.paths)}" if target.site else "the service"
    console.print(f"http://127.0.0.1:{port}  {site}; {topology}: {how}", soft_wrap=True)
    for note in target.notes:
        console.print(note, style="yellow", soft_wrap=True)
    console.print("Ctrl-C ends it; a change in the folder starts the service anew.", style="dim")


async def _watch(folder: Path, service: RunningTask | Function, console: Console) -> None:
    from watchfiles import awatch  # noqa: PLC0415

    from dev.watch import Sources  # noqa: PLC0415

    folder = folder.resolve()
    async for changes in awatch(folder, watch_filter=Sources(folder)):
        names = sorted(Path(path).relative_to(folder).as_posix() for _, path in changes)
        console.print(f"{', '.join(names)} changed: starting anew", style="dim")
        await service.renew()


def _tell_of_an_end(watching: asyncio.Task[None], console: Console) -> None:
    if not watching.cancelled() and (problem := watching.exception()):
        console.print(f"Changes are not watched any more: {problem}", style="red", soft_wrap=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    app(prog_name="python -m dev")
