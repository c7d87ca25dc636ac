"""`preflight cost` and `preflight breakeven`: what is printed where, and with which exit status."""

import json
import subprocess
import sys

import pytest
from stacks import ROOT
from typer.testing import CliRunner

from preflight import cost_commands  # noqa: F401 - registers the commands
from preflight.cli import app

FOLDER = ROOT / "tests/fixtures/bill"


@pytest.fixture
def run(monkeypatch):
    """`run("cost", "dev")` in the project, at 80 columns or as asked."""

    def command(*arguments: str, columns: int = 80, folder=ROOT):
        monkeypatch.chdir(folder)
        monkeypatch.setenv("COLUMNS", str(columns))
        return CliRunner().invoke(app, list(arguments))

    return command


def said(result) -> str:
    return " ".join(result.stdout.split())


def test_the_cost_of_a_stack_is_a_table_with_a_total(run):
    result = run("cost", "prod")
    assert result.exit_code == 0
    assert "prod container" in said(result)
    assert "730 vCPU-hour x 0.03238 23.64" in said(result)
    assert "total a month 61.61" in said(result)
    assert "at most 206.15" in said(result)
    assert "IAM is free" in said(result)
    assert result.stderr == ""


@pytest.mark.parametrize("columns", [80, 120])
def test_no_line_is_wider_than_the_terminal_or_ends_in_blanks(run, columns):
    for command in (("cost", "prod", "--requests", "30M", "--advice"), ("breakeven", "dev")):
        for line in run(*command, columns=columns).stdout.splitlines():
            assert len(line) <= columns
            assert line == line.rstrip()


def test_all_stacks_are_priced_when_none_is_named(run):
    text = said(run("cost"))
    assert "dev serverless" in text
    assert "prod container" in text


def test_one_named_stack_is_one_document_with_its_cost_and_several_are_a_list(run):
    alone = json.loads(run("cost", "dev", "--json").stdout)
    assert list(alone) == list(json.loads(run("preview", "dev", "--json").stdout))
    assert alone["cost"]["total"] == pytest.approx(0.05)
    assert alone["breakeven"] is None
    both = json.loads(run("cost", "--json").stdout)
    assert [each["stack"] for each in both] == ["dev", "prod"]


def test_a_preview_has_no_cost(run):
    assert json.loads(run("preview", "dev", "--json").stdout)["cost"] is None


def test_requests_hours_usage_and_the_free_tier_change_the_answer(run, tmp_path):
    def total(*arguments: str) -> float:
        return json.loads(run("cost", "dev", "--json", *arguments).stdout)["cost"]["total"]

    assert total("--requests", "100k") == pytest.approx(0.1538, abs=0.0001)
    assert total("--requests", "100000") == total("--requests", "0.1M")
    assert total("--requests", "100k", "--no-free-tier") > total("--requests", "100k")
    assert total("--hours", "365") == pytest.approx(0.025)
    usage = tmp_path / "usage.yml"
    usage.write_text("resource_usage: {aws_ecr_repository.repository: {storage_gb: 7}}", encoding="utf-8")
    assert total("--usage", str(usage)) == pytest.approx(0.7)


