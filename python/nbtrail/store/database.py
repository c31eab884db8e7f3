"""Connections and transactions: one connection per thread and process, WAL, immediate writes."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbtrail.errors import StoreError
from nbtrail.store import schema
from nbtrail.store.forks import Handle, gate

BUSY_TIMEOUT_MS = 10_000


class Database:
    """One SQLite file, used from any thread of any process; forks.py says how it forks."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        with _explained(path), gate:
            schema.migrate(self.connection)

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection, to be used inside the gate."""
        handle: Handle | None = getattr(self._local, "handle", None)
        if handle is None or handle.connection is None:
            connection = self._connect()
            self._local.handle = Handle(connection)
            return connection
        return handle.connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        connection.row_factory = sqlite3.Row
        connection.execute(f"pragma busy_timeout = {BUSY_TIMEOUT_MS}")
        _use_wal(connection)
        connection.execute("pragma synchronous = normal")
        connection.execute("pragma foreign_keys = on")
        return connection

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Give a consistent snapshot; inside a transaction of this thread, that one."""
        with _explained(self.path), self._transaction("begin") as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Give a write transaction: all of it is committed, or nothing."""
        with _explained(self.path), self._transaction("begin immediate") as connection:
            yield connection

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with gate:
            connection = self.connection
            if connection.in_transaction:
                yield connection
                return
            connection.execute(begin)
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.execute("commit")

    def identity(self) -> tuple[int, int] | None:
        """Return which file the path names now; None if there is none."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def data_version(self) -> int:
        """Return a number that changes whenever another connection has committed."""
        with gate:
            version: int = self.connection.execute("pragma data_version").fetchone()[0]
        return version

    def close(self) -> None:
        """Close this thread's connection."""
        handle: Handle | None = getattr(self._local, "handle", None)
        if handle is not None:
            with gate:
                handle.close()


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to WAL; the busy timeout does not apply when other processes do so just now."""
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("pragma journal_mode = wal")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


_WRITABLE = "Make it writable, or choose another store with NBTRAIL_TRACKING_URI."
_SOUND = "Restore a copy of it, or move it away to start afresh."
_ADVICE = {
    sqlite3.SQLITE_BUSY: "Another process has held it for over 10 s; try again when it is done.",
    sqlite3.SQLITE_READONLY: _WRITABLE,
    sqlite3.SQLITE_CANTOPEN: _WRITABLE,
    sqlite3.SQLITE_PERM: _WRITABLE,
    sqlite3.SQLITE_FULL: "Free some space on that disk.",
    sqlite3.SQLITE_IOERR: "Its disk is full, has failed or is gone.",
    sqlite3.SQLITE_NOTADB: _SOUND,
    sqlite3.SQLITE_CORRUPT: _SOUND,
}


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what is wrong with the file into one sentence on what to do; mistakes of ours stay."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        # The low byte is the kind; what is above it are details.
        advice = _ADVICE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
        if advice is None:
            raise
        raise StoreError(f"The store {path} cannot be used ({error}). {advice}") from error
