"""`preflight cost` and `preflight breakeven`: what is printed where, and with which exit status."""

import json
import re
import subprocess
import sys

import pytest
from stacks import ROOT, recorded_file
from typer.testing import CliRunner

from preflight import breakeven_command, cost_commands, recorder  # noqa: F401 - they register the commands
from preflight.cli import app

FOLDER = ROOT / "tests/fixtures/bill"


@pytest.fixture
def run(monkeypatch):
    """`run("cost", "dev")` in the project, at 80 columns or as asked."""
    monkeypatch.setattr(recorder, "record_stack", recorded_file)  # each configuration once for all of these tests

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
    assert "at most 206.15, with every task the autoscaler may start" in said(result)
    assert "not taken off: a new account's credits" in said(result)
    assert "IAM is free" in said(result)
    assert result.stderr == ""


@pytest.mark.parametrize("columns", [80, 120])
def test_no_line_is_wider_than_the_terminal_or_ends_in_blanks(run, columns):
    for command in (("cost", "prod", "--requests", "30M", "--advice"), ("breakeven", "dev")):
        for line in run(*command, columns=columns).stdout.splitlines():
            assert len(line) <= columns
            assert line == line.rstrip()


def test_what_is_assumed_of_a_request_is_said_and_is_what_the_usage_file_says(run, tmp_path):
    defaults = (
        "50 ms in Lambda, or what 8 ms of CPU take there, 2 KB in, 20 KB out, 1 KB of log, 1 % cold starts of 400 ms; "
        "and 0.5 GB of images"
    )
    assert f"Assumed of each: {defaults}." in said(run("cost", "dev"))
    assert f"Assumed of each: {defaults}." in said(run("breakeven", "dev"))
    plain = re.sub(r"[^\w.%;,: ]", "", run("cost", "--help", columns=200).stdout)
    assert defaults in " ".join(plain.split())
    usage = tmp_path / "usage.yml"
    usage.write_text("workload: {duration_ms: 120, response_kb: 3.5, cold_share: 0.005, image_gb: 2}", encoding="utf-8")
    text = said(run("cost", "dev", "--usage", str(usage)))
    assert "120 ms in Lambda, or what 8 ms of CPU take there, 2 KB in, 3.5 KB out" in text
    assert "0.5 % cold starts of 400 ms; and 2 GB of images" in text


def test_the_range_of_spot_has_both_ends(run):
    text = said(run("cost", "prod", "--set", "container.spot=true"))
    # 2 tasks at 30 % of the price; 10 at all of it
    assert "total a month 47.19 at least 41.43, with Spot at its best at most 206.15" in text


def test_a_load_that_is_too_much_for_the_tasks_is_said(run):
    result = run("cost", "prod", "--requests", "3B")
    assert "! container: the load takes 30.4 tasks on average" in said(result)
    (note,) = json.loads(run("cost", "prod", "--requests", "3B", "--json").stdout)["cost"]["notes"]
    assert note.startswith("container: the load takes 30.4 tasks")


def test_resources_of_the_same_name_are_told_apart_by_their_type(run):
    text = said(run("cost", "prod", "--set", "network.nat=single"))
    assert re.search(r"(\S+) NatGateway NAT gateway .*\1\S* Eip public IPv4", text)


def test_what_is_small_is_a_list_that_can_be_read(run):
    text = said(run("cost", "dev", "--requests", "10k"))
    assert "HTTP API requests 10,000 request x 0.000001 0.01 free tier, or under a cent 0.00 total a month 0.06" in text
    assert "Free tier, or under a cent CloudFront requests, HTTPS; CloudFront to the internet; " in text
    assert "Lambda requests x2; " in text.partition("Paid for by use")[0]


def test_all_stacks_are_priced_when_none_is_named_with_the_sum_for_one_account(run):
    text = said(run("cost", "--requests", "8M"))
    assert "dev serverless" in text
    assert "prod container" in text
    alone = [
        json.loads(run("cost", each, "--requests", "8M", "--json").stdout)["cost"]["total"] for each in ("dev", "prod")
    ]
    (together,) = re.findall(r"total of 2 stacks in one account with one free tier ([\d.]+)$", text)
    # of 16 million requests and calls of a function, 10 and 2 million are free once
    assert float(together) > sum(alone) + 5
    paid_in_full = said(run("cost", "--requests", "8M", "--no-free-tier"))
    (together,) = re.findall(r"total of 2 stacks in one account ([\d.]+)$", paid_in_full)
    totals = re.findall(r"total a month ([\d.]+)", paid_in_full)
    assert float(together) == pytest.approx(sum(map(float, totals)), abs=0.011)


def test_one_stack_has_no_sum_and_is_priced_once_however_often_it_is_named(run):
    text = said(run("cost", "dev", "dev"))
    assert text.count("total a month") == 1
    assert "stacks in one account" not in text


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
        (("--requests", "1mm"), "--requests 1mm: must be a number"),
        (("--requests", "5kk"), "--requests 5kk: must be a number"),
        (("--requests", "100kb"), "--requests 100kb: must be a number"),
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


def test_one_usage_file_serves_every_stack_and_infracost_and_what_it_says_in_vain_is_named(run, tmp_path):
    usage = tmp_path / "usage.yml"
    usage.write_text(
        "resource_usage: {aws_lb.*: {processed_bytes_gb: 7}, aws_dynamodb_table.orders: {storage_gb: 1}}",
        encoding="utf-8",
    )
    serverless = run("cost", "dev", "--usage", str(usage))
    assert serverless.exit_code == 0
    in_vain = "resource_usage.aws_dynamodb_table.orders, resource_usage.aws_lb.*"
    assert f"! the usage file says more than is used here: {in_vain}" in said(serverless)
    (note,) = json.loads(run("cost", "prod", "--usage", str(usage), "--json").stdout)["cost"]["notes"]
    assert note == "the usage file says more than is used here: resource_usage.aws_dynamodb_table.orders"
    compared = said(run("breakeven", "dev", "--usage", str(usage), columns=200))
    assert f"! {note} " in compared


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
    assert 'For the prices: make prices ARGS="--region eu-north-1"' in said(result)
    assert "total a month, without 13 that have no price 0.00" in said(result)


