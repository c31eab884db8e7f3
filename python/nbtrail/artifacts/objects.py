"""Equal files are kept once: ``.objects/ab/<sha256>``, of which artifacts are hard links.

The folder lies at the top of an artifact directory and is made with a store. Objects are
read-only, and replaced by name rather than rewritten, so that no run's file changes because
another run's does. Where links do not work, an artifact is a file like any other.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from nbtrail.artifacts.files import CHUNK
from nbtrail.artifacts.folder import READ, Part
from nbtrail.artifacts.ledger import Ledger
from nbtrail.artifacts.paths import PART

NAME = ".objects"
LEDGER = "written"
DAMAGED = "damaged"
ABANDONED = 24 * 3600  # seconds after which nobody is writing a part any more
# Another device or owner, too many links, no links on this file system, an object that is none.
NO_LINKS = {
    *(errno.EXDEV, errno.EPERM, errno.EACCES, errno.EMLINK, errno.ENOTSUP, errno.ENOSYS),
    *(errno.ELOOP, errno.EISDIR, errno.EROFS),
}


@dataclass(frozen=True)
class Damage:
    """An object whose content is not what its name says, and the artifacts that share it."""

    digest: str
    object: Path
    artifacts: list[Path]


@dataclass(frozen=True)
class Missed:
    """A file that was stored and is there no more, or is another by now (`replaced`)."""

    path: Path
    digest: str
    replaced: bool


@dataclass(frozen=True)
class Swept:
    """What a sweep removed."""

    files: int
    bytes: int


class Objects:
    """The objects of the artifact directory `top`, such as a store's."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self.root = top / NAME
        self._ledger = Ledger(self.root / LEDGER)

    @classmethod
    def near(cls, root: Path) -> Objects | None:
        """Return those that serve the artifacts at `root`: in the nearest folder above, and ours.

        Somebody else's are not used: what is linked there, they could rewrite.
        """
        for parent in root.parents:
            with suppress(OSError):
                found = os.lstat(parent / NAME)
                if stat.S_ISDIR(found.st_mode):
                    return cls(parent) if found.st_uid == os.geteuid() else None
        return None

    def share(self, part: Part, digest: str) -> bool:
        """Make a part a synced link of the object of its content, new or there already.

        Content is compared, not believed: an object that somebody damaged is set aside, and this
        part is the object from then on.

        Returns:
            False if there can be no links; the part is then a file like any other.
        """
        target = self.root / digest[:2] / digest
        try:
            target.parent.mkdir(exist_ok=True)
            while not (self._link(part, target) or self._adopt(part, target)):
                pass  # another writer made or removed the object in between
        except OSError as error:
            if error.errno in NO_LINKS:
                return False
            raise
        return True

    def wrote(self, file: Path, digest: str) -> None:
        """Note that a file below `top` was stored; a place that takes no note is no hindrance."""
        with suppress(OSError):
            self._ledger.wrote(str(file.relative_to(self.top)), digest)

    def deleted(self, file: Path) -> None:
        """Note that a file or folder below `top` was deleted on purpose."""
        with suppress(OSError):
            self._ledger.deleted(str(file.relative_to(self.top)))

    def missing(self) -> Iterator[Missed]:
        """Yield the files that are not what was stored: lost, or replaced by others."""
        known = {found.st_ino for file in self._files() if (found := _stat(file))}
        for name, digests in self._ledger.entries().items():
            file = self.top / name
            found = _stat(file)
            if found is None:
                yield Missed(file, digests[-1], replaced=file.exists())
            elif found.st_ino not in known and _digest(file) not in digests:
                yield Missed(file, digests[-1], replaced=True)

    def keeps(self, missed: Missed) -> bool:
        """Return whether a file that is lost is still kept as an object, until a sweep."""
        kept = self.root / missed.digest[:2] / missed.digest
        return not missed.replaced and bool(_stat(kept)) and _digest(kept) == missed.digest

    def bring_back(self, missed: Missed) -> bool:
        """Put a file that is lost where it was, if it is still kept."""
        if self.keeps(missed):
            with suppress(OSError):
                missed.path.parent.mkdir(parents=True, exist_ok=True)
                missed.path.hardlink_to(self.root / missed.digest[:2] / missed.digest)
        return missed.path.exists() and not missed.replaced

    def verify(self) -> Iterator[Damage]:
        """Read every object, and yield those whose content changed since it was stored."""
        for file in self._files():
            digest = file.name[:64]
            with suppress(FileNotFoundError):  # swept at the same time
                if file.parent.name == DAMAGED or _digest(file) != digest:
                    yield Damage(digest, file, self._artifacts_of(file))

    def sweep(self) -> Swept:
        """Remove objects that no artifact uses, and what broken-off writes left a day ago."""
        before = time.time() - ABANDONED
        parts = (file for file in self._tree() if file.name.startswith(PART))
        sizes = [_unlinked(file, lambda found: found.st_nlink == 1) for file in self._files()]
        sizes += [_unlinked(file, lambda found: found.st_mtime < before) for file in parts]
        self._ledger.compact()
        removed = [size for size in sizes if size is not None]
        return Swept(len(removed), sum(removed))

    def _link(self, part: Part, target: Path) -> bool:
        """Put a link of the object in place of the part; False if there is no such object."""
        spare = PART + uuid.uuid4().hex
        try:
            if not _equal(part.file, target):
                self._set_aside(target)
                return False
            os.link(target, spare, dst_dir_fd=part.directory, follow_symlinks=False)
        except FileNotFoundError:
            return False
        os.rename(spare, part.name, src_dir_fd=part.directory, dst_dir_fd=part.directory)
        return True

    @staticmethod
    def _adopt(part: Part, target: Path) -> bool:
        """Make the part the object; False if there is one."""
        part.sync()
        try:
            os.link(part.name, target, src_dir_fd=part.directory, follow_symlinks=False)
        except FileExistsError:
            return False
        mode = os.fstat(part.file.fileno()).st_mode
        os.fchmod(part.file.fileno(), stat.S_IMODE(mode) & 0o444)
        return True

    def _set_aside(self, target: Path) -> None:
        """Keep a damaged object for `verify` to tell of, where nobody will link to it."""
        aside = self.root / DAMAGED
        aside.mkdir(exist_ok=True)
        target.rename(aside / f"{target.name}-{uuid.uuid4().hex}")

    def _files(self) -> Iterator[Path]:
        for bucket in sorted(self.root.iterdir()) if self.root.is_dir() else ():
            if bucket.is_dir() and not bucket.is_symlink():
                yield from (file for file in bucket.iterdir() if _stat(file))

    def _tree(self) -> Iterator[Path]:
        for folder, _, names in os.walk(self.top):
            yield from (file for name in names if _stat(file := Path(folder, name)))

    def _artifacts_of(self, file: Path) -> list[Path]:
        inode = file.lstat().st_ino
        outside = (found for found in self._tree() if not found.is_relative_to(self.root))
        return [found for found in outside if (at := _stat(found)) and at.st_ino == inode]


def _stat(path: Path) -> os.stat_result | None:
    """Return what is known of a regular file; others may be deleting it."""
    with suppress(FileNotFoundError):
        found = path.lstat()
        return found if stat.S_ISREG(found.st_mode) else None
    return None


def _unlinked(file: Path, doomed: Callable[[os.stat_result], bool]) -> int | None:
    """Remove a file if it is `doomed`; return the bytes that this freed."""
    found = _stat(file)
    if found is None or not doomed(found):
        return None
    file.unlink(missing_ok=True)
    return found.st_size


def _digest(file: Path) -> str:
    with os.fdopen(os.open(file, READ), "rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _equal(file: BinaryIO, other: Path) -> bool:
    with os.fdopen(os.open(other, READ), "rb") as opened:
        file.seek(0)  # this writes what is buffered
        if os.fstat(file.fileno()).st_size != os.fstat(opened.fileno()).st_size:
            return False
        while chunk := file.read(CHUNK):
            if chunk != opened.read(CHUNK):
                return False
    return True
