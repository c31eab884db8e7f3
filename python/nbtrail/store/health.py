"""Whether a store can be used, in a word and a sentence."""

from __future__ import annotations

import os
import sqlite3
from typing import Literal

from nbtrail.errors import NbtrailError, NotFound, StoreError
from nbtrail.store.store import Store, open_store

State = Literal["ready", "absent", "gone", "read-only", "locked", "broken"]
_STATES: dict[int, State] = {
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_READONLY: "read-only",
}
_seen: set[str] = set()


def of(uri: str) -> tuple[State, str | None]:
    """Return how a store is, and what is to be known of that; nothing is made or written."""
    try:
        store = open_store(uri, create=False)
        store.data_version()
        found = _writable(store)
    except NotFound as error:
        return _missing(uri, error)
    except (StoreError, sqlite3.Error) as error:
        return state_of(error), str(error)
    _seen.add(uri)
    return found


def _missing(uri: str, error: NbtrailError) -> tuple[State, str]:
    if uri in _seen:
        return "gone", f"The store {uri} was moved or deleted. Bring it back, or restart Jupyter."
    return "absent", str(error)


def _writable(store: Store) -> tuple[State, str | None]:
    if os.access(store.database_path, os.W_OK):
        return "ready", None
    return "read-only", f"The store {store.directory} can be read and not be written by you."


def state_of(error: Exception) -> State:
    """Return the state by what SQLite has said; the low byte of its code is the kind."""
    cause = error if isinstance(error, sqlite3.Error) else error.__cause__
    return _STATES.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF, "broken")
