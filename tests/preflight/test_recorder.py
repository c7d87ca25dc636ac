"""The recorder: programs run as the CLI would run them, one after another, and leave nothing behind."""

import contextvars
import os
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pulumi
import pulumi_random as random
import pytest
from pulumi.runtime import settings

from preflight import stackfile
from preflight.recorder import record_program, record_stack, run_main

HALVES = {
    "Pulumi.dev.yaml": "config: {switchyard:topology: serverless, switchyard:token: {secure: v1:CANARY}}",
    "Pulumi.prod.yaml": "config: {switchyard:topology: container, aws:region: eu-west-1}",
    "helper.py": "seen = []\n",
    "parts/half.py": "import pulumi_random as r\n\ndef half(name):\n    return r.RandomId(name, byte_length=4)\n",
    "__main__.py": """
        import pulumi
        import pulumi_aws as aws
        import helper
        from parts import half

        config = pulumi.Config("switchyard")
        helper.seen.append(pulumi.get_stack())
        half.half(config.require("topology"))
        region = aws.get_region_output()
        pulumi.export("seen", helper.seen)
        pulumi.export("region", region.region)
        pulumi.export("token", config.get_secret("token"))
        pulumi.export("where", [pulumi.get_project(), pulumi.get_organization(), pulumi.runtime.get_root_directory()])
    """,
}


def record(root: Path, stack: str):
    return record_stack(stackfile.load(root, stack))


def test_a_program_sees_its_stack_its_configuration_and_its_region(project):
    root = project(HALVES)
    recording = record(root, "prod")
    assert [(each.type, each.name) for each in recording] == [("random:index/randomId:RandomId", "container")]
    assert recording.outputs == {
        "seen": ["prod"],
        "region": "eu-west-1",
        "where": ["shop", "organization", str(root)],
    }
    assert (recording.project, recording.stack) == ("shop", "prod")


def test_the_region_is_us_east_1_where_none_is_configured(project):
    assert record(project(HALVES), "dev").outputs["region"] == "us-east-1"


def test_a_sealed_value_is_a_secret_and_never_its_text(project):
    recording = record(project(HALVES), "dev")
    assert recording.outputs["token"] == {"$secret": True}
    assert "CANARY" not in repr(recording)


FAILING = {
    "refuses": "import pulumi\nraise pulumi.RunError('refused')",
    "apply": "import pulumi\npulumi.Output.from_input(1).apply(lambda one: one.nothing)",
    "duplicate": "import pulumi_random as r\nr.RandomId('a', byte_length=4)\nr.RandomId('a', byte_length=4)",
    "exit": "import sys\nsys.path.append('/nowhere')\nsys.argv.append('x')\nimport os\nos.chdir('/')\nsys.exit(1)",
    "syntax": "import helper\n=",
}


@pytest.mark.parametrize("failing", FAILING)
def test_stacks_recorded_in_turn_are_each_what_they_are_alone_also_after_a_failure(failing, project, tmp_path_factory):
    root = project(HALVES)
    other = tmp_path_factory.mktemp("failing")
    (other / "__main__.py").write_text(FAILING[failing])
    (other / "helper.py").write_text("seen = ['another project']")
    dev, prod = record(root, "dev"), record(root, "prod")
    with pytest.raises((Exception, SystemExit)):
        record_stack(replace(stackfile.load(root, "dev"), root=other))
    assert (record(root, "dev"), record(root, "prod"), record(root, "dev")) == (dev, prod, dev)


@pytest.mark.parametrize("program", ["", *FAILING.values()])
def test_the_process_is_left_as_it_was(program, project, record_dev):
    root = project({"__main__.py": program, "helper.py": ""})
    before = (os.getcwd(), list(sys.path), list(sys.argv), sys.modules["__main__"])
    with pytest.raises((Exception, SystemExit)) if program else nullcontext():
        record_dev(root)
    assert (os.getcwd(), list(sys.path), list(sys.argv), sys.modules["__main__"]) == before
    assert "helper" not in sys.modules


def test_the_program_runs_in_its_own_folder_and_as_main(project, record_dev, monkeypatch, tmp_path_factory):
    root = project({"__main__.py": "import os, pulumi\npulumi.export('at', [os.getcwd(), __name__])"})
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert record_dev(root).outputs == {"at": [str(root), "__main__"]}


def test_a_package_without_an_init_file_is_forgotten_too(project, record_dev):
    files = {
        "__main__.py": "import pulumi\nfrom loose import part\npulumi.export('x', part.X)",
        "loose/part.py": "X = 1",
    }
    assert record_dev(project(files)).outputs == {"x": 1}
    assert record_dev(project({**files, "loose/part.py": "X = 'two'"})).outputs == {"x": "two"}


def test_a_module_that_preflight_has_loaded_is_imported_anew_by_the_program_and_given_back(
    project, record_dev, monkeypatch
):
    ours = type(sys)("settings")
    ours.X = "preflight's"
    part = type(sys)("settings.part")
    monkeypatch.setitem(sys.modules, "settings", ours)
    monkeypatch.setitem(sys.modules, "settings.part", part)
    root = project({"__main__.py": "import pulumi, settings\npulumi.export('x', settings.X)", "settings.py": "X = 1"})
    assert record_dev(root).outputs == {"x": 1}
    assert sys.modules["settings"] is ours
    assert sys.modules["settings.part"] is part


