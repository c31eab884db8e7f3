"""What is in a directory that somebody wants to keep."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nbtrail.artifacts.objects import NAME as OBJECTS
from nbtrail.artifacts.paths import below, is_clean
from nbtrail.errors import InvalidValue, NotFound, StoreError

_log = logging.getLogger("nbtrail")


@dataclass(frozen=True)
class Source:
    """A file to store: the artifact path, where it lies below `Sources.root`, and its bytes."""

    path: str
    name: str
    size: int


@dataclass
class Sources:
    """Files below one directory, and what is left out of it with the reason."""

    root: Path
    files: list[Source] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        """The bytes of all files."""
        return sum(file.size for file in self.files)


def gather(local: Path, folder: str) -> Sources:
    """Find what to store for a file or directory, in the artifact folder `folder`.

    A link to a file inside of the directory stands for that file. Other links, what is no
    file, names that no artifact can have and stores of artifacts are left out, and told.

    Raises:
        NotFound: there is no such file.
        InvalidValue: it is neither a file nor a directory.
        StoreError: a folder in it cannot be read.
    """
    real = Path(os.path.realpath(local))
    if real.is_dir():
        sources = Sources(real)
        for name in _names(sources):
            _add(sources, name, below(folder, name))
        _tell(local, sources.left_out)
        return sources
    if not real.exists():
        raise NotFound(f"There is no file '{local}' to log as an artifact.")
    if not real.is_file():
        raise InvalidValue(f"'{local}' is neither a file nor a directory.")
    return Sources(real.parent, [Source(below(folder, local.name), real.name, real.stat().st_size)])


def _names(sources: Sources) -> Iterator[str]:
    """Walk the directory; no link to a folder is followed, so that there is an end to it."""
    for folder, folders, names in os.walk(sources.root, onerror=_unreadable):
        inside = os.path.relpath(folder, sources.root)
        inside = "" if inside == "." else inside
        for name in sorted(folders):
            if reason := _no_folder(Path(folder, name)):
                folders.remove(name)
                sources.left_out.append(f"{below(inside, name)} ({reason})")
        yield from (below(inside, name) for name in sorted(names))


def _no_folder(path: Path) -> str:
    if path.is_symlink():
        return "a link to a folder"
    if (path / OBJECTS).is_dir():
        return "a store of artifacts"
    return ""


def _unreadable(error: OSError) -> None:
    raise StoreError(f"'{error.filename}' cannot be read: {error.strerror}.") from error


def _add(sources: Sources, name: str, path: str) -> None:
    file = sources.root / name
    try:
        real = Path(os.path.realpath(file, strict=True))
        found = real.stat()
    except OSError:
        sources.left_out.append(f"{name} (leads nowhere)")
        return
    if not real.is_relative_to(sources.root):
        sources.left_out.append(f"{name} (a link out of the directory)")
    elif not stat.S_ISREG(found.st_mode):
        sources.left_out.append(f"{name} (not a file)")
    elif not is_clean(path):
        sources.left_out.append(f"{name!r} (no name for an artifact)")
    else:
        inside = real.relative_to(sources.root).as_posix()
        sources.files.append(Source(path, inside, found.st_size))


def _tell(local: Path, left_out: list[str]) -> None:
    if left_out:
        more = f" and {len(left_out) - 5} more" if len(left_out) > 5 else ""
        shown = ", ".join(left_out[:5]).encode("unicode_escape", "replace").decode()
        _log.warning("Of '%s', nbtrail left out: %s%s.", local, shown, more)
