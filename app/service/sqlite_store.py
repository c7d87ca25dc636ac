"""SqliteStore: an embedded database in one file. It does not outlive the instance, and no other one sees it."""

import hashlib
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Lock

from service.store import StoredFile, StoreFull, StoreUnreachable, Task

MAX_TASKS = 1000
MAX_FILES = 20
"""On Fargate /tmp is the task's own memory, and anybody may write here."""

_TABLES = """
CREATE TABLE IF NOT EXISTS task (
    id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0, created TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS file (
    name TEXT PRIMARY KEY, media_type TEXT NOT NULL, sha256 TEXT NOT NULL, content BLOB NOT NULL
) WITHOUT ROWID;
"""
_FILE = "name, media_type, length(content), sha256"


class SqliteStore:
    """A Store. It opens its file at the first call, since a cold start has no time for what may not be needed."""

    kind = "SQLite"
    outlives_instance = False

    def __init__(self, path: str) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._lock = Lock()

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection]:
        """One thread at a time; all that is done in it, or nothing."""
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = _opened(self._path)
                with self._connection:
                    yield self._connection
            except sqlite3.DatabaseError as error:  # a file that is none among them
                raise StoreUnreachable(f"SQLite: {error}") from error

    def ping(self) -> None:
        with self._transaction() as db:
            db.execute("SELECT count(*) FROM task").fetchone()

    def tasks(self) -> list[Task]:
        with self._transaction() as db:
            return [_task(row) for row in db.execute("SELECT * FROM task ORDER BY id DESC")]

    def task(self, id_: int) -> Task | None:
        with self._transaction() as db:
            row = db.execute("SELECT * FROM task WHERE id = ?", (id_,)).fetchone()
        return _task(row) if row else None

    def add_task(self, title: str) -> Task:
        created = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._transaction() as db:
            _refuse_more_than(MAX_TASKS, "tasks", db.execute("SELECT count(*) FROM task").fetchone()[0])
            insert = "INSERT INTO task (title, created) VALUES (?, ?) RETURNING *"
            return _task(db.execute(insert, (title, created)).fetchone())

    def change_task(self, id_: int, *, title: str | None, done: bool | None) -> Task | None:
        update = "UPDATE task SET title = coalesce(?, title), done = coalesce(?, done) WHERE id = ? RETURNING *"
        with self._transaction() as db:
            row = db.execute(update, (title, done, id_)).fetchone()
        return _task(row) if row else None

    def remove_task(self, id_: int) -> bool:
        with self._transaction() as db:
            return db.execute("DELETE FROM task WHERE id = ?", (id_,)).rowcount > 0

    def files(self) -> list[StoredFile]:
        with self._transaction() as db:
            return [_file(row) for row in db.execute(f"SELECT {_FILE} FROM file ORDER BY name")]  # noqa: S608 - ours

    def file(self, name: str) -> tuple[StoredFile, bytes] | None:
        with self._transaction() as db:
            row = db.execute(f"SELECT {_FILE}, content FROM file WHERE name = ?", (name,)).fetchone()  # noqa: S608
        return (_file(row[:-1]), row[-1]) if row else None

    def put_file(self, name: str, media_type: str, content: bytes) -> StoredFile:
        digest = hashlib.sha256(content).hexdigest()
        with self._transaction() as db:
            others = db.execute("SELECT count(*) FROM file WHERE name != ?", (name,)).fetchone()[0]
            _refuse_more_than(MAX_FILES, "files", others)
            db.execute("REPLACE INTO file VALUES (?, ?, ?, ?)", (name, media_type, digest, content))
        return StoredFile(name=name, media_type=media_type, size=len(content), sha256=digest)

    def remove_file(self, name: str) -> bool:
        with self._transaction() as db:
            return db.execute("DELETE FROM file WHERE name = ?", (name,)).rowcount > 0

    def close(self) -> None:
        with self._lock:
            if self._connection:
                self._connection.close()
                self._connection = None


def _opened(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False)
    try:
        connection.executescript(_TABLES)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _refuse_more_than(most: int, what: str, there_are: int) -> None:
    if there_are >= most:
        raise StoreFull(f"there are {most} {what}, and no room for another")


def _task(row: tuple) -> Task:
    return Task(id=row[0], title=row[1], done=bool(row[2]), created=row[3])


def _file(row: tuple) -> StoredFile:
    return StoredFile(name=row[0], media_type=row[1], size=row[2], sha256=row[3])
