"""The Makefile, .ci/run, the lock files and REQUIRE_ALL, with stand-ins for whatever would use the network."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]

# Each stand-in writes down how it was called; uv makes a .venv whose python does the same.
FAKE_PYTHON = """#!/bin/sh
echo "python $*" >> "$LOG"
case "$1" in -c) exec "$REAL_PYTHON" "$@";; --version) echo "Python 3.11.0";; esac
"""
FAKE_UV = """#!/bin/sh
echo "uv $*" >> "$LOG"
[ "$1" != venv ] || { mkdir -p .venv/bin && cp "$FAKES/venv-python" .venv/bin/python; }
[ ! -e broken ]
"""
FAKE_PIP = """#!/bin/sh
echo "pip $*" >> "$LOG"
[ ! -e broken ] || exit 1
cp "$FAKES/own-uv" "$(dirname "$0")/uv"
"""
FAKE_VENV_MAKER = """#!/bin/sh
echo "python $*" >> "$LOG"
case "$1 $2" in
  "--version "*) echo "Python 3.11.0";;
  "-m venv") mkdir -p "$3/bin" && cp "$FAKES/own-pip" "$3/bin/pip";;
esac
"""


class Sandbox:
    """A folder with the Makefile and the lock, and a PATH on which only stand-ins and the system's own tools are."""

    def __init__(self, folder: Path):
        self.folder, self.fakes, self.log = folder / "project", folder / "fakes", folder / "log"
        self.folder.mkdir()
        self.fakes.mkdir()
        (self.folder / "tools").mkdir()
        for name in ("Makefile", "requirements-dev.txt", "tools/uv.txt"):
            (self.folder / name).write_text((ROOT / name).read_text())
        self.fake("venv-python", FAKE_PYTHON)
        for name in ("chromium", "chromedriver"):
            self.fake(name, "#!/bin/sh\n")

    def fake(self, name: str, script: str) -> None:
        path = self.fakes / name
        path.write_text(script)
        path.chmod(0o755)

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": f"{self.fakes}:/usr/bin:/bin",
            "LOG": str(self.log),
            "FAKES": str(self.fakes),
            "REAL_PYTHON": sys.executable,
            **environment,
        }
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)

    def make(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        nothing_to_install = ("NEEDS_IMAGE=", "NEEDS_ADAPTER=")
        return self.run("make", *arguments, f"PYTHON={self.fakes / 'venv-python'}", *nothing_to_install)

    def calls(self) -> list[str]:
        """What was called since the last time, without the questions about versions."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return [line for line in lines if not re.match(r"python (-c|--version)", line)]


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    sandbox = Sandbox(tmp_path)
    sandbox.fake("uv", FAKE_UV)
    return sandbox


SYNC = "uv pip sync --quiet --require-hashes --compile-bytecode --python .venv/bin/python requirements-dev.txt"


def test_make_alone_lists_every_target_and_sets_nothing_up(sandbox):
    answer = sandbox.make()
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert targets
    assert [line.split()[:2] for line in answer.stdout.splitlines()] == [["make", name] for name in targets[1].split()]
    assert sandbox.calls() == []


def test_the_first_call_sets_up_and_the_second_starts_at_once(sandbox):
    first = sandbox.make("preview")
    assert first.returncode == 0, first.stderr
    venv, *rest = sandbox.calls()
    assert venv.startswith("uv venv ")
    assert rest == [SYNC, "python -m preflight preview"]
    assert re.fullmatch(r"Setting up \.venv with Python 3\.11\.0; .*\nSet up in \d+ s\.\n", first.stderr)
    assert first.stdout == ""
    second = sandbox.make("preview")
    assert sandbox.calls() == ["python -m preflight preview"]
    assert second.stderr == ""


def test_bytecode_is_kept_also_where_the_environment_says_not_to(sandbox):
    sandbox.make("preview")
    (sandbox.folder / ".venv/bin/python").write_text('#!/bin/sh\nenv >> "$LOG"\n')
    assert sandbox.run("make", "preview", KEPT="1", PYTHONDONTWRITEBYTECODE="1").returncode == 0
    given = sandbox.log.read_text().splitlines()
    assert "KEPT=1" in given
    assert not [each for each in given if each.startswith("PYTHONDONTWRITEBYTECODE=")]


def test_a_changed_lock_is_installed_into_the_environment_that_is_there(sandbox):
    sandbox.make("preview")
    sandbox.calls()
    ready = (sandbox.folder / ".venv/ready").stat().st_mtime
    os.utime(sandbox.folder / "requirements-dev.txt", (ready + 5, ready + 5))
    sandbox.make("preview")
    assert sandbox.calls() == [SYNC, "python -m preflight preview"]


def test_a_set_up_that_failed_is_tried_again(sandbox):
    (sandbox.folder / "broken").touch()
    assert sandbox.make("preview").returncode != 0
    assert "python -m preflight preview" not in sandbox.calls()
    (sandbox.folder / "broken").unlink()
    assert sandbox.make("preview").returncode == 0
    assert SYNC in sandbox.calls()


def test_an_environment_whose_python_is_gone_is_made_anew(sandbox):
    sandbox.make("preview")
    sandbox.calls()
    (sandbox.folder / ".venv/bin/python").unlink()
    (sandbox.folder / ".venv/ready").unlink()
    sandbox.make("preview")
    assert sandbox.calls()[0].startswith("uv venv ")


def test_without_uv_its_pinned_version_is_installed_into_the_project(tmp_path):
    sandbox = Sandbox(tmp_path)
    sandbox.fake("venv-maker", FAKE_VENV_MAKER)
    sandbox.fake("own-pip", FAKE_PIP)
    sandbox.fake("own-uv", FAKE_UV)
    answer = sandbox.run("make", "preview", f"PYTHON={sandbox.fakes / 'venv-maker'}")
    assert answer.returncode == 0, answer.stderr
    venv, pip, *rest = sandbox.calls()
    home = venv.removeprefix("python -m venv ")
    assert re.fullmatch(r"\.tools/uv-\d+\.\d+\.\d+", home)
    assert pip.endswith(" --require-hashes --requirement tools/uv.txt")
    assert f"uv=={home.removeprefix('.tools/uv-')} " in (ROOT / "tools/uv.txt").read_text()
    assert rest[-2:] == [SYNC, "python -m preflight preview"]


def test_a_uv_that_cannot_be_installed_is_told_with_the_remedy_and_leaves_nothing(tmp_path):
    sandbox = Sandbox(tmp_path)
    sandbox.fake("venv-maker", FAKE_VENV_MAKER)
    sandbox.fake("own-pip", FAKE_PIP)
    (sandbox.folder / "broken").touch()
    answer = sandbox.run("make", "preview", f"PYTHON={sandbox.fakes / 'venv-maker'}")
    assert answer.returncode != 0
    assert "apt install python3-venv" in answer.stderr
    assert list((sandbox.folder / ".tools").iterdir()) == []


FAKE_OLD = """#!/bin/sh
case "$1" in
  --version) echo "Python 3.10.4";;
  -c) exec "$REAL_PYTHON" -c "import sys; sys.version_info = (3, 10, 4); exec(sys.argv[1])" "$2";;
