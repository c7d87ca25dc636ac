"""The command line: what is printed where, and with which exit status."""

import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from preflight.cli import app, patience

REPOSITORY = Path(__file__).parents[2]
PROJECT = {
    "Pulumi.yaml": "name: shop\nruntime: python\n",
    "Pulumi.dev.yaml": """
        config:
          aws:region: us-east-1
          switchyard:topology: serverless
          switchyard:token: {secure: v1:CANARY}
          switchyard:deep: {password: {secure: v1:CANARY}}
    """,
    "Pulumi.prod.yaml": "config: {aws:region: eu-west-1, switchyard:topology: container, switchyard:zones: 3}",
    "parts/net.py": """
        import pulumi
        import pulumi_aws as aws

        class Net(pulumi.ComponentResource):
            def __init__(self, name, zones):
                super().__init__("switchyard:index:Net", name, {})
                for zone in range(zones):
                    aws.sns.Topic(f"{name}-{zone}", opts=pulumi.ResourceOptions(parent=self))
    """,
    "__main__.py": """
        import pulumi
        import pulumi_aws as aws
        from parts import net

        config = pulumi.Config("switchyard")
        net.Net("net", config.get_int("zones") or 2)
        aws.s3.Bucket("site", force_destroy=True)
        aws.ssm.Parameter("token", type="SecureString", value=config.get_secret("token"))
        print("printed by the program")
        pulumi.export("token", config.get_secret("token"))
        pulumi.export("deep", config.get_secret_object("deep"))
        pulumi.export("mine", pulumi.Output.secret("CANARY"))
        pulumi.export("next_step", f"push an image to {pulumi.get_stack()}")
    """,
}


@pytest.fixture
def preview(project):
    """`preview(*args, files={...})` runs the command in a project like the above."""

    def run(*args: str, files: dict[str, str] | None = None):
        project({**PROJECT, **(files or {})})
        return CliRunner().invoke(app, ["preview", *args])

    return run


def refused(result) -> str:
    """What stderr says of a run that must have failed, with nothing on stdout."""
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr
    return result.stderr.replace("printed by the program\n", "")


# JSON


@pytest.mark.usefixtures("sources")
def test_one_named_stack_is_one_document_with_its_keys_in_order(preview):
    result = preview("dev", "--json")
    written = json.loads(result.stdout)
    assert result.exit_code == 0
    assert list(written) == [
        "schema", "stack", "topology", "resources", "outputs", "warnings",
        "cost", "findings", "diff", "switch", "breakeven",
    ]  # fmt: skip
    assert (written["schema"], written["stack"], written["topology"]) == (1, "dev", "serverless")
    assert [each["name"] for each in written["resources"]] == ["site", "token", "net-0", "net-1", "net"]
    assert {each["source"] for each in written["resources"] if each["custom"]} == {
        "__main__.py:8",
        "__main__.py:9",
        "parts/net.py:9",
    }


@pytest.mark.parametrize(
    ("named", "expected"), [(["prod", "dev"], ["prod", "dev"]), ([], ["dev", "prod"]), (["dev", "dev"], ["dev", "dev"])]
)
def test_several_stacks_or_none_named_are_a_list(named, expected, preview):
    result = preview(*named, "--json")
    assert [each["stack"] for each in json.loads(result.stdout)] == expected


def test_none_named_is_a_list_even_of_one(preview, tmp_path):
    files = {"Pulumi.prod.yaml": ""}
    preview(files=files)
    (tmp_path / "Pulumi.prod.yaml").unlink()
    assert [each["stack"] for each in json.loads(CliRunner().invoke(app, ["preview", "--json"]).stdout)] == ["dev"]


def test_stacks_in_one_process_are_what_they_are_alone(preview):
    alone = {name: json.loads(preview(name, "--json").stdout) for name in ("dev", "prod")}
    together = json.loads(preview("dev", "prod", "dev", "--json").stdout)
    assert together == [alone["dev"], alone["prod"], alone["dev"]]


def test_a_stack_without_a_topology_has_none(preview):
    assert json.loads(preview("dev", "--json", "--set", "topology=null").stdout)["topology"] is None


# Overrides


def test_overrides_reach_the_program_and_the_header_and_every_stack(preview):
    result = preview("--json", "--set", "topology=container", "--set", "zones=1", "--set", "aws:region=eu-north-1")
    for written in json.loads(result.stdout):
        assert written["topology"] == "container"
        assert [each["name"] for each in written["resources"]] == ["site", "token", "net-0", "net"]


# The terminal view


def test_the_terminal_view_has_a_part_for_each_stack_and_the_next_step_last(preview):
    result = preview()
    assert result.exit_code == 0
    dev, prod = result.stdout.split("\nprod  container ─")
    assert dev.startswith("dev  serverless ─")
    assert dev.endswith("\nNext\n  push an image to dev\n")
    assert prod.endswith("\nNext\n  push an image to prod\n")
    assert "  Net net\n  └── sns.Topic x2 0, 1\n" in dev
    assert "pulumi destroy deletes these and all that is in them: s3.Bucket site." in dev
    assert "  mine   [secret]\n" in dev


