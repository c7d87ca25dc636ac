"""What the doctor looks for of the service: the address and port it listens on, and where it says that it is well."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from preflight.dockerfile import Image
from preflight.doctor_finding import BOTH, CONTAINER, SERVERLESS, Finding, Patient

RUNTIME_API_PORT = 9001
FIRST_FREE_PORT = 1024
_PORT_OPTIONS = ("--port", "-p", "--bind", "-b", "--listen", "--server.port", "--urls")
_ADDRESS_OPTIONS = ("--host", "--hostname", "--bind", "-b", "--listen", "--address", "--server.address", "--urls")
_ADDRESS_VARIABLES = (
    "HOST",
    "HOSTNAME",
    "BIND",
    "ADDRESS",
    "UVICORN_HOST",
    "FLASK_RUN_HOST",
    "SERVER_ADDRESS",
    "ASPNETCORE_URLS",
)
_PORT_VARIABLES = ("UVICORN_PORT", "FLASK_RUN_PORT", "SERVER_PORT", "ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS")
_ON_80 = r"(^|/)(caddy|httpd)(:|@|$)|(^|/)php:[^@]*apache"
"""Images whose server listens there whatever PORT says."""
_LOCAL_UNLESS_TOLD = ("uvicorn", "hypercorn", "flask")
"""Sources: https://www.uvicorn.org/settings/, https://hypercorn.readthedocs.io/en/latest/how_to_guides/configuring.html
and https://flask.palletsprojects.com/en/stable/cli/"""
SOURCES_BYTES = 1_000_000
"""A file larger than this is no source, and is not searched."""


def port(patient: Patient) -> Iterator[Finding]:
    wanted, image = patient.settings.service.port, patient.image
    exposed = image.last("EXPOSE")
    ports = [int(each) for each in re.findall(r"\b(\d+)(?:/tcp)?\b", exposed.value)] if exposed else []
    own, own_line = image.environment.get("PORT", ("", None))
    told = list(_told(image, r"(?:\S*:)?(\d{2,5})", _PORT_OPTIONS))
    for name, (value, line) in image.environment.items():
        if name in _PORT_VARIABLES and (found := re.fullmatch(r"(?:.*:)?(\d{2,5})/?", value)):
            told.append((found[1], line))
    if re.search(_ON_80, image.base) and not _is_moved(patient):
        yield Finding(
            check="port",
            line=image.base_line,
            breaks=BOTH,
            message=f"{image.base} listens on 80, which is for root, and service.port is {wanted}",
            fix=f"tell its server to listen on {wanted}, in its own configuration",
        )
    for number, line in told:
        if int(number) != wanted:
            yield Finding(
                check="port",
                line=line,
                breaks=BOTH,
                message=f"it is started on {number}, and service.port is {wanted}",
                fix=f"listen on the variable PORT, which is set to service.port, or set service.port to {number}",
            )
    if ports and wanted not in ports and "PORT" not in image.environment and not told:
        yield Finding(
            check="port",
            line=exposed.line if exposed else None,
            breaks=BOTH,
            message=f"it exposes {', '.join(map(str, ports))}, and service.port is {wanted}",
            fix=f"listen on the variable PORT, which is set to service.port, or set service.port to {ports[0]}",
        )
    elif own and own != str(wanted):
        yield Finding(
            check="port",
            line=own_line,
            breaks=(),
            message=f"PORT is {own} here, and {wanted} once it is deployed (service.port)",
            fix=f"set service.port to {own}, or PORT to {wanted}" if own.isdecimal() else f"set PORT to {wanted}",
        )
    if wanted == RUNTIME_API_PORT or RUNTIME_API_PORT in ports:
        yield Finding(
            check="port",
            line=exposed.line if exposed else None,
            breaks=SERVERLESS,
            message=f"{RUNTIME_API_PORT} is where Lambda's own API listens in every environment",
            fix="choose another, such as 8080",
        )
    if wanted < FIRST_FREE_PORT:
        yield Finding(
            check="port",
            line=exposed.line if exposed else None,
            breaks=BOTH,
            message=f"{wanted} is for root, and the image runs as nobody in particular, without capabilities",
            fix="choose one of 1024 or more, such as 8080",
        )


def _is_moved(patient: Patient) -> bool:
    """Whether anything tells the server of another port: a command, or its configuration."""
    commands = [each.value for each in patient.image.all("RUN", "CMD", "ENTRYPOINT")]
    names = ("Caddyfile", "httpd.conf", "ports.conf")
    configuration = [
        file.read_text(encoding="utf-8", errors="replace") for file in patient.folder.rglob("*") if file.name in names
    ]
    return any(str(patient.settings.service.port) in text or "PORT" in text for text in commands + configuration)


def address(patient: Patient) -> Iterator[Finding]:
    """The adapter asks on the same machine; the balancer comes from elsewhere."""
    image = patient.image
    told = list(_told(image, r"(\S+?)(?::\d+)?", _ADDRESS_OPTIONS))
    told += [(value, line) for name, (value, line) in image.environment.items() if name in _ADDRESS_VARIABLES]
    if image.command_line[-1:] and image.command_line[-1][0] == "runserver":  # Django's, on 127.0.0.1 unless told
        told.append(("127.0.0.1", image.command_line[-1][1]))
    programs = {word.rpartition("/")[2]: line for word, line in image.command_line}
    told += [("127.0.0.1", line) for name, line in programs.items() if name in _LOCAL_UNLESS_TOLD and not told]
    for value, line in told:
        if re.match(r"(?:\w+://)?(?:127\.|localhost\b|\[?::1\b)", value):
            yield Finding(
                check="address",
                line=line,
                breaks=CONTAINER,
                message=f"it listens on {value}, where no balancer can reach it",
                fix="listen on 0.0.0.0",
            )


def _told(image: Image, pattern: str, options: Sequence[str]) -> Iterator[tuple[str, int]]:
    """What the command line says for one of these options, in one word (`--port=80`) or two."""
    words = image.command_line
    for (option, line), (value, _) in zip(words, [*words, ("", 0)][1:], strict=True):
        name, is_one_word, rest = option.partition("=")
        found = re.fullmatch(pattern, rest if is_one_word else value)
        if name in options and found:
            yield found[1], line


def health_path(patient: Patient) -> Iterator[Finding]:
    path = patient.settings.service.health_check_path
    own, line = patient.image.environment.get("AWS_LWA_READINESS_CHECK_PATH", (path, None))
    if own != path:
        yield Finding(
            check="health path",
            line=line,
            breaks=(),
            message=f"the adapter asks {own} here, and {path} once it is deployed (service.healthCheckPath)",
            fix="set service.healthCheckPath, and leave the variable out",
        )
    if path != "/" and not any(path in text for text in _texts(patient.folder)):
        yield Finding(
            check="health path",
            line=None,
            breaks=(),
            message=f"no file in {patient.folder} mentions {path} (service.healthCheckPath)",
            fix="answer 200 there without asking a database, or neither topology gets the service ready",
        )


def _texts(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        skipped = {"node_modules", ".git", ".venv", "__pycache__"} & set(path.parts)
        if not skipped and path.is_file() and path.name != "Dockerfile" and path.stat().st_size < SOURCES_BYTES:
            with suppress(OSError):  # another user's, or gone
                yield path.read_text(encoding="utf-8", errors="ignore")
