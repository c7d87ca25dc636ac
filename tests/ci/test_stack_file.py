"""The image in a stack file: one line changes, and nothing else does."""

import pytest
from stacks import ROOT

from ci.problem import Problem
from ci.stack_file import digest_in, must_be_digest, with_image
from preflight.pulumi_yaml import parse_yaml

DIGEST = "sha256:" + "0123456789abcdef" * 4
SHIPPED = [ROOT / f"Pulumi.{each}.yaml" for each in ("dev", "prod")]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda each: each.name)
def test_one_line_of_a_shipped_file_changes_and_its_comment_stays(path):
    before = path.read_text()
    after = with_image(before, DIGEST)
    changed = [(a, b) for a, b in zip(before.splitlines(), after.splitlines(), strict=True) if a != b]
    ((old, new),) = changed
    assert old.startswith("  switchyard:image: app # ")
    assert new == old.replace("image: app", f"image: {DIGEST}")
    assert parse_yaml(after)["config"]["switchyard:image"] == DIGEST


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (f"  switchyard:image: {DIGEST}", DIGEST),
        (f"  switchyard:image: {DIGEST} # CI", DIGEST),
        (f'    switchyard:image: "{DIGEST}"', DIGEST),
        ("  switchyard:image: app", None),
        ("  switchyard:image: none # not yet", None),
        (f"  switchyard:image: {DIGEST}0", None),
        (f"  switchyard:image: {DIGEST.upper()}", None),
    ],
)
def test_a_digest_is_found_where_there_is_one(line, found):
    assert digest_in(f"config:\n{line}\n  switchyard:tags: {{}}\n") == found


def test_writing_what_is_there_changes_nothing():
    text = f"config:\n  switchyard:image: {DIGEST} # CI\n"
    assert with_image(text, DIGEST) == text


@pytest.mark.parametrize("text", ["config: {}\n", "config:\n  switchyard:image: a\n  switchyard:image: b\n"])
def test_a_file_without_just_one_image_is_refused(text):
    with pytest.raises(Problem, match="must have one line `switchyard:image:`, it has "):
        with_image(text, DIGEST)


@pytest.mark.parametrize("text", ["latest", "sha256:abc", DIGEST + "\n", f" {DIGEST}", f"{DIGEST}; rm -rf /", ""])
def test_what_is_no_digest_is_refused(text):
    with pytest.raises(Problem, match="a digest is sha256: and 64 hex digits, got "):
        must_be_digest(text)
