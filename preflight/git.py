"""Git: where a branch left main, and the tree of another commit. Every failure is a StackFileError in plain words."""

import os
import re
import subprocess
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from preflight.stackfile import StackFileError

MAIN = (("main", "origin/main"), ("master", "origin/master"))
"""Names of the main branch, here and on the server: either may be behind."""
_SUBMODULE = "160000"


def environment() -> dict[str, str]:
    """This process's, without what a git hook sets: GIT_DIR and GIT_INDEX_FILE point to the commit that is being made.

    With them a worktree would be checked out into that commit's index.
    """
    return {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}


def merge_base(root: Path) -> str:
    """The commit where this branch left main, the later one if main is behind here or there."""
    _in_a_repository(root)
    for names in MAIN:
        branches = [each for each in names if _git(root, "rev-parse", "-q", "--verify", _ref(each)).returncode == 0]
        found = [_git(root, "merge-base", "HEAD", _ref(each)) for each in branches]
        bases = [each.stdout.strip() for each in found if each.returncode == 0]
        if bases:
            return min(bases, key=lambda base: int(_git(root, "rev-list", "--count", f"{base}..HEAD").stdout))
        if branches:
            raise StackFileError(_nothing_in_common(root, branches[0]))
    raise StackFileError(f"no branch {' or '.join(MAIN[0])} to compare with: name a commit with --base")


def _ref(branch: str) -> str:
    return f"refs/remotes/{branch}" if "/" in branch else f"refs/heads/{branch}"


def _in_a_repository(root: Path) -> None:
    asked = _git(root, "rev-parse", "--is-inside-work-tree")
    if asked.returncode:
        raise StackFileError(f"{_last_line(asked.stderr)}; name settings to compare --with, or a commit with --base")


def _nothing_in_common(root: Path, branch: str) -> str:
    if _git(root, "rev-parse", "--is-shallow-repository").stdout.strip() == "true":
        return (
            f"this clone is shallow and does not reach to where HEAD and {branch} part: git fetch --unshallow, "
            "or fetch-depth: 0 for actions/checkout"
        )
    return f"HEAD and {branch} have no commit in common: name a commit with --base"


def short(root: Path, ref: str) -> str:
    """The commit of that name, shortened."""
    _in_a_repository(root)
    found = _git(root, "rev-parse", "--short", "--verify", "--end-of-options", f"{ref}^{{commit}}")
    if found.returncode:
        raise StackFileError(f"--base {ref}: there is no such commit here")
    return found.stdout.strip()


def show(root: Path, ref: str, name: str) -> str:
    """A file of the project's folder as it was at `ref`."""
    found = _git(root, "show", f"{ref}:./{name}")
    if found.returncode:
        raise StackFileError(_last_line(found.stderr))
    return found.stdout


@contextmanager
def worktree(root: Path, ref: str) -> Generator[Path]:
    """The project's folder as it was at `ref`, in a worktree that is gone afterwards. The folder may not be there."""
    prefix = _git(root, "rev-parse", "--show-prefix").stdout.strip()
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "base"
        added = _git(root, "worktree", "add", "--quiet", "--detach", str(tree), ref)
        if added.returncode:
            raise StackFileError(f"--base {ref}: {_last_line(added.stderr)}")
        try:
            yield tree / prefix if prefix else tree
        finally:
            _git(root, "worktree", "remove", "--force", str(tree))


def stacks_at(root: Path, ref: str) -> list[str]:
    """The stacks that had a file beside Pulumi.yaml at `ref`."""
    names = _git(root, "ls-tree", "--name-only", ref).stdout.splitlines()
    return [found[1] for name in names if (found := re.fullmatch(r"Pulumi\.(.+)\.yaml", name))]


def not_in(root: Path, ref: str, message: str) -> str:
    """Why a tree of `ref` may lack what the message is about, as a clause; empty if that is not it."""
    for path, why in _left_out(root, ref):
        if re.search(rf"(?<![\w/]){re.escape(path)}(?!\w)", message):
            return f"{path} {why}, and git's copy of {ref} is without it"
    return ""


def _left_out(root: Path, ref: str) -> Iterator[tuple[str, str]]:
    for line in _git(root, "ls-tree", "-r", ref).stdout.splitlines():
        if line.startswith(_SUBMODULE):
            yield line.partition("\t")[2], "is a submodule"
    ignored = _git(root, "ls-files", "--others", "--ignored", "--exclude-standard", "--directory")
    for line in ignored.stdout.splitlines():
        yield line.rstrip("/"), "is ignored by git"


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2].removeprefix("fatal: ")


def _git(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["git", "-C", str(root), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment())  # noqa: S603
    except FileNotFoundError:
        raise StackFileError("there is no git on the PATH: install it, or compare settings --with") from None
