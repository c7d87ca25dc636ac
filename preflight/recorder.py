"""Run a Pulumi program without the Pulumi CLI, and hand back what it registered.

`record_program` runs a function (a test's), `record_stack` a project's own `__main__.py` with one stack's
configuration. Both run in this process, one at a time: working directory, `sys.modules` and the event loop
are the process's own.
"""

import asyncio
import contextvars
import gc
import logging
import os
import runpy
import sys
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

import pulumi
import pulumi.runtime
from pulumi.runtime import mocks, settings

from preflight.discreet import discreet
from preflight.monitor import RecordingMonitor
from preflight.recording import Recording
from preflight.stackfile import StackFile

DEFAULT_REGION = "us-east-1"
_PARALLEL = 16


def record_program(
    program: Callable[[], object],
    *,
    project: str = "switchyard",
    stack: str = "test",
    config: dict[str, str] | None = None,
    secret_keys: tuple[str, ...] = (),
    region: str = DEFAULT_REGION,
    root: Path | None = None,
) -> Recording:
    """Run `program` and record it. What it raises, also inside an `apply`, is raised here."""
    root = root or Path.cwd()
    monitor = RecordingMonitor(project, stack, region, str(root))
    log, faults = _Log(), _Faults()

    def main() -> None:
        program()

    def run() -> None:
        settings.ROOT.set(None)
        pulumi.runtime.set_all_config(config or {}, list(secret_keys))
        settings.configure(_settings(monitor, log, project, stack, root))
        with _event_loop() as loop:
            loop.set_task_factory(faults.task)
            loop.run_until_complete(pulumi.runtime.run_in_stack(main))

    try:
        with _uncollected():
            contextvars.copy_context().run(run)
    except Exception as error:
        raise error.with_traceback(faults.traceback(error)) from error.__cause__
    return Recording(
        project=project,
        stack=stack,
        resources={urn: discreet(each) for urn, each in sorted(monitor.recorded.items())},
        lookups=tuple(monitor.lookups),
        outputs=monitor.outputs,
        logs=tuple(log.lines),
        region=region,
    )


def record_stack(file: StackFile) -> Recording:
    """Run the project's `__main__.py` with this stack's configuration, its modules imported anew."""
    with _inside(file.root):
        return run_main(file)


def run_main(file: StackFile) -> Recording:
    """`record_stack` from where this process stands, with the modules that it has: for the tests of one program."""
    main = file.root / "__main__.py"
    if not main.is_file():  # runpy, given the folder, would run another one that it finds on the path
        raise pulumi.RunError(f"there is no __main__.py in {file.root}")
    recording = record_program(
        lambda: runpy.run_path(str(main), run_name="__main__"),
        project=file.project,
        stack=file.stack,
        config=file.config,
        secret_keys=file.secret_keys,
        region=file.config.get("aws:region", DEFAULT_REGION),
        root=file.root,
    )
    return replace(recording, logs=(*recording.logs, *(("warning", each) for each in file.notes)))


@contextmanager
def _uncollected() -> Generator[None, None, None]:
    """Leave the garbage where it is meanwhile.

    pulumi_aws alone is hundreds of thousands of objects that stay to the end, and the collector would look through
    all of them again and again while the program runs: a third of the time, for nothing.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Faults:
    """Keeps where each exception was raised first: a future forgets that once it has been awaited."""

    def __init__(self) -> None:
        self._seen: list[tuple[Exception, TracebackType | None]] = []

    def task(self, loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> asyncio.Task[Any]:
        """A task factory, as the event loop takes one."""

        async def watched() -> Any:
            try:
                return await coroutine
            except Exception as error:
                if not any(each is error for each, _ in self._seen):
                    self._seen.append((error, error.__traceback__))
                raise

        return asyncio.Task(watched(), loop=loop, **options)

    def traceback(self, error: Exception) -> TracebackType | None:
        return next((found for each, found in self._seen if each is error), error.__traceback__)


class _Log(logging.Handler):
    """Keeps what the program logs; the terminal view decides what to show."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[tuple[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append((record.levelname.lower(), record.getMessage()))


class _Engine(mocks.MockEngine):
    def RequirePulumiVersion(self, request):
        """Any version is fine: no engine runs here. (The SDK's mock engine lacks the call.)"""


def _settings(monitor: RecordingMonitor, log: _Log, project: str, stack: str, root: Path) -> mocks.MockSettings:
    logger = logging.Logger("preflight", logging.INFO)
    logger.addHandler(log)
    features = set(monitor.GetDeploymentInfo(None).supportedFeatures)
    return mocks.MockSettings(
        monitor=monitor,
        monitor_features=features,
        engine=_Engine(logger),
        project=project,
        stack=stack,
        dry_run=True,  # what can't be made up resolves as unknown, and shows
        organization="organization",
        root_directory=str(root),
        parallel=_PARALLEL,
        callbacks=None,
        outputs=set(),
        lock=threading.Lock(),
        package_refs={},
        base_providers_by_ref={},
    )


@contextmanager
def _event_loop() -> Generator[asyncio.AbstractEventLoop, None, None]:
    # One failing program would print a traceback for each task it leaves behind; the SDK's own
    # executor silences the same logger.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    executor = ThreadPoolExecutor(max_workers=_PARALLEL)
    loop.set_default_executor(executor)
    try:
        yield loop
    finally:
        executor.shutdown(wait=True)
        loop.close()
        asyncio.set_event_loop(None)


@contextmanager
def _inside(root: Path) -> Generator[None, None, None]:
    """Stand in the project's folder, where the program's modules are imported anew for each stack.

    A module of the same name that is loaded already (preflight reads `settings` too) is set aside and put back.
    """
    aside = _program_modules(root)
    path, folder, argv = list(sys.path), Path.cwd(), sys.argv
    for name in aside:
        del sys.modules[name]
    os.chdir(root)
    sys.path.insert(0, str(root))
    sys.argv = [str(root)]
    try:
        yield
    finally:
        os.chdir(folder)
        sys.path[:] = path
        sys.argv = argv
        for name in _program_modules(root):
            del sys.modules[name]
        sys.modules.update(aside)


def _program_modules(root: Path) -> dict[str, ModuleType]:
    """The loaded modules that lie in this folder, or hide one that does; not libraries', not preflight's own."""
    files = {file.stem for file in root.glob("*.py")} | {file.parent.name for file in root.glob("*/__init__.py")}
    kept = {"__main__", __name__.partition(".")[0]}
    found = {}
    for name, module in sys.modules.copy().items():  # a copy in one step: another thread may be importing
        top = name.partition(".")[0]
        # A package without `__init__.py` has no file, only a path.
        place = getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", ())), "")
        is_inside = place.startswith(f"{root}/") and "site-packages" not in place
        if top not in kept and (is_inside or (top in files and top not in sys.stdlib_module_names)):
            found[name] = module
    return found
