"""What the doctor looks for of what an image is built on: its base, and its architecture."""

import re
from collections.abc import Iterator

from preflight.doctor_finding import BOTH, Finding, Patient


def base_image(patient: Patient) -> Iterator[Finding]:
    base, line = patient.image.base, patient.image.base_line
    repository, _, digest = base.partition("@")
    name, _, tag = repository.rpartition(":") if ":" in repository.rpartition("/")[2] else (repository, "", "")
    if re.search(r"(^|/)lambda/|/aws-lambda-", name):
        is_started = patient.image.last("ENTRYPOINT") is not None
        what = "carries a runtime that nobody uses here" if is_started else "starts that, and no web server"
        yield Finding(
            check="base image",
            line=line,
            breaks=() if is_started else BOTH,
            message=f"{base} is made for Lambda's own runtimes, and {what}",
            fix="start from the language's own image, such as python:3.13-slim; the adapter needs no AWS image",
        )
    if "windows" in base or "nanoserver" in base:
        yield Finding(
            check="base image", line=line, breaks=BOTH, message=f"{base} is Windows", fix="start from a Linux image"
        )
    if not digest and (not tag or tag == "latest") and name != "scratch":
        yield Finding(
            check="base image",
            line=line,
            breaks=(),
            message=f"{base} is another image tomorrow",
            fix="name a version, and its digest: docker buildx imagetools inspect tells it",
        )
    if re.search(r"(^|/)nginx(:|@|$)", base):
        yield Finding(
            check="writable paths",
            line=line,
            breaks=BOTH,
            message="nginx writes to /var/cache/nginx and /run, and only /tmp can be written to",
            fix="use nginxinc/nginx-unprivileged, which writes to /tmp, and listens on 8080",
        )


def architecture(patient: Patient) -> Iterator[Finding]:
    fix = "build for linux/arm64, or for the platform that the build is told: ARG TARGETARCH"
    platform = patient.image.platform
    if platform and "BUILDPLATFORM" in platform:
        yield Finding(
            check="architecture",
            line=patient.image.base_line,
            breaks=(),
            message="the image is of whatever architecture the machine has that builds it",
            fix="leave --platform out of the last stage: docker build --platform linux/arm64 says it",
        )
    if platform and "amd64" in platform:
        yield Finding(
            check="architecture",
            line=patient.image.base_line,
            breaks=BOTH,
            message=f"--platform={platform}: function and tasks are arm64, and would end with exec format error",
            fix=fix,
        )
    if re.search(r"(^|/)(amd64|i386)/|[-_:](amd64|x86_64)\b", patient.image.base):
        yield Finding(
            check="architecture",
            line=patient.image.base_line,
            breaks=BOTH,
            message=f"{patient.image.base} is for amd64: function and tasks are arm64",
            fix="start from the image for every platform, without amd64 in its name",
        )
    for each in patient.image.everything:
        is_for_both = re.search(r"(?i)arm64|aarch64|TARGETARCH|TARGETPLATFORM", each.value)
        is_for_amd64 = re.search(r"(?i)GOARCH=amd64|x86_64|[-_/]amd64\b", each.value)
        if each.name in ("RUN", "ADD", "ENV", "COPY") and is_for_amd64 and not is_for_both:
            yield Finding(
                check="architecture",
                line=each.line,
                breaks=BOTH,
                message="it fetches or builds something for amd64: function and tasks are arm64",
                fix=fix,
            )
