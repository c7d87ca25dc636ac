"""docs/recovery.md, rehearsed: each section's own commands, on the genuine engine, after what the section is about."""

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.session import get_session
from engine.bench import ROOT, Moment, Running
from engine.delivery import FUNCTION, Delivery, delivering
from engine.double.cloud import Cloud, Operation

from ci import deploy as deploying
from ci.problem import Problem
from components.authorizer_handler import ACCEPTED

pytestmark = pytest.mark.needs_cli

PAGE = (ROOT / "docs" / "recovery.md").read_text(encoding="utf-8")
FIRST, NEXT, BAD = (f"sha256:{each * 64}" for each in "abc")
# No site and nothing by the hour: the image, its function, and the distribution in front are all that matters here.
SMALL = ("topology=serverless", "site=null", "waf.mode=none", "logs.access=false", "protect=false")
API = "aws:apigatewayv2/api:Api"


@pytest.fixture(scope="module")
def deployed() -> Iterator[tuple[Delivery, Moment]]:
    with pytest.MonkeyPatch.context() as patch, delivering("prod", *SMALL, f"image={FIRST}") as found:
        patch.setattr(deploying, "PAUSE_SECONDS", 0)
        found.bench.up().must_succeed()
        yield found, found.bench.moment()


@pytest.fixture
def delivery(deployed: tuple[Delivery, Moment]) -> Delivery:
    """prod runs the image that is good."""
    found, moment = deployed
    found.bench.return_to(moment)
    found.is_ill_with()
    return found


def commands(title: str) -> list[str]:
    """What the section tells to type."""
    section = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    (text,) = [each for each in section if each.startswith(f"{title}\n")]
    lines = "".join(re.findall(r"```console\n(.*?)```", text, re.DOTALL)).splitlines()
    return [re.sub(r"\s+# .*", "", line.removeprefix("$ ")) for line in lines]


def rehearse(delivery: Delivery, lines: list[str], **values: str) -> list[str]:
    """Type each line into a shell, with what stands in angle brackets filled in; what each says."""
    said = []
    for line in lines:
        for name, value in values.items():
            line = line.replace(f"<{name}>", value)  # noqa: PLW2901
        run = subprocess.run(["bash", "-c", line], cwd=delivery.root, capture_output=True, text=True, timeout=120)
        assert run.returncode == 0, f"{line}:\n{run.stdout}{run.stderr}"
        delivery.bench.host.wait_until_idle()
        said.append(run.stdout + run.stderr)
    return said


def kill(delivery: Delivery, when: str, *overrides: str) -> None:
    """The engine dies in an update to these settings, while AWS does `when`: a pattern on `<kind> <type>`."""
    bench = delivery.bench
    bench.set(*SMALL, *overrides)
    running: list[Running] = []
    bench.cloud.watchers.append(
        lambda operation, _: re.search(when, f"{operation.kind} {operation.type}") and running[0].kill()
    )
    running.append(bench.start("up", "--parallel", "1"))
    assert running[0].wait(60).code < 0
    bench.cloud.watchers.clear()


def must_be_settled(delivery: Delivery) -> None:
    assert set(delivery.bench.preview().must_succeed().counts) == {"same"}
    assert delivery.bench.cloud.refusals == []


def test_a_stuck_lock(delivery: Delivery):
    kill(delivery, f"update {FUNCTION}", f"image={NEXT}")
    assert "the stack is currently locked" in delivery.bench.up().output
    rehearse(delivery, commands("A stuck lock"))
    assert delivery.runs == NEXT
    must_be_settled(delivery)


@pytest.mark.engine_all
def test_an_interrupted_update(delivery: Delivery):
    kill(delivery, "create aws:wafv2/webAcl:WebAcl", f"image={FIRST}", "waf.mode=count")
    lines = commands("An interrupted update")
    look, rest = lines[:2], lines[2:]
    (*_, warned) = rehearse(delivery, look)
    known = {each.get("id") for each in delivery.bench.state()}
    orphans = [each for each in delivery.bench.cloud.things.values() if each.id not in known]
    assert len(orphans) == 1, (orphans, warned)
    assert all(f"{each.type}::{each.name}" in warned for each in orphans), warned
    for each in orphans:
        delivery.bench.cloud.remove(each)
    rehearse(delivery, rest)
    assert delivery.bench.pending() == []
    must_be_settled(delivery)


