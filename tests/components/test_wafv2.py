"""_wafv2: registers what the SDK's own classes would, and does not import them."""

import subprocess
import sys

import pulumi
import pulumi_aws as aws
import pytest

from components import _wafv2
from components._waf_rules import rules
from components.web_acl import WebAcl, WebAclArgs

WEB_ACL = "aws:wafv2/webAcl:WebAcl"
LOGGING = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"


@pytest.fixture
def ours_and_theirs(record, monkeypatch):
    """The same component recorded twice: as it is, and with the SDK's classes in place of ours."""
    args = WebAclArgs(managed_groups=("AWSManagedRulesSQLiRuleSet",))
    ours = record(lambda: WebAcl("waf", args))
    monkeypatch.setattr(_wafv2, "WebAcl", aws.wafv2.WebAcl)
    monkeypatch.setattr(_wafv2, "WebAclLoggingConfiguration", aws.wafv2.WebAclLoggingConfiguration)
    return ours, record(lambda: WebAcl("waf", args))


@pytest.mark.parametrize("type_", [WEB_ACL, LOGGING])
def test_the_inputs_are_the_sdks_own(ours_and_theirs, type_):
    ours, theirs = (recording.one(type_) for recording in ours_and_theirs)
    assert ours.inputs == theirs.inputs
    assert ours.urn == theirs.urn


@pytest.mark.parametrize("type_", [WEB_ACL, LOGGING])
def test_the_options_are_the_sdks_own_with_the_providers_version(ours_and_theirs, type_):
    ours, theirs = (recording.one(type_) for recording in ours_and_theirs)
    assert ours.options == theirs.options
    assert ours.options.version


def test_the_arn_is_the_sdks_own(ours_and_theirs):
    ours, theirs = (each.one("switchyard:index:WebAcl").outputs for each in ours_and_theirs)
    assert ours == theirs


@pytest.mark.parametrize(("type_", "class_name"), [(WEB_ACL, "WebAcl"), (LOGGING, "WebAclLoggingConfiguration")])
def test_every_input_is_one_the_sdk_declares(ours_and_theirs, type_, class_name):
    declared = vars(getattr(aws.wafv2, class_name))
    for name in ours_and_theirs[0].one(type_).inputs:
        assert any(_wafv2.on_the_wire({each: 0}) == {name: 0} for each in declared)


def test_every_property_a_rule_may_have_is_spelled_as_the_sdk_spells_it():
    spelled = {name for kind in _types_of_rules() for name in kind.items()}
    assert len(spelled) > 100
    assert {name for name in spelled if list(_wafv2.on_the_wire({name[0]: 0})) != [name[1]]} == set()


def _types_of_rules() -> list[dict[str, str]]:
    """Property names of the SDK's own input types, in Python and on the wire."""
    inputs = [each for name, each in vars(aws.wafv2).items() if name.startswith("WebAcl") and name.endswith("Args")]
    return [pulumi._types.input_type_py_to_pulumi_names(each) for each in inputs]


def test_it_is_imported_without_the_sdks_module():
    # The lazy module is in sys.modules from the start; only what it would import shows that it was loaded.
    check = "import sys; import components.web_acl; sys.exit('pulumi_aws.wafv2._inputs' in sys.modules)"
    subprocess.run([sys.executable, "-c", check], check=True)


def test_a_web_acl_is_registered_without_the_sdks_module():
    program = """
import sys
from components.web_acl import WebAcl, WebAclArgs
from preflight.recorder import record_program
assert record_program(lambda: WebAcl("waf", WebAclArgs())).one("aws:wafv2/webAcl:WebAcl").inputs
sys.exit("pulumi_aws.wafv2._inputs" in sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_names_of_headers_and_rules_are_values_and_stay_as_they_are():
    made = _wafv2.on_the_wire(
        {"single_header": {"name": "x_my_header"}, "rules": ({"some_key": "SizeRestrictions_BODY"},)}
    )
    assert made == {"singleHeader": {"name": "x_my_header"}, "rules": [{"someKey": "SizeRestrictions_BODY"}]}


@pytest.mark.parametrize("mode", ["count", "block"])
def test_no_key_is_left_in_snake_case_and_none_is_lost(mode):
    made = rules(mode, 2000, ["AWSManagedRulesSQLiRuleSet"])
    before, after = list(_keys(made)), list(_keys(_wafv2.on_the_wire(made)))
    assert len(after) == len(before)
    assert [key for key in after if "_" in key] == []


def _keys(value):
    if isinstance(value, dict):
        for key, each in value.items():
            yield key
            yield from _keys(each)
    elif isinstance(value, list):
        for each in value:
            yield from _keys(each)
