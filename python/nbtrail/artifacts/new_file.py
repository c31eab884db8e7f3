"""Writing a file that was asked for: whole, and over nothing that is there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbtrail.errors import AlreadyExists, InvalidValue, NotFound


@contextmanager
def new_file(path: Path, force: bool) -> Iterator[Path]:
    """Give a file to write, which takes its place when all has gone well, and is gone otherwise.

    Args:
        path: the place.
        force: whether it may take the place of a file that is there.

    Raises:
        AlreadyExists: there is one, and it may not.
        NotFound: the folder does not exist.
        InvalidValue: there is a folder of that name.
    """
    if not path.parent.is_dir():
        raise NotFound(f"The folder '{path.parent}' does not exist.")
    if path.is_dir():
        raise InvalidValue(f"'{path}' is a folder: name a file in it.")
    if path.exists() and not force:
        raise _there_already(path)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    os.close(handle)
    made = Path(name)
    try:
        yield made
        made.chmod(0o666 & ~_umask())
        if not force:
            _reserve(path)
        made.replace(path)
    finally:
        made.unlink(missing_ok=True)


def _reserve(path: Path) -> None:
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        raise _there_already(path) from None


def _there_already(path: Path) -> AlreadyExists:
    return AlreadyExists(f"'{path}' is there already. --force replaces it.")


def _umask() -> int:
    """Return which permissions new files do not get; it can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
