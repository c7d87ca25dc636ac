"""Switched: a stack with nothing but its place in a switch changed, to tell whether the switch stands alone."""

from collections.abc import Callable, Sequence

from preflight.cli import Recorded, explain
from preflight.recording import Recording
from preflight.stackfile import StackFile, StackFileError, load
from preflight.switch import only_switched

Record = Callable[[StackFile], Recorded]
"""Run the program with a configuration."""


def switched(
    before: Recorded, after: Recorded, settings: Sequence[str], record: Record
) -> tuple[Recording | None, tuple[str, ...]]:
    """Of the same tree: `before` with only the settings of a switch as `after` has them; None without a switch.

    `settings` are those that `before` was recorded with. The texts say why it could not be told.
    """
    changes = only_switched(before.file.config, after.file.config)
    if not changes:
        return None, ()
    try:
        file = load(before.file.root, before.file.stack, (*settings, *changes))
        if file.config == after.file.config:
            return after.recording, ()
        return record(file).recording, ()
    except StackFileError as error:
        complaint = str(error)
    except (Exception, SystemExit) as error:  # whatever the program may raise
        complaint = explain(error, before.file.root)
    return None, (f"Whether the switch stands alone can't be told: {complaint}",)
