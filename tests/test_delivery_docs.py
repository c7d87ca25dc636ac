"""docs/delivery.md and docs/recovery.md: their commands are ones that exist, their links lead somewhere."""

import re
import shlex
import subprocess
import sys

import pytest
from stacks import ROOT
from workflows import FILES, workflow

from ci.__main__ import parser
from ci.decide import LABEL
from preflight.stackfile import load
from settings import parse

PAGES = {name: (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8") for name in ("delivery", "recovery")}
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def lines(page: str) -> list[str]:
    """What the page tells to type."""
    typed = "".join(re.findall(r"```console\n(.*?)```", PAGES[page], re.DOTALL)).splitlines()
    return [re.sub(r"\s+# .*", "", line.removeprefix("$ ")) for line in typed]


def test_every_step_that_another_ci_is_told_of_is_understood():
    told = [shlex.split(line) for line in lines("delivery") if " -m ci " in line]
    assert len(told) > 8
    for words in told:
        parser().parse_args(words[words.index("ci") + 1 :])


def test_every_module_that_is_named_can_be_run():
    named = {words for page in PAGES for line in lines(page) for words in re.findall(r"python -m (\S+)", line)}
    assert named == {"ci", "bootstrap.connect"}
    for each in named:
        found = subprocess.run([sys.executable, "-c", f"import {each}"], cwd=ROOT, capture_output=True)
        assert found.returncode == 0


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_and_every_link_is_there(page):
    for target in re.findall(r"(?:^|`|\$ |&& )make ([a-z]+)", "\n".join([PAGES[page], *lines(page)]), re.MULTILINE):
        assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), target
    for link in re.findall(r"\]\(([^)]+)\)", PAGES[page]):
        assert "://" in link or (ROOT / "docs" / link).exists(), link


def test_every_workflow_is_told_of_with_what_sets_it_off():
    rows = re.findall(r"^\| (\w+)(?:, by hand)? \|", PAGES["delivery"].partition("\n## ")[0], re.MULTILINE)
    called = {path.stem for path in FILES if set(workflow(path.stem)[True]) == {"workflow_call"}}
    assert set(rows) - {"workflow"} == {path.stem for path in FILES} - called
    assert f"the label `{LABEL}`" in PAGES["delivery"]


@pytest.mark.parametrize("page", PAGES)
def test_the_button_takes_what_it_is_given(page):
    inputs = workflow("deploy")[True]["workflow_dispatch"]["inputs"]
    buttons = [line for line in lines(page) if line.startswith("gh workflow run")]
    assert buttons
    for line in buttons:
        assert line.startswith("gh workflow run deploy.yml ")
        assert dict(re.findall(r"-f (\w+)=(\S+)", line)).keys() == inputs.keys()
        assert "prod" in inputs["stack"]["options"]


def test_the_checks_that_main_is_to_require_are_those_of_verify():
    names = {job["name"] for job in workflow("verify")["jobs"].values()}
    assert set(re.findall(r"require `(\w+)` and `(\w+)`", PAGES["delivery"])[0]) == names


def test_the_settings_of_the_switch_are_accepted_in_the_order_in_which_they_are_told():
    section = PAGES["delivery"].partition("## The switch\n")[2].partition("\n## ")[0]
    in_one, in_three = section.split("In three,")
    for steps in (in_one, in_three):
        made: list[str] = []
        for name, value in re.findall(r"`switchyard:(\w+): (\w+)`", steps):
            made.append(f"{name}={value}")
            _, refusals = parse(load(ROOT, "prod", tuple(made)).config)
            assert refusals == [], made
        assert made
