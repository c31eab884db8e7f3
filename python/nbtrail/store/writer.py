"""This process's own journal: opened on first use, drained now and then, rotated, closed."""

from __future__ import annotations

import _thread
import logging
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path

from nbtrail.store import drain, journal
from nbtrail.store.database import Database
from nbtrail.store.journal import Journal, JournalFile, Retired

PATIENCE_S = 5.0
A_MOMENT_S = 0.2

_log = logging.getLogger("nbtrail")


class _Syncing:
    """A thread that waits for the disk."""


def _nobody() -> None:
    """Stand for no thread."""


class Writer:
    """Writes the metric points of this process; none before it needs to.

    Its journal's lock tells others that this process is alive: what it leaves running belongs
    to `owner`.
    """

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._lock = threading.RLock()
        self._syncing: Callable[[], object] = _nobody
        self._journal: Journal | None = None
        self._retired: list[Retired] = []
        self._told_deleted: set[str] = set()

    def append(self, record: bytes) -> None:
        """Record one point as `journal.pack` made it: acknowledged when this returns.

        This is the hot path: one write, and now and then a drain if nobody else is writing.
        """
        own = self._journal or self._open()
        try:
            due = own.append(record)
        except journal.Closed:
            due = self._open().append(record)
        if due or self._syncing() is None:
            self._look_after(own)

    def owner(self) -> str:
        """Return the name of the journal that stands for this process.

        To be asked within the transaction that notes it, and once before: it may open one.
        """
        return (self._journal or self._open()).uuid

    @property
    def name(self) -> str | None:
        """Name of the journal, if there is one."""
        return self._journal.uuid if self._journal else None

    def drain(self) -> None:
        """Move what this process has recorded into the tables."""
        own = self._journal
        if own is not None:
            own.flush()
            drain.drain(self._database, own.file.path)

    def settle(self) -> None:
        """Drain, unless that was done a moment ago: runs in a loop need not do so one by one."""
        own = self._journal
        if own is not None and own.undrained_for() > A_MOMENT_S:
            own.mark_drained()
            self.drain()

    def flush(self) -> None:
        """Try once more to write the points that a full disk did not take."""
        if self._journal is not None:
            self._journal.flush()

    def close(self) -> None:
        """Drain and remove the journal; what is left running ends as KILLED."""
        with self._lock:
            own, self._journal = self._journal, None
            if own is None or not self._folder.is_dir():
                return
            own.flush()
            self._tell_lost(own)
            self._retired.append(own.close())
            deadline = time.monotonic() + PATIENCE_S
            while self._put_away(None) and time.monotonic() < deadline:
                time.sleep(0.001)

    def _tell_lost(self, own: Journal) -> None:
        if own.unwritten:
            _log.warning(
                "nbtrail has lost %s metric points and params of %s: its disk did not take them. "
                "Free some space there.",
                f"{own.unwritten:,}",
                self._folder.parent,
            )

    def abandon(self) -> None:
        """Let go of what belongs to the parent, in a child after a fork."""
        self._lock, self._syncing = threading.RLock(), _nobody
        files = [retired.file for retired in self._retired]
        if self._journal is not None:
            files.append(self._journal.file)
        for file in files:
            file.let_go()
        self._journal, self._retired = None, []

    def _open(self) -> Journal:
        with self._lock:
            if self._journal is None:
                self._journal = Journal(self._new_file())
            return self._journal

    def _new_file(self) -> JournalFile:
        """Insert the row first: a file without a row counts as applied already."""
        uuid = journal.new_uuid()
        with self._database.write() as connection:
            connection.execute(
                "insert into journal values (?, 0, ?, ?)",
                (uuid, journal.host(), journal.boot_id()),
            )
        return JournalFile.create(self._folder, uuid)

    def _look_after(self, own: Journal) -> None:
        """Drain and rotate when it is time, and sync; what fails is done later, or by others."""
        own.mark_looked()
        try:
            if not self._database.in_transaction:  # what is done here must not be undone with it
                self._tidy(own)
            self._start_syncing()  # last: its thread would take the GIL from what follows
        except Exception:
            _log.debug("nbtrail could not look after %s", own.file.path, exc_info=True)

    def _tidy(self, own: Journal) -> None:
        if own.wants_draining():
            own.mark_drained()
            self._drain_at_once(own)
        if own.file.size >= journal.ROTATE_BYTES:
            self._rotate(own)
        elif self._retired:
            self._put_away(own)

    def _start_syncing(self) -> None:
        """Have a thread that waits for the disk, if there is none; the user's loop does not.

        No `threading.Thread`: its `start` waits until it runs, which on a busy machine is long.
        """
        if self._syncing() is None:
            thread = _Syncing()  # alive for as long as what is to run with it
            self._syncing = weakref.ref(thread)
            _thread.start_new_thread(self._keep_synced, (thread,))

    def _keep_synced(self, thread: _Syncing) -> None:
        """Have the disk keep what there is, each second until nothing more has come."""
        synced = None
        time.sleep(journal.SYNC_SECONDS)
        while self._has_more_than(synced, thread):
            synced = self._recorded()
            self._sync()
            time.sleep(journal.SYNC_SECONDS)

    def _has_more_than(self, synced: object, thread: _Syncing) -> bool:
        """Say whether there is more for the disk to keep; if not, what comes starts a thread."""
        if self._recorded() == synced:
            self._syncing = _nobody
            if self._recorded() == synced:
                return False
            self._syncing = weakref.ref(thread)
        return True

    def _recorded(self) -> object:
        """Return what is another thing as soon as there is more for the disk to keep."""
        own = self._journal
        return own and (own.uuid, own.count)

    def _sync(self) -> None:
        own = self._journal
        try:
            if own is not None:
                own.file.sync()
            self._database.sync()
        except OSError:
            _log.debug("nbtrail could not sync %s", self._folder, exc_info=True)

    def _drain_at_once(self, own: Journal) -> None:
        """Drain unless somebody else is writing."""
        try:
            drain.drain(self._database, own.file.path, patient=False)
        except drain.Damaged:
            self._rotate(own)
        self._tell_deleted(own)

    def _tell_deleted(self, own: Journal) -> None:
        """Say once of a run of this process that somebody has deleted it while it goes on."""
        deleted = "select uuid from run where journal = ? and lifecycle_stage = 'deleted'"
        for (run_id,) in self._database.look_up(deleted, (own.uuid,)):
            if run_id not in self._told_deleted:
                self._told_deleted.add(run_id)
                _log.warning(
                    "nbtrail: the run %s is deleted while it goes on. What it logs is lost with "
                    "it, unless nbtrail.restore_run('%s') brings it back.",
                    run_id, run_id,
                )  # fmt: skip

    def _rotate(self, own: Journal) -> None:
        with self._lock:
            if own is self._journal:
                self._retired.append(own.switch_to(self._new_file()))
                self._put_away(own)

    def _put_away(self, successor: Journal | None) -> bool:
        """Drain and remove the files that nobody writes to any more; return whether some are left.

        What belongs to them goes to the successor, or ends without one.
        """
        with self._lock:
            for retired in [one for one in self._retired if not one.in_use]:
                file = retired.file
                damage = drain.exhaust(self._database, file.path)
                if successor is None:
                    reason = "The process ended without ending this run."
                    drain.close_books(self._database, file.uuid, reason)
                else:
                    drain.hand_over(self._database, file.uuid, successor.uuid)
                self._database.sync()  # the file is what a power loss would bring it back from
                drain.put_away(self._database, file, damage)
                self._retired.remove(retired)
            return bool(self._retired)
