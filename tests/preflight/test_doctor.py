"""The doctor: a good image of each language passes, and each thing that is wrong with one is found, alone."""

import json
import re
from pathlib import Path

import pytest
from stacks import ROOT
from typer.testing import CliRunner, Result

from preflight import doctor_command  # noqa: F401 - registers itself
from preflight.cli import app
from preflight.dockerfile import DockerfileError, read_image
from preflight.doctor import CHECKS, examine
from preflight.doctor_finding import Finding, Patient
from preflight.stackfile import load
from settings import parse

DIGEST = f"sha256:{'a' * 64}"
ADAPTER = "COPY --from=public.ecr.aws/awsguru/aws-lambda-adapter:1.1.0 /lambda-adapter /opt/extensions/lambda-adapter"
JSON_FORM = (
    'COPY --from=public.ecr.aws/awsguru/aws-lambda-adapter:1.1.0 ["/lambda-adapter", "/opt/extensions/lambda-adapter"]'
)
GOOD = {
    "from": f"FROM python:3.13.15-slim@{DIGEST}",
    "adapter": ADAPTER,
    "copy": "COPY server.py /app/server.py",
    "port": "ENV PORT=8080",
    "expose": "EXPOSE 8080",
    "user": "USER 10001:10001",
    "start": 'ENTRYPOINT ["python", "/app/server.py"]',
}
LAMBDA_BASE = f"FROM public.ecr.aws/lambda/python:3.13@{DIGEST}"
BOTH, SERVERLESS, CONTAINER, NOWHERE = ("serverless", "container"), ("serverless",), ("container",), ()


@pytest.fixture(autouse=True)
def _stand_in_the_project(monkeypatch):
    monkeypatch.chdir(ROOT)


def examined(folder: Path, dockerfile: str, *overrides: str, source: str = "/healthz") -> list[Finding]:
    (folder / "Dockerfile").write_text(dockerfile)
    (folder / "server.py").write_text(source)
    settings, refusals = parse(load(ROOT, "dev", overrides).config)
    assert refusals == []
    return examine(Patient(image=read_image(folder / "Dockerfile"), folder=folder, settings=settings))


def lines(**changes: str | None) -> str:
    """The good Dockerfile with some of its parts changed, or left out (None)."""
    return "\n".join(each for each in (GOOD | changes).values() if each is not None) + "\n"


def test_the_sample_service_is_well():
    answer = run("app")
    assert (answer.exit_code, answer.stdout) == (0, "It runs in both topologies, as far as its Dockerfile tells.\n")


def test_a_good_image_has_nothing(tmp_path):
    assert examined(tmp_path, lines()) == []


