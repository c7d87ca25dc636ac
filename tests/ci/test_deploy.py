"""deploy: the registry first, the image by its digest, the update, the smoke test, and the way back."""

from pathlib import Path

import pytest
from deployments import GOOD, NEW, REPOSITORY_URL, URL, Project

from ci import deploy as module
from ci.deploy import Deployment, deploy
from ci.problem import Problem


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0)


@pytest.fixture
def project(tmp_path, programs) -> Project:
    return Project(tmp_path, programs)


def deployed(project: Project, digest: str = NEW, archive: str | None = "image.tar", last_good=None) -> str:
    path = Path(archive) if archive else None
    args = {"stack": project.stack, "digest": digest, "archive": path, "last_good": last_good}
    return deploy(Deployment(**args, root=project.root))


def test_a_good_image_is_copied_by_its_digest_deployed_and_tried(project: Project):
    assert deployed(project) == URL
    assert project.programs.calls("skopeo") == [
        "skopeo login --username AWS --password-stdin 123456789012.dkr.ecr.eu-west-1.amazonaws.com",
        f"skopeo copy --preserve-digests oci-archive:image.tar docker://{REPOSITORY_URL}@{NEW}",
    ]
    assert project.ups == [NEW]
    assert project.lines("smokes") == [f"dev {NEW}"]


def test_the_registrys_password_goes_by_standard_input_and_is_for_its_own_region(project: Project):
    deployed(project)
    assert project.programs.calls("aws") == ["aws ecr get-login-password --region eu-west-1"]
    assert project.lines("stdin") == ["the-password"]
    assert "the-password" not in "".join(project.programs.calls())


def test_an_update_is_never_asked_about_and_shows_what_it_changes(project: Project):
    deployed(project)
    (up,) = project.programs.calls("pulumi up")
    assert up.startswith("pulumi up --yes --diff ")
    assert up.endswith("--stack dev")


def test_the_first_deployment_makes_the_registry_first_and_then_takes_the_same_path(tmp_path, programs):
    project = Project(tmp_path, programs, deployed=False)
    assert deployed(project) == URL
    assert project.ups == ["none", NEW]
    assert len(programs.calls("skopeo copy")) == 1


def test_a_first_deployment_that_cant_even_make_the_registry_pushes_nothing(tmp_path, programs):
    project = Project(tmp_path, programs, deployed=False)
    project.breaks("none")
    with pytest.raises(Problem, match="dev could not be made without an image"):
        deployed(project)
    assert programs.calls("skopeo") == []


def test_a_failed_smoke_test_goes_back_to_the_last_good_digest_and_fails(project: Project):
    project.is_ill_with(NEW)
    with pytest.raises(Problem, match=f"the smoke test failed; dev runs {GOOD} again, which was good before"):
        deployed(project)
    assert project.ups == [NEW, GOOD]
    assert project.lines("smokes") == [f"dev {NEW}"] * module.TRIES + [f"dev {GOOD}"]


def test_a_job_that_waited_goes_back_to_what_was_good_by_then(project: Project):
    meanwhile = "sha256:" + "c" * 64
    project.is_ill_with(NEW)
    with pytest.raises(Problem, match=f"dev runs {meanwhile} again"):
        deployed(project, last_good=meanwhile)
    assert project.ups == [NEW, meanwhile]


def test_nowhere_to_go_back_to_is_not_the_file_of_an_old_commit(project: Project):
    project.is_ill_with(NEW)
    with pytest.raises(Problem, match="there is no other image to go back to"):
        deployed(project, last_good="")
    assert project.ups == [NEW]


def test_what_is_no_digest_is_not_gone_back_to(project: Project):
    with pytest.raises(Problem, match="a digest is sha256:"):
        deployed(project, last_good="latest")
    assert project.ups == []


def test_a_failed_update_goes_back_too(project: Project):
    project.breaks(NEW)
    with pytest.raises(Problem, match=f"the update failed; dev runs {GOOD} again"):
        deployed(project)
    assert project.ups == [NEW, GOOD]


