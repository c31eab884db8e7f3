"""From a run's id to its row, or to an error that helps."""

from __future__ import annotations

import re
import sqlite3

from nbtrail.errors import InvalidValue, NotFound, RunDeleted, did_you_mean
from nbtrail.store.keys import is_text

_ABBREVIATED = re.compile(r"[0-9a-f]{1,31}")
_AFTER_ALL = "\U0010ffff"


def full(connection: sqlite3.Connection, given: str) -> str:
    """Return the id that begins so, or what was given if there is none; a whole id is itself.

    Raises:
        InvalidValue: several do.
    """
    if not is_text(given) or not _ABBREVIATED.fullmatch(given):
        return given
    found = [
        uuid
        for (uuid,) in connection.execute(
            "select uuid from run where uuid >= ? and uuid < ? order by uuid limit 2",
            (given, given + _AFTER_ALL),
        )
    ]
    if len(found) > 1 and found[0] != given:
        raise InvalidValue(f"Several runs begin with '{given}': give more of the id.")
    return found[0] if found else given


def row_of(connection: sqlite3.Connection, run_id: str) -> sqlite3.Row:
    """Return the row (`id`, `experiment`, `lifecycle_stage`) of a run.

    Raises:
        NotFound: there is no such run.
    """
    row: sqlite3.Row | None = connection.execute(
        "select id, experiment, lifecycle_stage from run where uuid = ?",
        (run_id if is_text(run_id) else None,),
    ).fetchone()
    if row is None:
        latest = connection.execute("select uuid from run order by id desc limit 1000")
        close = did_you_mean(str(run_id), (uuid for (uuid,) in latest))
        raise NotFound(f"There is no run {run_id!r:.300} in this store.{close}")
    return row


def active(connection: sqlite3.Connection, run_id: str) -> int:
    """Return the row id of a run that may be changed.

    Raises:
        NotFound: there is no such run.
        RunDeleted: it is deleted.
    """
    row = row_of(connection, run_id)
    if row["lifecycle_stage"] != "active":
        raise RunDeleted(
            f"The run '{run_id}' is deleted and cannot be changed. Restore it first with "
            f"nbtrail.restore_run('{run_id}')."
        )
    found: int = row["id"]
    return found
