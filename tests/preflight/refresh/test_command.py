"""`make prices`: what is written, what is left, and what is said. Nothing here asks AWS."""

import sys
from datetime import date
from decimal import Decimal

import pytest
import yaml
from botocore.exceptions import NoCredentialsError
from offers import DECOYS, RIGHT, ROWS, TEXT, bulk, product, row

from preflight.prices import parse
from preflight.refresh import __main__ as command_module
from preflight.refresh.offers import NotAskedError
from preflight.refresh.regions import PREFIXES
from preflight.refresh.rows import merged, renewed, rewrite, rows_of
from preflight.refresh.sku import Found

TODAY = date(2026, 11, 22)


def read(text: str):
    return parse(yaml.load(text, Loader=yaml.CBaseLoader))


def found(*tiers: tuple[int, str]) -> Found:
    return Found(sku="ABC", unit="Hrs", tiers=tuple((Decimal(start), Decimal(price)) for start, price in tiers))


def test_the_file_is_written_with_the_day_the_sku_its_unit_and_the_tiers_and_nothing_else_changes():
    written = rewrite(TEXT, [renewed(row(), found((0, "0.0230"), (1000, "2E-7")), TODAY)])
    changed = [line for line in written.splitlines() if line not in TEXT.splitlines()]
    assert "  - {from: 1000, price: 0.0000002}" in changed
    price = read(written).find("alb.hour", "us-east-1")
    assert (price.date, price.sources) == (TODAY, ("AWS-PRICE-LIST",))
    assert (price.sku["id"], price.sku["unit"]) == ("ABC", "Hrs")
    assert [tier.price for tier in price.tiers] == [Decimal("0.023"), Decimal("0.0000002")]
    others = [each for each in yaml.load(written, Loader=yaml.CBaseLoader)["prices"] if each["id"] != "alb.hour"]
    assert others == [each for each in ROWS if each["id"] != "alb.hour"]


def test_writing_nothing_changes_not_a_byte():
    assert rewrite(TEXT, []) == TEXT


def test_a_new_region_gets_a_row_for_every_price_that_is_not_the_same_everywhere():
    new = rows_of(ROWS, "eu-central-1")
    assert {each["region"] for each in new} == {"eu-central-1"}
    assert {each["id"] for each in new} == {each["id"] for each in ROWS if each["region"] != "global"}
    fresh = [renewed(each, found((0, "1")), TODAY) for each in new if each.get("sku")]
    together = merged(ROWS, fresh)
    assert len(together) == len(ROWS) + len(fresh)
    ids = [each["id"] for each in together]
    assert ids == sorted(ids, key=ids.index)  # each price's regions stand together
    assert read(rewrite(TEXT, fresh)).find("alb.hour", "eu-central-1")


@pytest.fixture
def command(tmp_path, monkeypatch):
    """`command(answers, *arguments)` runs the refresh on a copy of the price file; `answers` are the products."""
    path = tmp_path / "prices.yaml"
    path.write_text(TEXT, encoding="utf-8")
    monkeypatch.setattr(command_module, "FILE", path)
    monkeypatch.setattr(command_module, "_client", Client)

    def run(products: list[dict], *arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(command_module, "_download", lambda _: bulk(*products))
        return command_module.main(arguments), path.read_text(encoding="utf-8")

    return run


class Client:
    """The query API to somebody without an account."""

    def get_paginator(self, _):
        raise NoCredentialsError


ONE = ("--region", "us-east-1", "--only", "alb.hour")


def test_the_command_writes_what_it_found(command, capsys):
    status, written = command([*DECOYS, product("NEW", "LoadBalancerUsage", ("0", "0.0300"))], *ONE)
    assert status == 0
    assert read(written).find("alb.hour", "us-east-1").tiers[0].price == Decimal("0.03")
    told = capsys.readouterr()
    assert told.out == "1 prices written to prices.yaml\n"
    assert told.err == ""


def test_without_an_account_what_the_public_files_have_is_written_and_the_rest_is_named(command, capsys):
    status, written = command([product("NEW", "LoadBalancerUsage", ("0", "0.03"))], *ONE, "--only", "nat_gateway.hour")
    assert status == 0
    assert read(written).find("alb.hour", "us-east-1").tiers[0].price == Decimal("0.03")
    assert read(written).find("nat_gateway.hour", "us-east-1") == read(TEXT).find("nat_gateway.hour", "us-east-1")
    said = capsys.readouterr().out
    assert "not asked for (Unable to locate credentials): nat_gateway.hour in us-east-1" in said


def test_without_boto3_the_query_was_not_asked_either(monkeypatch):
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(NotAskedError, match="boto3 is not installed"):
        command_module._client()


def test_asking_the_query_for_everything_without_an_account_writes_nothing(command):
    assert command([RIGHT], *ONE, "--api") == (1, TEXT)


def test_one_price_that_is_not_found_keeps_the_whole_file_as_it_was(command, capsys):
    status, written = command([RIGHT], *ONE, "--only", "alb.lcu_hour")
    assert (status, written) == (1, TEXT)
    told = capsys.readouterr()
    assert "alb.lcu_hour in us-east-1: 0 SKUs" in told.err
    assert "nothing was written" in told.err
    assert told.out == ""


def test_an_answer_that_is_no_price_list_is_an_error_that_names_the_price(command, capsys, monkeypatch):
    monkeypatch.setattr(command_module, "_download", lambda _: b"<html>")
    assert command_module.main(ONE) == 1
    assert "error: alb.hour in us-east-1: https://pricing." in capsys.readouterr().err


def test_a_price_by_another_unit_is_not_written(command, capsys):
    status, written = command([product("MONTH", "LoadBalancerUsage", ("0", "16.4"), unit="Mo")], *ONE)
    assert (status, written) == (1, TEXT)
    assert "alb.hour in us-east-1: SKU MONTH is priced by Mo, not by hour" in capsys.readouterr().err


def test_a_price_without_a_sku_identity_is_left_and_named(command, capsys):
    status, written = command([RIGHT], *ONE, "--only", "lambda.response_stream_gb")
    assert (status, written == TEXT) == (0, False)
    assert "(nobody knows their SKU): lambda.response_stream_gb in us-east-1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--only", "alb.hours"), "--only alb.hours: no such price in prices.yaml"),
        (("--region", "eu-nowhere-1"), "eu-nowhere-1 is not in the list of regions"),
    ],
)
def test_a_price_or_a_region_that_is_not_known_is_refused(command, capsys, arguments, message):
    with pytest.raises(SystemExit) as error:
        command([], *arguments)
    assert error.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("region", ["eu-south-2", "il-central-1", "ap-southeast-7"])
def test_every_region_that_a_report_offers_can_be_asked_for(command, region):
    usage_type = f"{PREFIXES[region][0]}-LoadBalancerUsage"
    there = product("THERE", usage_type, ("0", "0.027"), attributes={"regionCode": region})
    status, written = command([there], "--region", region, "--only", "alb.hour")
    assert status == 0
    assert read(written).find("alb.hour", region).tiers[0].price == Decimal("0.027")
