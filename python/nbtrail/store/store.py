"""A store: one directory with a database, artifacts and journals."""

from __future__ import annotations

import atexit
import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from nbtrail import config
from nbtrail.errors import InvalidValue, NotFound, StoreError
from nbtrail.store import drain, foreign, gil, journal, locations
from nbtrail.store.cells import CellLog
from nbtrail.store.contexts import Contexts
from nbtrail.store.database import Database
from nbtrail.store.datasets import Datasets
from nbtrail.store.endpoints import Endpoints
from nbtrail.store.experiments import Experiments
from nbtrail.store.files import RunFiles
from nbtrail.store.history import History
from nbtrail.store.metrics import Metrics
from nbtrail.store.params import Params
from nbtrail.store.registry import Registry
from nbtrail.store.runs import Runs
from nbtrail.store.trails import Trails
from nbtrail.store.writer import Writer

if TYPE_CHECKING:
    from nbtrail.store.audit import Audit
    from nbtrail.store.doctor import Doctor
    from nbtrail.store.documents import Documents
    from nbtrail.store.edits import Edits
    from nbtrail.store.gc import Collector
    from nbtrail.store.jobs import Jobs
    from nbtrail.store.model_notes import ModelNotes
    from nbtrail.store.schedules import Schedules
    from nbtrail.store.tables import Tables
    from nbtrail.store.trail_lists import TrailLists

DATABASE = "nbtrail.db"
_SERVERS = {"databricks", "databricks-uc", "uc"}

_log = logging.getLogger("nbtrail")


class Store:
    """Everything that is recorded, by subject: `store.runs`, `store.metrics` and so on.

    Readers call `drain` first, which also ends the runs of processes that died.

    Raises:
        StoreError: the directory cannot be written, was written by a newer nbtrail, or is another
            program's.
    """

    def __init__(self, directory: Path, database: Path | None = None) -> None:
        self.directory = directory
        self.uri = str(directory) if database is None else f"sqlite:///{database}"
        self.database_path = database or directory / DATABASE
        foreign.refuse(directory, self.database_path)
        _make_directory(directory)
        self._journals = directory / journal.FOLDER
        self._database = Database(self.database_path)
        self._identity = self._database.identity()
        self._path = os.fsencode(self.database_path)
        self._writer = Writer(self._database, self._journals)
        self.ahead: Callable[[], object] = _nothing
        """Called by `drain` first: what this process has not written by now."""
        self.append = self._writer.append
        """Record one metric point, as `journal.pack` made it: the hot path."""
        self.params = Params(self._database, self._writer.append, self._drain_all)
        self.artifact_root = directory / "artifacts"
        self.experiments = Experiments(self._database, self.artifact_root)
        self.metrics = Metrics(self._database)
        self.history = History(self._database)
        self.runs = Runs(self._database, self.artifact_root, self._writer.owner)
        self.cells = CellLog(
            self._database, self._writer.append, self._writer.owner, self._writer.drain
        )
        self.trails = Trails(self._database, self._writer.owner, self.cells)
        self.registry = Registry(self._database, self.artifact_root)
        self.endpoints = Endpoints(self._database)
        self.datasets = Datasets(self._database)
        self.files = RunFiles(self._database)
        self.contexts = Contexts(self._database)

    # What a run does not need is imported when it is asked for.

    @cached_property
    def audit(self) -> Audit:
        """Who changed what."""
        from nbtrail.store.audit import Audit

        return Audit(self._database)

    @cached_property
    def edits(self) -> Edits:
        """Changes of what a run has recorded."""
        from nbtrail.store.edits import Edits

        return Edits(self._database, self._drain_all)

    @cached_property
    def documents(self) -> Documents:
        """Runs that are registered after the fact."""
        from nbtrail.store.documents import Documents

        return Documents(
            self._database,
            self.experiments,
            self.runs,
            self.metrics,
            self.datasets,
            self.contexts,
            self._writer.owner,
        )

    @cached_property
    def doctor(self) -> Doctor:
        """Checks and repairs."""
        from nbtrail.store.doctor import Doctor

        return Doctor(self._database, self.directory, self._journals)

    @cached_property
    def gc(self) -> Collector:
        """Deletion for good."""
        from nbtrail.store.gc import Collector

        return Collector(self._database, self.artifact_root, self._drain_all)

    @cached_property
    def jobs(self) -> Jobs:
        """What is executed in the background."""
        from nbtrail.store.jobs import Jobs

        return Jobs(self._database, self._writer.owner)

    @cached_property
    def tables(self) -> Tables:
        """Runs in columns."""
        from nbtrail.store.tables import Tables

        return Tables(self._database, self.artifact_root)

    @cached_property
    def trail_lists(self) -> TrailLists:
        """Trails without their outputs."""
        from nbtrail.store.trail_lists import TrailLists

        return TrailLists(self._database)

    @cached_property
    def schedules(self) -> Schedules:
        """What is executed again and again."""
        from nbtrail.store.schedules import Schedules

        return Schedules(self._database)

    @cached_property
    def model_notes(self) -> ModelNotes:
        """What people say of registered models."""
        from nbtrail.store.model_notes import ModelNotes

        return ModelNotes(self._database, self.registry)

    def model_artifact_uri(self, experiment_id: str, model_id: str) -> str:
        """Return where the directory of a logged model is."""
        location = self.experiments.get(experiment_id).artifact_location
        return locations.below(location, "models", model_id, "artifacts")

    def log_point(
        self, series: int, execution: int | None, step: int, timestamp: int, value: float
    ) -> None:
        """Record one metric point of a series, as `series_id` gave it; see `append`."""
        self.append(journal.pack(series, execution or 0, step, timestamp, value))

    def drain(self) -> None:
        """Move what the journals hold into the tables; end the runs of dead processes.

        For readers: what cannot be moved just now stays where it is, and that is told once.
        """
        self.ahead()
        try:
            self._writer.flush()
            drain.recover(self._database, self._journals, self._writer.name)
        except (OSError, sqlite3.Error, StoreError) as error:
            _tell_once(
                f"nbtrail could not bring the latest metric points of {self.directory} into its "
                f"database ({error}). They are in its journal. 'nbtrail doctor' says what is wrong."
            )

    def drain_own(self) -> None:
        """Move what this process has recorded into the tables, and nothing else.

        Raises:
            StoreError: the database cannot be written; the points stay in the journal.
        """
        self._writer.drain()

    def settle(self) -> None:
        """Like `drain_own`, unless that was done a moment ago: for the end of a run.

        Raises:
            StoreError: the database cannot be written; the points stay in the journal.
        """
        self._writer.settle()

    def _drain_all(self) -> None:
        """Move what the journals hold into the tables, within a transaction of this thread."""
        self._writer.flush()
        for path in drain.journals(self._journals):
            drain.exhaust(self._database, path)

    def copy_database(self, target: Path, tell: Callable[[int], object]) -> None:
        """Copy the database, as it is now, to a new file; see backup.copy."""
        from nbtrail.store import backup

        backup.copy(self._database, target, tell)

    def transaction(self) -> AbstractContextManager[object]:
        """Make the writes of this thread inside it one: all or none, and quicker."""
        self._writer.owner()  # a journal that was made inside would be forgotten with a rollback
        return self._database.write()

    def held(self, name: str) -> AbstractContextManager[None]:
        """Keep others who ask for the same name waiting; unlike a transaction, nobody else."""
        from nbtrail.store import locks

        return locks.held(self.directory / locks.FOLDER, name)

    def is_here(self) -> bool:
        """Return whether the database is still the file that was opened."""
        return self._database.identity() == self._identity

    def is_gone(self) -> bool:
        """Return whether there is no database any more, where it was: asked before each cell."""
        return gil.access(self._path, os.F_OK) != 0

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
        self._writer.close()
        self._database.close()

    def abandon(self) -> None:
        """Let go of what belongs to the parent, in a child after a fork."""
        self._writer.abandon()


