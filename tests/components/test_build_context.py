"""_build_context: the tag follows what Docker would send to the builder, and nothing else."""

import os
import re
import shutil
import socket
import tempfile
from pathlib import Path

import botocore.session
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components._build_context import content_tag, ignore_spec

NAMES = st.text("abc-.", min_size=1, max_size=4).filter(lambda name: name.strip("."))
CONTENTS = st.dictionaries(st.lists(NAMES, min_size=1, max_size=3).map("/".join), st.binary(max_size=8), max_size=6)


def tag(directory, platform="linux/arm64") -> str:
    return content_tag(Path(directory), platform)


def fill(directory: Path, files: dict[str, bytes]) -> Path:
    for path, content in files.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_bytes(content)
        (directory / path).chmod(0o644)  # whatever this machine's umask is
    return directory


def without_clashes(files: dict[str, bytes]) -> dict[str, bytes]:
    """Leave out a file whose path is also another's folder."""
    return {path: files[path] for path in files if not any(other.startswith(f"{path}/") for other in files)}


@pytest.fixture
def app(tmp_path):
    return fill(tmp_path, {"Dockerfile": b"FROM scratch", "src/main.py": b"print()", "src/data/a.csv": b"1"})


def test_the_tag_is_one_ecr_takes(app):
    limits = botocore.session.get_session().get_service_model("ecr").shape_for("ImageTag").metadata
    assert limits["min"] <= len(tag(app)) <= limits["max"]
    assert re.fullmatch(r"[0-9a-f]{32}", tag(app))


def test_the_tag_is_the_same_on_every_machine_and_in_every_release(app):
    # A change here gives every image a new tag, and so builds and deploys all of them once more.
    assert tag(app) == "87a52f4eceaf13d51589d4ebe0bb311b"


@settings(max_examples=25, deadline=None)
@given(files=CONTENTS.map(without_clashes), data=st.data())
def test_equal_content_has_an_equal_tag_in_whatever_order_and_time_it_was_written(files, data):
    order = data.draw(st.permutations(sorted(files)))
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        fill(Path(one), files)
        fill(Path(other), {path: files[path] for path in order})
        for path in files:
            os.utime(Path(other, path), (0, 0))
        assert tag(one) == tag(other)


@settings(max_examples=25, deadline=None)
@given(one=CONTENTS.map(without_clashes), other=CONTENTS.map(without_clashes))
def test_different_content_has_a_different_tag(one, other):
    with tempfile.TemporaryDirectory() as here, tempfile.TemporaryDirectory() as there:
        assert (tag(fill(Path(here), one)) == tag(fill(Path(there), other))) == (one == other)


@pytest.mark.parametrize(
    "change",
    [
        lambda app: (app / "src/main.py").write_bytes(b"print(1)"),
        lambda app: (app / "Dockerfile").write_bytes(b"FROM busybox"),
        lambda app: (app / "src/main.py").rename(app / "src/other.py"),
        lambda app: (app / "src/main.py").chmod(0o755),
        lambda app: (app / "src/main.py").chmod(0o664),  # another umask: the builder would build anew
        lambda app: (app / "new").write_bytes(b""),
        lambda app: (app / "link").symlink_to("src"),
        lambda app: (app / "src/data/a.csv").unlink(),
    ],
    ids=[
        "bytes",
        "Dockerfile",
        "name",
        "executable bit",
        "permissions of the group",
        "empty file",
        "link to a folder",
        "file gone",
    ],
)
def test_the_tag_changes_with(app, change):
    before = tag(app)
    change(app)
    assert tag(app) != before


@pytest.mark.parametrize(
    "change",
    [
        lambda app: os.utime(app / "src/main.py", (0, 0)),
        lambda app: (app / "empty").mkdir(),
    ],
    ids=["time", "empty folder"],
)
def test_the_tag_does_not_change_with(app, change):
    (app / "src/main.py").chmod(0o644)
    before = tag(app)
    change(app)
    assert tag(app) == before


def test_the_tag_does_not_depend_on_where_the_directory_is(app, tmp_path_factory, monkeypatch):
    copy = tmp_path_factory.mktemp("elsewhere") / "copy"
    shutil.copytree(app, copy)
    monkeypatch.chdir(copy.parent)
    assert tag("copy") == tag(app)


def test_the_same_content_for_another_platform_is_another_image(app):
    assert tag(app, "linux/amd64") != tag(app, "linux/arm64")


