"""The image that was built: its digest, and whether both topologies can run it.

Source: https://github.com/opencontainers/image-spec/blob/main/image-layout.md
"""

import hashlib
import json
import tarfile
from pathlib import Path
from typing import Any

from ci.problem import Problem

# Source: https://docs.aws.amazon.com/lambda/latest/dg/images-create.html: one image, no index of several.
MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
ARCHITECTURE = "arm64"


def digest_of(archive: Path) -> str:
    """The digest of the only image in an OCI archive. Raises Problem for what Lambda would refuse."""
    try:
        with tarfile.open(archive) as tar:
            listed = _json(tar, "index.json")["manifests"]
            if len(listed) != 1:
                raise Problem(f"{archive} holds {len(listed)} manifests: build one platform, --provenance=false")
            (found,) = listed
            if found["mediaType"] not in MANIFESTS:
                raise Problem(f"{archive} holds {found['mediaType']}: Lambda takes no index, so --provenance=false")
            manifest = json.loads(_blob(tar, found["digest"]))
            config = json.loads(_blob(tar, manifest["config"]["digest"]))
    except (OSError, tarfile.TarError, KeyError, ValueError) as error:
        raise Problem(f"{archive} is no OCI archive: {error}") from None
    if config.get("architecture") != ARCHITECTURE:
        raise Problem(f"the image is for {config.get('architecture')}, and runs on {ARCHITECTURE}")
    return str(found["digest"])


def _json(tar: tarfile.TarFile, name: str) -> Any:
    file = tar.extractfile(name)
    if file is None:
        raise KeyError(name)
    return json.load(file)


def _blob(tar: tarfile.TarFile, digest: str) -> bytes:
    """A blob, which must be what its name says."""
    file = tar.extractfile("blobs/" + digest.replace(":", "/"))
    content = file.read() if file else b""
    if f"sha256:{hashlib.sha256(content).hexdigest()}" != digest:
        raise ValueError(f"{digest} is not what it says")
    return content
