"""`make bench-app`: the sample service directly and through Lambda's adapter: cold start, throughput, latency, memory.

Figures of this machine, beside each other, and never a failure. The image's own files are run, as the Dockerfile lays
them out; load comes from bombardier. In front of the adapter stands our own front door, in Python: what it adds is in
the throughput, and not in the line that says what the adapter adds.
"""

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from bench.cold_start import cold_starts
from bench.image import PATH, ROOT, Tools, lay_out
from bench.load import loads


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.runtimes", description=__doc__)
    parser.add_argument("--adapter", type=Path, required=True, help="the Lambda Web Adapter: make adapter")
    parser.add_argument("--load", type=Path, required=True, help="bombardier")
    parser.add_argument("--packages", type=Path, default=ROOT / ".tools/image", help="the image's packages, laid out")
    parser.add_argument("--clients", type=_number, nargs="+", default=[1, 10, 100], help="at once (default 1 10 100)")
    parser.add_argument("--seconds", type=float, default=5, help="of load for each figure (default 5)")
    parser.add_argument("--runs", type=_number, default=9, help="cold starts (default 9)")
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


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number of 1 or more is wanted, got {text!r}")
    return int(text)


if __name__ == "__main__":
    main()
