"""A store: one directory with a database, artifacts and journals."""

from __future__ import annotations

import atexit
import logging
import os
import sqlite3
import threading
from contextlib import AbstractContextManager
from pathlib import Path

from nbtrail import config
from nbtrail.errors import InvalidValue, NotFound, StoreError
from nbtrail.store import drain, journal
from nbtrail.store.database import Database
from nbtrail.store.endpoints import Endpoints
from nbtrail.store.experiments import Experiments
from nbtrail.store.metrics import Metrics
from nbtrail.store.registry import Registry
from nbtrail.store.runs import Runs
from nbtrail.store.trails import Trails

DATABASE = "nbtrail.db"

_log = logging.getLogger("nbtrail")


class Store:
    """Everything that is recorded, by subject: `store.runs`, `store.metrics` and so on.

    Readers call `drain` first, which also ends the runs of processes that died.

    Raises:
        StoreError: the directory cannot be written, or was written by a newer nbtrail.
    """

    def __init__(self, directory: Path, database: Path | None = None) -> None:
        self.directory = directory
        self.uri = str(directory) if database is None else f"sqlite:///{database}"
        _make_directory(directory)
        self._journals = directory / journal.FOLDER
        self._database = Database(database or directory / DATABASE)
        self._identity = self._database.identity()
        self._journal: journal.Journal | None = None
        self._lock = threading.RLock()
        self.artifact_root = directory / "artifacts"
        self.experiments = Experiments(self._database, self.artifact_root)
        self.metrics = Metrics(self._database)
        self.runs = Runs(self._database, self.artifact_root, self._owner)
        self.trails = Trails(self._database, self._owner)
        self.registry = Registry(self._database)
        self.endpoints = Endpoints(self._database)

    def model_artifact_uri(self, experiment_id: str, model_id: str) -> str:
        """Return where the directory of a logged model is."""
        return str(self.artifact_root / experiment_id / "models" / model_id / "artifacts")

    def log_point(
        self, series: int, execution: int | None, step: int, timestamp: int, value: float
    ) -> None:
        """Record one metric point: acknowledged when this returns. `series` as `series_id` gave.

        This is the hot path: one write, and now and then a drain if nobody else is writing.
        """
        own = self._journal or self._open_journal()
        own.append(series, execution or 0, step, timestamp, value)
        if own.due():
            self._tidy(own)

    def drain(self) -> None:
        """Move what the journals hold into the tables; end the runs of dead processes."""
        if self._journal is not None:
            self._journal.flush()
        drain.recover(self._database, self._journals)

    def transaction(self) -> AbstractContextManager[object]:
        """Make the writes of this thread inside it one: all or none, and quicker."""
        return self._database.write()

    def is_here(self) -> bool:
        """Return whether the database is still the file that was opened."""
        return self._database.identity() == self._identity

    def data_version(self) -> int:
        """Return a number that changes whenever another connection has committed."""
        return self._database.data_version()

    def journal_bytes(self) -> int:
        """Return the size of all journals: it grows while points wait to be drained."""
        try:
            return sum(entry.stat().st_size for entry in os.scandir(self._journals))
        except FileNotFoundError:
            return 0

    def close(self) -> None:
        """Drain and remove this process's journal; runs left open end as KILLED."""
        with self._lock:
            own, self._journal = self._journal, None
            if own is not None and self._journals.is_dir():
                own.flush()
                drain.drain(self._database, own.file.path)
                drain.close_books(
                    self._database, own.uuid, "The process ended without ending this run."
                )
                own.file.discard()
        self._database.close()

    def abandon(self) -> None:
        """Let go of what belongs to the parent, in a child after a fork."""
        self._lock = threading.RLock()
        if self._journal is not None:
            os.close(self._journal.file.descriptor)
            self._journal = None

    def _owner(self) -> str:
        return (self._journal or self._open_journal()).uuid

    def _open_journal(self) -> journal.Journal:
        with self._lock:
            if self._journal is None:
                self._journal = journal.Journal(self._new_file())
            return self._journal

    def _new_file(self) -> journal.JournalFile:
        """Insert the row first: a file without a row counts as applied already."""
        uuid = journal.new_uuid()
        with self._database.write() as connection:
            connection.execute(
                "insert into journal values (?, 0, ?, ?)",
                (uuid, journal.host(), journal.boot_id()),
            )
        return journal.JournalFile.create(self._journals, uuid)

    def _tidy(self, own: journal.Journal) -> None:
        """Drain, and rotate when it is time; what fails is done the next time, or by others."""
        own.mark_drained()
        try:
            if drain.try_drain(self._database, own.file.path):
                own.sync()
            if own.size >= journal.ROTATE_BYTES:
                self._rotate(own)
        except (OSError, sqlite3.Error, StoreError):
            _log.debug("nbtrail could not drain %s", own.file.path, exc_info=True)

    def _rotate(self, own: journal.Journal) -> None:
        with self._lock:
            if own.size < journal.ROTATE_BYTES:
                return
            fresh = self._new_file()
            with self._database.write() as connection:
                for table in ("run", "session"):
                    connection.execute(
                        f"update {table} set journal = ? where journal = ?",
                        (fresh.uuid, own.uuid),
                    )
                # Inside the transaction: what is written after it refers to the new file.
                old = own.switch_to(fresh)
            drain.drain(self._database, old.path)
            drain.close_books(self._database, old.uuid, "")
            old.discard()


