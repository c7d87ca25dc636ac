"""Settings: what the environment says, typed and checked before anything is started."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

Value = TypeVar("Value")


class BadSettings(Exception):
    """Variables that can't be used; the message has a line for each."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that can be set. Each field is read from the variable of its name in capitals."""

    port: int = 8080
    """TCP port to listen on, 0 to 65535; 0 takes a free one. Default 8080. A deployment sets it."""
    log_level: str = "info"
    """`debug`, `info`, `warning` or `error`. Default info; health checks are logged at debug."""
    db_url: str = "sqlite:////tmp/store.db"
    """Where tasks and files are kept, `sqlite:///<path>`. Default a file in /tmp (or TMPDIR), the only place the image
    can write to: it is gone with the instance. Usually a secret: DB_URL_SECRET_ARN."""
    max_upload_mb: int = 1
    """Largest file that is taken, in MB, 1 to 100. Default 1, as `service.maxBodyMb` of both stacks: the edge refuses
    what is larger than that, so raise both."""
    keep_alive_seconds: int = 130
    """How long an idle connection is kept, 1 to 4000. Default 130: longer than the balancer's idle timeout, which is
    124 at most, or it sends a request into a connection that is just being closed, and answers 502."""
    stop_seconds: int = 40
    """How long requests in flight may take after SIGTERM, 1 to 120. Default 40: the deployed stop timeout is 45 or
    more, and what the balancer had sent is done by then. Lambda itself allows 2 seconds, with nothing in flight."""
    diagnostics: bool = True
    """Whether to serve the paths that exist to try a deployment out: echo, wait, stream and so on. Default true."""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the environment. Raises BadSettings that names everything that is wrong; values may be secret, and the
        message of a URL does not hold it."""
        found: dict[str, Any] = {}
        if "TMPDIR" in environment:
            found["db_url"] = f"sqlite:///{environment['TMPDIR']}/store.db"
        problems: list[str] = []
        for name, (read, allowed) in _READERS.items():
            text = environment.get(name.upper())
            if text is None:
                continue
            try:
                found[name] = read(text)
            except ValueError:
                got = "something else" if name == "db_url" else repr(text)
                problems.append(f"{name.upper()} must be {allowed}, got {got}")
        if problems:
            raise BadSettings("\n".join(problems))
        return cls(**found)


def _between(low: int, high: int) -> tuple[Callable[[str], int], str]:
    def read(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text) or not low <= int(text) <= high:
            raise ValueError
        return int(text)

    return read, f"a whole number from {low} to {high}"


def _one_of(values: Mapping[str, Value]) -> tuple[Callable[[str], Value], str]:
    def read(text: str) -> Value:
        if text not in values:
            raise ValueError
        return values[text]

    return read, f"one of {', '.join(values)}"


def _matching(pattern: str, allowed: str) -> tuple[Callable[[str], str], str]:
    def read(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError
        return text

    return read, allowed


_READERS: Mapping[str, tuple[Callable[[str], Any], str]] = {
    "port": _between(0, 65_535),
    "log_level": _one_of({level: level for level in ("debug", "info", "warning", "error")}),
    # Another kind of store is let in here, and opened in store.py.
    "db_url": _matching(r"sqlite:///.+", "sqlite:///<path>, with a fourth / where the path is absolute"),
    "max_upload_mb": _between(1, 100),
    "keep_alive_seconds": _between(1, 4000),
    "stop_seconds": _between(1, 120),
    "diagnostics": _one_of({"true": True, "false": False}),
}
