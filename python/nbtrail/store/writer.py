"""This process's own journal: opened on first use, drained now and then, rotated, closed."""

from __future__ import annotations

import logging
import os
import threading
import time
from pathlib import Path

from nbtrail.store import drain, journal
from nbtrail.store.database import Database
from nbtrail.store.journal import Journal, JournalFile, Retired

PATIENCE_S = 5.0
A_MOMENT_S = 0.2

_log = logging.getLogger("nbtrail")


class Writer:
    """Writes the metric points of this process; none before it needs to.

    Its journal's lock tells others that this process is alive: what it leaves running belongs
    to `owner`.
    """

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._lock = threading.RLock()
        self._syncing = threading.Lock()
        self._journal: Journal | None = None
        self._retired: list[Retired] = []

    def append(self, record: bytes) -> None:
        """Record one point as `journal.pack` made it: acknowledged when this returns.

        This is the hot path: one write, and now and then a drain if nobody else is writing.
        """
        own = self._journal or self._open()
        try:
            due = own.append(record)
        except journal.Closed:
            due = self._open().append(record)
        if due:
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
            self._retired.append(own.close())
            deadline = time.monotonic() + PATIENCE_S
            while self._put_away(None) and time.monotonic() < deadline:
                time.sleep(0.001)

    def abandon(self) -> None:
        """Let go of what belongs to the parent, in a child after a fork."""
        self._lock, self._syncing = threading.RLock(), threading.Lock()
        files = [retired.file for retired in self._retired]
        if self._journal is not None:
            files.append(self._journal.file)
        for file in files:
            os.close(file.descriptor)
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
        """Sync, and drain and rotate when it is time; what fails is done later, or by others."""
        own.mark_looked()
        try:
            self._sync_soon(own.file)
            if self._database.in_transaction:
                return  # what is done here must not be undone with it
            if own.wants_draining():
                own.mark_drained()
                self._drain_at_once(own)
            if own.file.size >= journal.ROTATE_BYTES:
                self._rotate(own)
            elif self._retired:
                self._put_away(own)
        except Exception:
            _log.debug("nbtrail could not look after %s", own.file.path, exc_info=True)

    def _sync_soon(self, file: JournalFile) -> None:
        """Have the disk keep what there is; a thread waits for it, the user's loop does not."""
        if self._syncing.acquire(blocking=False):
            try:
                threading.Thread(target=self._sync, args=(file,), daemon=True).start()
            except BaseException:
                self._syncing.release()
                raise

    def _sync(self, file: JournalFile) -> None:
        try:
            file.sync()
            self._database.sync()
        except OSError:
            _log.debug("nbtrail could not sync %s", file.path, exc_info=True)
        finally:
            self._syncing.release()

    def _drain_at_once(self, own: Journal) -> None:
        """Drain unless somebody else is writing."""
        try:
            drain.drain(self._database, own.file.path, patient=False)
        except drain.Damaged:
            self._rotate(own)

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
                drain.put_away(file, damage)
                self._retired.remove(retired)
            return bool(self._retired)
