"""The artifacts of one run or model, wherever they are."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from nbtrail.artifacts.comparison import Difference, compare, digest
from nbtrail.artifacts.files import Files, Tell, nobody
from nbtrail.artifacts.folder import Folder
from nbtrail.artifacts.messages import shown
from nbtrail.artifacts.paths import clean, clean_folder
from nbtrail.artifacts.places import files_at, local_path
from nbtrail.artifacts.sources import Source, gather
from nbtrail.artifacts.transfer import each
from nbtrail.entities import FileInfo
from nbtrail.errors import InvalidValue, NotFound


class ArtifactRepository:
    """Files below `uri`: a local directory, or the URI of any file system that fsspec knows.

    A path is relative to it, with slashes: ``plots/roc.png``. Nothing outside of it can be named,
    neither by ``..`` nor by symbolic links. Every method raises `InvalidValue` for such a path or
    a URI that has no meaning, and `StoreError` for a place that cannot be reached or written.
    One object is for one thread at a time: it may hold a connection.
    """

    def __init__(self, uri: str | os.PathLike[str]) -> None:
        self.uri = os.fspath(uri)

    @cached_property
    def _files(self) -> Files:
        return files_at(self.uri)

    def write(self, path: str, data: bytes) -> None:
        """Store one file, whole or not at all.

        Raises:
            InvalidValue: the path leads out of the root, or there is a folder of that name.
        """
        checked = data if isinstance(data, bytes) else bytes(memoryview(data))
        self._files.write(clean(path), checked)

    def upload(self, local: str | os.PathLike[str], path: str = "") -> None:
        """Store a local file in the folder `path`, or the content of a local directory.

        Files are moved in parallel and never held in memory; a bar shows how far it is.

        Raises:
            NotFound: there is no such file.
            InvalidValue: `path` leads out of the root.
        """
        sources = gather(Path(local), clean_folder(path))
        for source in sources.files:
            clean(source.path)
        local_folder = Folder(sources.root)

        def put(files: Files, source: Source, tell: Tell) -> None:
            with local_folder.open(source.name) as opened:
                files.put(source.path, opened, tell)

        each(self._files, sources.files, put, "Storing artifacts", sources.size)

    def read(self, path: str) -> bytes:
        """Return one file's bytes.

        Raises:
            NotFound: there is no such file.
        """
        with self.open(path) as opened:
            return opened.read()

    def open(self, path: str) -> BinaryIO:
        """Open one file for reading; close it, or use it as a context manager.

        Raises:
            NotFound: there is no such file.
        """
        return self._files.open(clean(path))

    def walk(self, path: str = "") -> list[FileInfo]:
        """Return every file below a folder, by name."""
        return sorted(self._files.walk(clean_folder(path)), key=lambda info: info.path)

    def exists(self, path: str) -> bool:
        """Say whether there is a file or folder of that name."""
        return self._files.info(clean(path)) is not None

    def size(self, path: str = "") -> int:
        """Return the bytes of a file, or of all files below a folder.

        Raises:
            NotFound: there is nothing of that name.
        """
        return sum(info.file_size or 0 for info in self._below(path))

    def digest(self, path: str) -> str:
        """Return the SHA-256 of a file's content, in hexadecimal.

        Raises:
            NotFound: there is no such file.
        """
        return digest(self._files, clean(path), nobody)

    def diff(self, other: ArtifactRepository, path: str = "") -> Difference:
        """Return what `other` has more, has not, and has with other content, below a folder."""
        return compare(self._files, other._files, clean_folder(path))

    def download(self, path: str = "", to: str | os.PathLike[str] | None = None) -> Path:
        """Copy a file, or all that is in a folder, to this machine.

        Args:
            path: of the file or folder; "" for everything.
            to: the directory in which it gets the name that it has; all, when `path` is "", gets
                there itself. Without one, what is on this machine stays where it is, and the
                rest goes into a new temporary directory.

        Returns:
            Where the file or folder is.

        Raises:
            NotFound: there is nothing of that name.
        """
        path = clean_folder(path)
        infos = self._below(path)
        if to is None:
            if found := self._files.local(path):
                return found
            import tempfile

            to = tempfile.mkdtemp(prefix="nbtrail-")
        target = Folder(Path(to).absolute())
        above, _, name = path.rpartition("/")

        def get(files: Files, info: FileInfo, tell: Tell) -> None:
            with target.replacing(clean(info.path.removeprefix(f"{above}/"))) as part:
                files.get(info.path, part.file, tell)

        each(self._files, infos, get, "Fetching artifacts", sum(i.file_size or 0 for i in infos))
        with target.directory(name if not infos else "", create=True):  # an empty folder, too
            return target.root / name

    def delete(self, path: str) -> None:
        """Delete a file, or a folder with all that is in it.

        Raises:
            NotFound: there is nothing of that name.
        """
        self._files.delete(clean(path))

    def delete_all(self) -> None:
        """Delete everything, the root included; nothing to delete is no error."""
        if self._files.info("") is not None:
            self._files.delete("")

    @property
    def is_local(self) -> bool:
        """Whether the root is a directory of this machine."""
        return local_path(self.uri) is not None

    def local_path(self, path: str = "") -> Path:
        """Return where a file is, or will be, on this machine.

        Raises:
            InvalidValue: the root is not local.
        """
        if not self.is_local or (found := self._files.local(clean_folder(path))) is None:
            raise InvalidValue(f"The artifacts at {shown(self.uri)} are not on this machine.")
        return found

    def _below(self, path: str) -> list[FileInfo]:
        path = clean_folder(path)
        info = self._files.info(path)
        if info is None:
            raise NotFound(f"There is no artifact '{path}' at {shown(self.uri)}.")
        return self._files.walk(path) if info.is_dir else [info]

    def list(self, path: str = "") -> list[FileInfo]:
        """Return what is directly in a folder, by name; nothing when there is no such folder."""
        return sorted(self._files.entries(clean_folder(path)), key=lambda info: info.path)


def _folder(path: str) -> str:
    return clean(path) if path else ""
