"""The table of what can't be changed in place covers every type the program can register, with properties it has."""

import pytest
from stacks import DOMAIN, ROOT, recorded

from preflight.force_new import REPLACED_BY, forces_replacement
from preflight.recorder import record_stack
from preflight.stackfile import load

CONFIGURATIONS = [
    ("prod", "standby=true", DOMAIN),
    ("prod", "standby=true", "serverless.frontDoor=functionUrl", "service.clientsHashBodies=true"),
    ("prod", "standby=true", DOMAIN, "container.loadBalancer=public", "network.nat=instance"),
    ("prod", "network.nat=perZone"),
    ("prod", "network.nat=endpoints", "container.executeCommand=true"),
    ("dev", "serverless.provisionedConcurrency=1"),
]


@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=str)
def test_every_type_that_is_registered_is_in_the_table(configuration):
    registered = {each.type for each in recorded(*configuration) if each.custom and each.is_ours}
    assert registered <= set(REPLACED_BY)


def test_every_type_that_an_account_gets_is_in_the_table():
    account = record_stack(load(ROOT / "bootstrap", "main", ("zone=example.com",)))
    assert {each.type for each in account if each.custom and each.is_ours} <= set(REPLACED_BY)


def test_a_region_is_changed_in_place_nowhere():
    for type_ in REPLACED_BY:
        assert forces_replacement(type_, "region", {})


def test_tags_are_changed_in_place_everywhere():
    for type_ in REPLACED_BY:
        assert not forces_replacement(type_, "tags", {})
        assert not forces_replacement(type_, "tagsAll", {})