BAD = [
    ({"from": LAMBDA_BASE}, "base image", NOWHERE, "made for Lambda's own runtimes, and carries a runtime"),
    ({"from": LAMBDA_BASE, "start": 'CMD ["app.handler"]'}, "base image", BOTH, "and starts that, and no web server"),
    ({"from": "FROM python"}, "base image", NOWHERE, "python is another image tomorrow"),
    ({"from": "FROM registry:5000/python:latest"}, "base image", NOWHERE, "another image tomorrow"),
    ({"from": f"FROM mcr.microsoft.com/windows/nanoserver:1@{DIGEST}"}, "base image", BOTH, "is Windows"),
    ({"from": f"FROM nginx:1.29@{DIGEST}"}, "writable paths", BOTH, "nginx writes to /var/cache/nginx"),
    ({"from": f"FROM --platform=linux/amd64 python:3@{DIGEST}"}, "architecture", BOTH, "--platform=linux/amd64"),
    ({"from": f"FROM --platform=$BUILDPLATFORM python:3@{DIGEST}"}, "architecture", NOWHERE, "whatever architecture"),
    ({"x": "RUN curl -LO https://example.com/tool_linux_x86_64.tar.gz"}, "architecture", BOTH, "for amd64"),
    ({"port": "ENV PORT=8080 GOARCH=amd64"}, "architecture", BOTH, "for amd64"),
    ({"port": None, "expose": "EXPOSE 3000"}, "port", BOTH, "it exposes 3000, and service.port is 8080"),
    ({"port": "ENV PORT=3000"}, "port", NOWHERE, "PORT is 3000 here, and 8080 once it is deployed"),
    ({"expose": "EXPOSE 8080 9001"}, "port", SERVERLESS, "9001 is where Lambda's own API listens"),
    ({"x": "ENV AWS_LWA_READINESS_CHECK_PATH=/up"}, "health path", NOWHERE, "the adapter asks /up here"),
    ({"port": "ENV PORT=abc"}, "port", NOWHERE, "PORT is abc here, and 8080 once it is deployed"),
    ({"from": f"FROM amd64/python:3.13@{DIGEST}"}, "architecture", BOTH, "is for amd64"),
    ({"from": f"FROM php:8.4-apache@{DIGEST}"}, "port", BOTH, "listens on 80, which is for root"),
    ({"from": f"FROM caddy:2.10@{DIGEST}"}, "port", BOTH, "listens on 80, which is for root"),
    ({"x": "ENV ASPNETCORE_URLS=http://+:5000"}, "port", BOTH, "it is started on 5000"),
    ({"x": "ENV ASPNETCORE_URLS=http://localhost:8080"}, "address", CONTAINER, "it listens on http://localhost:8080,"),
    ({"start": 'CMD ["python", "manage.py", "runserver", "0:8080"]'}, "entry point", NOWHERE, "for development"),
    (
        {"start": 'CMD ["gunicorn", "--access-logfile", "/var/log/a.log", "a:b"]'},
        "writable paths",
        BOTH,
        "/var/log/a.log",
    ),
    ({"copy": "COPY --chmod=700 server.py /app/"}, "readable files", BOTH, "with --chmod=700 only root can read them"),
    ({"adapter": ADAPTER.replace("COPY", "COPY --chmod=644")}, "adapter", SERVERLESS, "Lambda can't start it"),
    ({"user": None}, "user", NOWHERE, "it runs as root here"),
    ({"user": "USER root"}, "user", NOWHERE, "it runs as root here"),
    ({"user": "USER 0:0"}, "user", NOWHERE, "it runs as root here"),
    ({"x": "VOLUME /data"}, "writable paths", BOTH, "/data is read-only on Fargate and in Lambda"),
    ({"x": "ENV DB_URL=sqlite:////data/x.db"}, "writable paths", BOTH, "DB_URL=sqlite:////data/x.db is to be written"),
    ({"x": "ENV ACCESS_LOG=/var/log/access.log"}, "writable paths", BOTH, "ACCESS_LOG=/var/log/access.log"),
    ({"start": "CMD python server.py"}, "entry point", CONTAINER, "a shell is started"),
    ({"start": 'CMD ["npm", "start"]'}, "entry point", NOWHERE, "npm stands between"),
    ({"start": 'CMD ["bash", "-c", "python server.py"]'}, "entry point", CONTAINER, "a shell is started"),
    ({"start": 'CMD ["flask", "run", "--host=0.0.0.0"]'}, "entry point", NOWHERE, "a server for development"),
    ({"start": 'CMD ["gunicorn", "-b", "127.0.0.1:8080", "a:b"]'}, "address", CONTAINER, "it listens on 127.0.0.1,"),
    ({"start": 'CMD ["node", "x.js", "--host=localhost"]'}, "address", CONTAINER, "it listens on localhost,"),
    ({"start": 'CMD ["uvicorn", "a:b", "--port", "8080"]'}, "address", CONTAINER, "it listens on 127.0.0.1,"),
    ({"x": "ENV HOST=localhost"}, "address", CONTAINER, "it listens on localhost,"),
    (
        {"start": 'CMD ["gunicorn", "-b", "0.0.0.0:5000", "a:b"]'},
        "port",
        BOTH,
        "it is started on 5000, and service.port",
    ),
    ({"start": 'CMD ["x", "--port=5000"]', "expose": "EXPOSE 5000"}, "port", BOTH, "it is started on 5000"),
    ({"start": None}, "entry point", NOWHERE, "neither ENTRYPOINT nor CMD"),
    ({"adapter": None}, "adapter", SERVERLESS, "the Lambda Web Adapter is not in the image"),
    ({"adapter": ADAPTER.replace("/opt/extensions/", "/opt/")}, "adapter", SERVERLESS, "copied to /opt/lambda-adapter"),
    (
        {"adapter": ADAPTER.replace("extensions/", "extensions/x/")},
        "adapter",
        SERVERLESS,
        "directly in /opt/extensions/",
    ),
    ({"adapter": ADAPTER.replace(":1.1.0", "")}, "adapter", NOWHERE, "version is not said"),
    ({"adapter": ADAPTER.replace(":1.1.0", ":0.8.4")}, "adapter", NOWHERE, "0.8.4 lets a viewer send headers"),
    ({"x": "ENV AWS_LWA_INVOKE_MODE=response_stream"}, "adapter settings", SERVERLESS, "an HTTP API can't read"),
    ({"x": "ENV AWS_LWA_REMOVE_BASE_PATH=/v1"}, "adapter settings", NOWHERE, "the two would not be alike"),
    ({"x": "ENV READINESS_CHECK_PATH=/up"}, "adapter settings", NOWHERE, "is an old name"),
]


