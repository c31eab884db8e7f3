"""Artifacts in any file system of fsspec: object stores, servers, memory."""

from __future__ import annotations

import io
import math
import os
import posixpath
import threading
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from nbtrail.artifacts.files import CHUNK, Files, Tell
from nbtrail.artifacts.messages import reaching, shown
from nbtrail.artifacts.paths import PART, below, is_clean
from nbtrail.entities import FileInfo
from nbtrail.errors import InvalidValue, NotFound

if TYPE_CHECKING:
    import fsspec

# Where there are folders and a real rename: a file is written beside its name first. Object
# stores show an object when it is whole, and renaming is copying there.
WITH_FOLDERS = {"arrow_hdfs", "ftp", "hdfs", "sftp", "smb", "ssh", "webhdfs"}
S3 = {"s3", "s3a"}
S3_VERSION = "?versionId="
PIECE = 8 << 20  # bytes of a piece of a file on S3 (which wants 5 MiB at least)
MOST_PIECES = 9_000  # S3 takes 10,000


class RemoteFiles:
    """The files below a URI (see `files.Files`)."""

    lanes = 8

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.scheme = uri.partition("://")[0].lower()
        self._folders: set[str] = set()  # that are known to be there
        self._making = threading.Lock()
        with self._reaching():
            self.fs, self.root = self._connect()
        if not self.root.strip("/"):
            raise InvalidValue(f"{shown(uri)} names no folder for artifacts: add one.")

    def _connect(self) -> tuple[fsspec.AbstractFileSystem, str]:
        import fsspec

        try:
            found: tuple[fsspec.AbstractFileSystem, str] = fsspec.url_to_fs(self.uri)
        except TypeError as error:  # it wants what no URI has
            raise InvalidValue(f"Artifacts cannot be kept at {self.uri}: {error}.") from error
        return found

    def write(self, path: str, data: bytes) -> None:
        """Store one file, whole or not at all."""
        with self._replacing(path) as target:
            self.fs.pipe_file(target, data)

    def put(self, path: str, source: BinaryIO, tell: Tell) -> None:
        """Store an open file, whole or not at all."""
        size = source.seek(0, os.SEEK_END)
        source.seek(0)
        with self._replacing(path) as target, _progress(tell, size) as callback:
            # The library opens by name; this name is the very file that we have open.
            name = f"/dev/fd/{source.fileno()}"
            self.fs.put_file(name, target, callback=callback, **self._pieces(size))

    def get(self, path: str, target: BinaryIO, tell: Tell) -> None:
        """Copy a file into an open one."""
        with self._reaching(path), _progress(tell, None) as callback:
            name = f"/dev/fd/{target.fileno()}"
            self.fs.get_file(self.full(path), name, callback=callback, **self._pieces(0))

    def open(self, path: str) -> BinaryIO:
        """Open a file for reading."""
        info = self.info(path)
        if info is None or info.is_dir:
            raise NotFound(f"There is no artifact '{path}'.")
        with self._reaching(path):
            if (info.file_size or 0) <= CHUNK:
                return io.BytesIO(self.fs.cat_file(self.full(path)))
            return self._open(self.full(path))

    def _open(self, name: str) -> BinaryIO:
        options = {"block_size": PIECE} if self.scheme in S3 else {}
        return cast("BinaryIO", self.fs.open(name, "rb", **options))

    def info(self, path: str) -> FileInfo | None:
        """Return what is at the path, if anything."""
        try:
            with self._reaching(path):
                self.fs.invalidate_cache()  # others write there, too
                found = self.fs.info(self.full(path))
        except NotFound:
            return None
        return _info(path, found)

    def entries(self, folder: str) -> list[FileInfo]:
        """Return what is directly in a folder: neither links nor names that cannot be asked for."""
        found = self.info(folder)
        if found is None or not found.is_dir:
            return []
        with self._reaching(folder):
            full = self.full(folder)
            entries: list[dict[str, Any]] = self.fs.ls(full, detail=True)
        # An object store may list the folder itself, as an empty object.
        others = [entry for entry in entries if entry["name"].strip("/") != full.strip("/")]
        infos = [_info(below(folder, posixpath.basename(e["name"].rstrip("/"))), e) for e in others]
        return [info for info in infos if info is not None and is_clean(info.path)]

    def walk(self, folder: str) -> list[FileInfo]:
        """Return every file below a folder."""
        prefix = f"{self.full(folder)}/"
        infos = [
            _info(below(folder, name.removeprefix(prefix)), entry)
            for name, entry in self._find(folder).items()
            if name.startswith(prefix)
        ]
        return [i for i in infos if i is not None and not i.is_dir and is_clean(i.path)]

    def delete(self, path: str) -> None:
        """Delete a file, or a folder with all that is in it, name by name: none is a pattern."""
        info = self.info(path)
        if info is None:
            raise NotFound(f"There is no artifact '{path}'.")
        self._folders.clear()
        found = self._find(path) if info.is_dir else {self.full(path): {"type": "file"}}
        folders = [name for name, entry in found.items() if entry["type"] == "directory"]
        with self._reaching(path):
            self._remove_files(name for name in found if name not in set(folders))
            for name in sorted(folders, reverse=True):  # the inner ones first
                self._remove_folder(name)
            if info.is_dir:
                self._remove_folder(self.full(path))

    def same(self, path: str, other: Files, other_path: str) -> bool:
        """Say whether two names are of one file."""
        return isinstance(other, RemoteFiles) and (self.uri, path) == (other.uri, other_path)

    def local(self, path: str) -> Path | None:  # noqa: ARG002 - the protocol's
        """Return None: what is here is not on this machine."""
        return None

    def lane(self) -> RemoteFiles:
        """Return what another thread uses: fsspec shares its asynchronous clients itself."""
        return self

    def close(self) -> None:
        """Hold nothing: fsspec keeps connections for the process."""

    def full(self, path: str) -> str:
        """Return the name that the file system knows an artifact by."""
        if self.scheme in S3 and S3_VERSION in path:
            raise InvalidValue(f"'{path}' cannot be a name on S3: s3fs reads {S3_VERSION} in it.")
        return posixpath.join(self.root, path) if path else self.root

    def _find(self, folder: str) -> dict[str, dict[str, Any]]:
        with self._reaching(folder):
            found: dict[str, dict[str, Any]] = self.fs.find(
                self.full(folder), withdirs=True, detail=True
            )
        found.pop(self.full(folder), None)
        return found

    def _remove_files(self, names: Iterable[str]) -> None:
        if not self.fs.async_impl:  # its connection is for one thread
            for name in names:
                self.fs.rm_file(name)
            return
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(self.lanes) as pool:
            for _ in pool.map(self.fs.rm_file, names):
                pass

    def _remove_folder(self, name: str) -> None:
        if self.scheme in WITH_FOLDERS or name in getattr(self.fs, "pseudo_dirs", ()):
            self.fs.rmdir(name)

    @contextmanager
    def _replacing(self, path: str) -> Iterator[str]:
        """Yield the name to write to; what is there takes the place of `path` if nothing fails."""
        with self._reaching(path):
            self._make_room(path)
            target = self.full(path)
            if self.scheme not in WITH_FOLDERS:
                yield target
                return
            part = posixpath.join(posixpath.dirname(target), PART + uuid.uuid4().hex)
            try:
                yield part
                self.fs.mv(part, target)
            except BaseException:
                if self.fs.exists(part):
                    self.fs.rm_file(part)
                raise

    def _make_room(self, path: str) -> None:
        """See that `path` is no folder, and its parents are folders."""
        info = self.info(path)
        if info is not None and info.is_dir:
            raise InvalidValue(f"'{path}' is a folder of artifacts: choose another name.")
        parent = posixpath.dirname(path)
        with self._making:
            if parent in self._folders:
                return
            if info is None:
                self._check_parents(path)
            if self.scheme in WITH_FOLDERS:
                self.fs.makedirs(self.full(parent), exist_ok=True)
            self._folders.add(parent)

    def _check_parents(self, path: str) -> None:
        parent = posixpath.dirname(path)
        while parent:
            info = self.info(parent)
            if info is not None and not info.is_dir:
                raise InvalidValue(f"A part of '{path}' is a file, not a folder.")
            parent = posixpath.dirname(parent)

    def _pieces(self, size: int) -> dict[str, int]:
        """Keep a large file out of memory: s3fs would hold ten pieces of 50 MiB."""
        if self.scheme not in S3:
            return {}
        return {"chunksize": max(PIECE, math.ceil(size / MOST_PIECES)), "max_concurrency": 2}

    def _reaching(self, path: str = "") -> Any:
        return reaching(shown(self.uri), path)


def _info(path: str, entry: dict[str, Any]) -> FileInfo | None:
    match entry["type"]:
        case "directory":
            return FileInfo(path, True, None)
        case "file":
            return FileInfo(path, False, entry["size"])
    return None


@contextmanager
def _progress(tell: Tell, size: int | None) -> Iterator[Any]:
    """Yield a callback of fsspec's; tell at the end what the file system did not."""
    from fsspec.callbacks import Callback

    class Telling(Callback):  # type: ignore[misc]
        told = 0

        def relative_update(self, inc: int = 1) -> None:
            self.told += inc
            tell(inc)

    callback = Telling()
    yield callback
    tell((size or callback.size or 0) - callback.told)
