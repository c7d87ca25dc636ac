"""The image that is measured: its files, as the Dockerfile lays them out, and how they are started in each runtime."""

import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from components._web_adapter import adapter_environment
from dev.awslambda.environment import Program

ROOT = Path(__file__).parents[1]
PATH = "/api/echo"
"""What is asked for."""


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


def program(tools: Tools) -> Program:
    variables = adapter_environment(
        port=8080, health_check_path="/healthz", invoke_mode="buffered", authorization_source=None
    )
    environment = {**tools.environment(), **variables}
    return Program(command=tools.command, folder=ROOT, adapter=tools.adapter, environment=environment, say=unheard)


def unheard(_: str) -> None:
    """The lines that the services write are not what this is about."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
