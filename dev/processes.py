"""Child: a program that runs beside us, with everything it starts itself."""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

LONGEST_LINE = 2**20
"""In bytes; what is longer is told in parts."""
Say = Callable[[str], object]
"""Takes a line that a program wrote."""


class Child:
    """A process in a group of its own, which signals go to as a whole."""

    def __init__(self, process: asyncio.subprocess.Process, say: Say) -> None:
        self._process = process
        self.end = asyncio.create_task(_end(process, say))
        """Done when it has ended, with its exit status."""

    @classmethod
    async def start(cls, command: Sequence[str], environment: Mapping[str, str], folder: Path, say: Say) -> "Child":
        """Raises OSError where the program can't be started."""
        process = await asyncio.create_subprocess_exec(
            *command,
            env=dict(environment),
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_us,
        )
        return cls(process, say)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def status(self) -> int | None:
        """How it ended; None while it runs."""
        return self._process.returncode

    def send(self, what: signal.Signals) -> None:
        """A signal to all of the group; none where it is gone."""
        if self._process.returncode is None:
            try:
                os.killpg(self.pid, what)
            except ProcessLookupError:
                return

    async def stop(self, patience_seconds: float) -> int:
        """SIGTERM, and SIGKILL where that does not end it in time."""
        self.send(signal.SIGTERM)
        try:
            return await asyncio.wait_for(asyncio.shield(self.end), patience_seconds)
        except TimeoutError:
            return await self.kill()
        finally:
            self.send(signal.SIGKILL)  # whatever went wrong here, it does not outlive us

    async def kill(self) -> int:
        self.send(signal.SIGKILL)
        return await self.end


_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def _die_with_us() -> None:
    """Where Linux can: a program is killed when we are, frozen or not. Source: prctl(2), PR_SET_PDEATHSIG."""
    if _LIBC:
        _LIBC.prctl(1, signal.SIGKILL)


async def _end(process: asyncio.subprocess.Process, say: Say) -> int:
    assert process.stdout  # noqa: S101 - `start` asks for it
    rest = b""
    while part := await process.stdout.read(2**16):
        *lines, rest = (rest + part).split(b"\n")
        if len(rest) > LONGEST_LINE:
            lines, rest = [*lines, rest], b""
        for line in lines:
            say(line.decode(errors="replace"))
    if rest:
        say(rest.decode(errors="replace"))
    return await process.wait()
