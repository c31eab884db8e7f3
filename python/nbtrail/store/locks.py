"""Locks of files beside the database, for what takes long: the database is free meanwhile."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zlib import crc32

FOLDER = "locks"
_FILES = 64


@contextmanager
def held(folder: Path, name: str) -> Iterator[None]:
    """Keep other threads and processes that ask for the same name waiting; not to be nested.

    There are few files, which stay: names share them.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{crc32(name.encode()) % _FILES:02x}"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        # A child that was forked meanwhile has the descriptor too: to close it is not enough.
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)


def take(path: Path) -> int | None:
    """Lock a file for as long as the descriptor that is returned is open; None if others have it.

    The file is made, and stays.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