def _make_directory(directory: Path) -> None:
    try:
        for folder in (directory, directory / journal.FOLDER, directory / "artifacts"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The store {directory} cannot be made ({error.strerror}). "
            "Choose a place that is yours to write with NBTRAIL_TRACKING_URI."
        ) from error
    if not os.access(directory, os.W_OK):
        raise StoreError(
            f"The store {directory} is not yours to write. Choose another place with "
            "NBTRAIL_TRACKING_URI."
        )


_open: dict[str, Store] = {}
_open_lock = threading.Lock()


def open_store(uri: str | os.PathLike[str] | None = None, *, create: bool = True) -> Store:
    """Return the store at `uri`, or the one that `config.locate` finds; one object a process.

    Args:
        uri: a directory, a ``file:`` URI of one, or ``sqlite:///file.db``.
        create: whether to make a store that is not there.

    Raises:
        NotFound: there is no store there, and it shall not be made.
        InvalidValue: the URI is of a kind that is not known.
        StoreError: the store cannot be opened.
    """
    directory, database = _parse(trusted(config.locate(uri)))
    file = database or directory / DATABASE
    with _open_lock:
        known = _open.get(str(file))
        if known is not None and known.is_here():
            return known
        if not create and not file.exists():
            raise NotFound(
                f"There is no nbtrail store at {directory}. Run a tracked notebook or "
                "script first, or say where the store is with NBTRAIL_TRACKING_URI."
            )
        store = _open[str(file)] = Store(directory, database)
        return store


def trusted(location: config.Location) -> str:
    """Return the URI of a store that may be opened.

    Raises:
        StoreError: it is where nobody asked for it, and not this user's.
    """
    if location.origin == "untrusted":
        raise StoreError(
            f"{location.uri} is not a directory of yours, and so nothing is recorded there. Say "
            "where the store is with NBTRAIL_TRACKING_URI (that directory, if you trust it)."
        )
    return location.uri


def _parse(uri: str) -> tuple[Path, Path | None]:
    """Split a URI into the store's directory and, for ``sqlite:``, its database file."""
    scheme, separator, rest = uri.partition(":")
    if not separator or len(scheme) == 1:
        return Path(uri).expanduser().absolute(), None
    if scheme == "file":
        return Path(rest if not rest.startswith("//") else rest[2:]).absolute(), None
    if scheme == "sqlite" and rest.startswith("///") and len(rest) > 3:
        database = Path(rest[3:]).absolute()
        return database.with_name(f"{database.name}.trail"), database
    raise InvalidValue(
        f"'{uri}' is not a place where nbtrail can keep a store. Give a directory, "
        "or sqlite:///file.db."
    )


def _close_all() -> None:
    for store in list(_open.values()):
        try:
            store.close()
        except (OSError, sqlite3.Error, StoreError) as error:
            # The journal stays: whoever opens the store next finds what is in it.
            _log.warning("nbtrail could not close %s: %s", store.directory, error)


def _abandon_all() -> None:
    global _open_lock  # noqa: PLW0603 - another thread may have held it during the fork
    _open_lock = threading.Lock()
    for store in list(_open.values()):
        store.abandon()


atexit.register(_close_all)
os.register_at_fork(after_in_child=_abandon_all)
