"""What a key and a value may be: MLflow's limits, told clearly."""

from __future__ import annotations

import re

from nbtrail.errors import InvalidValue

KEY_LIMIT, PARAM_LIMIT, TAG_LIMIT = 250, 6000, 8000
_ALLOWED = re.compile(r"[/\w.\- :]+")


def check_key(key: object, kind: str) -> str:
    """Return `key` if it may name a `kind` (metric, param, tag).

    Raises:
        InvalidValue: it is not a string, empty, too long, like a path out of its folder, or
            has characters other than word characters, ``/ . - :`` and spaces.
    """
    if not isinstance(key, str) or not key:
        raise InvalidValue(f"A {kind} needs a name that is a non-empty string, not {key!r:.80}.")
    if len(key) > KEY_LIMIT:
        raise InvalidValue(
            f"The {kind} name '{key[:40]}…' has {len(key)} characters; {KEY_LIMIT} are allowed."
        )
    if not _ALLOWED.fullmatch(key):
        odd = next(c for c in key if not _ALLOWED.fullmatch(c))
        raise InvalidValue(
            f"The {kind} name '{key}' has the character {odd!r}; letters, digits, "
            "underscores, dashes, dots, spaces, colons and slashes are allowed."
        )
    if key.startswith("/") or any(part in {"", ".", ".."} for part in key.split("/")):
        raise InvalidValue(
            f"The {kind} name '{key}' is not a clean path: no leading '/', no empty part, "
            "no '.' or '..' between slashes."
        )
    return key


def check_length(value: str, limit: int, what: str) -> str:
    """Return `value` if it has at most `limit` characters.

    Raises:
        InvalidValue: it has more.
    """
    if len(value) > limit:
        raise InvalidValue(f"The {what} has {len(value)} characters; {limit} are allowed.")
    return value
