"""What may be the path of an artifact: every one that comes from outside goes through `clean`."""

from __future__ import annotations

import unicodedata
from typing import NoReturn

from nbtrail.errors import InvalidValue

LONGEST_NAME = 255  # bytes: what file systems can hold
LONGEST_PATH = 1024  # bytes: what S3 can hold
PART = ".nbtrail-part-"  # begins the name of a file that is not yet whole


def clean(path: str) -> str:
    """Return a relative path without tricks: ``./plots//roc.png`` is ``plots/roc.png``.

    Raises:
        InvalidValue: it is absolute, climbs with ``..``, has a backslash, a drive or a control
            character, is too long, names nothing, or is no text that a file system can hold.
    """
    checked = clean_folder(path)
    return checked if checked else _refuse(path, "it names no file")


def clean_folder(path: str) -> str:
    """Return the path of a folder; "" for the root, which ``.`` is, too.

    Raises:
        InvalidValue: as by `clean`.
    """
    if path.startswith("/") or "://" in path:
        return _refuse(path, "it is absolute")
    short = "/".join(part for part in path.split("/") if part not in {"", "."})
    trouble = _trouble(short) if short else ""
    return _refuse(path, trouble) if trouble else short


def _refuse(path: str, trouble: str) -> NoReturn:
    raise InvalidValue(
        f"{path[:80]!r} is not an artifact path ({trouble}): give a relative one, "
        "such as 'plots/roc.png'."
    )


def is_clean(path: str) -> bool:
    """Say whether the path is what `clean` makes of it."""
    return not _trouble(path)


def below(folder: str, name: str) -> str:
    """Return the path of `name` in `folder`, where "" is the root."""
    return f"{folder}/{name}" if folder else name


def _trouble(path: str) -> str:
    if path.startswith("/") or "\\" in path or path[1:2] == ":":
        return "it is absolute, or has a backslash or a drive"
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in path):
        return "a character that cannot be printed"
    parts = path.split("/")
    if any(part in {"", ".", ".."} for part in parts):
        return "an empty part, '.' or '..'"
    if len(path.encode()) > LONGEST_PATH or any(len(p.encode()) > LONGEST_NAME for p in parts):
        return "it is too long"
    if any(part.startswith(PART) for part in parts):
        return f"{PART}… is for files that are being written"
    return ""
