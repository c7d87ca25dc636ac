"""What was built: the digest of one image that Lambda takes, or why it would not."""

import hashlib
import io
import json
import tarfile

import pytest

from ci.image import digest_of
from ci.problem import Problem

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def archive(tmp_path, *, architecture="arm64", media_type=MANIFEST, copies=1, tampered=False, left_out=""):
    config = json.dumps({"architecture": architecture, "os": "linux"}).encode()
    manifest = json.dumps({"config": {"digest": digest(config)}, "layers": []}).encode()
    listed = [{"mediaType": media_type, "digest": digest(manifest)}] * copies
    files = {
        "index.json": json.dumps({"manifests": listed}).encode(),
        f"blobs/sha256/{digest(config)[7:]}": config,
        f"blobs/sha256/{digest(manifest)[7:]}": manifest + (b" " if tampered else b""),
    }
    path = tmp_path / "image.tar"
    with tarfile.open(path, "w") as tar:
        for name, content in files.items():
            if name != left_out:
                info = tarfile.TarInfo(name)
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    return path, digest(manifest)


def test_the_digest_is_that_of_the_manifest(tmp_path):
    path, expected = archive(tmp_path)
    assert digest_of(path) == expected


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"copies": 2}, "holds 2 manifests: build one platform, --provenance=false"),
        ({"media_type": INDEX}, f"holds {INDEX}: Lambda takes no index"),
        ({"architecture": "amd64"}, "the image is for amd64, and runs on arm64"),
        ({"tampered": True}, "is not what it says"),
        ({"left_out": "index.json"}, "is no OCI archive"),
    ],
)
def test_what_lambda_would_refuse_is_refused_before_it_is_pushed(tmp_path, changes, words):
    path, _ = archive(tmp_path, **changes)
    with pytest.raises(Problem, match=words.replace("+", r"\+")):
        digest_of(path)


def test_what_is_no_archive_is_told_in_one_line(tmp_path):
    (tmp_path / "x").write_text("x")
    for path in (tmp_path / "x", tmp_path / "missing"):
        with pytest.raises(Problem, match="is no OCI archive: "):
            digest_of(path)
