"""What keeps the bytes: the protocol that a kind of place fulfils.

A plugin adds one by an entry point of the group ``nbtrail.artifact_repository``, named like
the URI scheme, that is a function from the URI to an object with these methods.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Protocol

from nbtrail.entities import FileInfo

Tell = Callable[[int], None]  # called with the number of bytes that have just been moved
CHUNK = 1 << 20  # bytes that are in memory at a time


class Files(Protocol):
    """The files below one root. Every path is clean; "" is the root, where a folder may be meant.

    Methods raise the errors of `nbtrail.errors`, and nothing of their libraries.
    """

    lanes: int  # how many files may usefully be moved at once

    def write(self, path: str, data: bytes) -> None:
        """Store one file, whole or not at all."""
        ...

    def put(self, path: str, source: BinaryIO, tell: Tell) -> None:
        """Store an open file of this machine, whole or not at all, without holding it in memory."""
        ...

    def get(self, path: str, target: BinaryIO, tell: Tell) -> None:
        """Copy a file into an open one of this machine."""
        ...

    def open(self, path: str) -> BinaryIO:
        """Open a file for reading; `NotFound` if there is none."""
        ...

    def info(self, path: str) -> FileInfo | None:
        """Return what is at the path, if anything."""
        ...

    def entries(self, folder: str) -> list[FileInfo]:
        """Return what is directly in a folder, in any order; nothing if there is no such folder."""
        ...

    def walk(self, folder: str) -> list[FileInfo]:
        """Return every file below a folder, in any order."""
        ...

    def delete(self, path: str) -> None:
        """Delete a file, or a folder with all that is in it."""
        ...

    def same(self, path: str, other: Files, other_path: str) -> bool:
        """Say whether two files are known to be equal without reading them."""
        ...

    def local(self, path: str) -> Path | None:
        """Return where a file is or will be, if that is on this machine."""
        ...

    def lane(self) -> Files:
        """Return what one thread uses beside others; `close` ends it."""
        ...

    def close(self) -> None:
        """Give back what this lane holds."""
        ...


def nobody(moved: int) -> None:
    """Take no notice of progress."""
