"""The documentation is tested: its commands run, its tables equal the code, what it names is there."""

import ast
import itertools
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
import typer
import yaml
from contract import CASES, IN_FLIGHT
from costs import priced
from stacks import ROOT, recorded

from parity import CONTAINER, FUNCTION_URL, HTTP_API, Need, Told
from preflight import breakeven_command, cost_commands  # noqa: F401 - they register the commands
from preflight.breakeven import crossings, grid
from preflight.cli import app
from preflight.cost.rules import names_by_type
from preflight.cost_view import assumed, usd
from preflight.stackfile import load
from preflight.usage import Workload, matches
from preflight.usage_file import parse as parse_usage
from settings import KEYS_AT, NAMESPACE, parse
from stack import StackOutputs

README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
LONG = ("make test", "make check", "make bench")  # they would run this test, or take minutes


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands(language: str) -> list[str]:
    lines = "".join(blocks(language)).splitlines()
    return [line.removeprefix("$ ").partition("  #")[0].strip() for line in lines if line.strip()]


def table(title: str) -> list[list[str]]:
    """The rows of the table whose header starts with these words."""
    rows = README.partition(f"| {title} |")[2].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]


def test_the_schema_the_drawing_and_the_settings_table_are_in_step_with_the_code():
    run = subprocess.run([sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("command", [each for each in commands("sh") if each not in LONG])
def test_a_command_that_needs_no_account_runs(command):
    # As in a shell of its own: what was given to the `make` that runs these tests is not for this one.
    own = {key: value for key, value in os.environ.items() if not key.startswith("MAKE") and key != "ARGS"}
    run = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, timeout=120, env=own)
    assert run.returncode == 0, run.stderr
    assert run.stdout


def test_the_first_two_commands_are_the_promised_ones():
    assert commands("sh")[:2] == ["make preview", "make test"]


def test_every_make_target_that_is_named_is_there():
    named = set(re.findall(r"(?:`|^|\$ )make ([a-z]+)", README, re.MULTILINE))
    assert named
    for target in named:
        assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), target


@pytest.mark.parametrize("block", [each for each in blocks("console") if "config set" in each])
def test_the_settings_that_the_readme_changes_are_accepted_one_after_the_other(block):
    made: list[str] = []
    for key, value, stack in re.findall(rf"config set (?:--path )?{NAMESPACE}:(\S+) (\S+) -s (\w+)", block):
        made.append(f"{key}={value}")
        _, refusals = parse(load(ROOT, stack, tuple(made)).config)
        assert refusals == [], made
    assert made


def test_every_output_that_is_named_is_exported():
    named = set(re.findall(r"pulumi stack output (\w+)", README)) | {"next_step"}
    assert named <= set(StackOutputs.__dataclass_fields__)


def test_every_setting_that_is_named_in_the_text_is_one():
    everything = {key for keys in KEYS_AT.values() for key in keys}
    paths = {f"{at}.{key}" if at else key for at, keys in KEYS_AT.items() for key in keys}
    named = re.findall(r"`((?:service|serverless|container|network|waf|logs|site|domain)\.[A-Za-z.]+)[`:]", README)
    assert named
    assert set(named) <= paths
    assert {"protect", "standby", "topology"} <= everything


def test_the_table_of_what_can_move_is_the_one_the_program_checks():
    def cell(value):
        return "yes" if value else "no"

    rows = {row[0]: row[1:4] for row in movable()}
    able = (HTTP_API, FUNCTION_URL, CONTAINER)
    assert rows["longest request"] == [f"{each.longest_request_seconds} s" for each in able]
    assert rows["request body"] == [f"{each.largest_body_mb} MB" for each in able]
    streamed = [f", streamed {each.largest_stream_mb} MB" if each.largest_stream_mb else "" for each in able]
    assert rows["response"] == [
        f"{each.largest_response_mb} MB{more}" for each, more in zip(able, streamed, strict=True)
    ]
    assert rows["request line and headers"] == [f"{each.largest_headers_kb} KB" for each in able]
    for need in get_args(Need):
        (title,) = (each for each in rows if each.startswith(f"`{need}`"))
        assert rows[title] == [cell(need in each.serves) for each in able]
    for title in get_args(Told):
        assert rows[title] == [each.told[title] for each in able]
    assert rows["bodies need a hash from the client"] == [cell(each.clients_must_hash_bodies) for each in able]
    assert all(len(row) == 5 and row[4] for row in movable())


def test_how_alike_the_runtimes_are_is_told_by_the_contract_itself():
    text = " ".join((ROOT / "docs/your-own-service.md").read_text(encoding="utf-8").split())
    alike = sum((each.need, each.limit, each.told) == (None, None, None) for each in CASES)
    assert f"asked {len(CASES)} things" in text
    assert f"{alike} have the same answer everywhere, and the other {len(CASES) - alike} are" in text
    assert f"(not directly: {sum(each.behind_edge for each in CASES)} that" in text
    assert f"with {IN_FLIGHT} requests, an upload" in text


def movable() -> list[list[str]]:
    text = README.partition("| | serverless, `httpApi` |")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in row.split("|")[1:-1]] for row in text.splitlines()[2:]]


