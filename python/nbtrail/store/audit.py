"""The audit: who changed what of which run or experiment, when, and what was before.

Triggers of the table refuse to change or delete what it has.
"""

from __future__ import annotations

import getpass
import json
import os
import sqlite3
import time
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
    """Note a change, in the transaction that makes it; `who` is this process's user if not given.

    `before` and `after` are JSON-representable.
    """
    at = int(time.time() * 1000)
    who = who or user()
    connection.execute(
        f"insert into audit ({_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?)",
        (at, who, action, subject, subject_id, key, _to_json(before), _to_json(after)),
    )
    return Edit(at, who, action, subject, subject_id, key, before, after)


def user() -> str:
    """Return the login name of this process's user, or its number where that has no name."""
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
