"""Delivery: the workflows' own commands on the genuine engine.

`pulumi` on the PATH is the bench's CLI, which runs the program where the bench does; AWS's and skopeo's are stand-ins.
"""

import json
import os
import shlex
import sys
from pathlib import Path

import pytest
from engine.bench import Bench
from fakes import Programs

RUNS_THE_PROGRAM = ("up", "preview", "refresh", "destroy")
REPOSITORY = "aws:ecr/repository:Repository"
SMOKE = """
import pathlib, sys
tried = pathlib.Path({tried!r})
image = [line for line in open("Pulumi." + sys.argv[1] + ".yaml") if "switchyard:image:" in line][0].split()[1]
tried.open("a").write(image + "\\n")
ill = pathlib.Path({ill!r})
sys.exit(1 if ill.exists() and image in ill.read_text().split() else 0)
"""


class Delivery:
    """A bench whose stack is deployed by `python -m ci`, as a job of a workflow would."""

    def __init__(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bench, self.root = bench, bench.work
        folder = bench.folder / "programs"
        self.programs = Programs(folder) if not folder.exists() else None
        client = f"--client 127.0.0.1:{bench._port} --exec-kind auto.inline"
        self._add(
            "pulumi",
            f'case "$1" in {"|".join(RUNS_THE_PROGRAM)}) exec {shlex.quote(bench.cli)} "$@" {client} ;; esac\n'
            f'exec {shlex.quote(bench.cli)} "$@"',
        )
        self._add("aws", "echo password")
        self._add("skopeo", '[ "$1" != login ] || cat > /dev/null')
        for name, value in bench._environment.items():
            monkeypatch.setenv(name, value)
        for name in set(os.environ) - set(bench._environment):
            monkeypatch.delenv(name)
        monkeypatch.setenv("PATH", f"{folder / 'bin'}:{os.environ['PATH']}")
        self._ill = bench.folder / "ill"
        self.is_ill_with()
        shelf = self.root / "smoke"
        if shelf.exists():
            (shelf / "__main__.py").write_text(SMOKE.format(tried=str(bench.folder / "tried"), ill=str(self._ill)))

    def _add(self, name: str, script: str) -> None:
        if self.programs:
            self.programs.add(name, script)

    def is_ill_with(self, *images: str) -> None:
        """The smoke test of these images fails."""
        self._ill.write_text(" ".join(images))
