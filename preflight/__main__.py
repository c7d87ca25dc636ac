"""`python -m preflight <command>`."""

import gc
import signal

# The process lives for seconds. Importing pulumi makes so many objects that looking for cycles among them costs 0.1 s.
gc.disable()

from preflight import (  # noqa: E402, F401 - register themselves
    breakeven_command,
    check_command,
    cost_commands,
    diff_command,
    doctor_command,
    report_command,
    switch_command,
)
from preflight.cli import app  # noqa: E402

# As Ctrl-C: what was begun, such as a git worktree, is put away.
signal.signal(signal.SIGTERM, signal.default_int_handler)
app(prog_name="python -m preflight")
