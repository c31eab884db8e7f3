"""What keys, values and ids may be: MLflow's limits, told clearly."""

from __future__ import annotations

import re
from functools import lru_cache

from nbtrail.errors import InvalidValue

KEY_LIMIT, PARAM_LIMIT, TAG_LIMIT = 250, 6000, 8000
EXPERIMENT_TAG_LIMIT, NAME_LIMIT = 20_000, 500
_ALLOWED = re.compile(r"[/\w.\- :]+")
# What most keys are, told at one glance: parts that are neither empty nor dots, between slashes.
_CLEAN = re.compile(r"(?!\.{1,2}(?:/|\Z))[\w.\- :]+(?:/(?!\.{1,2}(?:/|\Z))[\w.\- :]+)*")
_CONTROL = re.compile(r"[\0-\x1f\x7f-\x9f\u2028\u2029]")
_HALF = re.compile("[\ud800-\udfff]")
_ROW_ID = re.compile(r"[0-9]{1,18}")
_RUN_ID = re.compile(r"[a-zA-Z0-9][\w\-]{0,255}", re.ASCII)


@lru_cache(maxsize=4096)
def _is_clean(key: str) -> bool:
    return len(key) <= KEY_LIMIT and _CLEAN.fullmatch(key) is not None


def check_key(key: object, kind: str) -> str:
    """Return `key` if it may name a `kind` (metric, param, tag).

    Raises:
        InvalidValue: it is not a string, empty, too long, like a path out of its folder, or
            has characters other than word characters, ``/ . - :`` and spaces.
    """
    if type(key) is str and _is_clean(key):  # the same ones come again and again
        return key
    if not isinstance(key, str) or not key:
        raise InvalidValue(f"A {kind} needs a name that is a non-empty string, not {key!r:.80}.")
    if len(key) > KEY_LIMIT:
        raise InvalidValue(
            f"The {kind} name {shown(key, 40)}… has {len(key)} characters; {KEY_LIMIT} are allowed."
        )
    if not _ALLOWED.fullmatch(key):
        odd = next(c for c in key if not _ALLOWED.fullmatch(c))
        raise InvalidValue(
            f"The {kind} name {shown(key, 300)} has the character {shown(odd)}; letters, digits, "
            "underscores, dashes, dots, spaces, colons and slashes are allowed."
        )
    if key.startswith("/") or any(part in {"", ".", ".."} for part in key.split("/")):
        raise InvalidValue(
            f"The {kind} name {shown(key, 300)} is not a clean path: no leading '/', no empty "
            "part, no '.' or '..' between slashes."
        )
    return key


def check_text(value: str, limit: int, what: str) -> str:
    """Return `value` if it is text of at most `limit` characters.

    Raises:
        InvalidValue: it has more, or one that is no character (half of a surrogate pair).
    """
    if len(value) > limit:
        raise InvalidValue(f"The {what} has {len(value)} characters; {limit} are allowed.")
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InvalidValue(f"The {what} cannot be stored: {error.reason}.") from None
    return value


def shown(value: object, limit: int = 80) -> str:
    """Return what a message shows of a value, whatever that is."""
    try:
        return f"{value!r:.{limit}}".encode(errors="backslashreplace").decode()
    except Exception:  # Python does not write out very long integers, either
        return f"what cannot be shown, of the type {type(value).__name__}"


def text_of(value: object, what: str) -> str:
    """Return a value as text.

    Raises:
        InvalidValue: it cannot be written as one, such as an integer of a million digits.
    """
    try:
        return str(value)
    except Exception as error:
        raise InvalidValue(f"The {what} cannot be written as text: {error}.") from error


def check_name(name: object, what: str) -> str:
    """Return `name` if it may name a `what` (a run, an experiment): text on one line.

    Raises:
        InvalidValue: it is not a string, empty, too long, or has control characters.
    """
    if not isinstance(name, str) or not name.strip() or _CONTROL.search(name):
        raise InvalidValue(
            f"{name!r:.80} cannot name {what}: give text on one line, without control characters."
        )
    return check_text(name, NAME_LIMIT, f"name of {what}")


def check_model_name(name: object) -> str:
    """Return `name` if a registered model may have it.

    Raises:
        InvalidValue: it is not a name (see `check_name`), has ``/`` or ``:``, or is a dot or two.
    """
    checked = check_name(name, "a model")
    if checked in {".", ".."} or "/" in checked or ":" in checked:
        raise InvalidValue(f"{checked!r:.80} cannot name a model: use a name without '/' and ':'.")
    return checked


def check_run_id(run_id: object) -> str:
    """Return `run_id` if a run may have it.

    Raises:
        InvalidValue: it is not 1 to 256 letters, digits, underscores and dashes.
    """
    if not isinstance(run_id, str) or not _RUN_ID.fullmatch(run_id):
        raise InvalidValue(
            f"{run_id!r:.80} cannot be the id of a run: give up to 256 letters, digits, "
            "underscores and dashes, a letter or digit first."
        )
    return run_id


def is_text(value: object) -> bool:
    """Return whether a value is text that can be stored, and so can be looked for."""
    return isinstance(value, str) and not _HALF.search(value)


def row_id(text: object) -> int:
    """Return the row that an id names; one that no row has if the text is no id."""
    return int(str(text)) if _ROW_ID.fullmatch(str(text)) else -1
