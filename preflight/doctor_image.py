"""What the doctor looks for in any image: its user, and its files."""

import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from pathspec import GitIgnoreSpec

from preflight.dockerfile import Instruction
from preflight.doctor_finding import BOTH, Finding, Patient

TMP = "/tmp"  # noqa: S108 - the image's
LOG_FIX = "log to the standard output: both topologies collect that"
LOG_OPTIONS = ("--access-logfile", "--error-logfile", "--log-file", "--logfile", "--pid", "--pidfile")


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
    own = [each for each in patient.image.all("COPY", "ADD") if not each.option("from")]
    for each in own:
        if each.denies(0o4) and not each.option("chown"):
            yield Finding(
                check="readable files",
                line=each.line,
                breaks=BOTH,
                message=f"with --chmod={each.option('chmod')} only root can read them, and it runs as somebody else",
                fix="--chmod=755, or 644 for what is not started",
            )
    copies = [each for each in own if not each.option("chmod")]
    if not copies:
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
    sources = {word.strip("./") for each in copies for word in each.copied[:-1]}
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
    words = patient.image.command_line
    for (option, line), (following, _) in zip(words, [*words, ("", 0)][1:], strict=True):
        name, is_one_word, rest = option.partition("=")
        path = rest if is_one_word else following
        if name in LOG_OPTIONS and path.startswith("/") and not path.startswith((TMP, "/dev/")):
            yield Finding(
                check="writable paths",
                line=line,
                breaks=BOTH,
                message=f"{name} {path} is to be written to, and only /tmp can be",
                fix=LOG_FIX,
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
                fix=fix if kept else LOG_FIX,
            )
