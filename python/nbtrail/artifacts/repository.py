"""Files below one root, over fsspec. Every path from outside is checked before it is joined."""

from __future__ import annotations

import os
import posixpath
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbtrail.entities import FileInfo
from nbtrail.errors import InvalidValue, NotFound

if TYPE_CHECKING:
    import fsspec


class ArtifactRepository:
    """The artifacts of one run or model: `uri` is a local directory or any fsspec URI."""

    def __init__(self, uri: str | os.PathLike[str]) -> None:
        self.uri = os.fspath(uri)

    def write(self, path: str, data: bytes) -> None:
        """Store one file, whole or not at all.

        Raises:
            InvalidValue: the path leads out of the root, or there is a folder of that name.
        """
        target = self._full(clean(path))
        if self._files.isdir(target):
            raise InvalidValue(f"'{path}' is a folder of artifacts: choose another name.")
        temporary = f"{posixpath.dirname(target)}/.{uuid.uuid4().hex}"
        try:
            self._files.makedirs(posixpath.dirname(target), exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise InvalidValue(f"A part of '{path}' is an artifact, not a folder.") from None
        try:
            self._files.pipe_file(temporary, data)
            self._files.mv(temporary, target)
        except BaseException:
            if self._files.exists(temporary):
                self._files.rm(temporary)
            raise

    def upload(self, local: str | os.PathLike[str], path: str = "") -> None:
        """Store a local file in the folder `path`, or the content of a local directory.

        Raises:
            NotFound: there is no such file.
            InvalidValue: `path` leads out of the root.
        """
        source = Path(local)
        if not source.exists():
            raise NotFound(f"There is no file '{local}' to log as an artifact.")
        files = [source] if source.is_file() else sorted(source.rglob("*"))
        base = source.parent if source.is_file() else source
        for file in files:
            if file.is_file():
                name = file.relative_to(base).as_posix()
                self.write(posixpath.join(path, name), file.read_bytes())

    def list(self, path: str = "") -> list[FileInfo]:
        """Return what is directly in a folder, by name; nothing when there is no such folder.

        Raises:
            InvalidValue: the path leads out of the root.
        """
        folder = self._full(path)
        if not self._files.isdir(folder):
            return []
        entries: list[dict[str, Any]] = self._files.ls(folder, detail=True)
        found = [self._info(path, entry) for entry in entries]
        visible = [info for info in found if not posixpath.basename(info.path).startswith(".")]
        return sorted(visible, key=lambda info: info.path)

    @staticmethod
    def _info(folder: str, entry: dict[str, Any]) -> FileInfo:
        path = posixpath.join(folder, posixpath.basename(entry["name"].rstrip("/")))
        is_dir = entry["type"] == "directory"
        return FileInfo(path, is_dir, None if is_dir else entry["size"])

    def read(self, path: str) -> bytes:
        """Return one file's bytes.

        Raises:
            NotFound: there is no such file.
            InvalidValue: the path leads out of the root.
        """
        target = self._full(path)
        if not self._files.isfile(target):
            raise NotFound(f"There is no artifact '{path}'.")
        data: bytes = self._files.cat_file(target)
        return data

    def local_path(self, path: str = "") -> Path:
        """Return where a file is, or will be, on this machine.

        Raises:
            InvalidValue: the path leads out of the root, or the root is not local.
        """
        if not self._is_local:
            raise InvalidValue(f"The artifacts at {self.uri} are not on this machine.")
        return Path(self._full(path))

    @property
    def _is_local(self) -> bool:
        return "://" not in self.uri or self.uri.startswith("file://")

    @property
    def _files(self) -> fsspec.AbstractFileSystem:
        import fsspec

        return fsspec.url_to_fs(self.uri)[0]

    @property
    def _root(self) -> str:
        import fsspec

        root: str = fsspec.url_to_fs(self.uri)[1]
        return root

    def _full(self, path: str) -> str:
        full = posixpath.join(self._root, clean(path)) if path else self._root
        if self._is_local and not Path(full).resolve().is_relative_to(Path(self._root).resolve()):
            raise InvalidValue(f"The artifact path '{path}' leads out of its folder.")
        return full


def clean(path: str) -> str:
    """Return a relative path without tricks.

    Raises:
        InvalidValue: it is absolute, climbs with ``..``, or has a backslash, a NUL or a drive.
    """
    parts = path.split("/")
    odd = "\\" in path or "\0" in path or path[1:2] == ":"
    if odd or path.startswith("/") or any(part in {"", ".", ".."} for part in parts):
        raise InvalidValue(
            f"'{path[:80]}' is not an artifact path: give a relative one, such as 'plots/roc.png'."
        )
    return path
