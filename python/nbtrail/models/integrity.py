"""The digests of a model's files: what changed since it was saved is not loaded.

They are in a file beside ``MLmodel`` in the form of ``sha256sum``, which can check it, too; MLflow
pays it no heed. What MLflow itself wrote has none, and is loaded as it is.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from nbtrail.errors import InvalidValue

FILE = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
_MOST = 16 << 20  # bytes of the list itself


def seal(directory: Path) -> None:
    """Record the digest of every file of a model directory, in place of what was recorded."""
    lines = [f"{_digest(path)}  {name}\n" for name, path in sorted(_files(directory).items())]
    path = directory / FILE
    path.unlink(missing_ok=True)  # the store may have another name for the same file
    path.write_text("".join(lines), encoding="utf-8")


def verify(directory: Path, place: str | Path | None = None) -> None:
    """Compare every file with its recorded digest; a directory without digests passes.

    Files that came later are not looked at: MLflow's client leaves one, and Python its caches.
    `place` is where the model is for the user, if not there.

    Raises:
        InvalidValue: a file is missing, shorter or longer, or has another content; named.
    """
    place = place or directory
    for name, digest in recorded(directory).items():
        path = directory / name
        if not path.is_file():
            raise InvalidValue(f"The model in {place} is damaged: its file {name} is missing.")
        if _digest(path) != digest:
            raise InvalidValue(
                f"The model in {place} is damaged: its file {name} is not what was saved. "
                "Nothing of it was loaded. If it was changed on purpose, "
                "nbtrail.models.seal(directory) accepts it as it is."
            )


def recorded(directory: Path) -> dict[str, str]:
    """Return the recorded digests by file; empty where there are none.

    Raises:
        InvalidValue: the list is damaged, or names what is not in the directory.
    """
    path = directory / FILE
    if not path.is_file():
        return {}
    if path.stat().st_size > _MOST:
        raise InvalidValue(f"The file {FILE} in {directory} is too large.")
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    found = [_LINE.fullmatch(line) for line in lines]
    digests = {match[2]: match[1] for match in found if match and _is_inside(match[2])}
    if not digests or len(digests) != len(lines):
        raise InvalidValue(f"The file {FILE} in {directory} is damaged.")
    return digests


def _is_inside(name: str) -> bool:
    return not name.startswith("/") and ".." not in Path(name).parts


def _files(directory: Path) -> dict[str, Path]:
    files = (path for path in directory.rglob("*") if path.is_file() and path.name != FILE)
    return {path.relative_to(directory).as_posix(): path for path in files}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
