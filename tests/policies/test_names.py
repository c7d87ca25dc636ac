"""A resource is judged as what it is, under whichever of its names in the SDK a program registers it."""

import re
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path

import pulumi_aws
from analyzer import analyzer
from stacks import recorded
from twins import wrong_stack
from verdicts import BOTH, unwaived

from policies.graph import canonical
from policies.judge import POLICIES
from preflight.findings import findings
from preflight.recording import Recording

SDK = Path(pulumi_aws.__file__).parent
_ALIAS = re.compile(r'Alias\(type_="(aws:[^"]+)"')
_TYPE = re.compile(r"^ +'(aws:[^']+:[^']+)',$", re.M)


@cache
def other_names() -> dict[str, str]:
    """What the SDK has a second class for, by the type that the components use, with the other's type."""
    found = {}
    for module in {type_.removeprefix("aws:").split("/")[0] for each in POLICIES.values() for type_ in each.types}:
        texts = [file.read_text(encoding="utf-8") for file in (SDK / module).glob("[a-z]*.py")]
        types = {type_ for text in texts for type_ in _TYPE.findall(text)}
        for text in texts:
            for type_, other in product(_TYPE.findall(text), _ALIAS.findall(text)):
                if other in types and len(other) > len(type_):
                    found[type_] = other
        if module == "lb":
            found |= {type_: type_.replace("aws:lb/", "aws:alb/") for type_ in types if "rust" not in type_}
    return found


def test_a_resource_has_one_name_for_all_that_the_sdk_has():
    assert len(other_names()) > 15
    assert [(type_, other) for type_, other in other_names().items() if canonical(other) != type_] == []


def renamed(recording: Recording) -> Recording:
    """The same, as a program that uses the SDK's other modules and classes registers it."""
    resources = {
        urn: replace(each, type=other_names().get(each.type, each.type)) for urn, each in recording.resources.items()
    }
    assert len({each.type for each in resources.values()} & set(other_names().values())) > 5
    return replace(recording, resources=resources)


def test_a_shipped_stack_under_other_names_has_the_same_findings():
    assert findings(renamed(recorded(*BOTH))) == findings(recorded(*BOTH))


def test_what_is_wrong_is_found_under_other_names_by_preflight_and_by_the_pack():
    about = [
        name for name, each in POLICIES.items() if any(type_.startswith(("aws:lb/", "aws:s3/")) for type_ in each.types)
    ]
    recording = wrong_stack(about[::3])
    found = unwaived(recording)
    assert len(found) > 20
    assert unwaived(renamed(recording)) == found
    with analyzer() as pack:
        told = {(each.policy, each.urn) for each in pack.judge(renamed(recording))}
    assert told == {(each.policy.name, each.urn) for each in found}
