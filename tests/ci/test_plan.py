"""plan: Pulumi's own words, also where it fails, and nothing built on the way."""

import pytest
from deployments import GOOD, Project

from ci.fetch import ENDED, FAILED, MISSING, PLANNED
from ci.plan import plan
from ci.problem import Problem


@pytest.fixture
def project(tmp_path, programs) -> Project:
    project = Project(tmp_path, programs)
    project.tell("preview", "Previewing update (dev):\n    + 2 to create\n")
    project.tell("status", "0")
    return project


def written(project: Project) -> str:
    return (project.root / "out" / "plan-dev.txt").read_text()


def ended(project: Project) -> str:
    return (project.root / "out" / f"plan-dev.{ENDED}").read_text()


def test_what_pulumi_says_is_written_down(project: Project):
    plan("dev", project.root / "out", project.root)
    assert "+ 2 to create" in written(project)
    (call,) = project.programs.calls("pulumi preview")
    assert call.startswith("pulumi preview --diff ")
    assert "--color never" in call
    assert GOOD in project.file.read_text()
    assert ended(project) == PLANNED


def test_it_is_written_down_also_if_it_failed_and_the_step_fails(project: Project):
    project.tell("status", "255")
    with pytest.raises(Problem, match="pulumi preview of dev failed:\nPreviewing"):
        plan("dev", project.root / "out", project.root)
    assert "+ 2 to create" in written(project)
    assert ended(project) == FAILED


def test_a_stack_that_is_not_there_yet_is_not_a_failure(project: Project):
    project.has_stacks()
    plan("dev", project.root / "out", project.root)
    assert written(project) == "There is no stack dev yet: its first deployment makes everything.\n"
    assert project.programs.calls("pulumi preview") == []
    assert ended(project) == MISSING


def test_a_folder_is_never_built_for_a_plan(tmp_path, programs):
    project = Project(tmp_path, programs, deployed=False)
    project.tell("preview", "")
    project.tell("status", "0")
    plan("dev", project.root / "out", project.root)
    assert "image: none" in project.file.read_text()
