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
import weakref
from pathlib import Path

RECORD = struct.Struct("<IIqqd")
ROTATE_BYTES = 8 * 1024 * 1024
SYNC_SECONDS = 1.0
# Readers drain by themselves: the writer does so seldom enough that its slow calls are few.
DRAIN_SECONDS = 5.0
DRAIN_RECORDS = 131_072
FOLDER = "journal"
DAMAGED = "damaged"

pack = RECORD.pack
_write = os.write

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
        path = folder / uuid
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            temporary.rename(path)
        except BaseException:
            os.close(descriptor)
            raise
        return cls(path, descriptor)

    @classmethod
    def take_over(cls, path: Path) -> JournalFile | None:
        """Open and lock the journal of a process that died; None while its process lives."""
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return None
        return cls(path, descriptor)

    @property
    def size(self) -> int:
        """Length of the file in bytes."""
        return os.fstat(self.descriptor).st_size

    def sync(self) -> None:
        """Ask the disk to keep what was written (power loss)."""
        os.fdatasync(self.descriptor)

    def discard(self) -> None:
        """Unlink the file and let go of the lock."""
        self.path.unlink(missing_ok=True)
        os.close(self.descriptor)

    def set_aside(self) -> Path:
        """Keep the file where nobody drains it, let go of the lock, and return where it is."""
        kept = self.path.parent / DAMAGED / self.uuid
        kept.parent.mkdir(mode=0o700, exist_ok=True)
        self.path.rename(kept)
        os.close(self.descriptor)
        return kept


class Closed(Exception):
    """The journal was closed: another one is to be opened."""


class Journal:
    """This process's journal: `append` is the hot path.

    A full disk keeps the points in bounded memory, and they are written with the next one
    that succeeds: nothing is raised into the user's loop.
    """

    KEPT_RECORDS = 100_000

    def __init__(self, file: JournalFile) -> None:
        self.file = file
        self._unwritten = bytearray()
        self._warned: set[str] = set()
        self._lock = threading.Lock()
        self._since_drain = 0
        self._looked_at = time.monotonic()
        # As if it had been drained some time ago: the end of the first run is not one of many.
        self._drained_at = self._looked_at - DRAIN_SECONDS / 2

    @property
    def uuid(self) -> str:
        """Name of the file, and key of its row."""
        return self.file.uuid

    def append(self, record: bytes) -> bool:
        """Write one packed point; when this returns, it survives the death of the process.

        Returns:
            whether it is time to look after the journal, which is at most each second.

        Raises:
            Closed: it was not written.
        """
        file = self.file  # held until it is written: see `Retired`
        if self._unwritten:
            self._write_kept(record)
        else:
            try:
                written = _write(file.descriptor, record)
            except OSError:
                written = 0
            if written != 32:
                self._keep(file, record, written)
        since = self._since_drain = self._since_drain + 1
        # The clock is asked every 64th time only.
        return since & 63 == 1 and (self._looked_for() > SYNC_SECONDS or since > DRAIN_RECORDS)

    def _looked_for(self) -> float:
        return time.monotonic() - self._looked_at

    def mark_looked(self) -> None:
        """Note that somebody looked after the journal just now."""
        self._looked_at = time.monotonic()

    def undrained_for(self) -> float:
        """Return how many seconds ago its own process drained it."""
        return time.monotonic() - self._drained_at

    def wants_draining(self) -> bool:
        """Say whether its own process should drain it."""
        return self._since_drain > DRAIN_RECORDS or self.undrained_for() > DRAIN_SECONDS

    def mark_drained(self) -> None:
        """Note that a drain took place just now."""
        self._since_drain = 0
        self._drained_at = time.monotonic()

    def flush(self) -> None:
        """Try once more to write the points that wait in memory."""
        if self._unwritten:
            self._write_kept(b"")

    def _keep(self, file: JournalFile, record: bytes, written: int) -> None:
        with self._lock:
            if file.descriptor < 0:
                raise Closed
            self._warn("nbtrail keeps metric points in memory until the disk takes them.")
            _untear(file, written)
            self._add(record)

    def _write_kept(self, record: bytes) -> None:
        with self._lock:
            file = self.file
            if file.descriptor < 0:
                raise Closed
            self._add(record)
            try:
                written = _write(file.descriptor, self._unwritten)
            except OSError:
                return
            _untear(file, written % RECORD.size)
            del self._unwritten[: written - written % RECORD.size]

    def _add(self, record: bytes) -> None:
        if len(self._unwritten) < self.KEPT_RECORDS * RECORD.size:
            self._unwritten += record
        else:
            self._warn(
                f"nbtrail keeps {self.KEPT_RECORDS:,} metric points in memory, for the disk has "
                "taken none; those that follow are lost until it does. Free some space."
            )

    def _warn(self, message: str) -> None:
        if message not in self._warned:
            self._warned.add(message)
            _log.warning(message)

    @property
    def troubled(self) -> bool:
        """Whether points wait in memory because the disk did not take them."""
        return bool(self._unwritten)

    def switch_to(self, file: JournalFile) -> Retired:
        """Go on in another file; return the old one, still locked, to be drained and discarded."""
        old, self.file = self.file, file
        return Retired(old)

    def close(self) -> Retired:
        """Take no more points; return the file, to be drained and discarded."""
        return self.switch_to(JournalFile(self.file.path, -1))


class Retired:
    """A journal file that points are no longer written to, but for writes that are under way.

    A writer holds on to the file object until its write is done, and that object alone says
    whether there is one: it is gone when the last writer is.
    """

    def __init__(self, file: JournalFile) -> None:
        self.file = JournalFile(file.path, file.descriptor)
        self._writers = weakref.ref(file)

    @property
    def in_use(self) -> bool:
        """Whether somebody may still be writing."""
        return self._writers() is not None


def _untear(file: JournalFile, torn: int) -> None:
    """Cut off a torn record: it would shift every later one."""
    if torn:
        os.ftruncate(file.descriptor, file.size - torn)


def new_uuid() -> str:
    """Return a name for a journal; those of one process sort by age, and are drained so."""
    return f"{time.time_ns():016x}{os.urandom(8).hex()}"
