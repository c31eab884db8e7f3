"""Connections and transactions: one connection per thread and process, immediate writes.

WAL where it works; on networked file systems, which share no memory between machines, SQLite's
older rollback journal, which is slower and safe there.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from pathlib import Path
from types import TracebackType

from nbtrail.errors import StoreError
from nbtrail.store import mounts, schema
from nbtrail.store.forks import Handle, gate

BUSY_TIMEOUT_MS = 10_000
CHECKPOINT_PAGES = 4000
"""A checkpoint waits for the disk: not in every fourth of a thousand short transactions."""

_log = logging.getLogger("nbtrail")
_told: set[Path] = set()


class Database:
    """One SQLite file, used from any thread of any process; forks.py says how it forks.

    `networked` is the kind of networked file system that it is on, or empty.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.networked = mounts.networked(path.parent)
        self._local = threading.local()
        try:
            with gate:
                schema.migrate(self.connection)
        except sqlite3.DatabaseError as error:
            explain(path, error)
            raise

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
        wal = not self.networked and _use_wal(connection)
        if not wal:
            self._fall_back(connection)
        connection.execute(f"pragma synchronous = {'normal' if wal else 'full'}")
        connection.execute(f"pragma wal_autocheckpoint = {CHECKPOINT_PAGES}")
        connection.execute("pragma foreign_keys = on")
        return connection

    def _fall_back(self, connection: sqlite3.Connection) -> None:
        connection.execute("pragma journal_mode = truncate")
        if self.path not in _told:
            _told.add(self.path)
            _log.warning(
                "The store %s is on a file system (%s) where SQLite cannot work at full speed: "
                "nbtrail is slower there, and runs of other machines that died stay open. A "
                "local directory is better; choose one with NBTRAIL_TRACKING_URI.",
                self.path,
                self.networked or "without shared memory",
            )

    def read(self) -> Transaction:
        """Give a consistent snapshot; inside a transaction of this thread, that one."""
        return Transaction(self, "begin")

    def write(self, *, patient: bool = True) -> Transaction:
        """Give a write transaction: all of it is committed, or nothing.

        Args:
            patient: wait while others write; else their writing is an error at once.
        """
        return Transaction(self, "begin immediate" if patient else AT_ONCE)

    @property
    def in_transaction(self) -> bool:
        """Whether this thread is within a transaction."""
        handle: Handle | None = getattr(self._local, "handle", None)
        connection = handle.connection if handle is not None else None
        return connection is not None and connection.in_transaction

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

    def sync(self) -> None:
        """Ask the disk to keep what was committed: WAL commits wait for no disk (power loss)."""
        try:
            # No lock of SQLite's is on this file: closing it here lets none go.
            descriptor = os.open(f"{self.path}-wal", os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        try:
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)

    def close(self) -> None:
        """Close this thread's connection."""
        handle: Handle | None = getattr(self._local, "handle", None)
        if handle is not None:
            with gate:
                handle.close()


AT_ONCE = "at once"


class Transaction:
    """A ``with`` block around a transaction: of a write all is committed, or nothing.

    A class, not a generator: a short run is made of twenty of these.
    """

    __slots__ = ("_begin", "_connection", "_database")

    def __init__(self, database: Database, begin: str) -> None:
        self._database = database
        self._begin = begin
        self._connection: sqlite3.Connection | None = None

    def __enter__(self) -> sqlite3.Connection:
        if self._database.in_transaction:
            return self._database.connection
        gate.__enter__()
        try:
            connection = self._database.connection
            _begin(connection, self._begin)
        except BaseException as error:
            gate.__exit__()
            explain(self._database.path, error)
            raise
        self._connection = connection
        return connection

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                _end(connection, failed=error is not None)
            except sqlite3.DatabaseError as trouble:
                explain(self._database.path, trouble)
                raise
            finally:
                gate.__exit__()
        if error is not None:
            explain(self._database.path, error)


def _begin(connection: sqlite3.Connection, begin: str) -> None:
    if begin == AT_ONCE:
        connection.execute("pragma busy_timeout = 0")
        try:
            connection.execute("begin immediate")
        finally:
            connection.execute(f"pragma busy_timeout = {BUSY_TIMEOUT_MS}")
    else:
        connection.execute(begin)
    try:
        # A newer nbtrail may have migrated the store since it was opened here.
        schema.refuse_newer(connection)
    except BaseException:
        connection.rollback()
        raise


def _end(connection: sqlite3.Connection, *, failed: bool) -> None:
    if failed:
        connection.rollback()
        return
    try:
        connection.execute("commit")
    except BaseException:
        connection.rollback()
        raise


def _use_wal(connection: sqlite3.Connection) -> bool:
    """Switch to WAL; return whether that works here.

    The busy timeout does not apply when other processes do so just now.
    """
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            found = connection.execute("pragma journal_mode = wal").fetchone()[0]
            return bool(found == "wal")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_IOERR:
                return False
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


def explain(path: Path, error: BaseException | None) -> None:
    """Raise one sentence on what is wrong with the file, if that is it; a mistake of ours stays.

    Raises:
        StoreError: the error is the file's, or the disk's.
    """
    if not isinstance(error, sqlite3.DatabaseError):
        return
    # The low byte is the kind; what is above it are details.
    advice = _ADVICE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    if advice is not None:
        raise StoreError(f"The store {path} cannot be used ({error}). {advice}") from error
