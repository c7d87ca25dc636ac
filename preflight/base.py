"""The stack as it was at another commit: recorded from a git worktree, in a process of its own."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from preflight.recording import Recording
from preflight.stackfile import StackFileError

LOCKS = ("requirements.txt",)
"""What the program runs on; the base runs on this tree's, so a difference there is not seen."""
MAIN = ("main", "origin/main", "master", "origin/master")


@dataclass(frozen=True, kw_only=True)
class Base:
    """What a difference is taken against."""

    ref: str
    """The commit, as the user named it, or the merge base, shortened."""
    recording: Recording
    config: dict[str, str]
    notes: tuple[str, ...] = ()


def merge_base(root: Path) -> str:
    """The commit where this branch left main. Raises StackFileError where there is none."""
    for branch in MAIN:
        found = _git(root, "merge-base", "HEAD", branch)
        if found.returncode == 0:
            return found.stdout.strip()
    raise StackFileError(f"no branch {' or '.join(MAIN[:2])} to compare with: name a commit with --base")


def record_base(root: Path, stack: str, ref: str, overrides: tuple[str, ...]) -> Base:
    """The stack at `ref`; without resources if it had no such stack. Raises StackFileError if it can't be recorded."""
    shown = _git(root, "rev-parse", "--short", "--verify", f"{ref}^{{commit}}")
    if shown.returncode:
        raise StackFileError(f"--base {ref}: there is no such commit here")
    with _worktree(root, ref) as tree:
        notes = tuple(
            f"{name} differs between {shown.stdout.strip()} and this tree; both ran on this tree's packages."
            for name in LOCKS
            if _text(tree / name) != _text(root / name)
        )
        command = [sys.executable, "-m", "preflight.base", str(tree), stack, *overrides]
        run = subprocess.run(command, cwd=_package_folder(), capture_output=True, text=True, check=False)  # noqa: S603
    if run.returncode:
        raise StackFileError(f"{stack} at {ref}: {run.stderr.strip() or 'it could not be recorded'}")
    answer = json.loads(run.stdout)
    if answer is None:
        empty = Recording(project="", stack=stack, resources={}, lookups=(), outputs={}, logs=())
        return Base(ref=shown.stdout.strip(), recording=empty, config={}, notes=(*notes, f"{stack} is new."))
    recording = Recording.from_json(answer["recording"])
    return Base(ref=shown.stdout.strip(), recording=recording, config=answer["config"], notes=notes)


def _package_folder() -> Path:
    return Path(__file__).parents[1]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _git(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False)  # noqa: S603, S607


@contextmanager
def _worktree(root: Path, ref: str) -> Generator[Path]:
    """The project's folder as it was at `ref`, in a worktree that is gone afterwards."""
    prefix = _git(root, "rev-parse", "--show-prefix").stdout.strip()
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "base"
        added = _git(root, "worktree", "add", "--quiet", "--detach", str(tree), ref)
        if added.returncode:
            raise StackFileError(f"--base {ref}: {added.stderr.strip()}")
        try:
            yield tree / prefix if prefix else tree
        finally:
            _git(root, "worktree", "remove", "--force", str(tree))


def _main(root: Path, stack: str, overrides: tuple[str, ...]) -> int:
    """In the process of its own: print the recording as JSON, `null` if there is no such stack."""
    from preflight.cli import explain  # noqa: PLC0415
    from preflight.recorder import record_stack  # noqa: PLC0415
    from preflight.stackfile import load, stack_names  # noqa: PLC0415

    try:
        if stack not in stack_names(root):
            print("null")  # noqa: T201
            return 0
        file = load(root, stack, overrides)
        recording = record_stack(file)
    except StackFileError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    except (Exception, SystemExit) as error:
        print(explain(error, root), file=sys.stderr)  # noqa: T201
        return 1
    print(json.dumps({"recording": recording.to_json(), "config": file.config}))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(_main(Path(sys.argv[1]), sys.argv[2], tuple(sys.argv[3:])))
