"""From journal to tables. The same function is recovery: any process may drain any journal."""

from __future__ import annotations

import math
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nbtrail.store.database import BUSY_TIMEOUT_MS, Database
from nbtrail.store.forks import gate
from nbtrail.store.journal import RECORD, JournalFile

CHUNK_RECORDS = 8192

Point = tuple[int, int, int, int, float]
"""series, execution (0: none), step, timestamp in ms, value."""


def drain(database: Database, path: Path) -> int:
    """Move what a journal holds into the tables; return how many points that were."""
    drained = 0
    while _waiting(database, path):
        with database.write() as connection:
            points = list(_next_points(connection, path))
            insert_points(connection, points)
            connection.execute(
                "update journal set applied = applied + ? where uuid = ?",
                (len(points) * RECORD.size, path.name),
            )
        drained += len(points)
        if len(points) < CHUNK_RECORDS:
            break
    return drained


def try_drain(database: Database, path: Path) -> bool:
    """Drain unless somebody else is writing just now; for a caller who must not wait."""
    with gate:
        connection = database.connection
        if connection.in_transaction or not _begun_at_once(connection):
            return False
        try:
            drain(database, path)
            connection.execute("commit")
        except BaseException:
            connection.rollback()
            raise
    return True


def _begun_at_once(connection: sqlite3.Connection) -> bool:
    connection.execute("pragma busy_timeout = 0")
    try:
        connection.execute("begin immediate")
    except sqlite3.OperationalError:
        return False
    finally:
        connection.execute(f"pragma busy_timeout = {BUSY_TIMEOUT_MS}")
    return True


def recover(database: Database, folder: Path) -> None:
    """Drain every journal, and close the books of those whose process is dead.

    A dead process's running runs become KILLED, in the transaction that deletes its
    journal's row; a file without a row has been applied already and is only unlinked.
    """
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name.startswith(".") or not path.is_file():
            continue
        orphan = JournalFile.take_over(path)
        drain(database, path)
        if orphan is not None:
            close_books(database, path.name, "The process that recorded this run died.")
            orphan.discard()


def close_books(database: Database, uuid: str, reason: str) -> None:
    """End what a journal's process left running, and forget the journal."""
    now = int(time.time() * 1000)
    with database.write() as connection:
        connection.execute(
            "update execution set status = 'killed' where status = 'running' and session in "
            "(select id from session where journal = ?)",
            (uuid,),
        )
        connection.execute(
            "update run set status = 'KILLED', error = ?, journal = null, "
            "ended = max(started, "
            "coalesce((select max(last_ts) from series where series.run = run.id), ?)) "
            "where journal = ? and status = 'RUNNING'",
            (reason, now, uuid),
        )
        connection.execute("delete from journal where uuid = ?", (uuid,))


def _waiting(database: Database, path: Path) -> bool:
    """Look, without a lock, whether whole records wait."""
    with database.read() as connection:
        row = connection.execute(
            "select applied from journal where uuid = ?", (path.name,)
        ).fetchone()
    try:
        return row is not None and path.stat().st_size - row["applied"] >= RECORD.size
    except FileNotFoundError:
        return False


def _next_points(connection: sqlite3.Connection, path: Path) -> Iterator[Point]:
    row = connection.execute("select applied from journal where uuid = ?", (path.name,)).fetchone()
    if row is None:
        return
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        data = os.pread(descriptor, CHUNK_RECORDS * RECORD.size, row["applied"])
    finally:
        os.close(descriptor)
    yield from RECORD.iter_unpack(data[: len(data) - len(data) % RECORD.size])


@dataclass(slots=True)
class _Series:
    """The maintained columns of one series, while points are added to it."""

    id: int
    count: int
    max_step: int | None
    last: float | None
    last_step: int | None
    last_ts: int | None
    last_execution: int | None
    min: float | None
    max: float | None

    def add(self, execution: int, step: int, ts: int, value: float) -> tuple[object, ...]:
        """Take one point in; return its row. Late and repeated steps keep their arrival order."""
        if self.max_step is None or step > self.max_step:
            seq, self.max_step = 0, step
        else:
            seq = self.count
        self.count += 1
        stored = None if math.isnan(value) else value
        if self.last_step is None or step >= self.last_step:
            self.last, self.last_step, self.last_ts = stored, step, ts
            self.last_execution = execution or None
        if stored is not None:
            self.min = value if self.min is None or value < self.min else self.min
            self.max = value if self.max is None or value > self.max else self.max
        return (self.id, step, seq, ts, stored, execution or None)

    def row(self) -> tuple[object, ...]:
        return (
            self.count, self.max_step, self.last, self.last_step, self.last_ts,
            self.last_execution, self.min, self.max, self.id,
        )  # fmt: skip


def insert_points(connection: sqlite3.Connection, points: Iterable[Point]) -> None:
    """Insert points and update their series; points of a series that is gone are dropped."""
    points = list(points)
    known = _load(connection, {point[0] for point in points})
    rows = [
        known[series].add(execution, step, ts, value)
        for series, execution, step, ts, value in points
        if series in known
    ]
    connection.executemany("insert into point values (?, ?, ?, ?, ?, ?)", rows)
    connection.executemany(
        "update series set count = ?, max_step = ?, last = ?, last_step = ?, last_ts = ?, "
        "last_execution = ?, min = ?, max = ? where id = ?",
        [series.row() for series in known.values()],
    )


def _load(connection: sqlite3.Connection, ids: set[int]) -> dict[int, _Series]:
    columns = "id, count, max_step, last, last_step, last_ts, last_execution, min, max"
    query = f"select {columns} from series where id = ?"
    rows = (connection.execute(query, (one,)).fetchone() for one in ids)
    return {row["id"]: _Series(*row) for row in rows if row is not None}
