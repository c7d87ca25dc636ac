"""Durations: every type that the program can register is in the table, and every figure is a range with a source."""

import re

import pytest
from recordings import resource

from preflight.durations import ACTIONS, load
from preflight.force_new import REPLACED_BY
from preflight.schedule import _PLUS

EVERY = [
    pytest.param(row, action, id=f"{row.type.rpartition(':')[2]}-{action}")
    for rows in load().rows.values()
    for row in rows
    for action in ACTIONS
]


def test_every_type_the_program_registers_is_in_the_table():
    # test_force_new.py holds that table to what is registered; awsx makes the image inside its own plugin.
    registered = set(REPLACED_BY) - {"docker-build:index:Image"}
    assert sorted(registered - set(load().rows)) == []


@pytest.mark.parametrize(("row", "action"), EVERY)
def test_a_duration_is_a_range_with_a_source(row, action):
    found = row.durations[action]
    assert 0 <= found.low <= found.typical <= found.high
    assert found.source.says
    assert re.match(r"https://|$", found.source.url)
    assert set(found.plus) <= set(_PLUS)


def test_the_row_whose_inputs_fit_holds_before_the_one_for_all_others():
    gateway = "aws:ec2/natGateway:NatGateway"
    regional = load().of(resource("nat", gateway, availabilityMode="regional"), "create")
    zonal = load().of(resource("nat", gateway, subnetId="subnet-1"), "create")
    assert (regional.typical, zonal.typical) == (120, 105)


def test_a_condition_goes_as_deep_as_the_inputs_do():
    def seconds(**inputs):
        return load().of(resource("f", "aws:lambda/function:Function", **inputs), "create").typical

    assert seconds(packageType="Image", snapStart={"applyOn": "PublishedVersions"}) == 200
    assert seconds(packageType="Image", snapStart={"applyOn": "None"}) == 40
    assert seconds(packageType="Zip") == 10


def test_a_type_that_is_not_in_the_table_is_a_guess_and_says_so():
    found = load().of(resource("it", "aws:sqs/queue:Queue"), "create")
    assert found.typical == load().quick.typical
    assert "a guess" in found.source.says
