"""compose.yaml: the image on a developer's machine is held to what it is held to on AWS."""

import json
import re

import pytest
import yaml
from runtimes import ROOT

from components._fargate import container_definition
from components._web_adapter import adapter_environment, get_event
from settings import Timeouts

FILE = ROOT / "app" / "compose.yaml"
SERVICES = yaml.safe_load(FILE.read_text(encoding="utf-8"))["services"]
TASK = container_definition(
    image="x",
    port=8080,
    environment={},
    memory_mib=512,
    stop_timeout_seconds=Timeouts.of(29).stop,
    read_only=True,
    log_group="x",
    region="x",
)


def test_the_task_has_what_fargate_gives_it_and_no_more():
    app = SERVICES["app"]
    assert app["read_only"] is TASK["readonlyRootFilesystem"]
    assert app["init"] is TASK["linuxParameters"]["initProcessEnabled"]
    assert app["cap_drop"] == TASK["linuxParameters"]["capabilities"]["drop"]
    assert app["stop_grace_period"] == f"{TASK['stopTimeout']}s"
    (tmp,) = TASK["linuxParameters"]["tmpfs"]
    assert app["tmpfs"] == [f"{tmp['containerPath']}:{','.join(tmp['mountOptions'])},size={tmp['size']}m"]
    assert "user" not in app  # the image's own


@pytest.mark.parametrize("name", ["app", "lambda"])
def test_nothing_of_it_is_reached_from_another_machine(name):
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name]["ports"])


def test_the_service_takes_the_endpoints_of_ecs_for_those_of_aws():
    address = SERVICES["ecs"]["networks"]["task"]["ipv4_address"]
    assert SERVICES["app"]["environment"]["ECS_CONTAINER_METADATA_URI_V4"] == f"http://{address}/v4"
    source = (ROOT / "app" / "service" / "aws.py").read_text(encoding="utf-8")
    assert re.findall(r'_ECS_CREDENTIALS = "http://(.+)"', source) == [address]
    assert SERVICES["ecs"]["volumes"][0].endswith(":ro")


def test_the_function_is_the_same_image_with_the_adapter_set_as_the_program_sets_it():
    function = SERVICES["lambda"]
    assert function["image"] == SERVICES["app"]["image"]
    assert "build" not in function
    wanted = adapter_environment(
        port=8080, health_check_path="/healthz", invoke_mode="buffered", authorization_source=None
    )
    assert {name: str(value) for name, value in function["environment"].items() if name in wanted} == {
        name: value for name, value in wanted.items() if name != "PORT"
    }  # the image sets PORT
    entry = re.findall(r"ENTRYPOINT (.+)", (ROOT / "app" / "Dockerfile").read_text(encoding="utf-8"))
    assert function["entrypoint"][-3:] == json.loads(entry[0])


def test_the_emulator_is_only_there_where_it_is_asked_for():
    assert {name for name, each in SERVICES.items() if "profiles" not in each} == {"app", "ecs"}


def test_the_event_to_try_it_with_is_that_of_an_http_api():
    assert json.loads((ROOT / "app" / "event.json").read_text(encoding="utf-8")) == get_event("/api/")
