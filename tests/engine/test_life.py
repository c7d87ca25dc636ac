"""What an environment goes through, on the genuine engine, and that preflight's plan, made without one, is true.

The larger stack as it ships; with engine_all the other one, its other topology and a standby too.
"""

import pytest
from engine.bench import readable
from engine.lives import CONTAINER, SERVERLESS, Life

from preflight.recording import Recording, Resource

FAST = [("prod", CONTAINER)]
SLOW = [
    ("dev", SERVERLESS),
    ("dev", CONTAINER),
    ("prod", SERVERLESS),
    ("dev", SERVERLESS, "standby=true"),
    ("prod", CONTAINER, "standby=true"),
]
pytestmark = [
    pytest.mark.needs_cli,
    pytest.mark.parametrize(
        "life",
        [*FAST, *(pytest.param(each, marks=pytest.mark.engine_all) for each in SLOW)],
        indirect=True,
        ids=" ".join,
        scope="module",
    ),
]


def test_up_does_exactly_what_preview_said(life: Life):
    life.previewed.must_succeed()
    assert sorted(life.previewed.changes) == sorted(life.made.changes)
    announced = {each.urn: each for each in life.previewed.steps}
    for each in life.made.steps:
        assert fits(announced[each.urn].inputs, each.inputs), each.urn


def fits(announced: object, done: object) -> bool:
    """Whether a preview's inputs say the same as the real ones, or that they are not known yet."""
    if announced == {"$unknown": True}:
        return True
    if isinstance(announced, dict) and isinstance(done, dict):
        return announced.keys() == done.keys() and all(fits(announced[key], done[key]) for key in done)
    if isinstance(announced, list) and isinstance(done, list):
        return len(announced) == len(done) and all(map(fits, announced, done))
    # Text that has an unknown in it is unknown as a whole.
    return announced == done or (isinstance(announced, str) and "04da6b54" in announced)


def test_a_second_up_finds_nothing_to_do(life: Life):
    life.again.must_succeed()
    assert set(life.again.counts) == {"same"}
    assert not life.again.operations


def test_a_refresh_finds_what_was_made(life: Life):
    life.refreshed.must_succeed()
    assert life.refreshed.drift == []


def test_what_was_changed_or_deleted_by_hand_is_found_and_put_right(life: Life):
    assert sorted(life.drifted.drift) == ["delete repository-keep-newest", "update cdn"]
    life.repaired.must_succeed()
    assert sorted(life.repaired.changes) == ["create repository-keep-newest", "update cdn"]
    assert life.repaired_again.must_succeed().changes == []


def test_secrets_are_encrypted_wherever_the_engine_keeps_or_shows_anything(life: Life):
    assert life.secrets
    for secret in life.secrets:
        assert secret not in life.kept
        for each in life.shown:
            assert secret not in each


def test_destroy_is_refused_before_anything_is_touched_while_something_is_protected(life: Life):
    if life.stack == "dev":
        assert life.refused is None
        return
    assert life.refused
    assert life.refused.code != 0
    assert "because it is protected" in life.refused.output
    assert not life.refused.operations
    assert life.released
    life.released.must_succeed()


def test_destroy_leaves_nothing_behind(life: Life):
    life.destroyed.must_succeed()
    assert life.left == []


def test_aws_refuses_nothing_on_the_way(life: Life):
    assert life.refusals == []


# Preflight, proven right: what it plans without an engine is what the engine then does


@pytest.fixture
def plan(life: Life) -> Recording:
    return life.plan


def ours(urn: str) -> bool:
    """What the program registers: not the stack, the providers, or what a component of awsx makes of its own."""
    type_ = urn.split("::")[2]
    return not type_.startswith("pulumi:") and not type_.endswith("docker-build:index:Image")


def test_the_resources_are_the_same(life: Life, plan: Recording):
    planned = {urn for urn in plan.resources if ours(urn)}
    assert planned == {each["urn"] for each in life.state if ours(each["urn"])}
    assert planned == {each.urn for each in life.previewed.steps if ours(each.urn)}


def test_the_inputs_are_the_same_to_the_last_character(life: Life, plan: Recording):
    """But for what the provider adds: names, and the default tags."""
    for each in life.state:
        if ours(each["urn"]) and each["custom"]:
            planned = plan.resources[each["urn"]]
            assert without_additions(planned, readable(each["inputs"])) == assets(planned.inputs), each["urn"]


def without_additions(planned: Resource, inputs: dict) -> dict:
    added = {key for key in ("name", "bucket", "region", "tagsAll") if key not in planned.inputs}
    return assets({key: value for key, value in inputs.items() if key not in added})


def assets(value):
    """Files count by what they hold: the engine adds a hash, and preflight keeps the path alone."""
    if isinstance(value, dict):
        for marked in ("$asset", "$archive"):
            if marked in value:
                return {marked: sorted(key for key in value[marked] if key != "hash")}
        if "hash" in value and {"path", "text", "assets"} & set(value):
            kind = "$archive" if "assets" in value else "$asset"
            signature = "4dabf18193072939515e22adb298388d"
            return {kind: sorted(key for key in value if key not in ("hash", signature) and value[key] not in ("", {}))}
        return {key: assets(each) for key, each in value.items()}
    return [assets(each) for each in value] if isinstance(value, list) else value


def test_parents_protection_and_dependencies_are_the_same(life: Life, plan: Recording):
    stack = f"urn:pulumi:{life.stack}::switchyard::pulumi:pulumi:Stack::switchyard-{life.stack}"
    for each in life.state:
        if not ours(each["urn"]):
            continue
        planned = plan.resources[each["urn"]]
        assert each.get("parent", "") == (planned.parent or stack)
        assert each.get("protect", False) is planned.options.protect, each["urn"]
        assert (
            each.get("provider", "").rpartition("::")[0] in ("", planned.options.provider)
            or not planned.options.provider
        )
        if each["custom"]:
            known = {urn for urn in each.get("dependencies", ()) if urn in plan.resources}
            wanted = {urn for urns in planned.options.property_dependencies.values() for urn in urns}
            assert known == {*planned.options.depends_on, *wanted}, each["urn"]


def test_what_the_stack_exports_is_the_same(life: Life, plan: Recording):
    (root,) = [each for each in life.state if each["type"] == "pulumi:pulumi:Stack"]
    assert readable(root["outputs"]) == plan.outputs


def test_what_preview_announces_has_the_inputs_of_the_plan(life: Life, plan: Recording):
    for step in life.previewed.steps:
        if ours(step.urn) and not step.type.startswith("switchyard:"):
            planned = plan.resources[step.urn].inputs
            for key, value in without_additions(plan.resources[step.urn], step.inputs).items():
                assert key in planned, (step.urn, key)
                if "$unknown" not in str(value):
                    assert value == assets(planned)[key], (step.urn, key)
