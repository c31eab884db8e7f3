"""Datasets of files: one, or all that are in a directory."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from nbtrail.data.dataset import Dataset
from nbtrail.data.digest import CHUNK, Digest, check_digest
from nbtrail.data.source import source_of, without_credentials
from nbtrail.errors import InvalidValue, NotFound


@dataclass(frozen=True, repr=False, eq=False)
class FileDataset(Dataset):
    """A file or a directory; `path` is absolute, or a URI."""

    path: str


def from_file(
    path: str | os.PathLike[str],
    source: object = None,
    name: str | None = None,
    digest: str | None = None,
) -> FileDataset:
    """Describe a file, or all that is in a directory, as a dataset that runs use.

    Args:
        path: a local path, or a URI of a file that fsspec reads (``s3://bucket/sales.csv``).
        source: where it came from, if that is elsewhere.
        name: what to call it; else the last part of the path.
        digest: else a hash of the bytes; of a directory, also of the names in it.

    Raises:
        NotFound: there is nothing.
        InvalidValue: it is neither a file nor a directory, or is a URI that cannot be read.
    """
    given = os.fspath(path)
    if "://" in given and not given.startswith("file://"):
        place, (content, profile) = without_credentials(given), _remote(given)
    else:
        local = Path(given.removeprefix("file://")).expanduser().absolute()
        place, (content, profile) = _printable(str(local)), _local(local, read=digest is None)
    return FileDataset(
        name or place.rstrip("/").rpartition("/")[2] or "dataset",
        content if digest is None else check_digest(digest),
        source_of(place if source is None else source),
        None,
        profile,
        place,
    )


def _local(path: Path, *, read: bool) -> tuple[str, dict[str, Any]]:
    """Return the digest, if it is to be `read`, and the profile of a file or a directory."""
    if not os.path.exists(path):  # noqa: PTH110 - a name may be one that no file can have
        raise NotFound(f"There is no file '{_printable(str(path))}'.")
    folder = path.is_dir()
    files = list(_below(path)) if folder else [path]
    digest = Digest("directory" if folder else "file")
    size = 0
    for file in files:
        with _opened(file) as opened:
            size += os.fstat(opened.fileno()).st_size
            if read:
                digest.text(file.relative_to(path).as_posix())
                _add(digest, opened)
    return str(digest), {"num_files": len(files), "num_bytes": size}


def _below(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, always in one order; links to folders are not followed."""
    for parent, folders, files in os.walk(folder):
        folders.sort()
        yield from (Path(parent, name) for name in sorted(files))


def _opened(path: Path) -> IO[bytes]:
    """Open a file of data; a pipe or a device is none, and does not keep us waiting."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise InvalidValue(
            f"'{_printable(str(path))}' cannot be read ({error.strerror})."
        ) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise InvalidValue(f"'{_printable(str(path))}' is neither a file nor a directory of files.")
    return os.fdopen(descriptor, "rb")


def _remote(uri: str) -> tuple[str, dict[str, Any]]:
    """Return the digest and the profile of what fsspec finds at a URI."""
    import fsspec

    digest = Digest("file")
    digest.text(".")
    try:
        with fsspec.open(uri, "rb") as opened:
            size = _add(digest, opened)
    except FileNotFoundError:
        raise NotFound(f"There is no file '{without_credentials(uri)}'.") from None
    except Exception as error:  # each file system has its own kinds of failure
        raise InvalidValue(
            f"'{without_credentials(uri)}' cannot be read "
            f"({type(error).__name__}: {str(error).partition(chr(10))[0]:.200})."
        ) from error
    return str(digest), {"num_files": 1, "num_bytes": size}


def _add(digest: Digest, opened: IO[bytes]) -> int:
    """Add a file's bytes, and how many they were."""
    size = 0
    while data := opened.read(CHUNK):
        digest.raw(data)
        size += len(data)
    digest.text(str(size))
    return size


def _printable(path: str) -> str:
    """Return a path as text that can be stored, whatever bytes are in it."""
    return os.fsencode(path).decode(errors="backslashreplace")
