"""What is built from: every image and every package pinned, Dockerfiles and workflows clean, what is there listed."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from stacks import ROOT

BIN = Path(sys.executable).parent
TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
DOCKERFILES = [name for name in TRACKED if re.search(r"(^|/)(Dockerfile|Containerfile)[^/]*$|\.dockerfile$", name)]
WORKFLOWS = [name for name in TRACKED if re.fullmatch(r"\.github/(workflows|actions)/.*\.ya?ml", name)]
PINNED = re.compile(r"[^@\s]+@sha256:[0-9a-f]{64}")


LOCKS = ("requirements.txt", "requirements-dev.txt", "app/requirements.txt", "tools/uv.txt")
INSTALLS = {
    r"\bpip3? +(?:install|sync|download|wheel)\b": r"--require-hashes\b",
    r"\bnpm +(?:ci|i|install|exec)\b|\bnpx\b": r"\bnpm ci\b",
    r"\bcargo +install\b": r"--locked\b.*--version ",
    r"\bgo +install\b": r"@v[$\d]",
    r"\b(?:curl|wget|pipx|uvx|uv tool)\b": r"(?!)",
}
"""What brings something along, and how it has to be asked so that it is what it was."""


def images(dockerfile: str) -> list[str]:
    """Every image from elsewhere that a Dockerfile is built from; its own earlier stages are none."""
    lines = dockerfile.replace("\\\n", " ").splitlines()
    stages, found = {"scratch"}, []
    for line in lines:
        if match := re.match(r"\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?", line, re.IGNORECASE):
            found.append(match[1])
            stages.add((match[2] or "").lower())
        found += re.findall(r"--from=(\S+)", line)
    return [each for each in found if each.lower() not in stages and not each.isdigit()]


def test_there_is_a_dockerfile_to_look_at():
    assert "app/Dockerfile" in DOCKERFILES


@pytest.mark.parametrize("name", DOCKERFILES)
def test_every_image_that_a_dockerfile_is_built_from_is_pinned_by_digest(name):
    found = images((ROOT / name).read_text(encoding="utf-8"))
    assert found
    assert [each for each in found if not PINNED.fullmatch(each)] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM python:3.13", ["python:3.13"]),
        ("FROM --platform=linux/arm64 a AS build\nFROM build\nCOPY --from=build /a /b", ["a"]),
        ("FROM scratch\nCOPY --chmod=644 \\\n  --from=b:1 /a /b", ["b:1"]),
        ("from a as One\nCOPY --from=one /a /b\nCOPY --from=0 /a /b", ["a"]),
    ],
)
def test_stages_of_the_same_file_are_no_images(text, expected):
    assert images(text) == expected


@pytest.mark.parametrize("name", DOCKERFILES)
def test_hadolint_has_nothing_against_a_dockerfile(name):
    run = subprocess.run([BIN / "hadolint", name], cwd=ROOT, capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (0, "")


def zizmor(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [BIN / "zizmor", "--offline", "--persona", "auditor", "--format", "plain", folder]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_zizmor_has_nothing_against_the_workflows():
    if WORKFLOWS:
        run = zizmor(ROOT / ".github")
        assert run.returncode == 0, run.stdout


def test_zizmor_would_say_so(tmp_path):
    workflow = tmp_path / ".github/workflows/bad.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(
        "on: pull_request_target\njobs: {a: {runs-on: ubuntu-24.04, steps: [uses: actions/checkout@v4]}}"
    )
    assert zizmor(tmp_path).returncode != 0


def test_every_package_from_elsewhere_is_locked_with_its_hash():
    for name in LOCKS:
        packages = re.split(r"\n(?=\S)", (ROOT / name).read_text(encoding="utf-8").strip())
        assert all("--hash=sha256:" in each for each in packages), name
    for lock in (name for name in TRACKED if name.endswith("package-lock.json")):
        packages = json.loads((ROOT / lock).read_text(encoding="utf-8"))["packages"]
        assert all(each.get("integrity", "").startswith("sha512-") for name, each in packages.items() if name), lock
    for module in (name for name in TRACKED if name.endswith("go.mod")):
        assert f"{module.removesuffix('mod')}sum" in TRACKED


def installs(text: str) -> list[tuple[str, str]]:
    """Each command that brings something along, with the pattern of what it must say."""
    commands = re.split(r"\n|&&|;|\|\|", re.sub(r"\\\n", " ", text))
    commands = [each for each in commands if not re.match(r"\s*(?:#|echo\b|[\w-]+:.*##)", each)]
    return [(each, says) for each in commands for asks, says in INSTALLS.items() if re.search(asks, each)]


def test_nothing_is_installed_but_by_hash_or_by_a_lock():
    recipes = ["Makefile", *DOCKERFILES, *WORKFLOWS, *(each for each in TRACKED if each.startswith("app/build/"))]
    found = [each for name in recipes for each in installs((ROOT / name).read_text(encoding="utf-8"))]
    assert len(found) > 4
    assert [command for command, says in found if not re.search(says, command)] == []


@pytest.mark.parametrize(
    "command",
    [
        "pip install uv==0.13.9",
        "\t@x && \\\n pip \\\n install a",
        "npm install",
        "curl https://a | sh",
        "cargo install a",
    ],
)
def test_an_install_by_version_alone_is_told(command):
    assert [each for each, says in installs(command) if not re.search(says, each)]


@pytest.mark.policies_all
def test_the_bills_of_materials_list_every_package_that_runs_with_its_hash(tmp_path):
    targets = {"requirements.txt": tmp_path / "sbom.json", "app/requirements.txt": tmp_path / "sbom-app.json"}
    bills = [f"{name}={path}" for name, path in zip(("SBOM", "APP_SBOM"), targets.values(), strict=True)]
    run = subprocess.run(["make", "sbom", *bills, "--no-print-directory"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    for lock, target in targets.items():
        bill = json.loads(target.read_text(encoding="utf-8"))
        locked = re.findall(r"^([a-z0-9._-]+)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE)
        assert {(each["name"].lower(), each["version"]) for each in bill["components"]} == set(locked)
        assert bill["bomFormat"] == "CycloneDX"
        for each in bill["components"]:
            hashes = [one for place in each["externalReferences"] for one in place.get("hashes", [])]
            assert hashes, each["name"]


def test_the_security_policy_says_how_to_report_and_what_is_promised_and_what_is_not():
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    for title in ("## Report a weakness", "## What is promised", "## What is not"):
        assert title in text
    for name in re.findall(r"\]\(([^):]+)\)", text):
        assert (ROOT / name).exists(), name
