"""Fargate's rules: every task size there is, image addresses, and a container definition that ECS would not rewrite."""

import asyncio
import re

import botocore.session
import pulumi
import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime._callbacks import _CallbackServicer
from pulumi.runtime.proto import resource_pb2

from components._fargate import (
    MEMORY_MIB,
    container_definition,
    must_run_what_was_asked,
    repository_arn,
    size_problem,
)

DIGEST = "sha256:" + "0123456789abcdef" * 4
IMAGE = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app@{DIGEST}"
ECS = botocore.session.get_session().get_service_model("ecs")


def container(**changes) -> dict:
    settings = {
        "image": IMAGE,
        "port": 8080,
        "environment": {"B": "2", "A": "1"},
        "memory_mib": 512,
        "stop_timeout_seconds": 45,
        "read_only": True,
        "log_group": "app-logs",
        "region": "eu-west-1",
    } | changes
    return container_definition(**settings)


def test_all_pairs_of_cpu_and_memory_and_no_other_are_taken():
    sizes = {256, 512, *range(1024, 262_144, 1024)}
    taken = {(cpu, memory) for cpu in MEMORY_MIB for memory in sizes if size_problem(cpu, memory) is None}
    assert taken == {(cpu, memory) for cpu, offered in MEMORY_MIB.items() for memory in offered}
    assert len(taken) == 3 + 4 + 7 + 13 + 23 + 12 + 12 + 3


def test_the_sizes_agree_with_what_the_api_says_of_them():
    """botocore's text ends at 16 vCPU; the table of the developer guide adds 32."""
    text = re.sub(r"<[^>]+>", "", ECS.shape_for("RegisterTaskDefinitionRequest").members["memory"].documentation)
    lines = re.findall(r"((?:Between|\d+ \()[^-]*?) - Available cpu values: (\d+)", text)
    assert {int(cpu) for _, cpu in lines} == set(MEMORY_MIB) - {32_768}
    for memory, cpu in lines:
        numbers = [int(each) * 1024 for each in re.findall(r"(\d+) ?GB", memory)]
        offered = MEMORY_MIB[int(cpu)]
        if memory.startswith("Between"):
            assert (offered[0], offered[-1], offered.step) == tuple(numbers)
        else:
            assert list(offered) == [int(each) for each in re.findall(r"(\d+) \(", memory)]


@pytest.mark.parametrize(
    ("cpu", "memory", "said"),
    [
        (256, 4096, "memory_mib must be one of 512, 1024, 2048 with cpu 256, got 4096"),
        (512, 512, "memory_mib must be 1024 to 4096 in steps of 1024 with cpu 512, got 512"),
        (2048, 4608, "memory_mib must be 4096 to 16384 in steps of 1024 with cpu 2048, got 4608"),
        (8192, 17_408, "memory_mib must be 16384 to 61440 in steps of 4096 with cpu 8192, got 17408"),
        (32_768, 65_536, "memory_mib must be one of 61440, 122880, 249856 with cpu 32768, got 65536"),
        (300, 512, "cpu must be one of 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, got 300"),
    ],
)
def test_a_bad_pair_is_refused_with_the_memory_that_goes_with_the_cpu(cpu, memory, said):
    assert size_problem(cpu, memory) == said


@pytest.mark.parametrize(
    ("host", "arn"),
    [
        ("dkr.ecr.eu-west-1.amazonaws.com", "arn:aws:ecr:eu-west-1"),
        ("dkr.ecr.cn-north-1.amazonaws.com.cn", "arn:aws-cn:ecr:cn-north-1"),
        ("dkr.ecr.us-gov-west-1.amazonaws.com", "arn:aws-us-gov:ecr:us-gov-west-1"),
        ("dkr-ecr.us-east-1.on.aws", "arn:aws:ecr:us-east-1"),
    ],
)
@pytest.mark.parametrize("tag", ["", ":v1.2"])
def test_the_repository_is_read_off_the_image(host, arn, tag):
    image = f"123456789012.{host}/team/app{tag}@{DIGEST}"
    assert repository_arn(image) == f"{arn}:123456789012:repository/team/app"


