"""What is to be made of the files that a cell has touched: written, read, or none of a run's."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from nbtrail.recorder.watching import READ, WRITTEN, Touched

MOST_LOOKED_AT = 2000  # entries of the notebook's folder
_TICK = 10_000_000  # ns by which a file system's clock may be behind
_NOT_DATA = (".pyc", ".lock", ".swp", "~", "-journal", "-wal", "-shm")
_NOT_OURS = frozenset({"__pycache__", "node_modules", "site-packages"})
_TEMPORARY = re.compile(r"tmp[a-z0-9_]{8}")
_END_OF_NAME = re.compile(r"""\.\w{1,10}(['"])""")
_LONGEST_NAME = 250
_STORE = "nbtrail.db"


class Stamp(NamedTuple):
    """What changes when a file does."""

    changed: int
    size: int
    inode: int


@dataclass(frozen=True)
class Found:
    """A file that a cell has touched; `name` is as seen from the notebook's folder."""

    path: str
    name: str
    stamp: Stamp

    @property
    def size(self) -> int:
        """Its bytes."""
        return self.stamp.size


class Finder:
    """Tells what cells have written from what they have read.

    Args:
        roots: the notebook's folder, under each name that it has, with a slash at the end. Files
            are artifacts only below it.
        notebook: the path of the notebook, which is no file of its cells.
    """

    def __init__(self, roots: tuple[str, ...], notebook: str | None) -> None:
        self._roots = roots
        self._notebook = notebook
        self._stamps: dict[str, Stamp] = {}

    def sort(self, touched: Touched, source: str) -> tuple[list[Found], list[Found]]:
        """Return the files that a cell has written, and those that it has read."""
        files = dict(touched.files)
        for path in self._unseen(touched, source):
            files.setdefault(path, WRITTEN)
        written, read = [], []
        for path, how in files.items():
            stamp = stamp_of(path)
            name = self._name(path)
            if stamp is None or name is None:
                continue
            is_new = self._is_new(path, stamp, touched.started - (how != READ) * _TICK)
            self._stamps[path] = stamp
            if is_new and not name.startswith("/"):
                if name.rpartition("/")[2] not in touched.own:
                    written.append(Found(path, name, stamp))
            elif how & READ and not is_new:
                read.append(Found(path, name, stamp))
        return sorted(written, key=_by_name), sorted(read, key=_by_name)

    def _is_new(self, path: str, stamp: Stamp, started: int) -> bool:
        known = self._stamps.get(path)
        return stamp != known if known else stamp.changed >= started

    def _name(self, path: str) -> str | None:
        """Return what a file is called; None for one that is no business of the run."""
        root = next((root for root in self._roots if path.startswith(root)), None)
        name = path if root is None else path[len(root) :]
        parts = name.strip("/").split("/")
        if path == self._notebook or name.endswith(_NOT_DATA):
            return None
        if any(part.startswith(".") or part in _NOT_OURS for part in parts):
            return None
        if any(map(_TEMPORARY.fullmatch, parts)):
            return None
        return name

    def _unseen(self, touched: Touched, source: str) -> Iterable[str]:
        """Yield what may have been written without Python: by programs, or named in the cell."""
        if touched.children:
            yield from self._look(self._roots[0], [MOST_LOOKED_AT])
        for mentioned in _quoted(source):
            if "://" not in mentioned:
                with suppress(OSError):  # the current directory was deleted
                    yield os.path.abspath(mentioned)  # noqa: PTH100 - a text

    def _look(self, folder: str, room: list[int]) -> Iterator[str]:
        """Yield the files below a folder, as long as there is room for them; no store's."""
        try:
            entries = list(os.scandir(folder))
        except OSError:
            return
        if any(entry.name == _STORE for entry in entries):
            return
        room[0] -= len(entries)
        for entry in entries:
            if entry.name.startswith(".") or entry.name in _NOT_OURS or room[0] < 0:
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from self._look(entry.path, room)
            else:
                yield entry.path


def _quoted(source: str) -> Iterator[str]:
    """Yield what a cell has between quotes that may be the name of a file."""
    for end in _END_OF_NAME.finditer(source):
        start = source.rfind(end[1], max(0, end.start() - _LONGEST_NAME), end.start()) + 1
        name = source[start : end.end() - 1]
        if start and "\n" not in name:
            yield name


def _by_name(found: Found) -> str:
    return found.name


def stamp_of(path: str) -> Stamp | None:
    """Return what a file is now; None if there is none."""
    try:
        now = os.stat(path)  # noqa: PTH116 - of many
    except (OSError, ValueError):
        return None
    return Stamp(now.st_ctime_ns, now.st_size, now.st_ino) if stat.S_ISREG(now.st_mode) else None