# Secrets


@pytest.mark.parametrize("args", [["dev"], ["dev", "--json"], []])
def test_no_secret_is_printed_anywhere(args, preview):
    result = preview(*args)
    assert result.exit_code == 0
    assert "CANARY" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    "declared", ["", "config: {'switchyard:token': {type: object}, 'switchyard:deep': {type: string}}"]
)
def test_no_secret_is_printed_in_a_refusal(declared, preview):
    broken = {"Pulumi.yaml": f"{PROJECT['Pulumi.yaml']}{declared}", "__main__.py": "raise ValueError(1)"}
    assert "CANARY" not in refused(preview("dev", files=broken))


# The program's own output


@pytest.mark.parametrize("args", [["dev"], ["dev", "--json"]])
def test_what_the_program_prints_goes_to_stderr(args, preview):
    result = preview(*args)
    assert "printed" not in result.stdout
    assert result.stderr == "printed by the program\n"


# Refusals

NO_OVERRIDE = "error: --set zones: expected key=value, such as container.cpu=512 or aws:region=eu-west-1\n"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["nope"], "error: no stack 'nope': there is no Pulumi.nope.yaml; the stacks here are: dev, prod\n"),
        (["../dev"], "error: no stack '../dev': there is no Pulumi.../dev.yaml; the stacks here are: dev, prod\n"),
        (["dev", "--set", "zones"], NO_OVERRIDE),
        (["--set", "zones"], NO_OVERRIDE),
        (
            ["dev", "--set", "topology.a=1"],
            "error: --set topology.a=...: there is no such place; "
            "a value on the way is no map, or a list is too short\n",
        ),
    ],
)
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_bad_usage_is_one_line_on_stderr(args, message, form, preview):
    assert refused(preview(*args, *form)) == message


@pytest.mark.parametrize("args", [["preview", "--nope"], ["preview", "--set"], ["nope"], []])
def test_what_the_command_line_does_not_know_is_refused_on_stderr(args):
    result = CliRunner().invoke(app, args)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"Pulumi.dev.yaml": "config:\n  a: [1\n"},
            "Pulumi.dev.yaml:3 is not valid YAML: expected ',' or ']', but got '<stream end>'",
        ),
        (
            {"Pulumi.dev.yaml": "config:\n  a: 1\n  a: 2\n"},
            "Pulumi.dev.yaml:3 is not valid YAML: key 'a' is there twice",
        ),
        (
            {"Pulumi.yaml": "name: [\n"},
            "Pulumi.yaml:2 is not valid YAML: expected the node content, but found '<stream end>'",
        ),
        (
            {"Pulumi.yaml": "name: shop\nconfig: {x: {type: string}}"},
            "stack 'dev' is missing configuration value(s) 'x'",
        ),
    ],
)
def test_a_bad_file_is_one_line_on_stderr(files, message, preview):
    assert refused(preview("dev", files=files)) == f"error: {message}\n"


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("import pulumi\nraise pulumi.RunError('no good')", "no good"),
        ("import pulumi\nraise pulumi.RunError('2 problems:\\n  a: b\\n  c: d')", "2 problems:\n  a: b\n  c: d"),
        ("def f():\n    return {}['x']\nf()", "KeyError: 'x' (__main__.py:2)"),
        ("raise ValueError('two\\nlines')", "ValueError: two lines (__main__.py:1)"),
        ("raise ValueError", "ValueError (__main__.py:1)"),
        ("import parts.broken", "ZeroDivisionError: division by zero (parts/broken.py:2)"),
        ("import parts.torn", "SyntaxError: invalid syntax (parts/torn.py:2)"),
        ("import json\njson.loads('{')", "JSONDecodeError: Expecting property name enclosed in double quotes: "
         "line 1 column 2 (char 1) (__main__.py:2)"),
        ("import nowhere", "ModuleNotFoundError: No module named 'nowhere' (__main__.py:1)"),
        ("import pulumi\npulumi.Output.from_input(1).apply(\n    lambda n: n / 0)",
         "ZeroDivisionError: division by zero (__main__.py:3)"),
        ("import pulumi_random as r\nmade = r.RandomId('a', byte_length=4)\n"
         "r.RandomId('b', byte_length=4, prefix=made.hex.apply(lambda text: text.x))",
         "AttributeError: 'str' object has no attribute 'x' (__main__.py:3)"),
        ("import pulumi_random as r\nfor _ in '12':\n    r.RandomId('a', byte_length=4)",
         "Duplicate resource URN 'urn:pulumi:dev::shop::random:index/randomId:RandomId::a'; "
         "try giving it a unique name"),
        ("import pulumi_aws as aws\naws.sns.get_topic_output(name='x')",
         "LookupError: the program looks up aws:sns/getTopic:getTopic, and preflight has no made-up answer for it"),
        ("import sys\nsys.exit(3)", "SystemExit: 3 (__main__.py:2)"),
        ("import sys\nsys.exit()", "SystemExit (__main__.py:2)"),
    ],
)  # fmt: skip
def test_what_a_program_raises_is_said_in_its_words_with_its_place(program, message, preview):
    files = {"__main__.py": program, "parts/broken.py": "\n1 / 0", "parts/torn.py": "\nx = = 1"}
    assert refused(preview("dev", files=files)) == f"error: dev: {message}\n"


