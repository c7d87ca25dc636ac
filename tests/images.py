"""OCI archives, whole and spoilt, as a builder writes them."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def archive(
    folder: Path,
    *,
    architecture: str = "arm64",
    media_type: str = MANIFEST,
    copies: int = 1,
    tampered: bool = False,
    left_out: str = "",
) -> tuple[Path, str]:
    """`image.tar` in the folder, and the digest of its manifest."""
    config = json.dumps({"architecture": architecture, "os": "linux"}).encode()
    manifest = json.dumps({"config": {"digest": digest(config)}, "layers": []}).encode()
    listed = [{"mediaType": media_type, "digest": digest(manifest)}] * copies
    files = {
        "index.json": json.dumps({"manifests": listed}).encode(),
        f"blobs/sha256/{digest(config)[7:]}": config,
        f"blobs/sha256/{digest(manifest)[7:]}": manifest + (b" " if tampered else b""),
    }
    path = folder / "image.tar"
    with tarfile.open(path, "w") as tar:
        for name, content in files.items():
            if name != left_out:
                info = tarfile.TarInfo(name)
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    return path, digest(manifest)
