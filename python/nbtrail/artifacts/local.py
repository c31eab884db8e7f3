"""Artifacts in a directory of this machine: atomic, hashed, and equal ones kept once.

An uploaded file is synced before it gets its name, and its folder after: it survives a loss of
power. What is written from memory, such as the figures of cells, survives the process at once and
a loss of power a moment later: cells do not wait for the disk.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
from pathlib import Path
from typing import BinaryIO

from nbtrail.artifacts import syncing
from nbtrail.artifacts.files import CHUNK, Files, Tell, nobody
from nbtrail.artifacts.folder import Folder, Sync
from nbtrail.artifacts.objects import Objects
from nbtrail.entities import FileInfo


class LocalFiles:
    """The files below a directory (see `files.Files`)."""

    lanes = 8  # threads share what syncing to the disk costs

    def __init__(self, root: Path) -> None:
        self.folder = Folder(root)
        self.objects = Objects.near(root)

    def write(self, path: str, data: bytes) -> None:
        """Store one file, whole or not at all."""
        self._put(path, io.BytesIO(data), nobody, syncing.soon)

    def put(self, path: str, source: BinaryIO, tell: Tell) -> None:
        """Store an open file, whole or not at all."""
        self._put(path, source, tell, os.fsync)

    def _put(self, path: str, source: BinaryIO, tell: Tell, sync: Sync) -> None:
        with self.folder.replacing(path, sync) as part:
            digest = _copy(source, part.file, tell)
            if self.objects is None or not self.objects.share(part, digest):
                part.sync()
        if self.objects is not None:
            self.objects.wrote(self.folder.root / path, digest)

    def get(self, path: str, target: BinaryIO, tell: Tell) -> None:
        """Copy a file into an open one."""
        with self.open(path) as source:
            _copy(source, target, tell)

    def open(self, path: str) -> BinaryIO:
        """Open a file for reading."""
        return self.folder.open(path)

    def info(self, path: str) -> FileInfo | None:
        """Return what is at the path, if anything."""
        found = self.folder.stat(path)
        if found is None:
            return None
        is_dir = stat.S_ISDIR(found.st_mode)
        return FileInfo(path, is_dir, None if is_dir else found.st_size)

    def entries(self, folder: str) -> list[FileInfo]:
        """Return what is directly in a folder."""
        found = self.info(folder)
        return self.folder.entries(folder) if found and found.is_dir else []

    def walk(self, folder: str) -> list[FileInfo]:
        """Return every file below a folder."""
        found = []
        for info in self.entries(folder):
            found += self.walk(info.path) if info.is_dir else [info]
        return found

    def delete(self, path: str) -> None:
        """Delete a file, or a folder with all that is in it."""
        self.folder.delete(path)
        if self.objects is not None:
            self.objects.deleted(self.folder.root / path)

    def same(self, path: str, other: Files, other_path: str) -> bool:
        """Say whether two files are links of one."""
        if not isinstance(other, LocalFiles):
            return False
        ours, theirs = self.folder.stat(path), other.folder.stat(other_path)
        return bool(ours and theirs and os.path.samestat(ours, theirs))

    def local(self, path: str) -> Path | None:
        """Return where a file is or will be."""
        self.info(path)  # refuses what is behind a link
        return self.folder.root / path

    def lane(self) -> LocalFiles:
        """Return itself: threads do not disturb each other."""
        return self

    def close(self) -> None:
        """Hold nothing."""


def _copy(source: BinaryIO, target: BinaryIO, tell: Tell) -> str:
    digest = hashlib.sha256()
    while chunk := source.read(CHUNK):
        digest.update(chunk)
        target.write(chunk)
        tell(len(chunk))
    return digest.hexdigest()
