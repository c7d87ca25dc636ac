"""Imports point one way, and components stay reusable: what the layout promises, held by reading the code."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = (
    "__main__",
    "stack",
    "settings",
    "stack_schema",
    "aws_keys",
    "config_json",
    "rules",
    "refusals",
    "parity",
    "topologies",
    "components",
    "preflight",
    "policies",
    "smoke",
    "provider",
    "bootstrap",
    "ci",
    "dev",
)
MAY_IMPORT = {
    "__main__": {"settings", "stack"},
    "stack": {"settings", "topologies", "components", "provider"},
    "topologies": {"topologies", "settings", "components"},
    "settings": {"aws_keys", "components", "config_json", "parity", "refusals", "rules"},
    "stack_schema": {"aws_keys", "settings"},
    "aws_keys": {"config_json", "refusals"},
    "config_json": set(),
    "rules": {"components", "parity", "refusals"},
    "refusals": set(),
    "parity": set(),
    "components": {"components"},
    "preflight": {"preflight", "config_json", "refusals", "settings", "policies"},
    "policies": {"policies"},
    "smoke": {"smoke", "preflight", "settings"},
    "provider": {"aws_keys"},
    "ci": {"ci", "preflight"},
    "bootstrap": {"aws_keys", "bootstrap", "components", "config_json", "provider", "refusals"},
    "dev": {"dev", "components", "parity", "preflight", "settings"},
}


def sources(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py")) if (ROOT / room).is_dir() else [ROOT / f"{room}.py"]


def imported_rooms(path: Path) -> set[str]:
    """The rooms a file imports at run time; what only a type checker reads does not count."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = []
    names = [
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    ]
    return {name.partition(".")[0] for name in names} & {*ROOMS, "tests", "bench"}


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_imports_only_what_lies_below_it(room):
    for path in sources(room):
        assert imported_rooms(path) <= MAY_IMPORT[room], path.relative_to(ROOT)


def test_every_room_with_code_has_its_arrows_written_down():
    files = {path.stem for path in ROOT.glob("*.py")}
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench", "app"}
    assert files | folders == set(ROOMS)


PROGRAM = [path for path in sources("components") if path.stem != "authorizer_handler"]  # that one runs in Lambda


@pytest.mark.parametrize("path", PROGRAM, ids=lambda path: path.stem)
def test_a_component_reads_no_configuration_environment_or_stack_name(path):
    code = ast.unparse(ast.parse(path.read_text(encoding="utf-8")))
    for forbidden in ("pulumi.Config(", "get_stack(", "get_project(", "is_dry_run(", "os.environ", "os.getenv"):
        assert forbidden not in code or (path.stem, forbidden) in MAY


MAY = {("_waits", "is_dry_run("), ("_published", "is_dry_run(")}
"""A preview waits for nothing and looks at nothing. It registers the same."""


def test_the_program_is_short_and_registers_nothing_itself():
    text = (ROOT / "__main__.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 20
    assert not any(isinstance(node, ast.If) for node in ast.walk(ast.parse(text)))
    assert "pulumi_aws" not in text


def test_only_settings_reads_the_configuration():
    for room in set(ROOMS) - {"settings", "preflight"}:
        for path in sources(room):
            if path == ROOT / "bootstrap" / "settings.py":  # that of the other program
                continue
            text = path.read_text(encoding="utf-8")
            assert "pulumi.Config" not in text, path
            assert "get_config" not in text, path
