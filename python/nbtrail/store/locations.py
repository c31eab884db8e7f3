"""Where artifacts are: below the store, unless an experiment has a location of its own.

What is stored is relative to the store's artifacts, so that the store can be moved; a location
of one's own is stored as an absolute path or a URI.
"""

from __future__ import annotations

import re
from pathlib import Path

from nbtrail.errors import InvalidValue
from nbtrail.store.keys import check_text

LOCATION_LIMIT = 2048
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.\-]+:")
_UNPRINTABLE = re.compile(r"[\0-\x1f\x7f]")


def resolve(location: object) -> str:
    """Return an experiment's own location as it is stored: a URI, or an absolute path.

    Raises:
        InvalidValue: it is not text, empty, too long, or refers to a run's artifacts.
    """
    if not isinstance(location, str) or not location.strip() or _UNPRINTABLE.search(location):
        raise InvalidValue(
            f"{location!r:.80} is no place for artifacts: give a directory or a URI, such as "
            "s3://bucket/folder."
        )
    check_text(location, LOCATION_LIMIT, "artifact location")
    if location.startswith("runs:"):
        raise InvalidValue(
            f"Artifacts cannot be kept at '{location:.80}', which is inside a run. "
            "Give a directory or a URI."
        )
    if _SCHEME.match(location):
        return location.rstrip("/")
    return str(Path(location).expanduser().absolute())


def below(location: str, *parts: str) -> str:
    """Return a place below one that is stored."""
    return "/".join((location.rstrip("/"), *parts))


def absolute(root: Path, stored: str) -> str:
    """Return what is stored as an absolute path or a URI; `root` has the store's artifacts."""
    own = stored.startswith("/") or _SCHEME.match(stored)
    return stored if own else f"{root}/{stored}"
