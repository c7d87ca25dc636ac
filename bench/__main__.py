"""`make bench`: how long previews take, each measured in turn with the imports that it can't do without.

Figures beside targets, and never a failure: a machine that is busy with something else is nobody's mistake.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from preflight.stackfile import stack_names

ROOT = Path(__file__).parents[1]
SYNTHETIC = ROOT / "bench" / "synthetic"
FEW, MANY = 10, 20
"""Services of the synthetic project: about a thousand resources, and twice as many."""


@dataclass
class Subject:
    """One command of Python's to measure, and its figures so far."""

    label: str
    command: Sequence[str]
    target: str = ""
    folder: Path = ROOT
    resources: int = 0
    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)
    peaks_mb: list[float] = field(default_factory=list)

    def run(self, count: bool = True) -> str:
        """Run it once, and return what it printed. Exits if it failed: there is nothing to measure then."""
        with tempfile.TemporaryFile() as printed:
            start = time.perf_counter()
            process = subprocess.Popen(  # noqa: S603 - our own commands
                [sys.executable, *self.command],
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=printed,
            )
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                sys.exit(f"bench: python {' '.join(self.command)} ended with {process.returncode}")
            if count:
                self.seconds.append(seconds)
                self.cpu_seconds.append(usage.ru_utime + usage.ru_stime)
                self.peaks_mb.append(usage.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024))
            printed.seek(0)
            return printed.read().decode()


Pair = tuple[Subject, Subject]


def stack_pair(label: str, stacks: Sequence[str], target: str) -> Pair:
    """The imports that these stacks need, and their preview."""
    services = Subject("", ["-m", "bench.services", *stacks]).run().split()
    floor = Subject(f"{label}: imports alone", ["-m", "bench.floor", *services])
    # One document for one stack, a list for all: the arguments are those of a person.
    named = stacks if len(stacks) == 1 else ()
    return floor, Subject(f"{label}: preview", ["-m", "preflight", "preview", *named, "--json"], target)


def synthetic(services: int, target: str) -> Subject:
    """A preview of the synthetic project with this many services."""
    command = ["-m", "preflight", "preview", "large", "--json", "--set", f"bench:services={services}"]
    subject = Subject("", command, target, SYNTHETIC)
    subject.resources = len(json.loads(subject.run(count=False))["resources"])
    subject.label = f"{subject.resources:,} resources"
    return subject


def measure(pairs: Sequence[Pair], runs: int, progress: Progress) -> None:
    """Every pair in turn, A B A B, so that both meet the same noise. The first turn only warms the disk's cache."""
    task = progress.add_task("measuring", total=len(pairs) * (runs + 1))
    for pair in pairs:
        for turn in range(runs + 1):
            for subject in pair:
                progress.update(task, description=subject.label)
                subject.run(count=turn > 0)
            progress.advance(task)


def table(pairs: Sequence[Pair]) -> Table:
    """What was measured; a ratio is the median of the ratios of two runs side by side. Least noisy: `cpu s`."""
    made = Table("", "min s", "median s", "cpu s", "ratio", "per s", "peak MB", "target", box=box.SIMPLE_HEAD)
    for column in made.columns[1:7]:
        column.justify = "right"
    for first, second in pairs:
        ratios = [b / a for a, b in zip(first.seconds, second.seconds, strict=True)]
        for subject, ratio in ((first, ""), (second, f"{median(ratios):.2f}")):
            middle = median(subject.seconds)
            made.add_row(
                subject.label,
                f"{min(subject.seconds):.2f}",
                f"{middle:.2f}",
                f"{min(subject.cpu_seconds):.2f}",
                ratio,
                f"{subject.resources / middle:,.0f}" if subject.resources else "",
                f"{max(subject.peaks_mb):,.0f}",
                subject.target,
                end_section=subject is second,
            )
    return made


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="how often each is measured, after a warm-up (default 5)")
    runs = parser.parse_args().runs
    if runs < 1:
        parser.error(f"--runs must be 1 or more, got {runs}")
    stacks = stack_names(ROOT)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        progress.add_task("looking at what the stacks import", total=None)
        pairs = [stack_pair(each, [each], "ratio at most 1.5") for each in stacks]
        pairs.append(stack_pair("all", stacks, "ratio at most 2"))
        pairs.append((synthetic(FEW, "1,000 in 6 s"), synthetic(MANY, "ratio at most 2.3")))
        measure(pairs, runs, progress)
    console = Console(width=100, highlight=False)
    console.print(f"Python {platform.python_version()}, {os.cpu_count()} cores; runs after a warm-up: {runs}.")
    console.print(table(pairs))
    console.print(Subject("", ["-m", "bench.edge"]).run().strip(), soft_wrap=True)


if __name__ == "__main__":
    main()
