"""Files: the assets and archives among a resource's inputs, told apart by what they hold and not by where they lie."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from preflight.leaves import FILES


def with_hashes(inputs: Any, root: Path) -> Any:
    """The inputs, every file and folder that they name with a `hash` of what it holds; what is not there has none."""
    if isinstance(inputs, list):
        return [with_hashes(each, root) for each in inputs]
    if not isinstance(inputs, dict):
        return inputs
    found = {key: with_hashes(each, root) for key, each in inputs.items()}
    for mark in FILES:
        named = found.get(mark)
        if isinstance(named, dict) and isinstance(named.get("path"), str) and (root / named["path"]).exists():
            return {mark: {**named, "hash": _hash(root / named["path"])}}
    return found


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    for each in _files(path):
        content = each.read_bytes()
        digest.update(f"{each.relative_to(path).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _files(path: Path) -> Iterator[Path]:
    yield from sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
