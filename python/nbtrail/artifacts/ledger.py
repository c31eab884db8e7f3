"""Which file was written where: a line for each, so that one that is lost or replaced is missed.

The newest line of a path counts; one without a digest says that it was deleted, with all below.
A line is one write: what a crash cut off, or kept from being written, is not missed later.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class Ledger:
    """The lines of one artifact directory.

    Args:
        file: where they are; its folder exists.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def wrote(self, path: str, digest: str) -> None:
        """Note that a file was stored."""
        self._append([path, digest])

    def deleted(self, path: str) -> None:
        """Note that a file or folder was deleted; "" is all of it."""
        self._append([path, None])

    def entries(self) -> dict[str, list[str]]:
        """Return the digests that each file has had, the newest last."""
        found: dict[str, list[str]] = {}
        for path, digest in self._lines():
            if digest is not None:
                found.setdefault(path, []).append(digest)
                continue
            for gone in [one for one in found if _is_at_or_below(one, path)]:
                del found[gone]
        return found

    def compact(self) -> None:
        """Write only what counts, so that nothing of what was deleted stays."""
        with suppress(FileNotFoundError), self._opened(fcntl.LOCK_EX, create=False):
            spare = self._file.with_name(f"{self._file.name}.{os.getpid()}")
            lines = [(path, digests[-1]) for path, digests in self.entries().items()]
            spare.write_bytes(b"".join(map(_line, lines)))
            spare.replace(self._file)

    def _lines(self) -> Iterator[tuple[str, str | None]]:
        try:
            lines = self._file.read_bytes().splitlines()
        except FileNotFoundError:
            return
        for line in lines:
            with suppress(ValueError):
                path, digest = json.loads(line)
                yield path, digest

    def _append(self, entry: Iterable[str | None]) -> None:
        with self._opened(fcntl.LOCK_SH) as descriptor:
            os.write(descriptor, _line(entry))

    @contextmanager
    def _opened(self, lock: int, *, create: bool = True) -> Iterator[int]:
        """Open the file and lock it: `compact` puts another in its place meanwhile."""
        while True:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | (os.O_CREAT if create else 0)
            descriptor = os.open(self._file, flags, 0o600)
            try:
                fcntl.flock(descriptor, lock)
                if os.path.samestat(os.fstat(descriptor), self._file.stat()):
                    yield descriptor
                    return
            finally:
                os.close(descriptor)


def _line(entry: Iterable[str | None]) -> bytes:
    return json.dumps(list(entry)).encode() + b"\n"


def _is_at_or_below(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")
