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
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from nbtrail.errors import StoreError
from nbtrail.store import mounts, schema
from nbtrail.store.forks import Block, Handle, Visit

BUSY_TIMEOUT_MS = 10_000
CHECKPOINT_PAGES = 4000
"""A checkpoint waits for the disk: not in every fourth of a thousand short transactions."""

_log = logging.getLogger("nbtrail")
_told: set[Path] = set()


class Database:
    """One SQLite file, used from any thread of any process; forks.py says how it forks.

    `networked` is the kind of networked file system that it is on, or empty; `unsynced` says that
    transactions have ended here since the last `sync`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.networked = mounts.networked(path.parent)
        self.unsynced = True
        self._local = threading.local()
        try:
            with Visit(self.handle):
                schema.migrate(self.connection)
        except sqlite3.DatabaseError as error:
            explain(path, error)
            raise

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection, to be used within a `Visit` of its handle."""
        handle = self.handle
        if handle.connection is None:
            handle.connection = self._connect()
        return handle.connection

    @property
    def handle(self) -> Handle:
        """What this thread has of the database."""
        try:
            handle: Handle = self._local.handle
        except AttributeError:
            handle = self._local.handle = Handle()
        return handle

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

    def look_up(self, query: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
        """Return what one query finds: half the time of a transaction around it."""
        with Visit(self.handle):
            try:
                return self.connection.execute(query, values).fetchall()
            except sqlite3.DatabaseError as error:
                explain(self.path, error)
                raise

    @property
    def in_transaction(self) -> bool:
        """Whether this thread is within a transaction."""
        return self.handle.in_use()

    @property
    def is_committed(self) -> bool:
        """Whether what this thread has written can no longer be undone."""
        connection = self.handle.connection
        return connection is None or not connection.in_transaction

    def identity(self) -> tuple[int, int] | None:
        """Return which file the path names now; None if there is none."""
        try:
            found = os.stat(self.path)  # noqa: PTH116 - before each param
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def data_version(self) -> int:
        """Return a number that changes whenever another connection has committed."""
        with Visit(self.handle):
            version: int = self.connection.execute("pragma data_version").fetchone()[0]
        return version

    def sync(self) -> None:
        """Ask the disk to keep what was committed: WAL commits wait for no disk (power loss)."""
        if not self.unsynced:
            return
        self.unsynced = False
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
        with Visit(self.handle):
            self.handle.close()


AT_ONCE = "at once"


class Transaction(Block):
    """A ``with`` block around a transaction: of a write all is committed, or nothing.

    A class, not a generator: a short run is made of twenty of these.
    """

    __slots__ = ("_begin", "_database")

    def __init__(self, database: Database, begin: str) -> None:
        super().__init__(database.handle)
        self._database = database
        self._begin = begin

    def __enter__(self) -> sqlite3.Connection:
        noted = self._handle.enter(self)
        try:
            connection = self._database.connection
            if noted:
                _begin(connection, self._begin)
        except BaseException as error:
            if noted:
                self._handle.leave()
            explain(self._database.path, error)
            raise
        self._noted = noted
        return connection

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._noted:
            try:
                if error is None:
                    self._database.unsynced = True
                    self._database.connection.execute("commit")
            except sqlite3.DatabaseError as trouble:
                explain(self._database.path, trouble)
                raise
            finally:
                self._handle.leave()
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
    # A newer nbtrail may have migrated the store since it was opened here.
    schema.refuse_newer(connection)


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
    sqlite3.SQLITE_BUSY: "Another process writes for over 10 s; try again when it is done.",
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
    kind = getattr(error, "sqlite_errorcode", 0) & 0xFF
    advice = _ADVICE.get(kind)
    if kind == sqlite3.SQLITE_BUSY:
        raise StoreError(f"The store {path} is in use. {advice}") from error
    if advice is not None:
        raise StoreError(f"The store {path} cannot be used ({error}). {advice}") from error
