"""The table of what can't be changed in place covers every type the program can register, with properties it has."""

import importlib
import inspect
import re
from pathlib import Path

import pulumi_aws
import pytest
import yaml
from engine.double import sdk
from pulumi import _types
from stacks import DOMAIN, recorded

from preflight.force_new import REPLACED_BY, forces_replacement

CONFIGURATIONS = [
    ("prod", "standby=true", DOMAIN),
    ("prod", "standby=true", "serverless.frontDoor=functionUrl", "service.clientsHashBodies=true"),
    ("prod", "standby=true", DOMAIN, "container.loadBalancer=public", "network.nat=instance"),
    ("prod", "network.nat=perZone"),
    ("prod", "network.nat=endpoints", "container.executeCommand=true"),
    ("dev", "serverless.provisionedConcurrency=1"),
]


PINNED = yaml.safe_load((Path(__file__).parent / "force_new.yaml").read_text())
_FILE = re.compile(r"[a-z0-9]+/[a-z0-9_]+\.go|https://github\.com/\S+")
_SAYS_SO = re.compile(
    r"forces? (?:a |the )?(?:new (?!deployment|task)|replacement|(?:re-?)?creation)|destroy(?:ed|ing)? and|recreat",
    re.I,
)
UNLESS = {
    ("aws:ec2/instance:Instance", "enablePrimaryIpv6"): "only when it is switched off",
    ("aws:ec2/instance:Instance", "userData"): "only with userDataReplaceOnChange, which forces_replacement sees to",
    (
        "aws:ec2/instance:Instance",
        "userDataBase64",
    ): "only with userDataReplaceOnChange, which forces_replacement sees to",
    ("aws:ec2/instance:Instance", "userDataReplaceOnChange"): "by itself it changes nothing",
    ("aws:ec2/networkInterface:NetworkInterface", "enablePrimaryIpv6"): "only when it is switched off",
    ("aws:ec2/subnet:Subnet", "ipv6CidrBlock"): "only where it assigned addresses; danger_to_viewers names that",
    ("aws:ec2/vpcEndpoint:VpcEndpoint", "privateDnsEnabled"): "only where it is no interface endpoint, which has none",
    ("aws:lb/loadBalancer:LoadBalancer", "secondaryIpsAutoAssignedPerSubnet"): "only for a network load balancer",
    ("aws:lb/loadBalancer:LoadBalancer", "securityGroups"): "only for a network load balancer",
    ("aws:lb/loadBalancer:LoadBalancer", "subnets"): "only for a network load balancer",
}
"""What the SDK's documentation says forces a new resource, and does so only on a condition."""


def arguments(type_: str) -> dict[str, str]:
    """The documentation of each property that a type takes, by its name on the wire."""
    module, name = sdk._modules(type_.partition(":")[0])[type_]
    found = importlib.import_module(module)
    args = getattr(found, f"{name}InitArgs", None) or getattr(found, f"{name}Args")
    names = _types.input_type_py_to_pulumi_names(args)
    return {wire: inspect.getattr_static(args, python).fget.__doc__ or "" for python, wire in names.items()}


def test_the_table_is_what_was_looked_up_for_this_provider():
    assert pulumi_aws._utilities.get_version().startswith(f"{PINNED['pulumi_aws']}.")
    assert {type_: set(each["replaced_by"]) for type_, each in PINNED["types"].items()} == {
        type_: set(each) for type_, each in REPLACED_BY.items()
    }
    assert all(_FILE.fullmatch(each["source"]) for each in PINNED["types"].values())


@pytest.mark.parametrize("type_", sorted(REPLACED_BY))
def test_its_properties_are_there_and_what_is_documented_to_force_a_new_one_is_in_it(type_):
    known = arguments(type_)
    listed = REPLACED_BY[type_]
    assert listed - {"*"} <= set(known)
    documented = {name for name, text in known.items() if _SAYS_SO.search(text)}
    conditional = {name for of, name in UNLESS if of == type_}
    assert conditional <= documented
    assert "*" in listed or documented - conditional <= listed


def test_what_is_replaced_only_where_it_is_asked_for_is_not_replaced_otherwise():
    instance = "aws:ec2/instance:Instance"
    assert forces_replacement(instance, "userData", {"userDataReplaceOnChange": True})
    assert not forces_replacement(instance, "userData", {})


@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=str)
def test_every_type_that_is_registered_is_in_the_table(configuration):
    registered = {each.type for each in recorded(*configuration) if each.custom and each.is_ours}
    assert registered <= set(REPLACED_BY)


def test_a_region_is_changed_in_place_nowhere():
    for type_ in REPLACED_BY:
        assert forces_replacement(type_, "region", {})


def test_tags_are_changed_in_place_everywhere():
    for type_ in REPLACED_BY:
        assert not forces_replacement(type_, "tags", {})
        assert not forces_replacement(type_, "tagsAll", {})
