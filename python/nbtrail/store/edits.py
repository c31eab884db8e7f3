"""Edits of what a run has recorded: each is noted in the audit, in the same transaction.

A process may be logging to the run meanwhile. Points that it had logged before the edit are
drained first; those that it logs afterwards go on under the old name, because its series keeps
its id: an edit moves or deletes the points, never the series.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from nbtrail.entities import Edit
from nbtrail.errors import AlreadyExists, InvalidState, NotFound, did_you_mean
from nbtrail.store import audit, moves
from nbtrail.store.database import Database
from nbtrail.store.keys import TAG_LIMIT, check_key, check_text

NOTE = "mlflow.note.content"
UNDO = "undo "


class Edits:
    """Edits of the runs of one store.

    `drain_all` moves what the journals hold into the tables, within the transaction of the edit.
    Every edit can say `who` made it; by default it is this process's user. A deleted run is not
    edited: InvalidState.
    """

    def __init__(self, database: Database, drain_all: Callable[[], None]) -> None:
        self._database = database
        self._drain_all = drain_all

    def rename_metric(self, run_id: str, key: str, new: str, who: str | None = None) -> Edit:
        """Rename a metric of a run, with all its points.

        Raises:
            NotFound: there is no such run, or it has no such metric.
            AlreadyExists: it has a metric of the new name.
            InvalidValue: the new name cannot name a metric.
        """
        check_key(new, "metric")
        with self._database.write() as connection:
            run = _run(connection, run_id)
            self._drain_all()
            old = _series(connection, run, run_id, key)
            if new in moves.metrics(connection, run):
                raise _taken(run_id, "metric", new)
            moves.move(connection, old, moves.series_of(connection, run, new))
            return audit.write(
                connection, "rename_metric", "run", run_id, key=key, before=key, after=new, who=who
            )

    def delete_metric(self, run_id: str, key: str, who: str | None = None) -> Edit:
        """Delete a metric of a run; its points are kept aside for `undo` until a `gc`.

        Raises:
            NotFound: there is no such run, or it has no such metric.
        """
        with self._database.write() as connection:
            run = _run(connection, run_id)
            self._drain_all()
            before = moves.put_aside(connection, _series(connection, run, run_id, key))
            return audit.write(
                connection, "delete_metric", "run", run_id, key=key, before=before, who=who
            )

    def rename_param(self, run_id: str, key: str, new: str, who: str | None = None) -> Edit:
        """Rename a param of a run; its value, its origin and its cell stay.

        Raises:
            NotFound: there is no such run, or it has no such param.
            AlreadyExists: it has a param of the new name.
            InvalidValue: the new name cannot name a param.
        """
        check_key(new, "param")
        with self._database.write() as connection:
            run = _run(connection, run_id)
            self._drain_all()
            _param(connection, run, run_id, key)
            if _find_param(connection, run, new) is not None:
                raise _taken(run_id, "param", new)
            connection.execute(
                "update param set key = ? where run = ? and key = ?", (new, run, key)
            )
            return audit.write(
                connection, "rename_param", "run", run_id, key=key, before=key, after=new, who=who
            )

    def delete_param(self, run_id: str, key: str, who: str | None = None) -> Edit:
        """Delete a param of a run.

        Raises:
            NotFound: there is no such run, or it has no such param.
        """
        with self._database.write() as connection:
            run = _run(connection, run_id)
            self._drain_all()
            before = _param(connection, run, run_id, key)
            connection.execute("delete from param where run = ? and key = ?", (run, key))
            return audit.write(
                connection, "delete_param", "run", run_id, key=key, before=before, who=who
            )

    def set_note(self, run_id: str, text: str, who: str | None = None) -> Edit:
        """Give a run a note (MLflow's ``mlflow.note.content``); an empty one takes it away.

        Raises:
            NotFound: there is no such run.
            InvalidValue: the text is too long.
        """
        check_text(text, TAG_LIMIT, "note")
        with self._database.write() as connection:
            run = _run(connection, run_id)
            before = _put_note(connection, run, text or None)
            return audit.write(
                connection,
                "set_note",
                "run",
                run_id,
                key=NOTE,
                before=before,
                after=text or None,
                who=who,
            )

    def undo(self, run_id: str, who: str | None = None) -> Edit:
        """Take back the latest edit of a run that was not taken back; again: the one before.

        Raises:
            NotFound: there is no such run.
            InvalidState: there is nothing to take back, or a `gc` has deleted the points.
            AlreadyExists: there is something else of that name meanwhile.
        """
        with self._database.write() as connection:
            run = _run(connection, run_id)
            self._drain_all()
            edit = _latest(audit.select(connection, "run", run_id))
            if edit is None:
                raise InvalidState(f"There is no edit of the run '{run_id}' to take back.")
            _UNDOING[edit.action](connection, run, edit)
            return audit.write(
                connection,
                UNDO + edit.action,
                "run",
                run_id,
                key=edit.key,
                before=edit.after,
                after=edit.before,
                who=who,
            )


def _run(connection: sqlite3.Connection, run_id: str) -> int:
    row = connection.execute(
        "select id, lifecycle_stage from run where uuid = ?", (run_id,)
    ).fetchone()
    if row is None:
        raise NotFound(f"There is no run '{run_id}' in this store.")
    if row["lifecycle_stage"] != "active":
        raise InvalidState(
            f"The run '{run_id}' is deleted and cannot be changed. Restore it first: "
            f"nbtrail runs restore {run_id}"
        )
    run: int = row["id"]
    return run


def _latest(edits: list[Edit]) -> Edit | None:
    """Return the last edit that can be taken back and was not."""
    standing: list[Edit] = []
    for edit in edits:
        if edit.action in _UNDOING:
            standing.append(edit)
        elif edit.action.startswith(UNDO):
            standing.pop()
    return standing[-1] if standing else None


def _undo_rename_metric(connection: sqlite3.Connection, run: int, edit: Edit) -> None:
    if edit.before in moves.metrics(connection, run):
        raise _taken(edit.subject_id, "metric", edit.before)
    renamed = _series(connection, run, edit.subject_id, edit.after)
    moves.move(connection, renamed, moves.series_of(connection, run, edit.before))


def _undo_delete_metric(connection: sqlite3.Connection, run: int, edit: Edit) -> None:
    series = moves.series_of(connection, run, str(edit.key))
    if not moves.bring_back(connection, series, edit.before["points"]):
        raise InvalidState(
            f"The points of '{edit.key}' cannot come back: 'nbtrail gc' has deleted them for good."
        )


def _undo_rename_param(connection: sqlite3.Connection, run: int, edit: Edit) -> None:
    if _find_param(connection, run, edit.before) is not None:
        raise _taken(edit.subject_id, "param", edit.before)
    connection.execute(
        "update param set key = ? where run = ? and key = ?", (edit.before, run, edit.after)
    )


def _undo_delete_param(connection: sqlite3.Connection, run: int, edit: Edit) -> None:
    if _find_param(connection, run, str(edit.key)) is not None:
        raise _taken(edit.subject_id, "param", str(edit.key))
    names = ", ".join(edit.before)
    connection.execute(
        f"insert into param (run, key, {names}) values (?, ?, ?, ?, ?, ?)",
        (run, edit.key, *edit.before.values()),
    )


def _undo_set_note(connection: sqlite3.Connection, run: int, edit: Edit) -> None:
    _put_note(connection, run, edit.before)


_UNDOING: dict[str, Callable[[sqlite3.Connection, int, Edit], None]] = {
    "rename_metric": _undo_rename_metric,
    "delete_metric": _undo_delete_metric,
    "rename_param": _undo_rename_param,
    "delete_param": _undo_delete_param,
    "set_note": _undo_set_note,
}


def _taken(run_id: str, kind: str, key: str) -> AlreadyExists:
    return AlreadyExists(
        f"The run '{run_id}' has a {kind} '{key}' already: rename or delete that one first."
    )


def _series(connection: sqlite3.Connection, run: int, run_id: str, key: str) -> int:
    known = moves.metrics(connection, run)
    if key not in known:
        raise NotFound(f"The run '{run_id}' has no metric '{key}'.{did_you_mean(key, known)}")
    return known[key]


def _find_param(connection: sqlite3.Connection, run: int, key: str) -> dict[str, Any] | None:
    row = connection.execute(
        "select value, typed, origin, execution from param where run = ? and key = ?", (run, key)
    ).fetchone()
    return None if row is None else dict(row)


def _param(connection: sqlite3.Connection, run: int, run_id: str, key: str) -> dict[str, Any]:
    found = _find_param(connection, run, key)
    if found is None:
        rows = connection.execute("select key from param where run = ?", (run,))
        close = did_you_mean(key, (row["key"] for row in rows))
        raise NotFound(f"The run '{run_id}' has no param '{key}'.{close}")
    return found


def _put_note(connection: sqlite3.Connection, run: int, text: str | None) -> str | None:
    """Set or delete the note; return what it was."""
    row = connection.execute(
        "select value from tag where run = ? and key = ?", (run, NOTE)
    ).fetchone()
    if text is None:
        connection.execute("delete from tag where run = ? and key = ?", (run, NOTE))
    else:
        connection.execute("insert or replace into tag values (?, ?, ?)", (run, NOTE, text))
    before: str | None = row and row["value"]
    return before
