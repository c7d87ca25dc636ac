"""What was built: the digest of one image that Lambda takes, or why it would not."""

import pytest
from images import INDEX, archive

from ci.image import digest_of
from ci.problem import Problem


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