def test_the_main_file_alone_runs_with_the_modules_that_are_there(project, monkeypatch):
    monkeypatch.setitem(sys.modules, "settings", type(sys)("settings"))
    sys.modules["settings"].X = "loaded"
    root = project({"__main__.py": "import pulumi, settings\npulumi.export('x', settings.X)", "settings.py": "X = 1"})
    file = stackfile.load(root, "dev")
    assert run_main(file).outputs == {"x": "loaded"}
    assert record_stack(file).outputs == {"x": 1}


def test_preflight_and_libraries_stay_loaded(project, record_dev):
    before = sys.modules["preflight.recorder"], sys.modules["pulumi"]
    libraries = "import pulumi, xml.sax.saxutils"
    record_dev(project({"__main__.py": libraries, "xml.py": ""}))
    assert (sys.modules["preflight.recorder"], sys.modules["pulumi"]) == before
    assert "xml.sax.saxutils" in sys.modules


def test_a_library_in_the_projects_own_environment_stays_loaded(project, record_dev):
    path = ".venv/lib/site-packages"
    root = project({"__main__.py": f"import sys\nsys.path.append('{path}')\nimport libx", f"{path}/libx.py": ""})
    try:
        record_dev(root)
        assert "libx" in sys.modules
    finally:
        sys.modules.pop("libx", None)


def test_what_a_program_raises_is_raised_here_with_its_traceback(project, record_dev):
    root = project({"__main__.py": "import pulumi\nraise pulumi.RunError('two\\nlines')"})
    with pytest.raises(pulumi.RunError, match=r"^two\nlines$"):
        record_dev(root)


@pytest.mark.parametrize("attempt", range(50))  # one in ten used to lose its place
def test_what_an_apply_raises_is_raised_here(attempt, record):
    def program():
        made = random.RandomId("a", byte_length=4)
        random.RandomId("b", byte_length=4, prefix=made.hex.apply(lambda text: text.nothing))

    with pytest.raises(AttributeError, match="'str' object has no attribute 'nothing'") as raised:
        record(program)
    assert raised.traceback[-1].name == "<lambda>"


def test_exports_of_one_program_do_not_reach_the_next(record):
    assert record(lambda: pulumi.export("a", 1)).outputs == {"a": 1}
    assert record(lambda: pulumi.export("b", 2)).outputs == {"b": 2}
    assert record(lambda: None).outputs == {}


def test_the_callers_own_programs_context_is_neither_seen_nor_changed(record):
    def caller():
        theirs = object()
        settings.ROOT.set(theirs)
        pulumi.runtime.set_all_config({"n:x": "theirs"})
        outputs = record(lambda: pulumi.export("x", pulumi.Config("n").get("x", "none")), config={"n:y": "1"}).outputs
        assert outputs == {"x": "none"}
        assert settings.ROOT.get() is theirs
        assert pulumi.Config("n").require("x") == "theirs"

    contextvars.copy_context().run(caller)


def test_configuration_of_one_program_does_not_reach_the_next(record):
    def program():
        pulumi.export("x", pulumi.Config("n").get("x"))

    assert record(program, config={"n:x": "1"}).outputs == {"x": "1"}
    assert record(program).outputs == {}


def test_an_asynchronous_program_is_waited_for(record):
    async def main():
        return {"made": random.RandomId("a", byte_length=4).byte_length}

    assert record(lambda: pulumi.run(main)).outputs == {"made": 4}


def test_what_the_program_logs_is_kept_with_its_severity(record):
    def program():
        pulumi.log.info("one")
        pulumi.log.warn("two")
        pulumi.log.debug("never")

    assert record(program).logs == (("info", "one"), ("warning", "two"))


def test_resources_are_in_the_order_of_their_urns_however_they_were_registered(record):
    def program(names):
        return lambda: [random.RandomId(name, byte_length=4) for name in names]

    first, second = record(program("abc")), record(program("cab"))
    assert [each.name for each in first] == [each.name for each in second] == ["a", "b", "c"]


def test_a_program_may_ask_for_a_version_of_pulumi(record):
    record(lambda: pulumi.require_pulumi_version(">=3.0.0"))


def test_a_recording_says_what_there_is_when_asked_for_what_is_not(record):
    recording = record(lambda: random.RandomId("a", byte_length=4))
    with pytest.raises(LookupError, match=r"^0 of x:y:Z b; there is random:index/randomId:RandomId a$"):
        recording.one("x:y:Z", "b")
    assert recording.one("random:index/randomId:RandomId").name == "a"


def test_a_failed_program_leaves_nothing_on_stderr():
    program = """
import pulumi, pulumi_random as random
from preflight.recorder import record_program
def program():
    made = random.RandomId("a", byte_length=4)
    random.RandomId("b", byte_length=4, prefix=made.hex.apply(lambda text: text.nothing))
    random.RandomId("b", byte_length=4)
    raise pulumi.RunError("refused")
try:
    record_program(program)
except Exception as error:
    print(type(error).__name__)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout


def test_record_program_names_the_stack_and_the_project_it_is_given():
    recording = record_program(lambda: random.RandomId("a", byte_length=4), project="p", stack="s")
    assert next(iter(recording)).urn == "urn:pulumi:s::p::random:index/randomId:RandomId::a"


def test_what_the_cli_would_add_from_an_environment_is_said_not_to_be_in_the_plan(tmp_path):
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("environment: [shop/dev]\n")
    (tmp_path / "__main__.py").write_text("")
    (said,) = record_stack(stackfile.load(tmp_path, "dev")).logs
    assert said[0] == "warning"
    assert "Pulumi.dev.yaml has an `environment` (Pulumi ESC)" in said[1]