def _nothing() -> None:
    """Stand for nothing that is left to write."""


_told: set[str] = set()


def _tell_once(message: str) -> None:
    if message not in _told:
        _told.add(message)
        _log.warning(message)


def _make_directory(directory: Path) -> None:
    try:
        # Equal artifacts are kept once, in `.objects` (see artifacts/objects.py).
        artifacts = directory / "artifacts"
        for folder in (directory, directory / journal.FOLDER, artifacts, artifacts / ".objects"):
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
        StoreError: the store cannot be opened; it is a file and was named as a directory.
    """
    directory, database = _parse(trusted(config.locate(uri)))
    if database is None and directory.is_file():
        raise StoreError(
            f"The store {directory} cannot be made: that is a file. Choose a directory with "
            f"NBTRAIL_TRACKING_URI; for a store in a file, write sqlite:///{directory}"
        )
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
    if uri in _SERVERS:
        raise InvalidValue(
            f"'{uri}' is MLflow's word for a server, and nbtrail keeps a store in a directory: "
            f"give one, or './{uri}' if it is called so."
        )
    scheme, separator, rest = uri.partition(":")
    if not separator or len(scheme) == 1:
        return Path(uri).expanduser().absolute(), None
    if scheme == "file":
        return Path(rest if not rest.startswith("//") else rest[2:]).absolute(), None
    if scheme == "sqlite" and rest.startswith("///") and rest not in {"///", "///:memory:"}:
        database = Path(rest[3:]).absolute()
        return beside(database), database
    raise InvalidValue(
        f"'{uri}' is not a place where nbtrail can keep a store. Give a directory, "
        "or sqlite:///file.db."
    )


def beside(database: Path) -> Path:
    """Return the directory with the artifacts and journals of a store that is a file."""
    return database.with_name(f"{database.name}.trail")


def close_stores(below: Path = Path("/")) -> None:
    """Close the stores that this process has open in a directory; at its exit, all."""
    for file in [file for file in _open if Path(file).is_relative_to(below)]:
        store = _open.pop(file)
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


atexit.register(close_stores)
os.register_at_fork(after_in_child=_abandon_all)
