"""What differs between two folders of artifacts."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from nbtrail.artifacts.files import CHUNK, Files, Tell
from nbtrail.artifacts.transfer import each


class Difference(NamedTuple):
    """Paths that are only in the second, only in the first, and in both with other content."""

    added: list[str]
    removed: list[str]
    changed: list[str]


def digest(files: Files, path: str, tell: Tell) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    found = hashlib.sha256()
    with files.open(path) as opened:
        while chunk := opened.read(CHUNK):
            found.update(chunk)
            tell(len(chunk))
    return found.hexdigest()


def compare(a: Files, b: Files, folder: str) -> Difference:
    """Compare all files below a folder; only those of equal size are read."""
    before, after = _sizes(a, folder), _sizes(b, folder)
    common = sorted(before.keys() & after.keys())
    doubtful = [
        path for path in common if before[path] == after[path] and not a.same(path, b, path)
    ]
    other = set(_unequal(a, b, doubtful, 2 * sum(before[path] for path in doubtful)))
    return Difference(
        added=sorted(after.keys() - before.keys()),
        removed=sorted(before.keys() - after.keys()),
        changed=[path for path in common if before[path] != after[path] or path in other],
    )


def _sizes(files: Files, folder: str) -> dict[str, int]:
    return {info.path: info.file_size or 0 for info in files.walk(folder)}


def _unequal(a: Files, b: Files, paths: list[str], total: int) -> list[str]:
    digests: dict[str, list[str]] = {path: [] for path in paths}

    def read(files: Files, path: str, tell: Tell) -> None:
        digests[path].append(digest(files, path, tell))

    each(a, paths, read, "Comparing artifacts", total // 2)
    each(b, paths, read, "Comparing artifacts", total // 2)
    return [path for path, (first, second) in digests.items() if first != second]
