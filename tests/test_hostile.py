"""Input as an enemy: hostile settings are refused by the key's path or carried as text, and never a traceback.

By default some hundreds of inputs, with `make test-all` many thousands; the number is printed.
"""

import json
import re
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pytest
from edge import Edge
from github import outside_code, rendered
from hostile import MARK, PRINTABLE, accepted, configurations, stack_files
from hypothesis import HealthCheck, given, settings
from rich.console import Console
from stacks import ROOT, recorded
from typer.testing import CliRunner

from policies.documents import IDENTITY_POLICIES, RESOURCE_POLICIES, ROLE, TRUST
from preflight import cli, report_command  # noqa: F401 - registers the command
from preflight.document import document
from preflight.findings import as_data, findings
from preflight.plan import plan
from preflight.recorder import record_stack
from preflight.recording import Recording
from preflight.stackfile import StackFileError, load
from preflight.terminal import show
from settings import KEYS_AT, parse

IMAGE = f"image=sha256:{'ab' * 32}"
KEYS = {keys for each in KEYS_AT.values() for keys in each}
QUIET = {"deadline": None, "suppress_health_check": list(HealthCheck)}


def refused_or_accepted(values: dict[str, str]) -> None:
    _, refusals = parse(values)
    given_keys = {key.removeprefix("switchyard:") for key in values} | {"topology", "image", "aws:region"}
    for each in refusals:
        line = str(each)
        assert line.isprintable(), line
        assert len(line) < 2000, line
        assert each.top_level_key in given_keys | KEYS or each.key in given_keys, line


def documents(recording: Recording) -> dict[str, object]:
    """Every policy document's statements, but for the ARNs of secrets, which the settings name."""
    keys = {**IDENTITY_POLICIES, **RESOURCE_POLICIES, ROLE: TRUST}
    found = {}
    for each in recording:
        if each.type in keys:
            statements = json.loads(each.inputs[keys[each.type]])["Statement"]
            found[each.urn] = [one for one in statements if one["Action"] != ["secretsmanager:GetSecretValue"]]
    return found


def carried(overrides: list[str]) -> bool:
    """Whether the settings are accepted; and if so, that nothing broke out of its place."""
    try:
        recording = record_stack(load(ROOT, "prod", ("standby=true", IMAGE, *overrides)))
    except Exception as error:
        told = str(error) if isinstance(error, StackFileError) else cli.explain(error, ROOT)
        assert told.startswith(("Pulumi.prod.yaml can't be deployed as it is:", "--set ")), told
        assert all(line.isprintable() for line in told.split("\n"))
        return False
    plain = recorded("prod", "standby=true", IMAGE)
    ours = documents(recording)
    assert {urn: each for urn, each in ours.items() if urn in documents(plain)} == documents(plain)
    for urn in set(ours) - set(documents(plain)):
        assert ours[urn] == [], urn  # the app's own policy, which reads its secrets and no more
    (container,) = json.loads(recording.one("aws:ecs/taskDefinition:TaskDefinition").inputs["containerDefinitions"])
    (usual,) = json.loads(plain.one("aws:ecs/taskDefinition:TaskDefinition").inputs["containerDefinitions"])
    assert {**container, "environment": []} == {**usual, "environment": []}
    for each in recording.of_type("aws:scheduler/schedule:Schedule"):
        assert json.loads(each.inputs["target"]["input"])["requestContext"]["http"]["method"] == "GET"
    for each in recording.of_type("aws:cloudfront/function:Function"):
        request = {"headers": {}, "cookies": {}, "querystring": {}, "uri": "/", "method": "GET"}
        Edge(each.inputs["code"], origins=["serverless", "container"], store={}).answer(request)
    told = StringIO()
    show(plan(recording, "container"), Console(file=told, width=100))
    assert all(line.isprintable() for line in told.getvalue().splitlines())
    written = document(recording, "container") | {"findings": as_data(findings(recording))}
    assert json.loads(json.dumps(written)) == written
    assert not [each for each in findings(recording) if not each.waiver and each.policy.severity == "critical"]
    return True