@pytest.mark.parametrize(
    "image",
    [
        IMAGE.partition("@")[0],
        f"{IMAGE.partition('@')[0]}:latest",
        f"docker.io/library/nginx@{DIGEST}",
        f"public.ecr.aws/team/app@{DIGEST}",
        IMAGE[:-1],
        IMAGE.replace("123456789012", "1234"),
        f"evil.example/{IMAGE}",
        IMAGE.replace("team/app", "*"),
    ],
)
def test_an_image_by_tag_or_from_elsewhere_is_refused(image):
    with pytest.raises(ValueError, match="image_uri must be an image in ECR by digest, such as"):
        repository_arn(image)


def test_the_container_definition_is_what_ecs_would_answer():
    assert container() == {
        "name": "app",
        "image": IMAGE,
        "essential": True,
        "cpu": 0,
        "portMappings": [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}],
        "environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
        "environmentFiles": [],
        "secrets": [],
        "mountPoints": [],
        "volumesFrom": [],
        "systemControls": [],
        "user": "10001:10001",
        "privileged": False,
        "readonlyRootFilesystem": True,
        "linuxParameters": {
            "capabilities": {"add": [], "drop": ["ALL"]},
            "initProcessEnabled": True,
            "tmpfs": [{"containerPath": "/tmp", "size": 128, "mountOptions": ["rw", "nosuid", "nodev", "exec"]}],
        },
        "stopTimeout": 45,
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": "app-logs",
                "awslogs-region": "eu-west-1",
                "awslogs-stream-prefix": "app",
                "max-buffer-size": "25m",
                "mode": "non-blocking",
            },
            "secretOptions": [],
        },
    }


def _known(shape, value) -> None:
    """Every key is one that the API has, of the type that it has."""
    if shape.type_name == "structure":
        for key, each in value.items():
            _known(shape.members[key], each)
    elif shape.type_name == "list":
        for each in value:
            _known(shape.member, each)
    elif shape.type_name == "map":
        assert all(isinstance(text, str) for item in value.items() for text in item)
    else:
        assert isinstance(value, {"string": str, "integer": int, "boolean": bool}[shape.type_name])
        assert value in shape.metadata.get("enum", [value])


def test_the_container_definition_fits_the_api():
    _known(ECS.shape_for("ContainerDefinition"), container())


def test_the_mount_options_of_tmp_are_ones_the_api_takes():
    documented = ECS.shape_for("Tmpfs").members["mountOptions"].documentation
    (tmp,) = container()["linuxParameters"]["tmpfs"]
    assert all(f'"{option}"' in documented for option in tmp["mountOptions"])


def test_each_setting_changes_what_it_should():
    changed = container(
        port=3000, memory_mib=2048, stop_timeout_seconds=7, read_only=False, log_group="other", region="us-east-1"
    )
    assert changed["portMappings"] == [{"containerPort": 3000, "hostPort": 3000, "protocol": "tcp"}]
    assert changed["linuxParameters"]["tmpfs"][0]["size"] == 512
    assert changed["stopTimeout"] == 7
    assert changed["readonlyRootFilesystem"] is False
    assert changed["logConfiguration"]["options"]["awslogs-group"] == "other"
    assert changed["logConfiguration"]["options"]["awslogs-region"] == "us-east-1"