def test_every_bad_stack_is_named_and_a_good_one_among_them_prints_nothing(preview):
    files = {
        "Pulumi.a.yaml": "config: [",
        "Pulumi.b.yaml": "",
        "__main__.py": "import pulumi\nif pulumi.get_stack() != 'dev':\n    raise pulumi.RunError('not me')",
    }
    assert refused(preview("--json", files=files)).splitlines() == [
        "error: Pulumi.a.yaml:1 is not valid YAML: expected the node content, but found '<stream end>'",
        "error: b: not me",
        "error: prod: not me",
    ]


# The project


def test_the_project_is_found_from_a_folder_below_it(preview, tmp_path, monkeypatch):
    preview()
    (tmp_path / "parts/deeper").mkdir()
    monkeypatch.chdir(tmp_path / "parts/deeper")
    result = CliRunner().invoke(app, ["preview", "dev", "--json"])
    assert json.loads(result.stdout)["stack"] == "dev"
    assert Path.cwd() == tmp_path / "parts/deeper"


def test_outside_a_project_it_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["preview"])
    assert refused(result) == f"error: no Pulumi.yaml in {tmp_path} or in any folder above it\n"


def test_a_project_without_a_program_is_refused(preview, tmp_path):
    preview()
    (tmp_path / "__main__.py").unlink()
    result = CliRunner().invoke(app, ["preview", "dev"])
    assert refused(result) == f"error: dev: there is no __main__.py in {tmp_path}\n"


def test_a_project_without_stacks_is_refused(tmp_path, monkeypatch):
    (tmp_path / "Pulumi.yaml").write_text("name: shop")
    monkeypatch.chdir(tmp_path)
    assert (
        refused(CliRunner().invoke(app, ["preview"]))
        == f"error: no stack in {tmp_path}: there is no Pulumi.<stack>.yaml\n"
    )


# As a process of its own


def process(*args: str, **options) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "NO_COLOR": "", **options.pop("env", {})}
    environment = {key: value for key, value in environment.items() if value}
    return subprocess.run([sys.executable, *args], text=True, env=environment, check=False, **options)


def test_the_module_runs_with_collection_off_and_loads_neither_rich_nor_services_for_json(project):
    program = (
        "import gc, sys, pulumi, pulumi_random\n"
        "pulumi.export('loaded', [name for name in ('rich', 'pulumi_aws.ec2') if name in sys.modules])\n"
        "pulumi.export('collects', gc.isenabled())"
    )
    project({"__main__.py": program})
    done = process("-X", "importtime", "-m", "preflight", "preview", "dev", "--json", capture_output=True)
    assert done.returncode == 0
    assert json.loads(done.stdout)["outputs"] == {"collects": False, "loaded": []}
    assert not [line for line in done.stderr.splitlines() if line.endswith((" rich", " preflight.terminal"))]


def test_a_refused_stack_file_does_not_wait_for_pulumi(project):
    project({"Pulumi.dev.yaml": "["})
    done = process("-X", "importtime", "-m", "preflight", "preview", "dev", capture_output=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert not [line for line in done.stderr.splitlines() if line.endswith((" pulumi", " rich"))]


def on_a_terminal(env: dict[str, str]) -> tuple[str, str]:
    """What `preview dev` writes to a terminal, and what of it went to stderr."""
    outputs = []
    ends = [pty.openpty(), pty.openpty()]
    process(
        "-m", "preflight", "preview", "dev", stdout=ends[0][1], stderr=ends[1][1], env={"TERM": "xterm", **env}
    )  # fmt: skip
    for ours, theirs in ends:
        os.close(theirs)
        text = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:
                break
            if not part:
                break
            text += part
        os.close(ours)
        outputs.append(text.decode())
    return outputs[0], outputs[1]


def test_on_a_terminal_there_is_colour_and_a_word_of_patience_that_is_wiped_away(project):
    project({"__main__.py": "import time\ntime.sleep(1.3)"})
    stdout, stderr = on_a_terminal({})
    assert "\x1b[1" in stdout
    assert "| running the program for dev" in stderr
    assert stderr.endswith(f"\r{' ' * len('| running the program for dev')}\r")
    assert "running" not in stdout


def test_where_stderr_is_no_terminal_patience_is_not_asked_for(project):
    project({"__main__.py": "import time\ntime.sleep(1.3)"})
    done = process("-m", "preflight", "preview", "dev", capture_output=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_no_color_is_honoured(project):
    project({})
    stdout, _ = on_a_terminal({"NO_COLOR": "1"})
    assert stdout.startswith("dev ─")
    assert "\x1b" not in stdout


def test_what_is_done_at_once_needs_no_patience(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with patience("looking"):
        pass
    assert terminal.getvalue() == ""
