"""site_files: which files of a folder go on the web, under which key, as what type, and how long browsers keep them."""

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

NO_CACHE = "no-cache"
"""For pages: asked for again each time, and answered with 304 while they are the same."""
SHORT = "public, max-age=300"
"""For what may change under the same name."""
FOR_EVER = "public, max-age=31536000, immutable"
"""For files that carry a hash of their content in their name."""

# One table and no `mimetypes`: that one reads the machine's own files, and a plan would differ between machines.
# Source: https://www.iana.org/assignments/media-types/media-types.xhtml
CONTENT_TYPES = {
    ".avif": "image/avif",
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".gif": "image/gif",
    ".htm": "text/html; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/vnd.microsoft.icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".otf": "font/otf",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webm": "video/webm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xml": "text/xml; charset=utf-8",
    ".zip": "application/zip",
}
UNKNOWN_TYPE = "application/octet-stream"
_PAGES = (".html", ".htm")
# A digit and a letter at least: a date is no hash, and neither is a word of the letters a to f.
_HASH = re.compile(r"(?<![0-9a-zA-Z])(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{8,64}(?![0-9a-zA-Z])")
# Hidden by its name and public by RFC 8615.
_WELL_KNOWN = ".well-known"


@dataclass(frozen=True, kw_only=True)
class SiteFile:
    """One file to publish."""

    key: str
    """Path under the site's root, with forward slashes."""
    path: str
    """Path to read it from: the folder as it was given, and the key."""
    content_type: str
    cache_control: str
    sha256: str
    """Of its content."""

    @property
    def is_page(self) -> bool:
        """HTML, which refers to the other files and so has to come after them."""
        return _suffix(self.key) in _PAGES


def content_type(key: str) -> str:
    """Media type by the name's ending, whatever its case."""
    return CONTENT_TYPES.get(_suffix(key), UNKNOWN_TYPE)


def cache_control(key: str) -> str:
    """How long browsers and CloudFront may keep the file without asking."""
    if _suffix(key) in _PAGES:
        return NO_CACHE
    return FOR_EVER if _HASH.search(PurePosixPath(key).name) else SHORT


def site_files(directory: str) -> list[SiteFile]:
    """Every file to publish, in the order of the keys; hidden ones are left out, except `.well-known`.

    Raises ValueError for a folder that is missing, has no index.html, or holds a symbolic link.
    """
    if not _is_folder(directory):
        raise ValueError(f"must be a folder, got {directory!r}")
    keys = sorted(_keys(Path(directory)))
    if "index.html" not in keys:
        raise ValueError(f"must hold an index.html, got {directory!r} without one")
    return [_site_file(directory, key) for key in keys]


def _site_file(directory: str, key: str) -> SiteFile:
    path = Path(directory, key)
    return SiteFile(
        key=key,
        path=path.as_posix(),
        content_type=content_type(key),
        cache_control=cache_control(key),
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def _keys(root: Path) -> Iterator[str]:
    for folder, folders, files in os.walk(root):
        folders[:] = [each for each in folders if not _is_hidden(each)]
        for name in [*folders, *(each for each in files if not _is_hidden(each))]:
            path = Path(folder, name)
            key = path.relative_to(root).as_posix()
            if path.is_symlink():
                raise ValueError(
                    f"must hold no symbolic links, got {key!r}: put the file itself there if it may be public"
                )
            if path.is_file():
                yield key


def _is_hidden(name: str) -> bool:
    return name.startswith(".") and name != _WELL_KNOWN


def _suffix(key: str) -> str:
    return PurePosixPath(key).suffix.lower()


def _is_folder(directory: str) -> bool:
    try:
        return Path(directory).is_dir()
    except OSError:  # a text that is too long for a path, as only a mistake is
        return False