def test_a_smoke_test_may_fail_while_a_name_is_young(project: Project, monkeypatch):
    project.is_ill_with(NEW)
    monkeypatch.setattr(module.time, "sleep", lambda seconds: project.is_ill_with())
    assert deployed(project) == URL
    assert project.ups == [NEW]


def test_a_way_back_that_fails_is_told_with_the_page_that_helps(project: Project):
    project.breaks(NEW, GOOD)
    with pytest.raises(
        Problem, match=rf"the update failed, and going back to {GOOD} did too \(the update failed\): docs"
    ):
        deployed(project)


@pytest.mark.parametrize("digest", [NEW, GOOD])
def test_without_another_image_there_is_no_way_back(tmp_path, programs, digest):
    project = Project(tmp_path, programs, deployed=digest == GOOD)
    project.is_ill_with(digest)
    with pytest.raises(Problem, match="the smoke test failed, and there is no other image to go back to"):
        deployed(project, digest)


def test_a_rollback_needs_no_archive_but_an_image_that_is_still_there(project: Project):
    assert deployed(project, archive=None) == URL
    assert project.programs.calls("skopeo inspect") == [f"skopeo inspect --raw docker://{REPOSITORY_URL}@{NEW}"]
    project.tell("no-inspect", "")
    with pytest.raises(Problem, match=f"{NEW} is not in {REPOSITORY_URL}, which keeps the newest 30"):
        deployed(project, archive=None)
    assert project.ups == [NEW]


def test_an_image_that_cant_be_copied_is_not_deployed(project: Project):
    project.tell("no-copy", "")
    with pytest.raises(Problem, match="the image could not be copied to docker://"):
        deployed(project)
    assert project.ups == []


def test_a_registry_that_does_not_let_in_is_told(project: Project):
    project.tell("no-login", "")
    with pytest.raises(Problem, match="skopeo can't log in to 123456789012"):
        deployed(project)


@pytest.mark.parametrize("url", ["", "docker.io/evil", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/x --dest-creds"])
def test_only_a_repository_of_ecr_is_pushed_to(project: Project, url):
    project.tell("outputs", {"repository_url": url or "x"})
    with pytest.raises(Problem, match="is no repository of ECR"):
        deployed(project)
    assert project.programs.calls("skopeo") == []


def test_a_stack_that_nobody_made_is_told_how_to_make(project: Project):
    project.has_stacks()
    with pytest.raises(Problem, match="there is no stack dev: pulumi stack init dev"):
        deployed(project)
    project.stack = "qa"
    with pytest.raises(Problem, match=r"there is no Pulumi\.qa\.yaml"):
        deployed(project)


def test_what_is_no_digest_is_refused_before_anything_is_asked(project: Project):
    with pytest.raises(Problem, match="a digest is sha256:"):
        deployed(project, "latest")
    assert project.programs.calls() == []


def test_a_domain_is_checked_before_anything_waits_on_its_certificate(project: Project, monkeypatch):
    asked = []
    monkeypatch.setattr(module.delegation, "check", asked.append)
    project.file.write_text(
        project.file.read_text() + "  switchyard:domain: {name: shop.example.com, zone: example.com}\n"
    )
    deployed(project)
    assert asked == ["example.com"]


def test_a_missing_program_is_told_in_one_line(project: Project):
    (project.programs.folder / "skopeo").unlink()
    with pytest.raises(Problem, match="skopeo can't be run: No such file or directory"):
        deployed(project)


def test_what_pulumi_says_last_is_passed_on(project: Project):
    project.programs.add("pulumi", "echo 'one' >&2; echo 'error: no credentials' >&2; exit 1")
    with pytest.raises(Problem, match="pulumi stack: error: no credentials"):
        deployed(project)


def test_a_backend_that_does_not_let_in_is_not_taken_for_an_empty_one(project: Project):
    project.tell("sealed", "")
    with pytest.raises(Problem, match="pulumi stack: error: AccessDenied"):
        deployed(project)
