"""Pulumi: the commands of its CLI that the workflows need, for one stack."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ci.command import ask, listen, run
from ci.problem import Problem

_PLAIN = ("--non-interactive", "--color", "never")
NO_CHANGES_EXPECTED = 7
"""Exit status with --expect-no-changes, if there are some."""


@dataclass(frozen=True, kw_only=True)
class Pulumi:
    """One stack. The backend and the credentials are in the environment."""

    stack: str
    root: Path

    def outputs(self) -> dict[str, Any]:
        """What the stack exports, secrets left out; nothing before its first update."""
        return json.loads(ask("pulumi", "stack", "output", "--json", *self._stack, root=self.root))

    def exists(self) -> bool:
        """Whether the backend knows the stack. Raises Problem if it can't be asked.

        A list of stacks would say so too, but reads the state of each, which a role of one environment must not.
        """
        status, said = listen("pulumi", "stack", "--show-name", *_PLAIN, *self._stack, root=self.root)
        if status and f"no stack named '{self.stack}' found" not in said:
            raise Problem(f"pulumi stack: {(said.strip().splitlines() or [f'exit status {status}'])[-1]}")
        return not status

    def init(self, secrets_provider: str) -> None:
        """Make the stack."""
        ask("pulumi", "stack", "init", self.stack, "--secrets-provider", secrets_provider, *_PLAIN, root=self.root)

    def up(self) -> bool:
        """Whether the update succeeded."""
        return run("pulumi", "up", "--yes", "--diff", "--suppress-progress", *_PLAIN, *self._stack, root=self.root)

    def destroy(self) -> bool:
        """Whether all is gone, the stack itself included."""
        gone = run("pulumi", "destroy", "--yes", "--suppress-progress", *_PLAIN, *self._stack, root=self.root)
        return gone and run(
            "pulumi", "stack", "rm", "--yes", "--preserve-config", *_PLAIN, *self._stack, root=self.root
        )

    def preview(self, *more: str) -> tuple[int, str]:
        """Exit status and text of what `up` would do."""
        return listen(
            "pulumi", "preview", "--diff", "--suppress-progress", *more, *_PLAIN, *self._stack, root=self.root
        )

    def drift(self) -> tuple[int, str]:
        """Exit status and text of what AWS has otherwise than the state; nothing is written down."""
        look = ("--preview-only", "--expect-no-changes", "--diff", "--suppress-progress")
        return listen("pulumi", "refresh", *look, *_PLAIN, *self._stack, root=self.root)

    @property
    def _stack(self) -> tuple[str, str]:
        return ("--stack", self.stack)
