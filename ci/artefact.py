"""Artefacts: what a run left behind, taken out without trust: by size, by name, into memory alone.

A pull request's own code made them. Nothing is unpacked onto the disk, so no name in an archive leads anywhere.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator

from ci.github import Github

MOST_BYTES = 32 * 1024 * 1024
"""Of an artefact as it is stored: many times what a report needs."""


def named(github: Github, run: int, prefix: str) -> Iterator[tuple[str, bytes]]:
    """(name, archive) of each artefact of a run whose name begins so and that is not too large."""
    for each in github.pages(f"actions/runs/{run}/artifacts", "artifacts"):
        if each["name"].startswith(prefix) and not each["expired"] and each["size_in_bytes"] <= MOST_BYTES:
            archive = github.download(f"actions/artifacts/{each['id']}/zip", MOST_BYTES)
            if archive is not None:
                yield each["name"], archive


def member(archive: bytes, name: str, most_bytes: int) -> bytes | None:
    """One file of an archive; None if it is not there exactly once, is more than that, or can't be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as files:
            if [each.filename for each in files.infolist()].count(name) != 1:
                return None
            with files.open(name) as file:
                content = file.read(most_bytes + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        return None
    return content if len(content) <= most_bytes else None
