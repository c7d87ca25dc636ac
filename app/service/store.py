"""Store: what the service needs of wherever it keeps things. A database or a table is slotted in here."""

from dataclasses import dataclass
from typing import Protocol


class StoreFull(Exception):
    """There is no room for another; the message says of what, and how many there may be."""


class StoreUnreachable(Exception):
    """It does not answer; the message says why, for the log."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """Something to do."""

    id: int
    title: str
    done: bool
    created: str
    """ISO 8601, in UTC."""


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """An uploaded file, without its content."""

    name: str
    media_type: str
    size: int
    sha256: str


class Store(Protocol):
    """Safe to be called from several threads. Every method may raise StoreUnreachable."""

    kind: str
    """What it is, for people."""
    outlives_instance: bool
    """Whether what is written is still there when this copy of the service is gone, and seen by others."""

    def ping(self) -> None:
        """Raise StoreUnreachable unless it can be read from."""

    def tasks(self) -> list[Task]: ...
    def task(self, id_: int) -> Task | None: ...
    def add_task(self, title: str) -> Task:
        """Raises StoreFull."""
        ...

    def change_task(self, id_: int, *, title: str | None, done: bool | None) -> Task | None: ...
    def remove_task(self, id_: int) -> bool: ...
    def files(self) -> list[StoredFile]: ...
    def file(self, name: str) -> tuple[StoredFile, bytes] | None: ...
    def put_file(self, name: str, media_type: str, content: bytes) -> StoredFile:
        """Put it in the place of one of the same name, if there is one. Raises StoreFull."""
        ...

    def remove_file(self, name: str) -> bool: ...
    def close(self) -> None: ...


def open_store(url: str) -> Store:
    """The store that a checked DB_URL names."""
    from service.sqlite_store import SqliteStore  # noqa: PLC0415 - each kind imports its driver only where it is used

    return SqliteStore(url.removeprefix("sqlite:///"))
