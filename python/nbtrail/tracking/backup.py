"""A copy of a store in a place of its own: database and artifacts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from nbtrail.artifacts.paths import PART
from nbtrail.artifacts.transfer import progress
from nbtrail.errors import InvalidState, InvalidValue, NotFound
from nbtrail.store import Store, beside

ARTIFACTS = "artifacts"


def backup(
    store: Store,
    target: str | os.PathLike[str],
    *,
    force: bool = False,
    artifacts: bool = True,
) -> str:
    """Copy a store while it is in use, and return the URI of the copy, ``sqlite:///…``.

    The copy is there when it is complete. Runs that are going on are KILLED in it, and it has no
    endpoints. What an experiment keeps at a location of its own stays there.

    Args:
        store: the original.
        target: a file for the database; artifacts are in ``<target>.trail`` beside it.
        force: replace a copy that is there.
        artifacts: copy them, too.

    Raises:
        InvalidState: there is a file of that name already, and `force` is not given.
        InvalidValue: `target` is the store itself, or a directory.
        NotFound: the directory for it is not there.
    """
    path = Path(os.path.abspath(target))  # noqa: PTH100 - a link must not be followed
    _check(store, path, force)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.mkdir(mode=0o700)
    try:
        store.drain()
        source = store.artifact_root if artifacts else None
        files = list(_files(source)) if source is not None else []
        with progress("Copying the store", _size(store, files)) as tell:
            store.copy_database(temporary / "database", tell)
            if source is not None:
                _copy_files(source, files, temporary / ARTIFACTS, tell)
        _put(temporary, path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return f"sqlite:///{path}"


def _check(store: Store, path: Path, force: bool) -> None:
    if not path.parent.is_dir():
        raise NotFound(f"There is no directory '{path.parent}' for the backup.")
    if path.is_dir():
        raise InvalidValue(f"'{path}' is a directory: name a file, such as {path / 'backup.db'}.")
    if path.exists() and path.samefile(store.database_path):
        raise InvalidValue(f"'{path}' is the store itself: choose another file.")
    for there in (path, beside(path)):
        if there.exists() and not force:
            raise InvalidState(f"'{there}' is there already: choose another name, or use --force.")


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder, relative to it; links and unfinished writes are left out."""
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            if not name.startswith(PART) and path.is_file() and not path.is_symlink():
                yield path.relative_to(folder)


def _size(store: Store, files: list[Path]) -> int:
    size = store.database_path.stat().st_size
    for file in files:
        with suppress(FileNotFoundError):
            size += (store.artifact_root / file).stat().st_size
    return size


def _copy_files(
    source: Path, files: list[Path], target: Path, tell: Callable[[int], object]
) -> None:
    """Copy files; what is one file under several names stays one."""
    copied: dict[int, Path] = {}
    target.mkdir(mode=0o700)
    for file in files:
        original, copy = source / file, target / file
        copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # deleted meanwhile
            found = original.stat()
            if found.st_ino in copied:
                copy.hardlink_to(copied[found.st_ino])
            else:
                shutil.copy2(original, copy)
                copied[found.st_ino] = copy
            tell(found.st_size)


def _put(temporary: Path, path: Path) -> None:
    """Move the parts to their places, the database last."""
    if (temporary / ARTIFACTS).exists():
        place = beside(path) / ARTIFACTS
        shutil.rmtree(place, ignore_errors=True)
        place.parent.mkdir(mode=0o700, exist_ok=True)
        (temporary / ARTIFACTS).replace(place)
    # The log of an older database of this name would be taken for the new one's.
    for suffix in ("-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    (temporary / "database").replace(path)
