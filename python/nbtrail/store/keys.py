"""What keys, values and ids may be: MLflow's limits, told clearly."""

from __future__ import annotations

import re

from nbtrail.errors import InvalidValue

KEY_LIMIT, PARAM_LIMIT, TAG_LIMIT = 250, 6000, 8000
_ALLOWED = re.compile(r"[/\w.\- :]+")
_ROW_ID = re.compile(r"[0-9]{1,18}")


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


def check_text(value: str, limit: int, what: str) -> str:
    """Return `value` if it is text of at most `limit` characters.

    Raises:
        InvalidValue: it has more, or one that is no character (half of a surrogate pair).
    """
    if len(value) > limit:
        raise InvalidValue(f"The {what} has {len(value)} characters; {limit} are allowed.")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InvalidValue(f"The {what} cannot be stored: {error.reason}.") from None
    return value


def row_id(text: str) -> int:
    """Return the row that an id names; one that no row has if the text is no id."""
    return int(text) if _ROW_ID.fullmatch(text) else -1
