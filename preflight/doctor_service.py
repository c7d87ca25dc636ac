"""What the doctor looks for of the service: where it listens, and where it says that it is well."""

import re
from collections.abc import Iterator
from pathlib import Path

from preflight.doctor_finding import BOTH, SERVERLESS, Finding, Patient

RUNTIME_API_PORT = 9001
FIRST_FREE_PORT = 1024
SOURCES_BYTES = 1_000_000
"""A file larger than this is no source, and is not searched."""


def port(patient: Patient) -> Iterator[Finding]:
    wanted, image = patient.settings.service.port, patient.image
    exposed = image.last("EXPOSE")
    ports = [int(each) for each in re.findall(r"\b(\d+)(?:/tcp)?\b", exposed.value)] if exposed else []
    own, own_line = image.environment.get("PORT", ("", None))
    if ports and wanted not in ports and "PORT" not in image.environment:
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
            fix=f"set service.port to {own}, or PORT to {wanted}",
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
            yield path.read_text(encoding="utf-8", errors="ignore")
