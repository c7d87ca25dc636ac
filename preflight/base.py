"""The stack as it was at another commit: recorded from a git worktree, in a process of its own."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from preflight import git
from preflight.recording import Recording
from preflight.stackfile import StackFileError
from preflight.switch import only_switched

LOCKS = ("requirements.txt",)
"""What the program runs on; the base runs on this tree's, so a difference there is not seen."""


@dataclass(frozen=True, kw_only=True)
class Base:
    """What a difference is taken against."""

    ref: str
    """The commit, shortened."""
    recording: Recording
    config: dict[str, str]
    switched: Recording | None = None
    """The same with only the settings of the switch as they are now; None where they are the same."""
    notes: tuple[str, ...] = ()


def record_base(root: Path, stack: str, ref: str, overrides: tuple[str, ...], now: Mapping[str, str]) -> Base:
    """The stack at `ref`; without resources if it had no such stack. Raises StackFileError if it can't be recorded.

    `now` is the configuration that it is compared with.
    """
    shown = git.short(root, ref)
    with git.worktree(root, ref) as tree:
        if not (tree / "Pulumi.yaml").is_file():
            return _new(stack, shown, f"{stack} is new: there is no project in this folder at {shown}.")
        notes = tuple(
            f"{name} differs between {shown} and this tree; both ran on this tree's packages."
            for name in LOCKS
            if _text(tree / name) != _text(root / name)
        )
        answer = _recorded_elsewhere(tree, stack, overrides, now)
    if complaint := answer.get("error"):
        reason = git.not_in(root, ref, complaint)
        raise StackFileError(
            f"{stack} at {shown}: {reason}: compare settings --with" if reason else f"{stack} at {shown}: {complaint}"
        )
    if "recording" not in answer:
        return _new(stack, shown, f"{stack} is new.", *notes)
    if doubt := answer.get("doubt"):
        notes += (f"Whether the switch stands alone can't be told: {doubt}",)
    switched = answer.get("switched")
    return Base(
        ref=shown,
        recording=Recording.from_json(answer["recording"]),
        config=answer["config"],
        switched=Recording.from_json(switched) if switched else None,
        notes=notes,
    )


@contextmanager
def elsewhere() -> Generator[ThreadPoolExecutor]:
    """Where bases are recorded, one at a time as git makes worktrees, while this process records what is here."""
    executor = ThreadPoolExecutor(max_workers=1)
    try:
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)


def _new(stack: str, ref: str, *notes: str) -> Base:
    empty = Recording(project="", stack=stack, resources={}, lookups=(), outputs={}, logs=())
    return Base(ref=ref, recording=empty, config={}, notes=notes)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _recorded_elsewhere(
    tree: Path, stack: str, overrides: tuple[str, ...], now: Mapping[str, str]
) -> Mapping[str, Any]:
    """The answer of a process of its own, in a file: the program may print what it likes."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        asked = {"tree": str(tree), "stack": stack, "overrides": overrides, "now": dict(now), "answer": str(answer)}
        run = subprocess.run(
            [sys.executable, "-m", "preflight.base"],
            input=json.dumps(asked),
            cwd=Path(__file__).parents[1],
            env=git.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if not answer.exists():
            return {"error": run.stderr.strip() or f"its process ended with {run.returncode}"}
        return json.loads(answer.read_text(encoding="utf-8"))


def _answer(root: Path, stack: str, overrides: tuple[str, ...], now: Mapping[str, str]) -> dict[str, Any]:
    """In the process of its own: the recording as JSON, nothing if there is no such stack, or what went wrong."""
    from preflight.cli import explain  # noqa: PLC0415
    from preflight.recorder import record_stack  # noqa: PLC0415
    from preflight.stackfile import load, stack_names  # noqa: PLC0415

    def attempt(*changes: str) -> dict[str, Any]:
        try:
            file = load(root, stack, (*overrides, *changes))
            return {"recording": record_stack(file).to_json(), "config": file.config}
        except StackFileError as error:
            return {"error": str(error)}
        except (Exception, SystemExit) as error:  # whatever the program may raise
            return {"error": explain(error, root)}

    try:
        if stack not in stack_names(root):
            return {}
    except StackFileError as error:
        return {"error": str(error)}
    answer = attempt()
    changes = only_switched(answer.get("config", {}), now)
    if changes:
        again = attempt(*changes)
        answer |= {"switched": again.get("recording"), "doubt": again.get("error")}
    return answer


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    told = _answer(Path(asked["tree"]), asked["stack"], tuple(asked["overrides"]), asked["now"])
    Path(asked["answer"]).write_text(json.dumps(told), encoding="utf-8")