@pytest.mark.parametrize(("changes", "check", "breaks", "message"), BAD, ids=lambda value: str(value)[:60])
def test_what_is_wrong_is_found_where_it_is_and_nothing_else(tmp_path, changes, check, breaks, message):
    text = lines(**changes)
    (found,) = examined(tmp_path, text)
    assert (found.check, found.breaks) == (check, breaks)
    assert message in found.message
    assert found.fix
    changed = next((line for line in changes.values() if line), None)
    assert found.line == (text.splitlines().index(changed) + 1 if changed else None)


@pytest.mark.parametrize(
    "changes",
    [
        {"start": "CMD exec python server.py"},
        {"start": 'CMD ["sh", "-c", "migrate && exec python server.py"]'},
        {"start": 'CMD ["uvicorn", "a:b", "--host", "0.0.0.0", "--port", "8080"]'},
        {"start": 'CMD ["gunicorn", "-b", ":8080", "--proxy", "http://localhost:9000", "a:b"]'},
        {"x": "RUN case $(uname -m) in x86_64) echo amd64 ;; aarch64) echo arm64 ;; esac"},
        {"adapter": JSON_FORM},
        {"adapter": "RUN curl -L https://example.com/lambda-adapter -o /opt/extensions/lambda-adapter"},
        {"from": f"FROM php:8.4-apache@{DIGEST}", "x": "RUN sed -i s/80/8080/ /etc/apache2/ports.conf"},
        {"start": 'CMD ["gunicorn", "--access-logfile", "-", "a:b"]'},
        {"copy": "COPY --chmod=u=rwX server.py /app/"},
        {"copy": "COPY --chmod=700 --chown=10001 server.py /app/"},
        {"x": "ENV DB_URL=postgresql://localhost:5432/x"},
        {"x": "RUN <<EOF\nfrom x import y\nUSER root\nEOF"},
        {"x": "COPY <<'ONE' <<-TWO /app/\nCMD python\nONE\nENV PORT=1\n\tTWO\nUSER 10001"},
    ],
    ids=lambda changes: next(iter(changes.values()))[:60],
)
def test_what_only_looks_wrong_is_let_be(tmp_path, changes):
    assert examined(tmp_path, lines(**changes)) == []


def test_a_script_that_stays_between_the_service_and_sigterm_is_found(tmp_path):
    start = 'ENTRYPOINT ["/app/start.sh"]'
    for text, found in (("migrate\npython x.py", [CONTAINER]), ("migrate\nexec python x.py", [])):
        (tmp_path / "start.sh").write_text(f"#!/bin/sh\n{text}\n")
        assert [each.breaks for each in examined(tmp_path, lines(start=start))] == found
        assert [each.breaks for each in examined(tmp_path, lines(start='CMD ["sh", "start.sh"]'))] == found


def test_djangos_own_server_listens_where_nobody_else_is_unless_told(tmp_path):
    found = examined(tmp_path, lines(start='CMD ["python", "manage.py", "runserver"]'))
    assert [(each.check, each.breaks) for each in found] == [("address", CONTAINER), ("entry point", NOWHERE)]


def test_a_port_that_is_none_is_not_proposed(tmp_path):
    (found,) = examined(tmp_path, lines(port="ENV PORT=abc"))
    assert found.fix == "set PORT to 8080"


def test_every_check_has_found_something(tmp_path):
    found = {check for _, check, *_ in BAD} | {"readable files", "snapshots"}
    assert len(found) == len(CHECKS)


def test_a_file_that_only_its_owner_can_read_is_found_if_it_is_copied(tmp_path):
    (tmp_path / "key.pem").touch(0o600)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "secret").touch(0o600)
    assert examined(tmp_path, lines()) == []
    (found,) = examined(tmp_path, lines(copy="COPY . /app"))
    assert (found.check, found.breaks) == ("readable files", BOTH)
    assert "data/secret, key.pem" in found.message
    (found,) = examined(tmp_path, lines(copy="COPY server.py data /app/"))
    assert found.message.endswith("data/secret")
    assert examined(tmp_path, lines(copy="COPY --chmod=644 . /app")) == []
    (tmp_path / ".dockerignore").write_bytes("# für das Bild\n**/secret\n/*.pem\n".encode("latin-1"))
    assert examined(tmp_path, lines(copy="COPY . /app")) == []


