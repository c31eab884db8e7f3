"""Journals that are gone, and what their processes left running.

The store was drained just before: a journal whose process died is in the tables already.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from nbtrail.store import journal
from nbtrail.store.doctor.problem import Problem

_A_MOMENT_S = 0.2
_REASON = "Its process ended without anybody noticing."


def lost(connection: sqlite3.Connection, folder: Path) -> Iterator[Problem]:
    """Find journals that are registered and not there: what was not drained of them is gone."""
    missing = _without_file(connection, folder)
    if missing:
        time.sleep(_A_MOMENT_S)  # a process registers its journal just before it makes the file
        missing = [uuid for uuid in missing if uuid in _without_file(connection, folder)]
    if missing:
        yield Problem(
            "journals",
            f"{len(missing)} registered without a file: {missing[0]}",
            "forgets them",
            partial(_forget, connection, missing),
        )


def damaged(_: sqlite3.Connection, folder: Path) -> Iterator[Problem]:
    """Find journals that were kept aside, because they had more than could be understood."""
    aside = folder / journal.DAMAGED
    files = sorted(aside.iterdir()) if aside.is_dir() else []
    if files:
        yield Problem(
            "journals",
            f"{len(files)} damaged, kept in {aside}",
            "What could be read of them is in the database. Delete them when you have seen them.",
        )


def abandoned(connection: sqlite3.Connection) -> Iterator[Problem]:
    """Find what is marked as running, and belongs to a journal that is no more."""
    for table, left, repair in _LEFT:
        count = connection.execute(f"select count(*) from {table} where {left}").fetchone()[0]
        if count:
            yield Problem(
                "journals",
                f"{count} of {table} still running, of processes that ended",
                "ends them as killed",
                partial(connection.execute, f"update {table} set {repair} where {left}"),
            )


_GONE = "is not null and journal not in (select uuid from journal)"
_LEFT = (
    (
        "run",
        f"status = 'RUNNING' and journal {_GONE}",
        f"status = 'KILLED', error = '{_REASON}', journal = null, ended = max(started, coalesce("
        "(select max(last_ts) from series where series.run = run.id), started))",
    ),
    (
        "execution",
        f"status = 'running' and session in (select id from session where journal {_GONE})",
        "status = 'killed'",
    ),
)


def _without_file(connection: sqlite3.Connection, folder: Path) -> list[str]:
    rows = connection.execute("select uuid from journal order by uuid")
    return [row["uuid"] for row in rows if not (folder / row["uuid"]).exists()]


def _forget(connection: sqlite3.Connection, missing: list[str]) -> None:
    connection.executemany("delete from journal where uuid = ?", [(uuid,) for uuid in missing])