def test_every_line_of_cost_is_what_its_arithmetic_says_and_each_total_what_is_estimated():
    tables = README.split("| line | how | USD a month |")[1:]
    for text, stack in zip(tables, ("dev", "prod"), strict=True):
        rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.partition("\n\n")[0].splitlines()[2:]]
        *lines, (total, _, amount) = rows
        assert total == "total"
        for name, how, monthly in lines:
            if re.fullmatch(r"[0-9.+*() ]+", how):
                assert f"{arithmetic(how):.2f}" == monthly, name
        assert amount == usd(priced(recorded(stack)).total)
        assert abs(sum(float(monthly) for *_, monthly in lines) - float(amount)) <= 0.005 * len(lines)


def test_what_the_readme_says_of_load_and_of_the_break_even_is_what_is_estimated():
    text = " ".join(README.split())
    assert f"At 100,000 requests a month it is {usd(priced(recorded('dev'), 100_000).total)}." in text
    assumption = assumed(Workload()).removeprefix("Assumed of each: ").partition(". Say")[0]
    assert f"What no program says is assumed, of each request: {assumption}." in text
    sides = [(each, recorded("dev", f"topology={each}")) for each in ("serverless", "container")]
    costs = [(each, lambda many, recording=recording: priced(recording, many).total) for each, recording in sides]
    (crossing,) = crossings(*costs, grid())
    assert f"As dev ships, its topologies cost the same at {crossing.requests / 10**6:.1f} million requests" in text


def test_the_usage_file_of_the_readme_says_nothing_in_vain():
    (block,) = blocks("yaml")
    usage = parse_usage(yaml.safe_load(block))
    assert usage.unused == ()
    names = names_by_type([recorded("prod")])
    for address in usage.by_address:
        type_ = address.partition(".")[0]
        assert any(matches(address, type_, name) for name in names[type_]), address


def test_every_option_that_is_named_where_cost_is_explained_is_one():
    commands = typer.main.get_command(app).commands
    known = {
        option
        for name in ("cost", "breakeven")
        for parameter in commands[name].params
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    section = README.partition("## What it costs")[2].partition("\n## ")[0]
    named = set(re.findall(r"--[a-z][a-z-]+", section))
    assert {"--requests", "--usage", "--advice", "--plot"} <= named
    assert named <= known | {"--region"}  # of make prices


def arithmetic(text: str) -> float:
    """The value of a sum of products; anything else than numbers and signs is refused."""
    allowed = (ast.Expression, ast.BinOp, ast.Constant, ast.Add, ast.Mult)
    tree = ast.parse(text, mode="eval")
    assert all(isinstance(node, allowed) for node in ast.walk(tree))
    return eval(compile(tree, "README.md", "eval"))


def test_the_cost_of_prod_counts_what_prod_is_made_of():
    settings, _ = parse(load(ROOT, "prod").config)
    prod = README.partition("The prod environment as it ships:")[2]
    tasks = f"{settings.container.min_tasks} * 730 * ({settings.container.cpu / 1024:g} * 0.03238"
    assert tasks in prod
    assert f"{settings.container.memory_mb / 1024:g} * 0.00356" in prod
    assert settings.network.nat == "none"
    assert settings.container.load_balancer == "internal"
    assert settings.waf.mode == "block"


def test_the_example_of_a_component_alone_runs(record):
    (code,) = blocks("python")
    recording = record(lambda: exec(compile(code, "README.md", "exec"), {}))
    assert recording.outputs["vpc_id"].startswith("vpc-")


def test_every_link_into_the_project_leads_somewhere():
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]
    assert links
    for link in links:
        assert (ROOT / link).exists(), link


def test_the_map_names_what_is_there_and_leaves_no_folder_out():
    named = set(itertools.chain(*(re.findall(r"`([^`]+)`", row[0]) for row in table("where"))))
    for each in named:
        assert (ROOT / each).exists(), each
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    folders = {f"{line.partition('/')[0]}/" for line in tracked.splitlines() if "/" in line}
    assert {each for each in folders if not each.startswith(".")} <= named


def test_every_public_component_documents_its_children_its_cost_and_each_of_its_args():
    for path in sorted((ROOT / "components").glob("[a-z]*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:
            if not isinstance(node, ast.ClassDef):
                continue
            bases = {ast.unparse(base) for base in node.bases}
            documentation = ast.get_docstring(node) or ""
            assert documentation, f"{path.name}: {node.name}"
            if "pulumi.ComponentResource" in bases:
                assert "Children:" in documentation, f"{path.name}: {node.name}"
                assert "Cost:" in documentation, f"{path.name}: {node.name}"
            if node.name.endswith("Args"):
                for field, following in itertools.pairwise([*node.body, None]):
                    if isinstance(field, ast.AnnAssign):
                        is_documented = isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
                        assert is_documented, f"{path.name}: {node.name}.{ast.unparse(field.target)}"


def test_the_project_speaks_of_itself_alone():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in tracked.splitlines():
        text = (ROOT / name).read_text(encoding="utf-8", errors="ignore") if Path(ROOT / name).exists() else ""
        for word in ("pythonhosted" + ".org", "pypi" + ".org", str(ROOT)):
            assert word not in text, f"{name}: {word}"