def test_a_health_path_that_no_source_mentions_is_found(tmp_path):
    (found,) = examined(tmp_path, lines(), source="nothing")
    assert (found.check, found.breaks, found.line) == ("health path", NOWHERE, None)


def test_the_settings_of_the_stack_count(tmp_path):
    (found,) = examined(tmp_path, lines(), "serverless.snapStart=true")
    assert (found.check, found.breaks) == ("snapshots", SERVERLESS)
    labelled = lines(x='LABEL com.amazonaws.lambda.feature.snapstart="Allow"')
    assert examined(tmp_path, labelled, "serverless.snapStart=true") == []
    on_80 = examined(tmp_path, lines(port=None, expose="EXPOSE 80"), "service.port=80")
    assert [(each.check, each.breaks) for each in on_80] == [("port", BOTH)]
    streaming = "ENV AWS_LWA_INVOKE_MODE=response_stream"
    behind_url = ("serverless.frontDoor=functionUrl", "service.clientsHashBodies=true")
    (found,) = examined(tmp_path, lines(x=streaming), *behind_url)
    assert found.breaks == NOWHERE


def test_stages_and_arguments_are_followed_to_the_image_that_comes_out(tmp_path):
    text = f"""ARG VERSION=3.13.15
ARG ADAPTER=public.ecr.aws/awsguru/aws-lambda-adapter:0.9.0@{DIGEST}
FROM $ADAPTER AS adapter
FROM golang:1 AS build
RUN make
CMD shell form of no consequence
FROM python:${{VERSION}}-slim@{DIGEST} AS base
USER root
ENV PORT=8080 \\
    OTHER="a b"
FROM base
COPY --from=adapter /lambda-adapter /opt/extensions/lambda-adapter
COPY server.py /app/
USER 10001
ENTRYPOINT ["python"]
"""
    found = examined(tmp_path, text)
    assert [(each.check, each.line) for each in found] == [("adapter", 12)]
    image = read_image(tmp_path / "Dockerfile")
    assert image.base == f"python:3.13.15-slim@{DIGEST}"
    assert image.environment["OTHER"] == ("a b", 9)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no FROM"),
        ("# nothing\nRUN x\n", "has no FROM"),
        ("\nFROM\nRUN x\n", ":2 has a FROM that names no image"),
    ],
)
def test_what_is_no_dockerfile_is_said(tmp_path, text, said):
    (tmp_path / "Dockerfile").write_text(text)
    with pytest.raises(DockerfileError, match=said):
        read_image(tmp_path / "Dockerfile")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["doctor", *arguments])


def test_a_broken_image_ends_with_one_and_tells_machines_what_it_tells_people(tmp_path):
    (tmp_path / "Dockerfile").write_text(lines(adapter=None, user=None))
    (tmp_path / "server.py").write_text("/healthz")
    told, machine = run(str(tmp_path)), run(str(tmp_path), "--json")
    assert told.exit_code == machine.exit_code == 1
    document = json.loads(machine.stdout)
    assert (document["schema"], document["stack"]) == (1, "dev")
    assert [each["breaks"] for each in document["findings"]] == [["serverless"], []]
    assert all(each["message"] in told.stdout and each["fix"] in told.stdout for each in document["findings"])
    assert told.stdout.splitlines()[-1] == "1 of 2 break a topology."


def test_an_image_that_only_may_break_ends_with_success(tmp_path):
    (tmp_path / "Dockerfile").write_text(lines(user=None))
    (tmp_path / "server.py").write_text("/healthz")
    answer = run(str(tmp_path))
    assert (answer.exit_code, answer.stdout.splitlines()[-1]) == (0, "Nothing breaks; 1 to look at.")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["/nowhere"], "error: /nowhere/Dockerfile: No such file or directory"),
        (["app", "--stack", "nowhere"], "no stack 'nowhere'"),
        (["app", "--set", "service.port=0"], "dev: "),
    ],
)
def test_bad_usage_ends_with_two_and_a_line(arguments, said):
    answer = run(*arguments)
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr


EXAMPLES = re.findall(
    r"```dockerfile\n(FROM .*?)```", (ROOT / "docs/your-own-service.md").read_text(encoding="utf-8"), re.DOTALL
)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.split()[1])
def test_every_dockerfile_of_the_documentation_is_well(tmp_path, example):
    assert examined(tmp_path, example) == []


def test_there_is_one_for_each_language_that_is_promised():
    assert [re.split(r"[:/]", each.split()[1])[0] for each in EXAMPLES] == ["node", "golang", "eclipse-temurin", "ruby"]
