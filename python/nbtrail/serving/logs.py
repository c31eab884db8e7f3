"""The logs of an endpoint: what its processes write, and who asked what; kept from growing.

``<name>.log`` and ``<name>.access.log`` in the folder ``endpoints`` of the store.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from nbtrail.serving.supervision import liveness
from nbtrail.store import Store

MOST = 16 * 1024 * 1024  # bytes of a log before the next is begun
KEPT = 3  # access logs beside the one that is written to
_READ = 512 * 1024  # bytes of a log that are read


def access_path(store: Store, name: str) -> Path:
    """Return where the workers of an endpoint note requests."""
    return liveness.log_path(store, name).with_suffix(".access.log")


def last_lines(path: Path, many: int) -> list[str]:
    """Return the last lines of a log; none where there is no log yet."""
    try:
        with path.open("rb") as file:
            begin = max(0, os.fstat(file.fileno()).st_size - _READ)
            file.seek(begin)
            lines = file.read().decode(errors="replace").splitlines()
    except FileNotFoundError:
        return []
    return (lines[1:] if begin else lines)[-many:]


def rotate(store: Store, name: str) -> None:
    """Begin new logs in place of those that have grown too large.

    Processes hold the one that they write to as their output: it is copied and cut. The access
    log is opened for each writing, and moved.
    """
    log, access = liveness.log_path(store, name), access_path(store, name)
    if _size(log) > MOST:
        shutil.copyfile(log, _numbered(log, 1))
        _numbered(log, 1).chmod(0o600)
        os.truncate(log, 0)
    if _size(access) > MOST:
        for number in range(KEPT, 0, -1):
            before = _numbered(access, number - 1)
            if before.exists():
                before.replace(_numbered(access, number))


def remove(store: Store, name: str) -> None:
    """Delete the logs of an endpoint."""
    for path in _all(store, name):
        path.unlink(missing_ok=True)


def _all(store: Store, name: str) -> Iterator[Path]:
    for path in (liveness.log_path(store, name), access_path(store, name)):
        yield from (_numbered(path, number) for number in range(KEPT + 1))


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}") if number else path


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
