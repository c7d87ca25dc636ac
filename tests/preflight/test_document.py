"""The JSON document: exactly the schema, key by key, in order, type by type."""

import json

import pulumi
import pulumi_aws as aws
import pulumi_random as random
import pytest

from preflight.document import document

STACK = ["schema", "stack", "topology", "resources", "outputs", "warnings", "cost", "findings", "diff", "switch"]
RESOURCE = ["urn", "type", "name", "parent", "custom", "inputs", "options", "source"]
OPTIONS = {
    "protect": bool,
    "dependsOn": list,
    "propertyDependencies": dict,
    "ignoreChanges": list,
    "retainOnDelete": bool,
    "aliases": list,
    "provider": str,
}


class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("switchyard:index:Group", name, {}, opts)
        made = random.RandomId(f"{name}-id", byte_length=4, opts=pulumi.ResourceOptions(parent=self))
        aws.sns.Topic(
            name,
            display_name=made.hex,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=True,
                retain_on_delete=True,
                ignore_changes=["policy"],
                aliases=[pulumi.Alias(name="old")],
            ),
        )


@pytest.fixture
def written(record, tmp_path):
    def program():
        provider = aws.Provider("aws", region="us-east-1")
        Group("g", pulumi.ResourceOptions(providers=[provider]))
        pulumi.export("url", "https://x")
        pulumi.export("secret", pulumi.Output.secret("CANARY"))
        pulumi.log.warn("mind\nthe gap")

    return document(record(program), "serverless")


@pytest.mark.usefixtures("sources")
def test_a_document_is_this_and_nothing_else(written):
    urn = "urn:pulumi:test::switchyard::"
    component = f"{urn}switchyard:index:Group::g"
    made = f"{urn}switchyard:index:Group$random:index/randomId:RandomId::g-id"
    topic = f"{urn}switchyard:index:Group$aws:sns/topic:Topic::"
    plain = {
        "protect": False,
        "dependsOn": [],
        "propertyDependencies": {},
        "ignoreChanges": [],
        "retainOnDelete": False,
        "aliases": [],
        "provider": "",
    }
    sources = {each["name"]: each.pop("source") for each in written["resources"]}
    assert written == {
        "schema": 1,
        "stack": "test",
        "topology": "serverless",
        "resources": [
            {
                "urn": f"{urn}pulumi:providers:aws::aws",
                "type": "pulumi:providers:aws",
                "name": "aws",
                "parent": "",
                "custom": True,
                "inputs": {"region": "us-east-1", **_provider_flags(written)},
                "options": plain,
            },
            {
                "urn": f"{topic}g",
                "type": "aws:sns/topic:Topic",
                "name": "g",
                "parent": component,
                "custom": True,
                "inputs": {"displayName": written["resources"][1]["inputs"]["displayName"]},
                "options": {
                    "protect": True,
                    "dependsOn": [made],
                    "propertyDependencies": {"displayName": [made]},
                    "ignoreChanges": ["policy"],
                    "retainOnDelete": True,
                    "aliases": [f"{topic}old"],
                    "provider": f"{urn}pulumi:providers:aws::aws",
                },
            },
            {
                "urn": made,
                "type": "random:index/randomId:RandomId",
                "name": "g-id",
                "parent": component,
                "custom": True,
                "inputs": {"byteLength": 4},
                "options": plain,
            },
            {
                "urn": component,
                "type": "switchyard:index:Group",
                "name": "g",
                "parent": "",
                "custom": False,
                "inputs": {},
                "options": plain,
            },
        ],
        "outputs": {"secret": {"$secret": True}, "url": "https://x"},
        "warnings": ["mind the gap"],
        "cost": None,
        "findings": None,
        "diff": None,
        "switch": None,
        "breakeven": None,
    }
    assert all(path.rpartition("/")[2].startswith("test_document.py:") for path in sources.values())


def _provider_flags(written) -> dict:
    """The SDK sets defaults of its own on a provider, as text: skipCredentialsValidation and the like."""
    inputs = written["resources"][0]["inputs"]
    return {key: value for key, value in inputs.items() if key.startswith("skip")}


def test_keys_are_in_the_order_of_the_schema(written):
    assert list(written) == [*STACK, "breakeven"]
    for resource in written["resources"]:
        assert list(resource) == RESOURCE
        assert list(resource["options"]) == list(OPTIONS)


def test_every_value_is_of_its_type(written):
    types = {"schema": int, "stack": str, "topology": str, "resources": list, "outputs": dict, "warnings": list}
    assert {key: type(written[key]) for key in types} == types
    assert {type(each) for each in written["warnings"]} == {str}
    texts = {"urn": str, "type": str, "name": str, "parent": str, "custom": bool, "inputs": dict, "source": str}
    for resource in written["resources"]:
        assert {key: type(resource[key]) for key in texts} == texts
        assert {key: type(value) for key, value in resource["options"].items()} == OPTIONS
        assert all(type(urns) is list for urns in resource["options"]["propertyDependencies"].values())


def test_a_parent_is_in_the_document_or_nothing(written):
    urns = {each["urn"] for each in written["resources"]}
    assert {each["parent"] for each in written["resources"]} - urns == {""}


def test_resources_are_sorted_by_urn(written):
    urns = [each["urn"] for each in written["resources"]]
    assert urns == sorted(urns)


def test_it_survives_json_unchanged_and_shows_no_secret(written):
    text = json.dumps(written)
    assert json.loads(text) == written
    assert "CANARY" not in text


def test_a_stack_without_a_topology_has_none(record):
    assert document(record(lambda: None), None)["topology"] is None
