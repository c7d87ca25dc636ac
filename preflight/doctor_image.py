"""What the doctor looks for in any image: its user, its files, and how it is started."""

import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from pathspec import GitIgnoreSpec

from preflight.dockerfile import Instruction
from preflight.doctor_finding import BOTH, CONTAINER, Finding, Patient

TMP = "/tmp"  # noqa: S108 - the image's


def user(patient: Patient) -> Iterator[Finding]:
    last = patient.image.last("USER")
    name = last.value.partition(":")[0].strip() if last else "root"
    if name in ("root", "0"):
        yield Finding(
            check="user",
            line=last.line if last else None,
            breaks=(),
            message="it runs as root here, as 10001:10001 on Fargate, and as a user of Lambda's choosing there",
            fix="USER 10001:10001, so that what root alone may do fails here first",
        )


def readable_files(patient: Patient) -> Iterator[Finding]:
    """What is copied keeps its permissions, and the user it runs as owns nothing."""
    copies = [each for each in patient.image.all("COPY", "ADD") if "--from=" not in each.value]
    if not copies or all("--chmod=" in each.value for each in copies):
        return
    ignored = _ignored(patient.folder)
    sealed = [
        inside
        for path in sorted(patient.folder.rglob("*"))
        if path.is_file() and not path.stat().st_mode & stat.S_IROTH
        if _is_copied(inside := path.relative_to(patient.folder).as_posix(), copies) and not ignored.match_file(inside)
    ]
    if sealed:
        yield Finding(
            check="readable files",
            line=copies[0].line,
            breaks=BOTH,
            message=f"only its owner can read {', '.join(sealed[:3])}{' and more' if sealed[3:] else ''}",
            fix="COPY --chmod=644, or chmod o+r",
        )


def _ignored(folder: Path) -> GitIgnoreSpec:
    """What .dockerignore leaves out. Its patterns are git's, but all count from the root."""
    file = folder / ".dockerignore"
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else []
    patterns = [re.sub(r"^(!?)/?(?=[^#\s])", r"\1/", line) for line in lines]
    return GitIgnoreSpec.from_lines(patterns)


def _is_copied(inside: str, copies: Sequence[Instruction]) -> bool:
    sources = {word.strip("./") for each in copies for word in each.value.split()[:-1] if not word.startswith("--")}
    return any(source in ("", "*") or inside == source or inside.startswith(f"{source}/") for source in sources)


def writable_paths(patient: Patient) -> Iterator[Finding]:
    fix = "write to /tmp alone; what has to stay goes into a database or a bucket"
    for each in patient.image.all("VOLUME"):
        if not re.fullmatch(r'\[?"?/tmp.*', each.value):
            yield Finding(
                check="writable paths",
                line=each.line,
                breaks=BOTH,
                message=f"{each.value} is read-only on Fargate and in Lambda, as everything but /tmp",
                fix=fix,
            )
    for name, (value, line) in patient.image.environment.items():
        kept = re.search(r"sqlite:/{3,4}(?!/?tmp/)|^file:(?!/tmp/)", value)
        logged = (
            name.endswith(("_LOG", "_LOG_FILE", "LOGFILE"))
            and value.startswith("/")
            and not value.startswith((TMP, "/dev/"))
        )
        if kept or logged:
            yield Finding(
                check="writable paths",
                line=line,
                breaks=BOTH,
                message=f"{name}={value} is to be written to, and only /tmp can be",
                fix=fix if kept else "log to the standard output: both topologies collect that",
            )


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
        yield from _shell(start)
    elif start.words[:1] in (["npm"], ["yarn"], ["pnpm"]):
        yield Finding(
            check="entry point",
            line=start.line,
            breaks=(),
            message=f"{start.words[0]} stands between the service and SIGTERM, and makes each cold start longer",
            fix='start the program itself: ["node", "server.js"]',
        )
    elif {"--reload", "--debug"} & set(start.words) or start.words[:2] == ["flask", "run"]:
        yield Finding(
            check="entry point",
            line=start.line,
            breaks=(),
            message="this is a server for development",
            fix="start it as in production, without reload",
        )


def _shell(start: Instruction) -> Iterator[Finding]:
    """A shell that puts the program in its own place is none any more when SIGTERM comes."""
    script = start.value if start.words is None else " ".join(start.words[2:])
    if (start.words and start.words[1:2] != ["-c"]) or re.search(r"\bexec\s", script):
        return
    yield Finding(
        check="entry point",
        line=start.line,
        breaks=CONTAINER,
        message="a shell is started, which need not hand SIGTERM on: a stop would lose requests in flight",
        fix=f'use the exec form: {start.name} ["program", "argument"], or put exec before the program',
    )
