"""build/bytecode.py <root> <folder> [--standard-library]: compile what a cold start would otherwise compile each time.

The image is read-only, and Python's own image comes without bytecode, its standard library included. So each start
would compile some 300 files. Only those that the service imports are compiled: the others would be dead weight.

Bytecode goes beside the source below <root>, and is never checked against it: the two are one image.
"""

import compileall
import importlib
import os
import py_compile
import sys
import sysconfig
from importlib.util import cache_from_source
from pathlib import Path

UNCHECKED = py_compile.PycInvalidationMode.UNCHECKED_HASH
# The modules that load the rest, those that only some starts or the first request need among them.
IMPORTED = (
    "service.__main__",
    "service.aws",
    "service.background",
    "service.diagnostics",
    "service.server",
    "service.sqlite_store",
    "concurrent.futures.thread",
    "encodings.idna",
    "encodings.latin_1",
    "http.cookies",
    "uvicorn.lifespan.on",
    "uvicorn.loops.asyncio",
    "uvicorn.protocols.http.h11_impl",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
)


def compile_folder(root: Path, folder: str) -> None:
    source = f"{root}{folder}"
    if not compileall.compile_dir(source, quiet=1, stripdir=str(root), invalidation_mode=UNCHECKED, workers=0):
        sys.exit(f"bytecode: {source} has files that don't compile")


def compile_standard_library(root: Path) -> None:
    """Everything of it that the service has imported, wherever this Python keeps it."""
    for name in IMPORTED:
        importlib.import_module(name)
    home = f"{os.path.realpath(sysconfig.get_path('stdlib'))}/"
    for module in list(sys.modules.values()):
        file = os.path.realpath(getattr(module, "__file__", None) or "/")
        if file.startswith(home) and file.endswith(".py") and "/site-packages/" not in file:
            target = f"{root}{cache_from_source(file)}"
            py_compile.compile(file, target, doraise=True, invalidation_mode=UNCHECKED, quiet=2)


if __name__ == "__main__":
    where, below, *options = sys.argv[1:]
    compile_folder(Path(where), below)
    if options == ["--standard-library"]:
        compile_standard_library(Path(where))