@given(st.dictionaries(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,6}", fullmatch=True), st.text(max_size=5)))
def test_the_order_variables_were_written_in_does_not_matter(environment):
    backwards = dict(reversed(environment.items()))
    assert container(environment=environment) == container(environment=backwards)
    listed = container(environment=environment)["environment"]
    assert {each["name"]: each["value"] for each in listed} == environment
    assert [each["name"] for each in listed] == sorted(environment)


def _after(asked: dict, live: dict) -> None:
    """What the hook does after an update that asked for one revision, when another was read back."""
    args = pulumi.ResourceHookArgs(
        urn="urn",
        id="id",
        name="web",
        type="aws:ecs/service:Service",
        new_inputs={"cluster": "arn:aws:ecs:eu-west-1:123456789012:cluster/web-c1", **asked},
        new_outputs={"name": "web-5e7", **live},
    )
    asyncio.run(must_run_what_was_asked(args))


def test_an_update_that_ecs_rolled_back_fails():
    _after({"taskDefinition": "web:2"}, {"taskDefinition": "web:2"})
    with pytest.raises(RuntimeError, match=r"ECS rolled web back[^\n]*\n  taskDefinition is web:1, not web:2\n"):
        _after({"taskDefinition": "web:2"}, {"taskDefinition": "web:1"})
    with pytest.raises(RuntimeError, match="taskDefinition is none, not web:2"):
        _after({"taskDefinition": "web:2"}, {})


def test_it_names_all_that_differs_and_nothing_else():
    network = {"subnets": ["subnet-1"], "securityGroups": ["sg-1"], "assignPublicIp": True}
    with pytest.raises(RuntimeError) as failed:
        _after(
            {"taskDefinition": "web:1", "networkConfiguration": network | {"subnets": ["subnet-2", "subnet-3"]}},
            {"taskDefinition": "web:1", "networkConfiguration": network | {"assignPublicIp": False}},
        )
    assert re.findall("(?m)^  (?!aws)(.+)$", str(failed.value)) == [
        "networkConfiguration.subnets is subnet-1, not subnet-2, subnet-3",
        "networkConfiguration.assignPublicIp is false, not true",
    ]


SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": ["subnet-1", "subnet-2"]}


@pytest.mark.parametrize(
    ("live", "said"), [("subnet-2", ""), ("subnet-3", "subnets is subnet-1, subnet-3, not subnet-1")]
)
def test_what_holds_a_secret_is_compared_all_the_same(live, said):
    """As the engine sends it: a secret within makes an Output of the whole property."""
    request = resource_pb2.ResourceHookRequest(urn="urn", id="id", name="web", type="aws:ecs/service:Service")
    asked = {"taskDefinition": "web:1", "networkConfiguration": {"__defaults": ["assignPublicIp"], "subnets": SECRET}}
    read_back = {"taskDefinition": "web:1", "networkConfiguration": {"subnets": [live, "subnet-1"]}}
    json_format.ParseDict(asked, request.new_inputs)
    json_format.ParseDict(read_back, request.new_outputs)
    servicer = object.__new__(_CallbackServicer)
    servicer._callbacks, servicer._target = {}, ""
    hook = pulumi.ResourceHook.__new__(pulumi.ResourceHook)  # without a monitor to register it with
    hook.name, hook.callback, hook.opts = "truth", must_run_what_was_asked, None
    servicer.do_register_resource_hook(hook)
    (callback,) = servicer._callbacks.values()
    answer = asyncio.run(callback(request.SerializeToString()))
    assert said in answer.error
    assert bool(answer.error) == bool(said)


def test_a_rolled_back_update_says_where_to_look_in_the_console_and_with_which_commands():
    with pytest.raises(RuntimeError) as failed:
        _after({"taskDefinition": "web:2"}, {"taskDefinition": "web:1"})
    message = str(failed.value)
    page = "https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/web-c1/services/web-5e7"
    assert f"{page}/events" in message
    assert f"{page}/tasks" in message
    for command, options in re.findall(r"aws ecs ([a-z-]+) ((?:--[a-z-]+ (?!\$)\S+ ?)+)", message):
        asked = {
            re.sub("-([a-z])", lambda letter: letter[1].upper(), name) for name in re.findall("--([a-z-]+)", options)
        }
        operation = "".join(map(str.capitalize, command.split("-")))
        assert asked - {"region", "query", "output"} <= set(ECS.operation_model(operation).input_shape.members)
        assert {"--region eu-west-1", "--cluster web-c1"} <= set(re.findall(r"--\S+ \S+", options))
    assert len(re.findall("aws ecs", message)) == 3
