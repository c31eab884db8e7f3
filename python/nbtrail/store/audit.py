"""The audit: who changed what of which run or experiment, when, and what was before.

Triggers of the table refuse to change or delete what it has.
"""

from __future__ import annotations

import getpass
import json
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

from nbtrail.entities import Edit
from nbtrail.store.database import Database

Subject = Literal["run", "experiment"]

_COLUMNS = "at, who, action, subject, subject_id, key, before, after"


class Audit:
    """The audit of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, subject: Subject, subject_id: str) -> list[Edit]:
        """Return what was changed of a run or an experiment, in order."""
        with self._database.read() as connection:
            return select(connection, subject, subject_id)


def select(connection: sqlite3.Connection, subject: Subject, subject_id: str) -> list[Edit]:
    """Return what was changed of a run or an experiment, in order."""
    rows = connection.execute(
        f"select {_COLUMNS} from audit where subject = ? and subject_id = ? order by id",
        (subject, subject_id),
    )
    return [_edit(row) for row in rows]


def write(
    connection: sqlite3.Connection,
    action: str,
    subject: Subject,
    subject_id: str,
    *,
    key: str | None = None,
    before: Any = None,
    after: Any = None,
    who: str | None = None,
) -> Edit:
    """Note a change, in the transaction that makes it; `who` is the one who acts if not given.

    `before` and `after` are JSON-representable.
    """
    at = int(time.time() * 1000)
    who = who or user()
    connection.execute(
        f"insert into audit ({_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?)",
        (at, who, action, subject, subject_id, key, _to_json(before), _to_json(after)),
    )
    return Edit(at, who, action, subject, subject_id, key, before, after)


_acting: ContextVar[str | None] = ContextVar("nbtrail_acting", default=None)


@contextmanager
def acting_as(who: str | None) -> Iterator[None]:
    """Have what is changed meanwhile, in this thread, be somebody's; None: this process's user's.

    A server changes the store for the people who ask it to.
    """
    token = _acting.set(who)
    try:
        yield
    finally:
        _acting.reset(token)


def user() -> str:
    """Return who acts: this process's user by login name, or by number where that has no name."""
    if (who := _acting.get()) is not None:
        return who
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid()) if hasattr(os, "getuid") else "unknown"


def _edit(row: sqlite3.Row) -> Edit:
    at, who, action, subject, subject_id, key, before, after = row
    return Edit(at, who, action, subject, subject_id, key, _from_json(before), _from_json(after))


def _to_json(value: Any) -> str | None:
    return None if value is None else json.dumps(value)


def _from_json(text: str | None) -> Any:
    return None if text is None else json.loads(text)
