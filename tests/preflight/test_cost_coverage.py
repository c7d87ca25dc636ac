"""Every type that the program can register has a rule, and every resource ends in a line or in a gap."""

import ast
import re
from collections import Counter
from functools import cache
from operator import attrgetter

import pulumi
import pulumi_aws as aws
import pulumi_awsx
import pulumi_random
import pytest
from costs import priced, priced_program
from stacks import DOMAIN, ROOT, recorded

from preflight.cost.rules import INFRACOST, RULES, needs_rule
from preflight.recorder import record_stack
from preflight.stackfile import load
from preflight.usage_file import KEYS

SECRETS = "service.secrets={DB_URL: arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf}"
URL = ("serverless.frontDoor=functionUrl", "service.clientsHashBodies=true")
EVERYTHING = [
    ("prod", "standby=true", "standbyTraffic=20"),
    ("prod", "network.nat=instance"),
    ("prod", "network.nat=regional", DOMAIN, "container.loadBalancer=public", "waf.mode=count"),
    ("prod", "network.nat=endpoints", "container.spot=true", "container.insights=true", SECRETS),
    ("dev",),
    ("dev", *URL, "service.needs=[streaming]"),
    ("dev", "serverless.provisionedConcurrency=2", "serverless.tracing=true"),
    ("dev", "serverless.snapStart=true", SECRETS),
    ("dev", "image=none"),
]


@cache
def recordings() -> tuple:
    account = record_stack(load(ROOT / "bootstrap", "main", ("zone=example.com",)))
    return (*(recorded(*case) for case in EVERYTHING), account)


def registered() -> list:
    return [each for recording in recordings() for each in recording]


def constructed() -> set[str]:
    """The types that the program can register, whatever its settings: those whose constructors its code calls."""
    found = set()
    for path in [
        ROOT / "stack.py",
        ROOT / "provider.py",
        *sorted([*ROOT.glob("components/*.py"), *ROOT.glob("topologies/*.py")]),
    ]:
        tree = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        called = {ast.unparse(node.func) for node in tree if isinstance(node, ast.Call)}
        called = {each for each in called if "(" not in each}  # no method of what a call gave
        for module, package in (("aws", aws), ("awsx", pulumi_awsx), ("random", pulumi_random)):
            for name in (each.partition(".")[2] for each in called if each.startswith(f"{module}.")):
                what = attrgetter(name)(package)
                if isinstance(what, type) and issubclass(what, pulumi.Resource):
                    found.add(what.pulumi_type)
        texts = {node.value for node in tree if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        found |= {text for text in texts if re.fullmatch(r"aws:\w+/\w+:\w+", text)}  # those without the SDK's class
    return {each for each in found if not each.startswith("pulumi:providers:")}


def test_every_type_that_the_program_can_register_has_a_rule():
    assert len(constructed()) > 60
    assert constructed() - set(RULES) == set()


def test_every_type_that_the_program_can_register_is_tried_here():
    assert constructed() - {each.type for each in registered()} == set()


def test_nothing_but_groups_and_the_engines_own_goes_without_a_rule():
    without = {each.type for each in registered() if not needs_rule(each)}
    assert without
    assert all(each.startswith(("switchyard:index:", "pulumi:")) for each in without)


@pytest.mark.parametrize("case", EVERYTHING, ids=" ".join)
def test_every_resource_is_in_a_line_or_named_as_unpriced(case):
    recording = recorded(*case)
    found = priced(recording)
    told = {line.urn for line in found.lines} | {gap.urn for gap in found.unpriced}
    assert told == {each.urn for each in recording if needs_rule(each)}


@pytest.mark.parametrize("case", EVERYTHING, ids=" ".join)
def test_only_container_insights_is_without_a_price_in_the_home_region(case):
    unpriced = {gap.what for gap in priced(recorded(*case)).unpriced}
    assert unpriced == ({"Container Insights"} if "container.insights=true" in case else set())


def test_a_type_that_no_rule_knows_is_unpriced_and_says_so():
    found = priced_program(lambda: aws.sqs.Queue("queue"))
    (gap,) = found.unpriced
    assert gap.urn.endswith("::queue")
    assert gap.what == "aws:sqs/queue:Queue"
    assert "no rule" in gap.reason
    assert found.lines == ()


def test_a_component_is_a_group_and_costs_nothing_by_itself():
    class Group(pulumi.ComponentResource):
        def __init__(self):
            super().__init__("some:index:Group", "group")

    found = priced_program(Group)
    assert (found.lines, found.unpriced) == ((), ())


def test_what_is_free_says_why():
    lines = [line for line in priced(recorded("prod")).lines if line.unit == "resource"]
    assert lines
    for line in lines:
        assert line.monthly == 0
        assert len(line.what.removeprefix("free: ")) > 5


def test_a_rule_that_says_free_never_charges():
    kinds = {each.type: RULES[each.type].kind for each in registered() if needs_rule(each)}
    charged = Counter()
    for recording in recordings():
        for line in priced(recording, 10**6).lines:
            if line.unit != "resource":
                charged[recording.resources[line.urn].type] += 1
    assert {type_ for type_ in charged if kinds[type_] == "free"} == set()
    assert {type_ for type_, kind in kinds.items() if kind == "priced"} <= set(charged)


def test_what_a_rule_calls_usage_costs_next_to_nothing_at_rest():
    for recording in recordings():
        for line in priced(recording).lines:
            type_ = recording.resources[line.urn].type
            if RULES[type_].kind == "usage" and not line.what.startswith(("images", "SnapStart snapshot")):
                assert line.monthly == 0, (type_, line.what)


def test_every_type_that_a_usage_file_may_name_is_one_that_a_rule_asks_for():
    assert set(INFRACOST.values()) | {"aws_data_transfer"} == set(KEYS)
    assert set(INFRACOST) <= set(RULES)
