"""What the doctor looks for of Lambda: the adapter, what it is told, and snapshots."""

import re
from collections.abc import Iterator

from preflight.dockerfile import Instruction
from preflight.doctor_finding import SERVERLESS, Finding, Patient

ADAPTER_PATH = "/opt/extensions/"
ADAPTER_LINE = (
    "COPY --from=public.ecr.aws/awsguru/aws-lambda-adapter:1.1.0 /lambda-adapter /opt/extensions/lambda-adapter"
)
SNAPSTART_LABEL = 'com.amazonaws.lambda.feature.snapstart="Allow"'
# Variables of the adapter that the program sets itself, so that those of the image don't count, and one that both keep.
_OURS = {
    *("AWS_LWA_PORT", "AWS_LWA_READINESS_CHECK_PATH", "AWS_LWA_READINESS_CHECK_HEALTHY_STATUS"),
    "AWS_LWA_PASS_THROUGH_PATH",
}


def adapter(patient: Patient) -> Iterator[Finding]:
    copies = [each for each in patient.image.all("COPY", "ADD") if "lambda-adapter" in each.value]
    if not copies and any(ADAPTER_PATH in each.value for each in patient.image.all("RUN")):
        return  # it is fetched by a command, and of what kind it is can't be seen
    if not copies:
        yield Finding(
            check="adapter",
            line=None,
            breaks=SERVERLESS,
            message="the Lambda Web Adapter is not in the image: Lambda would start a web server that it can't talk to",
            fix=ADAPTER_LINE,
        )
        return
    copy = copies[-1]
    target = copy.copied[-1]
    if copy.denies(0o1):
        yield Finding(
            check="adapter",
            line=copy.line,
            breaks=SERVERLESS,
            message=f"with --chmod={copy.option('chmod')} Lambda can't start it, as a user of its own choosing",
            fix=ADAPTER_LINE,
        )
    if not target.startswith(ADAPTER_PATH) or target.count("/") > ADAPTER_PATH.count("/"):
        yield Finding(
            check="adapter",
            line=copy.line,
            breaks=SERVERLESS,
            message=f"it is copied to {target}, and Lambda starts only what lies directly in {ADAPTER_PATH}",
            fix=ADAPTER_LINE,
        )
    yield from _adapter_version(patient, copy)


def _adapter_version(patient: Patient, copy: Instruction) -> Iterator[Finding]:
    named = copy.option("from")
    image = patient.image.stages.get(named, named)
    version = re.search(r":v?(\d+)\.(\d+)\.(\d+)", image)
    if "adapter" in image and not version and "@sha256:" not in image:
        yield Finding(
            check="adapter",
            line=copy.line,
            breaks=(),
            message="the adapter's version is not said, and it is part of how the service behaves",
            fix=ADAPTER_LINE,
        )
    if version and int(version[1]) < 1:
        yield Finding(
            check="adapter",
            line=copy.line,
            breaks=(),
            message=f"{version[0][1:]} lets a viewer send headers that only the adapter may set",
            fix=ADAPTER_LINE,
        )


def adapter_settings(patient: Patient) -> Iterator[Finding]:
    """What the image tells the adapter is told in Lambda alone."""
    is_behind_api = patient.settings.serverless.front_door == "httpApi"
    for name, (value, line) in patient.image.environment.items():
        if name == "AWS_LWA_INVOKE_MODE" and value.lower() == "response_stream" and is_behind_api:
            yield Finding(
                check="adapter settings",
                line=line,
                breaks=SERVERLESS,
                message="an HTTP API can't read an answer in parts (serverless.frontDoor)",
                fix="leave it out: service.needs: [streaming] sets it, with a Function URL",
            )
        elif re.fullmatch(r"READINESS_CHECK_\w+|REMOVE_BASE_PATH|ASYNC_INIT", name):
            yield Finding(
                check="adapter settings",
                line=line,
                breaks=(),
                message=f"{name} without AWS_LWA_ is an old name, gone in the adapter's version 2",
                fix=f"AWS_LWA_{name}, or leave it to the program",
            )
        elif name.startswith("AWS_LWA_") and name not in _OURS:
            yield Finding(
                check="adapter settings",
                line=line,
                breaks=(),
                message=f"{name} changes what Lambda does, and nothing on Fargate: the two would not be alike",
                fix="do it in the service, which runs in both",
            )


def snapshots(patient: Patient) -> Iterator[Finding]:
    labels = " ".join(each.value for each in patient.image.all("LABEL"))
    if patient.settings.serverless.snap_start and SNAPSTART_LABEL.partition("=")[0] not in labels:
        yield Finding(
            check="snapshots",
            line=None,
            breaks=SERVERLESS,
            message="serverless.snapStart is set, and Lambda publishes no version of an image that does not allow it",
            fix=f"LABEL {SNAPSTART_LABEL}",
        )
