"""ContainerImage: a digest is only named, a directory is built and pushed; the outcome is named by digest."""

import subprocess
import sys
from pathlib import Path

import pytest

from components._build_context import content_tag
from components.container_image import ContainerImage, ContainerImageArgs, digest_of

COMPONENT = "switchyard:index:ContainerImage"
IMAGE = "awsx:ecr:Image"
URL = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop"
DIGEST = f"sha256:{'0123456789abcdef' * 4}"
REFUSAL = r"ContainerImageArgs: source must be sha256:<64 hex digits> or a directory with a Dockerfile, got "


@pytest.fixture
def app(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("app").mkdir()
    Path("app/Dockerfile").write_text("FROM scratch")
    return "app"


def made(record, source, **changes):
    return record(lambda: ContainerImage("image", ContainerImageArgs(repository_url=URL, source=source, **changes)))


def test_a_digest_makes_no_child_and_is_named_in_the_repository(record):
    recording = made(record, DIGEST)
    component = recording.one(COMPONENT)
    assert recording.children(component.urn) == []
    assert component.outputs == {"image_uri": f"{URL}@{DIGEST}"}


def test_a_directory_is_built_by_one_child_and_nothing_else(record, app):
    recording = made(record, app)
    (child,) = recording.children(recording.one(COMPONENT).urn)
    assert (child.type, child.name, child.remote) == (IMAGE, "image", True)


@pytest.mark.parametrize("platform", ["linux/arm64", "linux/amd64"])
def test_the_image_is_built_for_the_platform_and_tagged_by_its_content(record, app, platform):
    assert made(record, app, platform=platform).one(IMAGE).inputs == {
        "repositoryUrl": URL,
        "context": "app",  # not made absolute: the plan would differ from machine to machine
        "platform": platform,
        "imageTag": content_tag(Path(app), platform),
    }


def test_the_platform_is_arm_by_default(record, app):
    assert made(record, app).one(IMAGE).inputs["platform"] == "linux/arm64"


def test_an_image_a_running_version_is_pinned_to_outlives_the_next_build(record, app):
    assert made(record, app).one(IMAGE).options.retain_on_delete is True


def test_an_image_that_was_built_is_named_by_digest_without_a_tag(record, app):
    uri = made(record, app).one(COMPONENT).outputs["image_uri"]
    assert uri == f"{URL}@{digest_of(uri)}"


@pytest.mark.parametrize("uri", [f"{URL}:tag@{DIGEST}", f"{URL}@{DIGEST}"])
def test_the_digest_is_found_behind_a_tag_or_without_one(uri):
    assert digest_of(uri) == DIGEST


@pytest.mark.parametrize("uri", [f"{URL}:tag", f"{URL}@sha256:12", ""])
def test_an_image_without_a_digest_is_refused_since_a_tag_pins_nothing(uri):
    with pytest.raises(ValueError, match=f"has no digest: '{uri}'$"):
        digest_of(uri)


@pytest.mark.parametrize(
    "source",
    ["", "gone", "latest", "sha256:", DIGEST[:-1], DIGEST + "0", DIGEST.upper(), f"{URL}@{DIGEST}", "app/Dockerfile"],
)
def test_a_source_that_is_neither_digest_nor_directory_is_refused(app, source):
    with pytest.raises(ValueError, match=f"{REFUSAL}'{source}'$"):
        ContainerImageArgs(repository_url=URL, source=source)


def test_a_directory_without_a_dockerfile_is_refused_and_so_is_no_source_at_all_in_one_with(app, monkeypatch):
    with pytest.raises(ValueError, match=f"{REFUSAL}'.'$"):
        ContainerImageArgs(repository_url=URL, source=".")
    monkeypatch.chdir("app")
    assert ContainerImageArgs(repository_url=URL, source=".")
    with pytest.raises(ValueError, match=f"{REFUSAL}''$"):
        ContainerImageArgs(repository_url=URL, source="")


def test_another_platform_is_refused():
    with pytest.raises(ValueError, match=r"platform must be one of linux/arm64, linux/amd64, got 'linux/386'$"):
        ContainerImageArgs(repository_url=URL, source=DIGEST, platform="linux/386")  # ty: ignore[invalid-argument-type]


def test_whoever_names_a_digest_does_not_pay_for_importing_awsx():
    check = "import sys; import components.container_image; sys.exit('pulumi_awsx' in sys.modules)"
    subprocess.run([sys.executable, "-c", check], check=True)
