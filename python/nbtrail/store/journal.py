"""The journal: one append-only file per process that points and params reach with a single write.

A point is 32 bytes, ``<IIqqd``: series id, execution id (0: none), step, timestamp in ms, value.
A text (params.py) is a whole number of such pieces: a head in the form of a point, and the text.
What was written survives the death of its process. The file is flocked by its process for as long
as that lives, which is how others know (never by the PID).
"""

from __future__ import annotations

import fcntl
import logging
import os
import platform
import re
import struct
import threading
import time
import weakref
from collections import deque
from itertools import islice
from pathlib import Path
from zlib import crc32

from nbtrail.store import gil

RECORD = struct.Struct("<IIqqd")
# Where a point has its series, in the head of a text.
TEXT = 0xFFFF_FFFF
MOST_TEXT = 64 * 1024
ROTATE_BYTES = 16 * 1024 * 1024
SYNC_SECONDS = 1.0
LOOK_SECONDS = 1.0
# Readers drain by themselves; those who look by SQL alone see points at most a minute late.
DRAIN_SECONDS = 60.0
FOLDER = "journal"
NAME = re.compile("[0-9a-f]{32}")
DAMAGED = "damaged"

pack = RECORD.pack
_write = gil.write
_MOST_AT_ONCE = 1000  # the system takes 1024 pieces in one write

_log = logging.getLogger("nbtrail")


def pack_text(text: bytes) -> bytes:
    """Return a text of at most `MOST_TEXT` bytes in pieces of 32, the first of which is its head.

    It is UTF-8 without control characters. So no piece of it can be taken for a head, nor for a
    point of a series that there is: a damaged head spoils its own text only.
    """
    size = len(text)
    head = pack(TEXT, crc32(text), size, -size, 0.0)
    return b"".join((head, text, b" " * (-size % RECORD.size)))


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
        self.let_go()

    def set_aside(self) -> Path:
        """Keep the file where nobody drains it, let go of the lock, and return where it is."""
        kept = self.path.parent / DAMAGED / self.uuid
        kept.parent.mkdir(mode=0o700, exist_ok=True)
        self.path.rename(kept)
        self.let_go()
        return kept

    def let_go(self) -> None:
        """Close the file, and so let go of its lock; once, as the descriptor may be used anew."""
        descriptor, self.descriptor = self.descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


class Closed(Exception):
    """The journal was closed: another one is to be opened."""


class Journal:
    """This process's journal: `append` is the hot path.

    A full disk keeps the records in bounded memory, and they are written with the next one
    that succeeds: nothing is raised into the user's loop.

    Attributes:
        count: how many records it was given.
    """

    KEPT_RECORDS = 100_000

    def __init__(self, file: JournalFile) -> None:
        self.file = file
        self._unwritten: deque[bytes] = deque()
        self._warned: set[str] = set()
        self._lock = threading.Lock()
        self._dropped = 0
        self.count = 0
        self._looked_at = time.monotonic()
        # As if it had been drained some time ago: the end of the first run is not one of many.
        self._drained_at = self._looked_at - DRAIN_SECONDS / 2

    @property
    def uuid(self) -> str:
        """Name of the file, and key of its row."""
        return self.file.uuid

    def append(self, record: bytes) -> bool:
        """Write a packed point or text; when this returns, it survives the death of the process.

        Returns:
            whether it is time to look after the journal, which is at most each second.

        Raises:
            Closed: it was not written.
        """
        file = self.file  # held until it is written: see `Retired`
        if self._unwritten:
            self._write_kept(record)
        else:
            written = _write(file.descriptor, record, len(record))
            if written != len(record):
                self._keep(file, record, written)
        count = self.count = self.count + 1
        # The clock is asked every 64th time only.
        return count & 63 == 1 and self._looked_for() > LOOK_SECONDS

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
        return self.undrained_for() > DRAIN_SECONDS

    def mark_drained(self) -> None:
        """Note that a drain took place just now."""
        self._drained_at = time.monotonic()

    def flush(self) -> None:
        """Try once more to write the records that wait in memory."""
        if self._unwritten:
            self._write_kept()

    def _keep(self, file: JournalFile, record: bytes, written: int) -> None:
        with self._lock:
            if file.descriptor < 0:
                raise Closed
            self._warn(
                "nbtrail keeps metric points and params in memory until the disk takes them."
            )
            _untear(file, written)
            self._add(record)

    def _write_kept(self, *records: bytes) -> None:
        with self._lock:
            file = self.file
            if file.descriptor < 0:
                raise Closed
            for record in records:
                self._add(record)
            while self._unwritten and self._write_some(file):
                pass

    def _write_some(self, file: JournalFile) -> bool:
        """Write the first of the waiting records; say whether the disk took all of these."""
        first = list(islice(self._unwritten, _MOST_AT_ONCE))
        try:
            written = os.writev(file.descriptor, first)
        except OSError:
            return False
        for record in first:
            if written < len(record):
                _untear(file, written)
                return False
            written -= len(record)
            self._unwritten.popleft()
        return True

    def _add(self, record: bytes) -> None:
        if len(self._unwritten) < self.KEPT_RECORDS:
            self._unwritten.append(record)
        else:
            self._dropped += 1
            self._warn(
                f"nbtrail keeps {self.KEPT_RECORDS:,} metric points and params in memory, for the "
                "disk has taken none; those that follow are lost until it does. Free some space."
            )

    def _warn(self, message: str) -> None:
        if message not in self._warned:
            self._warned.add(message)
            _log.warning(message)

    @property
    def unwritten(self) -> int:
        """How many records the disk has not taken: those that wait in memory, and lost ones."""
        return len(self._unwritten) + self._dropped

    def switch_to(self, file: JournalFile) -> Retired:
        """Go on in another file; return the old one, still locked, to be drained and discarded."""
        old, self.file = self.file, file
        return Retired(old)

    def close(self) -> Retired:
        """Take no more records; return the file, to be drained and discarded."""
        return self.switch_to(JournalFile(self.file.path, -1))


class Retired:
    """A journal file that is no longer written to, but for writes that are under way.

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
    if torn > 0:
        os.ftruncate(file.descriptor, file.size - torn)


def new_uuid() -> str:
    """Return a name for a journal; those of one process sort by age, and are drained so."""
    return f"{time.time_ns():016x}{os.urandom(8).hex()}"
