"""What the workflows run, on the genuine engine: the first deployment, the way back, and looks."""

import json
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest
from engine.bench import PASSPHRASE, ROOT, Running
from engine.delivery import Delivery, delivering

from ci import deploy as deploying
from ci.drift import Look, look
from ci.plan import plan
from ci.problem import Problem
from ci.review import down, up
from preflight.recorder import record_stack
from preflight.stackfile import load

pytestmark = pytest.mark.needs_cli

FIRST, BAD = (f"sha256:{each * 64}" for each in "ab")
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"


@pytest.fixture(scope="module")
def delivery() -> Iterator[Delivery]:
    """dev, after the first deployment ever: the stack was made, and there was no registry."""
    with pytest.MonkeyPatch.context() as patch, delivering("dev", "site=null") as found:
        patch.setattr(deploying, "PAUSE_SECONDS", 0)
        found.url = found.deploy(FIRST, archive="image.tar", last_good="")  # ty: ignore
        yield found


def kept(delivery: Delivery) -> dict[str, bytes]:
    """All that the backend holds."""
    folder = delivery.bench.folder / "state"
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def test_the_first_deployment_makes_the_registry_copies_the_image_and_runs_it(delivery: Delivery):
    calls = [each for each in delivery.programs.calls() if each.startswith(("pulumi up", "skopeo copy"))]
    assert [each.split()[0] for each in calls[:3]] == ["pulumi", "skopeo", "pulumi"]
    repository = delivery.bench.cloud.one("aws:ecr/repository:Repository").outputs["repositoryUrl"]
    assert f"docker://{repository}@{FIRST}" in calls[1]
    assert delivery.runs == FIRST
    assert delivery.url == f"https://{delivery.bench.cloud.one(DISTRIBUTION).outputs['domainName']}"  # ty: ignore


def test_a_bad_image_is_taken_back(delivery: Delivery):
    delivery.is_ill_with(BAD)
    with pytest.raises(Problem, match=f"the smoke test failed; dev runs {FIRST} again"):
        delivery.deploy(BAD, archive="image.tar", last_good=FIRST)
    assert delivery.runs == FIRST


def test_to_plan_and_to_look_for_drift_writes_nothing_down_and_tells_what_there_is(delivery: Delivery, tmp_path: Path):
    before, file = kept(delivery), delivery.root / "Pulumi.dev.yaml"
    text = file.read_text()
    assert drift(delivery, tmp_path).differs is False
    file.write_text(text.replace("retentionDays: 14", "retentionDays: 30"))
    plan("dev", tmp_path, delivery.root)
    assert "retentionInDays: 14 => 30" in (tmp_path / "plan-dev.txt").read_text()
    file.write_text(text)

    delivery.bench.cloud.one(DISTRIBUTION).outputs["enabled"] = False
    found = drift(delivery, tmp_path)
    assert found.differs
    assert "enabled: true => false" in found.said
    assert kept(delivery) == before
    assert not delivery.bench.cloud.one(DISTRIBUTION).outputs["enabled"]
    delivery.bench.cloud.one(DISTRIBUTION).outputs["enabled"] = True


def drift(delivery: Delivery, folder: Path) -> Look:
    look("dev", folder, delivery.root)
    return Look.read(folder / "drift-dev.json")


@pytest.mark.engine_all
def test_an_environment_of_a_pull_request_comes_and_goes_and_dev_stays_as_it_is(delivery: Delivery, monkeypatch):
    monkeypatch.setenv("PULUMI_SECRETS_PROVIDER", "passphrase")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", PASSPHRASE)
    mine = {each.id for each in delivery.bench.cloud.things.values()}
    assert up(7, FIRST, Path("image.tar"), delivery.root).startswith("https://")
    assert {each.urn.split("::")[0] for each in delivery.bench.cloud.things.values()} == {
        "urn:pulumi:dev",
        "urn:pulumi:pr-7",
    }
    key = sealed_with(delivery)
    up(7, FIRST, Path("image.tar"), delivery.root)  # the next push; its runner has no file of this one's
    assert sealed_with(delivery) == key
    (delivery.root / "Pulumi.pr-7.yaml").unlink()  # who destroys it has the default branch, and not its file
    down(7, delivery.root)
    assert {each.id for each in delivery.bench.cloud.things.values()} == mine
    down(7, delivery.root)
    assert ".pulumi/stacks/switchyard/pr-7.json" not in kept(delivery)


def sealed_with(delivery: Delivery) -> object:
    """What opens the secrets in the state of the environment."""
    state = kept(delivery)[".pulumi/stacks/switchyard/pr-7.json"]
    return json.loads(state)["checkpoint"]["latest"]["secrets_providers"]


@pytest.mark.engine_all
def test_what_the_engine_keeps_lies_where_a_role_of_the_stack_may_read_and_write(delivery: Delivery):
    bench = delivery.bench
    bench.set(f"image={FIRST}", "site=null", "logs.retentionDays=30")
    running: list[Running] = []
    bench.cloud.watchers.append(lambda *_: running[0].kill())
    running.append(bench.start("up", "--stack", "dev"))
    assert running[0].wait(60).code < 0
    bench.cloud.watchers.clear()
    names = {each for each in kept(delivery) if not each.endswith((".attrs", "meta.yaml"))}
    bench.cancel()
    assert any("/locks/" in each for each in names)  # of the update that died
    for environment, own in (("dev", "/dev"), ("review", "/pr-7")):
        patterns = writable(environment)
        assert {each for each in names if any(fnmatch(each, one) for one in patterns)} == {
            each for each in names if own in each
        }
    assert all("/dev" in each or "/pr-7" in each for each in names)


def writable(environment: str) -> list[str]:
    """Where in the state bucket the role that deploys the environment may write."""
    account = record_stack(load(ROOT / "bootstrap", "main"))
    (policy,) = [
        each for each in account.of_type("aws:iam/policy:Policy") if each.name == f"deploy-{environment}-guard"
    ]
    return [
        resource.partition("/")[2]
        for statement in json.loads(policy.inputs["policy"])["Statement"]
        if statement["Effect"] == "Allow" and "s3:PutObject" in statement["Action"]
        for resource in statement["Resource"]
        if ":::state-" in resource
    ]
