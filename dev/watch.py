"""Sources: which files of a service's folder are worth a new start when they change."""

from pathlib import Path

from pathspec import GitIgnoreSpec
from watchfiles import Change, DefaultFilter

from components._build_context import ignore_file, ignore_spec


class Sources(DefaultFilter):
    """Everything but what git or Docker is told to ignore there, and what no editor or language means as a source."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder.resolve()
        self._by_git = GitIgnoreSpec.from_lines(_text(folder / ".gitignore").splitlines())
        ignored_by = ignore_file(folder)
        self._by_docker = ignore_spec(_text(folder / ignored_by) if ignored_by else "")

    def __call__(self, change: Change, path: str) -> bool:
        inside = Path(path).relative_to(self._folder).as_posix()
        is_ignored = self._by_git.match_file(inside) or self._by_docker.match_file(inside)
        return super().__call__(change, path) and not is_ignored


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