def read_or_refused(folder: Path, text: str) -> None:
    (folder / "Pulumi.yaml").write_text("name: shop")
    (folder / "Pulumi.dev.yaml").write_text(text)
    try:
        read = load(folder, "dev")
    except StackFileError as error:
        line, key = str(error), text.splitlines()[-1].split(": ")[0].strip()
        assert line.isprintable(), line
        assert len(line) < 2000, line
        assert re.match(rf"Pulumi\.dev\.yaml:\d+(: {key}| is not valid YAML: )", line), line
    else:
        refused_or_accepted(read.config)


TRIED = {"parsed": 10_000, "read": 1_000, "recorded": 300}
"""How many there are in the long run."""
COUNTED = {"parsed": 0, "read": 0, "recorded": 0, "carried": 0}


def try_parse(examples: int) -> None:
    @settings(max_examples=examples, **QUIET)
    @given(configurations())
    def whatever(values):
        COUNTED["parsed"] += 1
        refused_or_accepted(values)

    whatever()


def try_read(folder: Path, examples: int) -> None:
    @settings(max_examples=examples, **QUIET)
    @given(stack_files())
    def whatever(text):
        COUNTED["read"] += 1
        read_or_refused(folder, text)

    whatever()


def try_record(examples: int) -> None:
    @settings(max_examples=examples, **QUIET)
    @given(accepted())
    def whatever(overrides):
        COUNTED["recorded"] += 1
        COUNTED["carried"] += carried(overrides)

    whatever()


def test_hostile_settings_are_refused_by_path_in_one_printable_line_or_accepted():
    try_parse(150)


def test_a_hostile_stack_file_is_refused_by_path_or_line_or_read(tmp_path):
    try_read(tmp_path, 60)


def test_what_is_accepted_stays_what_it_is_in_policies_containers_code_and_text():
    try_record(4)
    assert COUNTED["recorded"] > 3


def test_the_security_policy_says_how_many_are_tried():
    assert f"{sum(TRIED.values()):,} hostile values" in (ROOT / "SECURITY.md").read_text(encoding="utf-8")


@pytest.mark.policies_all
def test_thousands_of_hostile_settings(capsys, tmp_path):
    try_parse(TRIED["parsed"])
    try_read(tmp_path, TRIED["read"])
    try_record(TRIED["recorded"])
    assert all(COUNTED[each] >= number for each, number in TRIED.items())
    with capsys.disabled():
        print("\ninputs fuzzed:", COUNTED)  # noqa: T201


class Elements(HTMLParser):
    """Every element of a page, with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, attrs))


ENVIRONMENT = {f"HOSTILE_{number}": text for number, text in enumerate(PRINTABLE)} | {"MENTION": f"@{MARK}"}
HOSTILE = [
    f"service.environment={json.dumps(ENVIRONMENT)}",
    f"""service.paths={json.dumps(["/healthz", f"/{MARK}$&'/*", "/'~$&@:+*"])}""",
    f"tags={json.dumps({f'{MARK} = x': '../..', 'a+b=c:d/e@f.g-h_i': MARK})}",
]
"""Every text that is taken, wherever it is, at once."""


def test_the_report_and_the_comment_carry_hostile_settings_as_text(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert len(ENVIRONMENT) > 20
    changes = [argument for each in HOSTILE for argument in ("--with", each)]
    done = CliRunner().invoke(cli.app, ["report", "dev", "--out", str(tmp_path), *changes])
    assert done.exit_code == 0, done.stderr
    comment = rendered((tmp_path / "comment.md").read_text(encoding="utf-8"))
    for text in ((tmp_path / "report.html").read_text(encoding="utf-8"), comment):
        page = Elements()
        page.feed(text)
        assert page.found
        assert MARK in text
        for tag, attributes in page.found:
            assert MARK not in tag
            for name, value in attributes:
                assert MARK not in name
                assert not (name.startswith("on") and MARK in (value or ""))
    assert f"@{MARK}" not in outside_code(comment)
