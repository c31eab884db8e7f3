"""A directory of this machine whose content may be hostile.

Every name is opened relative to the descriptor of its folder, and never through a symbolic
link: there is no moment between a check and a use at which somebody could plant one.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from nbtrail.artifacts.paths import PART, below, is_clean
from nbtrail.entities import FileInfo
from nbtrail.errors import InvalidValue, NotFound, StoreError

DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a FIFO must not hang us
CREATE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

Sync = Callable[[int], object]
"""Has the disk keep what is behind a descriptor: `os.fsync`, say."""

LINK = "'{}' is, or is behind, a symbolic link, which may lead anywhere: it is not followed."


def at_leisure(_: int) -> None:
    """Let the disk keep a file whenever it likes."""


class Part:
    """A file that is being written beside the name that it will get.

    Args:
        directory: the descriptor of its folder.
        sync: has the disk keep what is behind a descriptor.
    """

    def __init__(self, directory: int, sync: Sync) -> None:
        self.directory = directory
        self._sync = sync
        self.name = PART + uuid.uuid4().hex
        self.file: BinaryIO = os.fdopen(os.open(self.name, CREATE, 0o666, dir_fd=directory), "w+b")

    def sync(self) -> None:
        """Have the content survive a loss of power."""
        self.file.flush()
        self._sync(self.file.fileno())

    def take_the_place_of(self, name: str) -> None:
        """Become `name`, at once; a link of that name is replaced, not followed."""
        self.file.flush()
        os.rename(self.name, name, src_dir_fd=self.directory, dst_dir_fd=self.directory)

    def discard(self) -> None:
        """Remove what is left: all of it after a failure.

        After a success there is something only if the name had the same content: renaming one
        link of a file over another of the same file does nothing.
        """
        self.file.close()
        with suppress(FileNotFoundError):
            os.unlink(self.name, dir_fd=self.directory)


class Folder:
    """The files and folders below `root`; paths are clean ones (see `paths.clean`)."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextmanager
    def directory(self, path: str, *, create: bool = False, asked: str = "") -> Iterator[int]:
        """Open a folder and yield its descriptor; make it first if `create`.

        Args:
            path: of the folder.
            create: whether to make what is missing of it.
            asked: what errors shall speak of, if not of the folder.

        Raises:
            NotFound: there is no such folder.
            InvalidValue: a part of the path is a file or a symbolic link.
            StoreError: it cannot be opened, made, or used as its user tries to.
        """
        with explained(asked or path or str(self.root)):
            if create:
                self.root.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.root, DIRECTORY & ~os.O_NOFOLLOW)
            try:
                for name in path.split("/") if path else ():
                    inner = _enter(descriptor, name, create)
                    os.close(descriptor)
                    descriptor = inner
                yield descriptor
            finally:
                os.close(descriptor)

    @contextmanager
    def replacing(self, path: str, sync: Sync = at_leisure) -> Iterator[Part]:
        """Yield a file to write that becomes `path` at the end, if nothing fails.

        Args:
            path: the file to replace or make; its folders are made.
            sync: has the disk keep the name, and the content where `Part.sync` is called.

        Raises:
            InvalidValue: there is a folder of that name, or a part of the path is a file.
        """
        parent, _, name = path.rpartition("/")
        with self.directory(parent, create=True, asked=path) as directory:
            part = Part(directory, sync)
            try:
                yield part
                part.take_the_place_of(name)
                sync(directory)
            finally:
                part.discard()

    def open(self, path: str) -> BinaryIO:
        """Open a regular file for reading.

        Raises:
            NotFound: there is none.
            InvalidValue: a part of the path is a symbolic link.
        """
        parent, _, name = path.rpartition("/")
        with self.directory(parent, asked=path) as directory:
            descriptor = os.open(name, READ, dir_fd=directory)
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return os.fdopen(descriptor, "rb")
        os.close(descriptor)
        raise NotFound(f"There is no artifact '{path}': that is not a file.")

    def stat(self, path: str) -> os.stat_result | None:
        """Return what is known of a file or folder, None if there is none.

        Raises:
            InvalidValue: it is, or is behind, a symbolic link.
        """
        parent, _, name = path.rpartition("/")
        try:
            with self.directory(parent, asked=path) as directory:
                found = os.stat(name or ".", dir_fd=directory, follow_symlinks=False)
                if stat.S_ISLNK(found.st_mode):
                    raise OSError(errno.ELOOP, "a link")
                return found
        except NotFound:
            return None

    def entries(self, path: str) -> list[FileInfo]:
        """Return the files and folders directly in a folder: no links, nothing unfinished."""
        try:
            with self.directory(path) as directory, os.scandir(directory) as entries:
                found = [_info(path, entry) for entry in entries]
        except NotFound:
            return []
        return [info for info in found if info is not None]

    def delete(self, path: str) -> None:
        """Delete a file, a link, or a folder with all that is in it; "" is the root itself."""
        if not path:
            with explained(str(self.root)):
                shutil.rmtree(self.root)
            return
        parent, _, name = path.rpartition("/")
        with self.directory(parent, asked=path) as directory:
            mode = os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode
            if stat.S_ISDIR(mode):
                shutil.rmtree(name, dir_fd=directory)
            else:
                os.unlink(name, dir_fd=directory)


def _enter(directory: int, name: str, create: bool) -> int:
    if create:
        with suppress(FileExistsError):
            os.mkdir(name, dir_fd=directory)
    try:
        return os.open(name, DIRECTORY, dir_fd=directory)
    except NotADirectoryError:
        if stat.S_ISLNK(os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode):
            raise OSError(errno.ELOOP, "a link") from None
        if create:
            raise
        raise FileNotFoundError(errno.ENOENT, "behind a file") from None


def _info(folder: str, entry: os.DirEntry[str]) -> FileInfo | None:
    path = below(folder, entry.name)
    is_dir = entry.is_dir(follow_symlinks=False)
    if not is_clean(path) or not (is_dir or entry.is_file(follow_symlinks=False)):
        return None
    try:
        return FileInfo(path, is_dir, None if is_dir else entry.stat(follow_symlinks=False).st_size)
    except FileNotFoundError:  # deleted since
        return None


@contextmanager
def explained(path: str) -> Iterator[None]:
    """Turn what the operating system says into an error for the user of `path`."""
    try:
        yield
    except OSError as error:
        raise _explanation(path, error) from error


def _explanation(path: str, error: OSError) -> Exception:
    match error.errno:
        case errno.ENOENT:
            return NotFound(f"There is no artifact '{path}'.")
        case errno.ELOOP:
            return InvalidValue(LINK.format(path))
        case errno.ENOTDIR | errno.EEXIST:
            return InvalidValue(f"A part of '{path}' is a file, not a folder.")
        case errno.EISDIR:
            return InvalidValue(f"'{path}' is a folder of artifacts: choose another name.")
        case errno.ENAMETOOLONG:
            return InvalidValue(f"'{path[:80]}…' is too long a name for the disk.")
    return StoreError(f"'{path}' cannot be had or kept there: {error.strerror or error}.")