def test_a_price_that_nobody_can_ask_for_is_not_offered_to_be(run):
    text = said(run("cost", "dev", "--set", "aws:region=eu-west-1", "--set", "serverless.snapStart=true"))
    by_hand = "lambda.snap_start.cache_gb_second, lambda.snap_start.restored_gb"
    assert f"To add to preflight/prices.yaml by hand: {by_hand}" in text
    assert "For the prices" not in text


def test_unsourced_prices_are_named(run):
    text = said(run("cost", "prod", "--set", "aws:region=us-west-2"))
    assert "from memory, no source: " in text
    assert "fargate.arm.vcpu_hour" in text


def test_advice_comes_after_the_cost_with_the_largest_saving_first(run):
    text = said(run("cost", "prod", "--advice", "--set", "network.nat=perZone", columns=120))
    assert text.index("total a month") < text.index("Cheaper than") < text.index("one NAT gateway")
    assert text.index("topology serverless") < text.index("Fargate Spot")


def test_a_saving_for_want_of_a_price_is_said_to_be_none(run):
    eu = ("--set", "aws:region=eu-west-1", "--set", "serverless.provisionedConcurrency=10")
    text = said(run("cost", "prod", "--advice", *eu, columns=120))
    unknown = text.partition("Not known, for want of prices")[2]
    assert "topology serverless: no price of lambda.arm.provisioned_gb_second" in unknown
    assert "one NAT instance: no price of ebs.gp3.gb_month" in unknown
    assert "topology serverless" not in text.partition("Cheaper than")[2].partition("Not known")[0]


def test_advice_that_the_stack_cannot_take_says_why(run):
    text = said(run("cost", "prod", "--advice", "--set", "service.needs=[websocket]", columns=120))
    assert "Not possible here" in text
    assert "websocket" in text.partition("Not possible here")[2]


def test_the_breakeven_of_a_stack_is_a_sentence_and_a_table(run):
    result = run("breakeven", "dev")
    assert result.exit_code == 0
    assert "At rest serverless costs less; from 16.7 million requests a month, container does." in said(result)
    assert "100.0 million" in said(result)


def test_how_far_a_breakeven_may_move_is_said_and_that_it_may_be_nowhere(run):
    text = said(run("breakeven", "dev"))
    assert "It may be anywhere from 16.7 million upwards, or nowhere up to 2.0 billion." in text
    warm = ("--set", "serverless.provisionedConcurrency=9")
    flat = said(run("breakeven", "dev", *warm))
    assert "They do not cost the same at any load up to 2.0 billion: container costs less." in flat
    assert "Within what is uncertain they may, from 106.7 million upwards." in flat
    larger = ("--set", "container.cpu=1024", "--set", "container.memoryMb=2048")
    assert "Nor do they anywhere within what is uncertain." in said(run("breakeven", "dev", *warm, *larger))


def test_a_breakeven_among_the_first_few_thousand_requests_is_found(run, tmp_path):
    usage = tmp_path / "usage.yml"
    usage.write_text("workload: {duration_ms: 29000}", encoding="utf-8")
    result = run("breakeven", "dev", "--set", "serverless.memoryMb=10240", "--usage", str(usage))
    assert "At rest serverless costs less; from 7,500 requests a month, container does. It stays there" in said(result)
    assert all(len(line) <= 80 for line in result.stdout.splitlines())
    assert "…" not in result.stdout


def test_a_row_beyond_what_the_most_tasks_carry_is_marked(run):
    result = run("breakeven", "dev")
    rows = [line.split() for line in result.stdout.splitlines() if " million " in line or " billion " in line]
    assert [row[-1] == "*" for row in rows if row[1] in ("million", "billion")][-5:] == [False, True, True, True, True]
    assert "* above 98.6 million requests a month the load takes more tasks than container.maxTasks" in said(result)
    assert json.loads(run("breakeven", "dev", "--json").stdout)["breakeven"]["capacity"] == 98_550_000


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
    ("folder", "message"),
    [
        ("README.md", "--plot README.md: can't be written to: File exists"),
        ("/dev/null/x", "--plot /dev/null/x: can't be written to: Not a directory"),
        ("", "--plot: must name a folder"),
    ],
)
def test_a_folder_that_cannot_be_one_is_refused(run, folder, message):
    result = run("breakeven", "dev", "--plot", folder)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("image=none", "no topology to compare"),
        ("service.needs=[websocket]", "websocket"),
        ("aws:region=eu-north-1", 'make prices ARGS="--region eu-north-1"'),
        ("aws:region=eu-west-9", "make prices does not know eu-west-9"),
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


def test_a_program_without_the_two_topologies_is_not_compared(run):
    result = run("breakeven", folder=FOLDER)
    assert result.exit_code == 2
    assert result.stderr == "error: january: its program has no topologies to compare\n"


def test_the_commands_are_there_and_start_without_drawing():
    code = (
        "import sys; from preflight import breakeven_command, cost_commands;"
        "print('matplotlib' in sys.modules, 'pulumi' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert found.split() == ["False", "False"]
    helped = subprocess.run([sys.executable, "-m", "preflight", "--help"], cwd=ROOT, capture_output=True, text=True)
    assert "breakeven" in helped.stdout
    assert "cost" in helped.stdout