esac
"""


@pytest.mark.parametrize("with_uv", [True, False])
def test_an_old_python_is_refused_in_one_line(tmp_path, with_uv):
    sandbox = Sandbox(tmp_path)
    if with_uv:
        sandbox.fake("uv", FAKE_UV)
    sandbox.fake("old", FAKE_OLD)
    answer = sandbox.run("make", "test", "PYTHON=old")
    assert answer.returncode != 0
    assert answer.stderr.splitlines()[0] == (
        "switchyard needs Python 3.11 or newer, and old is Python 3.10.4. Name another: make test PYTHON=python3.13"
    )
    assert sandbox.calls() == []


def test_a_missing_python_is_told(sandbox):
    answer = sandbox.run("make", "test", "PYTHON=nowhere")
    assert "needs Python 3.11 or newer, and nowhere is missing." in answer.stderr


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("preview", "STACK=dev", "ARGS=--set topology=container"), "preflight preview dev --set topology=container"),
        (("test", "ARGS=-k vpc"), "pytest -n auto --dist loadfile --no-loadscope-reorder -rs -k vpc"),
        (("bench", "ARGS=--runs 2"), "bench --runs 2"),
        (("cost", "STACK=prod", "ARGS=--requests 5M"), "preflight cost prod --requests 5M"),
        (("breakeven", "STACK=dev", "ARGS=--plot out"), "preflight breakeven dev --plot out"),
        (("prices", "ARGS=--region eu-central-1"), "preflight.refresh --region eu-central-1"),
        (("bootstrap", "ARGS=--set zone=example.com"), "preflight preview --set zone=example.com"),
        (("report", "STACK=dev", "ARGS=--base HEAD"), "preflight report dev --out out --base HEAD"),
    ],
)
def test_a_target_hands_on_what_it_is_given(sandbox, arguments, expected):
    (sandbox.folder / "bootstrap").mkdir()  # make goes there for one
    assert sandbox.make(*arguments).returncode == 0
    assert sandbox.calls()[-1] == f"python -m {expected}"


def test_check_looks_at_format_lint_types_the_dockerfile_and_the_environment(sandbox):
    plan = sandbox.make("-n", "check").stdout
    wanted = [
        "ruff format --check .",
        "ruff check .",
        "ty check",
        "hadolint app/Dockerfile",
        "app/compose.yaml",
        "pip check",
    ]
    assert [line for line in plan.splitlines() if line.endswith(tuple(wanted))][-len(wanted) :] == [
        next(line for line in plan.splitlines() if line.endswith(each)) for each in wanted
    ]


FAKE_NPM = """#!/bin/sh
echo "npm $*" >> "$LOG"
[ ! -e ../../broken ]
"""


def with_evaluator(sandbox: Sandbox) -> None:
    (sandbox.folder / "tools/iam").mkdir(parents=True)
    for name in ("package.json", "package-lock.json", "simulate.mjs", ".npmrc"):
        (sandbox.folder / "tools/iam" / name).write_text((ROOT / "tools/iam" / name).read_text())
    sandbox.fake("npm", FAKE_NPM)


def test_the_evaluator_of_policies_is_installed_once_from_its_lock(sandbox):
    with_evaluator(sandbox)
    for installs in (["npm ci --silent --no-audit --no-fund"], []):
        assert sandbox.make("test").returncode == 0
        assert [each for each in sandbox.calls() if each.startswith("npm")] == installs


def test_the_tests_go_on_without_the_evaluator(sandbox):
    with_evaluator(sandbox)
    sandbox.make("preview")
    (sandbox.folder / "broken").touch()
    answer = sandbox.make("test")
    assert "Going on without the evaluator." in answer.stderr
    assert sandbox.calls()[-1].startswith("python -m pytest")


def test_lock_writes_every_file_and_each_keeps_to_those_before(sandbox):
    assert sandbox.make("lock", "ARGS=--upgrade").returncode == 0
    runtime, image, everything, uv = sandbox.calls()
    assert runtime.startswith("uv pip compile ")
    assert runtime.endswith("--upgrade pyproject.toml -o requirements.txt")
    assert image.endswith("--upgrade --constraint requirements.txt --group app -o app/requirements.txt")
    assert everything.endswith(
        "--upgrade --constraint requirements.txt --constraint app/requirements.txt "
        "--group app --group dev pyproject.toml -o requirements-dev.txt"
    )
    assert uv.endswith("--upgrade --group uv -o tools/uv.txt")
    for line in (runtime, image, everything, uv):
        assert {"--universal", "--generate-hashes", "--no-emit-index-url"} <= set(line.split())


def test_clean_leaves_only_the_sources(sandbox):
    sandbox.make("preview")
    (sandbox.folder / "components/__pycache__").mkdir(parents=True)
    assert sandbox.make("clean").returncode == 0
    assert {str(each.relative_to(sandbox.folder)) for each in sandbox.folder.rglob("*")} == {
        "Makefile",
        "requirements-dev.txt",
        "components",
        "tools",
        "tools/uv.txt",
    }


FAKE_APT = """#!/bin/sh
echo "apt-get $*" >> "$LOG"
[ ! -e broken ]
"""
INSTALLS = ["apt-get update -qq", "apt-get install -qq --no-install-recommends chromium chromium-driver"]


def without_chromium(sandbox, user="0"):
    """Run the tests on a Debian without it, as this user."""
    sandbox.fake("apt-get", FAKE_APT)
    sandbox.fake("id", f"#!/bin/sh\necho {user}\n")
    return sandbox.make("test", "CHROMIUM=")


def test_root_gets_chromium_from_debian_before_the_tests_and_is_told(sandbox):
    answer = without_chromium(sandbox)
    assert answer.returncode == 0
    assert sandbox.calls()[-3:] == [*INSTALLS, "python -m pytest -n auto --dist loadfile --no-loadscope-reorder -rs"]
    assert "Installing Chromium; this happens once" in answer.stderr


def test_a_chromium_that_is_there_is_taken_as_it_is(sandbox):
    sandbox.fake("apt-get", FAKE_APT)
    assert sandbox.make("test").returncode == 0
    assert [line for line in sandbox.calls() if "apt-get" in line] == []


def test_who_is_not_root_goes_on_without_chromium(sandbox):
    assert without_chromium(sandbox, user="1000").returncode == 0
    assert [line for line in sandbox.calls() if "apt-get" in line] == []


def test_a_chromium_that_can_not_be_installed_does_not_keep_the_tests_from_running(sandbox):
    sandbox.make("preview")
    sandbox.calls()
    (sandbox.folder / "broken").touch()
    answer = without_chromium(sandbox)
    assert answer.returncode == 0
    assert sandbox.calls() == [
        "apt-get update -qq",
        "python -m pytest -n auto --dist loadfile --no-loadscope-reorder -rs",
    ]
    assert "Going on without Chromium." in answer.stderr


CI_MAKE = """#!/bin/sh
echo "REQUIRE_ALL=${REQUIRE_ALL:-} make $* in $PWD" >> "$LOG"
[ "$1" != "${BROKEN:-}" ]
"""


@pytest.mark.parametrize(
    ("broken", "ran", "passes"),
    [("", ["test", "check"], True), ("test", ["test"], False), ("check", ["test", "check"], False)],
)
def test_ci_runs_every_test_then_every_check_and_fails_with_the_first(sandbox, broken, ran, passes):
    sandbox.fake("make", CI_MAKE)
    answer = sandbox.run("bash", str(ROOT / ".ci/run"), BROKEN=broken)
    assert (answer.returncode == 0) is passes
    calls = sandbox.calls()
    assert [re.findall(r"make (\w+)", line)[0] for line in calls] == ran
    assert calls[0] == f"REQUIRE_ALL=1 make test in {ROOT}"


def pins(name: str) -> dict[str, str]:
    lines = re.findall(r"^([a-z0-9.-]+)==(\S+)((?:.*\\\n.*)*)", (ROOT / name).read_text(), re.MULTILINE)
    assert all("--hash=sha256:" in rest for _, _, rest in lines)
    return {package: version for package, version, _ in lines}


def test_the_locks_pin_what_pyproject_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runtime, everything = pins("requirements.txt"), pins("requirements-dev.txt")
    asked = project["project"]["dependencies"]
    for pinned, dependencies in ((runtime, asked), (everything, asked + project["dependency-groups"]["dev"])):
        for requirement in map(Requirement, dependencies):
            assert requirement.name in pinned, f"{requirement} is not locked: make lock"
            assert requirement.specifier.contains(pinned[requirement.name]), requirement
    assert runtime.items() <= everything.items()


SKIPPING = """
import pytest
@pytest.mark.skip(reason="no docker here")
def test_marked(): pass
def test_on_its_way(): pytest.skip("no adapter here")
@pytest.mark.xfail(reason="known")
def test_expected_to_fail(): assert False
def test_passes(): pass
"""
SKIPPED_WHOLE = 'import pytest\npytest.skip("no engine here", allow_module_level=True)'


@pytest.mark.parametrize(
    ("require_all", "status", "closing"),
    [("", 0, "1 passed, 3 skipped, 1 xfailed"), ("1", 1, "1 failed, 1 passed, 1 xfailed, 2 errors")],
)
def test_with_require_all_a_skip_is_a_failure_that_says_why(tmp_path, require_all, status, closing):
    (tmp_path / "test_some.py").write_text(SKIPPING)
    (tmp_path / "test_whole.py").write_text(SKIPPED_WHOLE)
    answer = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.require_all", "--continue-on-collection-errors", "."],
        cwd=tmp_path,
        env={**os.environ, "REQUIRE_ALL": require_all, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == status, answer.stdout
    assert closing in answer.stdout
    for what in ("docker", "adapter", "engine"):
        said = f"REQUIRE_ALL=1, and this did not run: Skipped: no {what} here"
        assert (said in answer.stdout) is bool(require_all)