def test_a_links_target_counts_and_not_what_it_leads_to(app):
    (app / "link").symlink_to("src/main.py")
    before = tag(app)
    (app / "link").unlink()
    (app / "link").symlink_to("src/data/a.csv")
    assert tag(app) != before
    (app / "link").unlink()
    (app / "link").write_bytes(b"print()")
    assert tag(app) != before


def test_a_link_that_leads_nowhere_or_around_in_a_circle_is_no_obstacle(app):
    (app / "nowhere").symlink_to("gone")
    (app / "src/up").symlink_to("..")
    assert tag(app)


def test_a_socket_is_left_out(app, monkeypatch):
    before = tag(app)
    monkeypatch.chdir(app)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("s")
        assert tag(app) == before


def test_what_the_ignore_file_leaves_out_does_not_count(app):
    (app / ".dockerignore").write_text("src/data\n")
    before = tag(app)
    (app / "src/data/a.csv").write_bytes(b"2")
    assert tag(app) == before
    (app / "src/main.py").write_bytes(b"2")
    assert tag(app) != before


@pytest.mark.parametrize("name", ["Dockerfile", ".dockerignore"])
def test_dockerfile_and_ignore_file_count_even_where_everything_is_ignored(app, name):
    (app / ".dockerignore").write_text("**\n")
    before = tag(app)
    (app / name).write_text("**\n# changed\n")
    assert tag(app) != before


def test_a_dockerfiles_own_ignore_file_wins(app):
    (app / ".dockerignore").write_text("src/data\n")
    (app / "Dockerfile.dockerignore").write_text("src/main.py\n")
    before = tag(app)
    (app / "src/main.py").write_bytes(b"2")
    assert tag(app) == before
    (app / "src/data/a.csv").write_bytes(b"2")
    assert tag(app) != before


@pytest.mark.parametrize(
    ("text", "ignored", "kept"),
    [
        ("", [], ["a", ".git/x"]),
        ("# a\n\n  \n", [], ["a", "# a"]),
        ("a", ["a", "a/b/c"], ["b/a", "ab", "ba"]),
        ("/a", ["a", "a/b"], ["b/a"]),
        ("a/", ["a", "a/b"], ["b/a"]),
        ("./a//b/../c", ["a/c", "a/c/d"], ["a/b", "b/a/c"]),
        ("  a  \r\n", ["a"], ["  a  "]),
        ("\ufeffa", ["a"], []),
        ("*.md", ["x.md"], ["x/y.md", "xmd"]),
        ("*/x", ["a/x", "a/x/b"], ["x", "a/b/x"]),
        ("**/x", ["x", "a/x", "a/b/x", "a/x/b"], ["ax", "a/bx"]),
        ("a/**/x", ["a/x", "a/b/x", "a/b/c/x"], ["x", "b/a/x"]),
        ("a/**", ["a/x", "a/b/c"], ["a", "b"]),
        ("**", ["a", "a/b"], []),
        ("*", ["a", "a/b"], []),
        ("**.log", [".log", "a/.log"], ["a.log"]),
        ("a?c", ["abc"], ["ac", "a/c", "abbc"]),
        ("a[b-d]", ["ab", "ad"], ["aa", "a[b-d]"]),
        ("a[^b]", ["aa"], ["ab"]),
        ("a[!b]", ["a!", "ab"], ["aa"]),
        ("a[", ["a["], ["ab"]),
        (r"a\*", ["a*"], ["ab"]),
        (r"a\[b]", ["a[b]"], ["ab"]),
        ("a.c+(d)|$", ["a.c+(d)|$"], ["abc", "a.c"]),
        ("*\n!a/b", ["a/c", "x"], ["a/b", "a/b/c"]),
        ("!a/b\n*", ["a/b", "x"], []),
        ("*.md\n!README*.md\nREADME-secret.md", ["x.md", "README-secret.md"], ["README.md"]),
        ("*.md\nREADME-secret.md\n! README*.md", ["x.md"], ["README.md", "README-secret.md"]),
    ],
)
def test_a_line_of_the_ignore_file_means_what_it_means_to_docker(text, ignored, kept):
    spec = ignore_spec(text)
    assert [path for path in ignored if not spec.match_file(path)] == []
    assert [path for path in kept if spec.match_file(path)] == []


@given(st.text(max_size=30), st.text("ab./", min_size=1, max_size=6))
def test_a_last_line_that_keeps_everything_undoes_all_others(text, path):
    if "[" not in text:  # a bad range is refused, by Docker too
        assert not ignore_spec(f"{text}\n!**").match_file(path)
