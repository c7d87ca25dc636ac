"""build: one image that both topologies take, and the list of what is in it, of the same layers."""

import pytest
from images import archive

from ci.build import BILL, IMAGE, build
from ci.problem import Problem


@pytest.fixture
def docker(tmp_path, programs):
    """Does as it is told: an archive where one is asked for, else a tree with the list in it."""
    path, digest = archive(tmp_path)
    programs.add(
        "docker",
        f"""[ ! -e {tmp_path}/broken ] || exit 1
for each; do case "$each" in
  type=oci,dest=*) cp {path} "${{each#type=oci,dest=}}" ;;
  type=local,dest=*)
    [ ! -e {tmp_path}/unlisted ] || exit 1
    tree="${{each#type=local,dest=}}"; mkdir -p "$tree"; echo '{{}}' > "$tree/{BILL}" ;;
esac; done""",
    )
    return digest


def test_the_image_is_for_arm64_without_attestations_and_its_digest_is_told(tmp_path, programs, docker):
    assert build("app", tmp_path / "out", tmp_path) == docker
    image, bill = programs.calls("docker")
    common = "docker buildx build --platform linux/arm64 --provenance=false"
    assert image == f"{common} --sbom=false --output type=oci,dest={tmp_path}/out/{IMAGE} app"
    assert bill == f"{common} --sbom=true --output type=local,dest={tmp_path}/out/tree app"


def test_the_list_lies_beside_the_image(tmp_path, docker):
    build("app", tmp_path / "out", tmp_path)
    assert (tmp_path / "out" / IMAGE).exists()
    assert (tmp_path / "out" / BILL).read_text() == "{}\n"


@pytest.mark.parametrize(
    ("broken", "words"), [("broken", "app could not be built for arm64"), ("unlisted", "could not be listed")]
)
def test_what_docker_refuses_is_told(tmp_path, docker, broken, words):
    (tmp_path / broken).touch()
    with pytest.raises(Problem, match=words):
        build("app", tmp_path / "out", tmp_path)


def test_what_lambda_would_refuse_never_leaves_the_job(tmp_path, programs, docker):
    archive(tmp_path, architecture="amd64")
    with pytest.raises(Problem, match="the image is for amd64"):
        build("app", tmp_path / "out", tmp_path)
    assert len(programs.calls("docker")) == 1
