"""The account's own program on the genuine engine: made once, never touched again, and what stays when it goes."""

import re
from collections.abc import Iterator

import pytest
from engine.bench import ROOT, Bench, readable

pytestmark = pytest.mark.needs_cli

ZONE = "zone=example.com"
STAYS = {"state", "state-access-log", "secrets-dev", "secrets-prod", "secrets-review"}
"""The buckets and keys that hold what can't be made again. Their aliases, policies and the like stay too."""


@pytest.fixture(scope="module")
def account() -> Iterator[Bench]:
    with Bench("main", ZONE, program="bootstrap") as bench:
        bench.up().must_succeed()
        yield bench


def test_a_second_up_finds_nothing_to_do_and_preflight_planned_the_same(account: Bench):
    again = account.up().must_succeed()
    assert set(again.counts) == {"same"}
    planned = account.plan()
    made = {each["urn"]: each for each in account.state() if not each["type"].startswith("pulumi:")}
    assert set(made) == {each.urn for each in planned if each.is_ours}
    for urn, each in made.items():
        if each["custom"]:
            asked = readable(each["inputs"])
            for key, value in planned.resources[urn].inputs.items():
                assert asked[key] == value, (urn, key)


@pytest.mark.engine_all
def test_its_own_state_moves_into_another_backend_and_nothing_is_made_again(account: Bench):
    """From the folder it begins in to the bucket that it made, as docs/delivery.md says; here to another folder."""
    page = (ROOT / "docs" / "delivery.md").read_text(encoding="utf-8")
    told = re.findall(
        r"^\$ pulumi (stack (?:export|init|import).*?)(?:  +#.*)?$", page.partition("**2.")[0], re.MULTILINE
    )
    assert told == [
        "stack init main",
        "stack export --file main.json",
        "stack init main",
        "stack import --file main.json",
    ]
    _, export, init, load = (each.split() for each in told)
    account.run(*export)
    before = account._environment["PULUMI_BACKEND_URL"]
    (account.folder / "moved").mkdir()
    account._environment["PULUMI_BACKEND_URL"] = f"file://{account.folder}/moved"
    try:
        account.run(*init)
        account.run(*load)
        assert set(account.preview().must_succeed().counts) == {"same"}
    finally:
        account._environment["PULUMI_BACKEND_URL"] = before


@pytest.mark.engine_all
def test_it_refuses_to_go_while_it_protects_and_then_leaves_what_cant_be_made_again(account: Bench):
    refused = account.destroy("--skip-preview=false")
    assert "because it is protected" in refused.output
    assert not refused.operations
    account.set(ZONE, "protect=false")
    account.up().must_succeed()
    account.destroy().must_succeed()
    left = account.cloud.things.values()
    assert {each.name for each in left if each.type in ("aws:s3/bucket:Bucket", "aws:kms/key:Key")} == STAYS
    assert not [each for each in left if each.type.startswith(("aws:iam/", "aws:route53/"))]
    assert account.cloud.refusals == []
