"""build: the image, once, as an OCI archive that every registry takes bit for bit, and the list of what is in it."""

from pathlib import Path

from ci.command import run
from ci.image import ARCHITECTURE, digest_of
from ci.problem import Problem

IMAGE, BILL = "image.tar", "sbom.spdx.json"
_BUILD = ("docker", "buildx", "build", "--platform", f"linux/{ARCHITECTURE}", "--provenance=false")


def build(folder: Path, out: Path, root: Path) -> str:
    """Write both into `out`; the image's digest. Raises Problem if it can't be built, or Lambda would refuse it."""
    out.mkdir(parents=True, exist_ok=True)
    archive = out / IMAGE
    if not run(*_BUILD, "--sbom=false", "--output", f"type=oci,dest={archive}", str(folder), root=root):
        raise Problem(f"{folder} could not be built for {ARCHITECTURE}")
    digest = digest_of(archive)
    # A list inside of the image would make an index of it, which Lambda refuses; so it is made of the same layers,
    # from the builder's cache, and exported beside the files.
    # Source: https://docs.docker.com/build/metadata/attestations/sbom/
    tree = out / "tree"
    if not run(*_BUILD, "--sbom=true", "--output", f"type=local,dest={tree}", str(folder), root=root):
        raise Problem(f"what is in the image of {folder} could not be listed")
    (tree / BILL).replace(out / BILL)
    return digest