@pytest.mark.engine_all
def test_a_rollback_that_failed(delivery: Delivery):
    cloud = delivery.bench.cloud
    delivery.is_ill_with(BAD)

    def refuse_the_next(operation: Operation, _: Cloud) -> None:
        if operation.type == FUNCTION and operation.did_it and not cloud.faults.rules:
            cloud.faults.strike(f"update .*{FUNCTION}::serverless$")

    cloud.watchers.append(refuse_the_next)
    with pytest.raises(Problem, match=f"the smoke test failed, and going back to {FIRST} did too"):
        delivery.deploy(BAD, last_good=FIRST)
    assert delivery.runs == BAD
    cloud.watchers.clear()
    cloud.faults.clear()  # what AWS refused is mended
    delivery.bench.set(*SMALL, f"image={FIRST}")  # as it stands on main
    rehearse(delivery, [each for each in commands("A rollback that failed") if each != "make smoke STACK=prod"])
    assert delivery.runs == FIRST
    must_be_settled(delivery)


@pytest.mark.engine_all
def test_a_lost_state(delivery: Delivery):
    file = delivery.bench.state_file
    key, newest = str(file.relative_to(delivery.bench.folder / "state")), file.read_bytes()
    file.unlink()
    file.with_name("prod.json.bak").unlink(missing_ok=True)
    assert "no stack named 'prod' found" in delivery.bench.up("--stack", "prod").output
    versions(delivery, key, {"v2": newest})
    listing, key_, copy, *rest = commands("A lost state")
    (listed,) = rehearse(delivery, [listing], bucket="state-1")
    version = max(json.loads(listed)["Versions"], key=lambda each: each["Size"])["VersionId"]
    _, refreshed, previewed = rehearse(delivery, [f"{key_}; {copy}", *rest], bucket="state-1", version=version)
    assert "unchanged" in refreshed
    assert not re.search(r"to (create|update|delete|replace)", previewed)
    assert delivery.bench.cloud.refusals == []


def versions(delivery: Delivery, key: str, known: dict[str, bytes]) -> None:
    """An `aws` that knows these versions of one object of the bucket, which is the backend's folder."""
    shelf = delivery.bench.folder / "versions"
    shelf.mkdir()
    for name, content in known.items():
        (shelf / name).write_bytes(content)
    listed = [{"Key": key, "VersionId": name, "Size": len(content)} for name, content in known.items()]
    delivery.programs.add(
        "aws",
        f"""case "$2" in
  list-object-versions) cat <<'EOF'
{json.dumps({"Versions": listed})}
EOF
  ;;
  copy-object) cp "{shelf}/${{8#*versionId=}}" "{delivery.bench.folder}/state/$6" ;;
esac""",
    )


def test_what_is_asked_of_s3_is_what_its_api_takes():
    model = get_session().get_service_model("s3")
    asked = [shlex.split(each) for each in commands("A lost state") if each.startswith("aws s3api")]
    assert [each[2] for each in asked] == ["list-object-versions", "copy-object"]
    for _, _, operation, *words in asked:
        name = "".join(each.capitalize() for each in operation.split("-"))
        members = set(model.operation_model(name).input_shape.members)
        options = {"".join(part.capitalize() for part in each[2:].split("-")) for each in words if each[:2] == "--"}
        assert options <= members


@pytest.mark.engine_all
def test_a_leaked_origin_secret(delivery: Delivery):
    leaked = accepted(delivery)
    lines = commands("A leaked origin secret")
    assert len(lines) == 4
    rehearse(delivery, lines[:2])
    assert leaked & accepted(delivery)  # one step is not enough
    rehearse(delivery, lines[2:])
    assert not leaked & accepted(delivery)


def accepted(delivery: Delivery) -> set[str]:
    """SHA-256 of each secret that the authorizer of the API lets in."""
    (authorizer,) = [each for each in delivery.bench.cloud.of_type(FUNCTION) if "imageUri" not in each.outputs]
    (live,) = authorizer.live
    return set(live["environment"]["variables"][ACCEPTED].split(","))


def test_a_bad_image_in_prod(delivery: Delivery):
    *_, button, by_hand, up = commands("A bad image in prod")
    assert button == "gh workflow run deploy.yml -f stack=prod -f digest=<digest>"
    delivery.deploy(NEXT, last_good=FIRST)  # what the button does
    assert delivery.runs == NEXT
    assert not delivery.programs.calls("skopeo copy")
    rehearse(delivery, [by_hand, up], digest=FIRST)
    assert delivery.runs == FIRST


def test_every_section_is_rehearsed():
    titles = re.findall(r"^## (.*)$", PAGE, re.MULTILINE)
    assert len(titles) == 6
    for title in titles:
        assert f"test_{title.lower().replace(' ', '_')}" in globals(), title


def test_the_page_says_where_it_is_rehearsed():
    assert Path(__file__).relative_to(ROOT).as_posix() in PAGE
