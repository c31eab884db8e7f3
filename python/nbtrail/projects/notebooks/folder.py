"""The notebooks below one folder, named by relative paths; nothing outside of it is touched."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from nbtrail.entities import Record
from nbtrail.errors import AlreadyExists, InvalidValue, NotFound, did_you_mean

SUFFIX = ".ipynb"
MOST_ENTRIES = 50_000
"""So many files and folders are looked at for a list of notebooks."""
_LONGEST, _LONGEST_NAME = 3000, 255
_NOT_OURS = {"__pycache__", "node_modules", "site-packages"}


class NotebookFile(Record, frozen=True):
    """A notebook on disk: its size in bytes, and when it was changed."""

    path: str
    size: int
    modified: int


class Folder:
    """A folder, and what is below it. Hidden files, and what is linked from outside, are not."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def notebooks(self, path: str = "", most: int = 1000) -> tuple[list[NotebookFile], bool]:
        """Return the notebooks in a folder and those below it; whether there may be more.

        Raises:
            InvalidValue: the path leads out of here.
            NotFound: there is no such folder.
        """
        start = self.directory(path)
        found: list[NotebookFile] = []
        for looked_at, entry in enumerate(_entries(start)):
            if len(found) == most or looked_at == MOST_ENTRIES:
                return sorted(found, key=lambda one: one.path), True
            if entry.name.endswith(SUFFIX) and (one := self._described(entry)) is not None:
                found.append(one)
        return sorted(found, key=lambda one: one.path), False

    def notebook(self, path: str) -> Path:
        """Return where a notebook is.

        Raises:
            InvalidValue: the path leads out of here, or is no notebook's.
            NotFound: there is no such file.
        """
        found = self._inside(path)
        if not path.endswith(SUFFIX):
            raise InvalidValue(f"'{path:.300}' is not a notebook: it does not end in {SUFFIX}.")
        if not found.is_file():
            raise NotFound(f"There is no notebook '{path:.300}' here.{_closest(found)}")
        return found

    def directory(self, path: str) -> Path:
        """Return where a folder is.

        Raises:
            InvalidValue: the path leads out of here.
            NotFound: there is no such folder.
        """
        found = self._inside(path)
        if not found.is_dir():
            raise NotFound(f"There is no folder '{path:.300}' here.{_closest(found)}")
        return found

    def relative(self, path: str | os.PathLike[str] | None) -> str | None:
        """Return the path by which a file is known here; None if it is elsewhere."""
        if path is None or not Path(path).is_relative_to(self._root):
            return None
        return Path(path).relative_to(self._root).as_posix()

    def write_new(self, path: str, content: bytes) -> str:
        """Write a notebook where there is no file, and return its path.

        Raises:
            InvalidValue: the path leads out of here, or is no notebook's.
            AlreadyExists: there is a file.
            NotFound: there is no such folder.
        """
        target = self._inside(path)
        if not path.endswith(SUFFIX):
            raise InvalidValue(f"'{path:.300}' is no name for a notebook: it must end in {SUFFIX}.")
        try:
            with target.open("xb") as file:
                file.write(content)
        except FileExistsError:
            raise AlreadyExists(f"'{path:.300}' is there already: choose another name.") from None
        except (FileNotFoundError, NotADirectoryError):
            raise NotFound(f"There is no folder '{PurePosixPath(path).parent}' here.") from None
        except OSError as error:
            raise InvalidValue(f"'{path:.300}' cannot be written: {error.strerror}.") from None
        return target.relative_to(self._root).as_posix()

    def free_name(self, wanted: str) -> str:
        """Return a path that no file has: this one, or with a number; at the top if need be."""
        if not (self._root / wanted).parent.is_dir() or "/." in f"/{wanted}":
            wanted = PurePosixPath(wanted).name.lstrip(".")
        stem, number = wanted.removesuffix(SUFFIX), 1
        while self._inside(wanted).exists():
            number += 1
            wanted = f"{stem} {number}{SUFFIX}"
        return wanted

    def _inside(self, path: str) -> Path:
        """Return where a path leads, links followed."""
        parts = path.split("/") if path else []
        if any(part in {"", "."} or part.startswith("..") or "\0" in part for part in parts):
            raise InvalidValue(
                f"'{path:.300}' is not a path below the server's root, such as work/train.ipynb."
            )
        if len(path) > _LONGEST or any(len(os.fsencode(part)) > _LONGEST_NAME for part in parts):
            raise InvalidValue(f"'{path:.60}…' is too long for a path.")
        if any(part.startswith(".") for part in parts):
            raise NotFound(f"'{path:.300}' is hidden, and hidden files are not there for nbtrail.")
        try:
            found = self._root.joinpath(*parts).resolve()
        except (OSError, RuntimeError) as error:
            raise InvalidValue(f"'{path:.300}' leads nowhere: {error}.") from None
        if not found.is_relative_to(self._root):
            raise InvalidValue(f"'{path:.300}' leads out of the server's root.")
        return found

    def _described(self, entry: os.DirEntry[str]) -> NotebookFile | None:
        try:
            path = Path(entry.path).resolve()
            if not path.is_relative_to(self._root) or not path.is_file():
                return None
            facts = entry.stat()
        except (OSError, RuntimeError):
            return None  # it has just gone, or is a link to nothing
        relative = Path(entry.path).relative_to(self._root).as_posix()
        return NotebookFile(relative, facts.st_size, int(facts.st_mtime * 1000))


def _entries(start: Path) -> Iterator[os.DirEntry[str]]:
    """Yield what is in a folder, then what is in those in it, and so on; no link is followed."""
    waiting = deque([str(start)])
    while waiting:
        for entry in _listed(waiting.popleft()):
            yield entry
            if entry.is_dir(follow_symlinks=False) and not _is_foreign(entry):
                waiting.append(entry.path)


def _listed(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            shown = [one for one in entries if not one.name.startswith(".")]
    except OSError:  # not ours to read
        return []
    return sorted(shown, key=lambda one: one.name)


def _is_foreign(entry: os.DirEntry[str]) -> bool:
    """Whether what is in a folder is a tool's: an environment, a cache."""
    return entry.name in _NOT_OURS or os.path.exists(f"{entry.path}/pyvenv.cfg")  # noqa: PTH110


def _closest(path: Path) -> str:
    names = (one.name for one in _listed(str(path.parent)))
    return did_you_mean(path.name, names)