def test_the_standbys_share_of_the_requests_is_the_stacks(run):
    arguments = ("cost", "dev", "--json", "--requests", "1M", "--set", "standby=true", "--set", "standbyTraffic=30")
    lines = json.loads(run(*arguments).stdout)["cost"]["lines"]
    (api,) = [line for line in lines if line["what"] == "HTTP API requests"]
    assert api["quantity"] == 700_000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--requests", "many"), "--requests many: must be a number from 0"),
        (("--requests", "-1"), "--requests -1: must be a number from 0"),
        (("--requests", "nan"), "--requests nan: must be a number"),
        (("--requests", "1e13"), "to 1,000,000,000,000"),
        (("--requests", "M"), "--requests M: must be a number"),
        (("--hours", "745"), "--hours 745: must be a number from 0 to 744"),
        (("--hours", "0"), "--hours 0: must be more than 0"),
        (("--usage", "gone.yml"), "--usage gone.yml: can't be read"),
        (("--advice", "--json"), "--advice has no JSON form"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_nothing_on_stdout(run, arguments, message):
    result = run("cost", "dev", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_everything_that_is_wrong_is_said_at_once(run, tmp_path):
    usage = tmp_path / "usage.yml"
    usage.write_text("workload: {cpu: 1, log_kb: -1}", encoding="utf-8")
    result = run("cost", "dev", "--requests", "x", "--hours", "y", "--usage", str(usage))
    assert result.stderr.count("error: ") == 4


def test_usage_of_a_resource_that_no_stack_has_is_refused_with_those_there_are(run, tmp_path):
    usage = tmp_path / "usage.yml"
    usage.write_text("resource_usage: {aws_ecr_repository.repo: {storage_gb: 7}}", encoding="utf-8")
    result = run("cost", "--usage", str(usage))
    assert result.exit_code == 2
    assert "aws_ecr_repository.repo: no such resource; there is repository" in result.stderr


def test_a_duration_that_cannot_be_is_refused(run, tmp_path):
    usage = tmp_path / "usage.yml"
    usage.write_text("workload: {duration_ms: 5}", encoding="utf-8")
    for command in ("cost", "breakeven"):
        result = run(command, "dev", "--usage", str(usage))
        assert result.exit_code == 2
        assert "workload.duration_ms: must be 13.8 or more, got 5" in result.stderr


def test_a_region_without_prices_offers_to_fetch_them(run):
    result = run("cost", "dev", "--set", "aws:region=eu-north-1")
    assert result.exit_code == 0
    assert "no price of ecr.gb_month in eu-north-1" in said(result)
    assert 'make prices ARGS="--region eu-north-1"' in said(result)
    assert "total a month 0.00" in said(result)


def test_unsourced_prices_are_named(run):
    text = said(run("cost", "prod", "--set", "aws:region=us-west-2"))
    assert "from memory, no source: " in text
    assert "fargate.arm.vcpu_hour" in text


def test_advice_comes_after_the_cost_with_the_largest_saving_first(run):
    text = said(run("cost", "prod", "--advice", "--set", "network.nat=perZone", columns=120))
    assert text.index("total a month") < text.index("Cheaper than") < text.index("one NAT gateway")
    assert text.index("topology serverless") < text.index("Fargate Spot")


def test_advice_that_the_stack_cannot_take_says_why(run):
    text = said(run("cost", "prod", "--advice", "--set", "service.needs=[websocket]", columns=120))
    assert "Not possible here" in text
    assert "websocket" in text.partition("Not possible here")[2]


def test_the_breakeven_of_a_stack_is_a_sentence_and_a_table(run):
    result = run("breakeven", "dev")
    assert result.exit_code == 0
    assert "serverless costs less at rest; container from" in said(result)
    assert "100.0 million" in said(result)


def test_the_documented_breakeven_comes_from_the_command_too(run):
    settings = (
        "serverless.memoryMb=512",
        "container.memoryMb=1024",
        "container.spot=false",
        "container.scaling.cpuPercent=50",
    )
    overrides = [part for each in settings for part in ("--set", each)]
    document = json.loads(run("breakeven", "dev", "--json", *overrides).stdout)
    (crossing,) = document["breakeven"]["crossings"]
    assert crossing["requests"] == pytest.approx(24.5e6, rel=0.02)
    assert document["cost"] is None


def test_a_plot_is_drawn_where_asked_and_only_then(run, tmp_path):
    run("breakeven", "dev")
    assert list(tmp_path.iterdir()) == []
    result = run("breakeven", "dev", "--plot", str(tmp_path / "plots"))
    assert {each.name for each in (tmp_path / "plots").iterdir()} == {"breakeven-dev.png", "breakeven-dev.svg"}
    assert "breakeven-dev.svg" in said(result).replace(" ", "")


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("image=none", "no topology to compare"),
        ("service.needs=[websocket]", "websocket"),
        ("aws:region=eu-north-1", "no price of"),
    ],
)
def test_what_cannot_be_compared_is_refused(run, override, message):
    result = run("breakeven", "dev", "--set", override)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_the_bill_is_priced_by_the_command_in_its_own_folder(run):
    result = run("cost", "january", "--hours", "744", "--usage", "usage.yaml", folder=FOLDER)
    assert "total a month 90.94" in said(result)


def test_the_commands_are_there_and_start_without_drawing():
    code = (
        "import sys; from preflight import cost_commands; print('matplotlib' in sys.modules, 'pulumi' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert found.split() == ["False", "False"]
    helped = subprocess.run([sys.executable, "-m", "preflight", "--help"], cwd=ROOT, capture_output=True, text=True)
    assert "breakeven" in helped.stdout
    assert "cost" in helped.stdout
