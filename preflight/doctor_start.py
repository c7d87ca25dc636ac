"""What the doctor looks for of how an image is started: SIGTERM has to reach the service."""

import re
from collections.abc import Iterator
from pathlib import Path

from preflight.dockerfile import Instruction
from preflight.doctor_finding import CONTAINER, Finding, Patient


def entry_point(patient: Patient) -> Iterator[Finding]:
    start = patient.image.start
    if start is None:
        yield Finding(
            check="entry point",
            line=None,
            breaks=(),
            message="there is neither ENTRYPOINT nor CMD: the base image decides what is started",
            fix='say it: ENTRYPOINT ["..."]',
        )
        return
    if start.words is None or re.fullmatch(r"(/bin/)?(ba|da)?sh", "".join(start.words[:1])):
        yield from _shell(start, patient)
    elif script := _script(start.words[0], patient.folder):
        yield from _without_exec(start, script)
    elif start.words[:1] in (["npm"], ["yarn"], ["pnpm"]):
        yield Finding(
            check="entry point",
            line=start.line,
            breaks=(),
            message=f"{start.words[0]} stands between the service and SIGTERM, and makes each cold start longer",
            fix='start the program itself: ["node", "server.js"]',
        )
    elif {"--reload", "--debug", "runserver"} & set(start.words) or start.words[:2] == ["flask", "run"]:
        yield Finding(
            check="entry point",
            line=start.line,
            breaks=(),
            message="this is a server for development",
            fix="start it as in production, without reload",
        )


def _shell(start: Instruction, patient: Patient) -> Iterator[Finding]:
    if start.words and start.words[1:2] != ["-c"]:
        yield from _without_exec(start, _script(" ".join(start.words[1:2]), patient.folder))
    else:
        yield from _without_exec(start, start.value if start.words is None else " ".join(start.words[2:]))


def _script(path: str, folder: Path) -> str:
    """The text of a shell's script that is started by this name; empty where the folder has none."""
    for file in sorted(folder.rglob(path.rpartition("/")[2] or "nothing")):
        if file.is_file():
            text = file.read_text(encoding="utf-8", errors="replace")
            return text if re.match(r"#!.*\b(ba|da|a)?sh\b", text) else ""
    return ""


def _without_exec(start: Instruction, script: str) -> Iterator[Finding]:
    """A shell that puts the program in its own place is none any more when SIGTERM comes."""
    if not script or re.search(r"\bexec\s", script):
        return
    yield Finding(
        check="entry point",
        line=start.line,
        breaks=CONTAINER,
        message="a shell is started, which need not hand SIGTERM on: a stop would lose requests in flight",
        fix=f'use the exec form: {start.name} ["program", "argument"], or put exec before the program',
    )
