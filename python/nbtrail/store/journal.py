"""The journal: one append-only file per process that metric points reach with a single write.

A record is 32 bytes, ``<IIqqd``: series id, execution id (0: none), step, timestamp in ms, value.
A record that was written survives the death of its process. The file is flocked by its process
for as long as that lives, which is how others know (never by the PID).
"""

from __future__ import annotations

import fcntl
import logging
import os
import platform
import struct
import threading
import time
import uuid as uuids
from pathlib import Path

RECORD = struct.Struct("<IIqqd")
ROTATE_BYTES = 8 * 1024 * 1024
FOLDER = "journal"

_log = logging.getLogger("nbtrail")


def boot_id() -> str:
    """Return what distinguishes this boot of this machine from others; empty where unknown."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def host() -> str:
    """Return this machine's name."""
    return platform.node()


class JournalFile:
    """An open journal, locked by this process. Made through `create`, found through `take_over`."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.descriptor = descriptor
        self.uuid = path.name

    @classmethod
    def create(cls, folder: Path, uuid: str) -> JournalFile:
        """Make the file, locked before it has its name: nobody sees it unlocked."""
        temporary = folder / f".{uuid}"
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        descriptor = os.open(temporary, flags, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path = folder / uuid
        temporary.rename(path)
        return cls(path, descriptor)

    @classmethod
    def take_over(cls, path: Path) -> JournalFile | None:
        """Open and lock the journal of a process that died; None while its process lives."""
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return None
        return cls(path, descriptor)

    def discard(self) -> None:
        """Unlink the file and let go of the lock."""
        self.path.unlink(missing_ok=True)
        os.close(self.descriptor)


class Journal:
    """This process's journal: `append` is the hot path.

    A full disk keeps the points in bounded memory, and they are written with the next one
    that succeeds: nothing is raised into the user's loop.
    """

    KEPT_RECORDS = 100_000

    def __init__(self, file: JournalFile) -> None:
        self.file = file
        self._descriptor = file.descriptor
        self._unwritten = bytearray()
        self._warned = False
        self._lock = threading.Lock()
        self._since_drain = 0
        self._drained_at = time.monotonic()

    @property
    def uuid(self) -> str:
        """Name of the file, and key of its row."""
        return self.file.uuid

    def append(self, series: int, execution: int, step: int, timestamp: int, value: float) -> None:
        """Write one point; when this returns, the point survives the death of the process."""
        record = RECORD.pack(series, execution, step, timestamp, value)
        self._since_drain += 1
        if self._unwritten:
            self._write_kept(record)
            return
        try:
            written = os.write(self._descriptor, record)
        except OSError:
            written = 0
        if written != RECORD.size:
            self._keep(record, written)

    def flush(self) -> None:
        """Try once more to write the points that wait in memory."""
        if self._unwritten:
            self._write_kept(b"")

    def _keep(self, record: bytes, written: int) -> None:
        with self._lock:
            if not self._warned:
                self._warned = True
                _log.warning("nbtrail keeps metric points in memory until the disk takes them")
            if written:
                # A torn record would shift every later one.
                os.ftruncate(self._descriptor, os.fstat(self._descriptor).st_size - written)
            if len(self._unwritten) < self.KEPT_RECORDS * RECORD.size:
                self._unwritten += record

    def _write_kept(self, record: bytes) -> None:
        with self._lock:
            if len(self._unwritten) < self.KEPT_RECORDS * RECORD.size:
                self._unwritten += record
            try:
                written = os.write(self._descriptor, self._unwritten)
            except OSError:
                return
            whole = written - written % RECORD.size
            if whole != written:
                os.ftruncate(
                    self._descriptor, os.fstat(self._descriptor).st_size - (written - whole)
                )
            del self._unwritten[:whole]

    @property
    def troubled(self) -> bool:
        """Whether points wait in memory because the disk did not take them."""
        return bool(self._unwritten)

    def due(self, records: int = 4096, seconds: float = 1.0) -> bool:
        """Say whether the caller should drain: each second, or after so many records."""
        if self._since_drain >= records:
            return True
        # The clock is asked every 64th time only: it costs as much as the write.
        return self._since_drain & 63 == 1 and time.monotonic() - self._drained_at > seconds

    def mark_drained(self) -> None:
        """Note that a drain took place just now."""
        self._since_drain = 0
        self._drained_at = time.monotonic()

    def sync(self) -> None:
        """Ask the disk to keep what was written (power loss)."""
        os.fsync(self._descriptor)

    @property
    def size(self) -> int:
        """Length of the file in bytes."""
        return os.fstat(self._descriptor).st_size

    def switch_to(self, file: JournalFile) -> JournalFile:
        """Go on in another file, without an instant in which a point could be lost.

        ``dup2`` replaces the descriptor that other threads are writing to. Returns the
        old file, still locked, to be drained and discarded.
        """
        old = JournalFile(self.file.path, os.dup(self._descriptor))
        os.dup2(file.descriptor, self._descriptor, inheritable=False)
        os.close(file.descriptor)
        self.file = JournalFile(file.path, self._descriptor)
        return old


def new_uuid() -> str:
    """Return a name for a journal."""
    return uuids.uuid4().hex
