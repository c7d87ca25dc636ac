"""`preflight check`: what it prints, as text and as JSON, and with which exit status."""

import json
import subprocess
import sys
from datetime import date
from io import StringIO

import pytest
from recordings import recording, resource
from rich.console import Console
from stacks import ROOT
from typer.testing import CliRunner

from policies import waivers
from preflight import check_command  # noqa: F401 - registers the command
from preflight.cli import app
from preflight.findings import as_data, findings
from preflight.findings_view import overdue, show_findings

LOW = "pulumi_aws.lb.TargetGroup('a', port=1, vpc_id='v', protocol='HTTPS')"
MEDIUM = "pulumi_aws.cloudwatch.LogGroup('a')"
HIGH = "pulumi_aws.vpc.SecurityGroupIngressRule('a', security_group_id='g', ip_protocol='-1', cidr_ipv4='0.0.0.0/0')"


@pytest.fixture
def check(project):
    """`check(program, *args)` runs the command in a project with this program."""

    def run(program: str, *args: str):
        project({"__main__.py": f"import pulumi_aws\n{program}\n"})
        return CliRunner().invoke(app, ["check", *args])

    return run


@pytest.mark.parametrize(
    ("program", "arguments", "code"),
    [
        ("", (), 0),
        (LOW, (), 0),
        (MEDIUM, (), 1),
        (HIGH, (), 1),
        (LOW, ("--fail-on", "low"), 1),
        (MEDIUM, ("--fail-on", "high"), 0),
        (HIGH, ("--fail-on", "critical"), 0),
        (LOW, ("--fail-on", "ever"), 2),
    ],
)
def test_it_fails_on_a_finding_of_medium_severity_or_of_what_is_asked_for(check, program, arguments, code):
    assert check(program, *arguments).exit_code == code


def test_it_says_what_is_wrong_where_and_how_to_mend_it(check):
    told = check(MEDIUM, "dev").stdout
    for words in ("1 medium", "a: its lines are kept", "logs.retentionDays", "logs-expire", "https://docs.aws"):
        assert words in " ".join(told.split())


def test_the_document_has_the_findings_and_everything_that_a_preview_has(check):
    done = check(MEDIUM, "dev", "--json")
    document = json.loads(done.stdout)
    assert done.exit_code == 1
    assert document["stack"] == "dev"
    assert document["cost"] is None
    (finding,) = [each for each in document["findings"] if each["severity"] == "medium"]
    assert list(finding) == ["policy", "controls", "severity", "urn", "message", "fix", "waived"]
    assert finding["urn"] == document["resources"][0]["urn"]


def test_several_stacks_make_a_list(check):
    assert [each["stack"] for each in json.loads(check(MEDIUM, "--json").stdout)] == ["dev"]


def test_a_waiver_that_is_none_is_one_line_and_status_2(check, tmp_path, monkeypatch):
    broken = tmp_path / "waivers.yaml"
    broken.write_text("- control: ELB.6")
    monkeypatch.setattr("preflight.findings.load", lambda: waivers.load(broken))
    done = check(MEDIUM)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "error: waivers.yaml: waiver 1: resource must be a text, got None\n"


def shown(found, today: date, *, waived: bool = False, width: int = 80) -> str:
    file = StringIO()
    show_findings("dev", "container", found, today, Console(file=file, width=width), waived=waived)
    return file.getvalue()


def logs():
    return findings(recording(resource("container-logs", retentionInDays=30)))


def test_what_is_waived_is_counted_and_shown_with_its_reason_if_asked_for():
    assert {each["waived"] is not None for each in as_data(logs())} == {True}
    plain, full = shown(logs(), date(2027, 1, 1)), shown(logs(), date(2027, 1, 1), waived=True)
    assert "nothing found; 2 waived" in plain
    assert "personal" not in plain
    assert "Logs hold addresses of people" in full
    assert max(map(len, full.splitlines())) <= 80


def test_a_waiver_that_was_to_be_looked_at_again_is_named_but_still_holds():
    assert overdue(logs(), date(2027, 1, 1)) == []
    (line, *_) = overdue(logs(), date(2030, 1, 1))
    assert line.startswith("The waiver of CloudWatch.16 for * was to be looked at again by 2027-05-01: ")
    assert line in " ".join(shown(logs(), date(2030, 1, 1), width=200).split("\n"))


def test_checking_imports_no_policy_sdk():
    script = "import policies.judge, preflight.findings, sys; assert 'pulumi_policy' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
