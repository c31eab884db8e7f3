"""Writing a file that a command was asked for: whole, and over nothing that is there."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from nbtrail.errors import AlreadyExists, NotFound


def write_new(path: Path, content: bytes, force: bool) -> None:
    """Write a file, whole or not at all.

    Args:
        path: where to.
        content: its bytes.
        force: whether it may take the place of a file that is there.

    Raises:
        AlreadyExists: there is one, and it may not.
        NotFound: the folder does not exist.
    """
    if not path.parent.is_dir():
        raise NotFound(f"The folder '{path.parent}' does not exist.")
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    made = Path(name)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123 - it is open already
            file.write(content)
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
        raise AlreadyExists(f"'{path}' is there already. --force replaces it.") from None


def _umask() -> int:
    """Return which permissions new files do not get; it can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
