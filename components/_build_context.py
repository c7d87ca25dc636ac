"""The tag of an image that is built from a directory: a hash of what Docker would send to the builder."""

import hashlib
import json
import os
import posixpath
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from pathspec import PathSpec
from pathspec.pattern import RegexPattern

DOCKERFILE = "Dockerfile"
# The first there is counts. Source: https://docs.docker.com/build/concepts/context/#dockerignore-files
IGNORE_FILES = (f"{DOCKERFILE}.dockerignore", ".dockerignore")
# 128 bits: two contents never meet, and the tag still fits on a line.
TAG_LENGTH = 32


def content_tag(directory: Path, platform: str) -> str:
    """The same tag for the same content: paths, bytes, permissions, targets of links.

    Permissions count whole, since the builder goes by them too: it would build anew for another umask, and an
    immutable registry takes no second image under one tag. Owners, times and empty folders don't count, since a
    fresh clone would change them. What the Dockerfile downloads doesn't count either: pin it there.
    """
    entries = [[path, *_content(directory / path)] for path in sorted(_paths(directory))]
    return hashlib.sha256(json.dumps([platform, entries]).encode()).hexdigest()[:TAG_LENGTH]


def _content(file: Path) -> tuple[str, str]:
    if file.is_symlink():
        return "link", os.readlink(file)
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
        return f"{stat.S_IMODE(os.fstat(opened.fileno()).st_mode):03o}", digest


def _paths(directory: Path) -> Iterator[str]:
    """Every file and link of the build context, relative to it."""
    ignored_by = ignore_file(directory)
    ignored = ignore_spec((directory / ignored_by).read_text("utf-8") if ignored_by else "")
    for folder, folders, files in os.walk(directory):
        links = [each for each in folders if Path(folder, each).is_symlink()]
        for name in files + links:
            file = Path(folder, name)
            if not (file.is_symlink() or file.is_file()):  # a socket or a pipe: there is nothing to copy
                continue
            path = file.relative_to(directory).as_posix()
            # Docker sends these two to the builder whatever the ignore file says.
            if path in (DOCKERFILE, ignored_by) or not ignored.match_file(path):
                yield path


def ignore_file(directory: Path) -> str | None:
    """The name of the file that says what Docker leaves out, where there is one."""
    return next((each for each in IGNORE_FILES if (directory / each).is_file()), None)


def ignore_spec(text: str) -> PathSpec:
    """What a .dockerignore with this text leaves out; of the lines that match a path, the last decides."""
    patterns = []
    for line in text.removeprefix("\ufeff").split("\n"):
        pattern = line.strip()
        if not pattern or line.startswith("#"):
            continue
        keep = pattern.startswith("!")
        # As Docker does: `a/../b/` is `b`, and every pattern starts at the context's root, with or without a slash.
        cleaned = posixpath.normpath(pattern.removeprefix("!").strip()).lstrip("/")
        patterns.append(RegexPattern(re.compile(as_regex(cleaned), re.DOTALL), include=not keep))
    return PathSpec(patterns)


# Git's wildcards, which pathspec has built in, differ: there `a**b` stays in one folder, and `[!a]` is "not a".
# Source: https://github.com/moby/patternmatcher/blob/main/patternmatcher.go
_TOKEN = re.compile(
    r"(?P<rest>\*\*/?$)|(?P<folders>\*\*/?)|(?P<star>\*)|(?P<one>\?)|(?P<set>\[(?:\\.|[^]\\])+\])|\\?(?P<char>.)", re.S
)
_MEANING = {"rest": ".*", "folders": "(?:.*/)?", "star": "[^/]*", "one": "[^/]"}


def as_regex(pattern: str) -> str:
    """Docker's wildcards as a regular expression that a path, or a folder it lies in, has to match from the start."""

    def translate(token: re.Match[str]) -> str:
        kind = token.lastgroup or "char"
        if kind in _MEANING:
            return _MEANING[kind]
        return token[kind] if kind == "set" else re.escape(token[kind])

    return rf"\A{_TOKEN.sub(translate, pattern)}(?:/.*)?\Z"
