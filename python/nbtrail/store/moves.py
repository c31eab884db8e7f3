"""Whole histories: which a run has, moving one to another name, putting one aside.

Points are moved or deleted, the series never: a process that logs to it knows it by its id.
"""

from __future__ import annotations

import hashlib
import math
import sqlite3
import struct
import zlib
from collections.abc import Iterator
from typing import Any

from nbtrail.store import blocks, totals
from nbtrail.store.points import Point, insert_points

_AT_ONCE = 8192
_POINT = "step, seq, ts, value, execution"
_BLOCK = ", ".join(("size", *blocks.Block._fields))
_ORDER = {"point": "step, seq", "block": "size, step, seq"}
_KEPT = struct.Struct("<Iqqd")  # execution (0: none), step, timestamp in ms, value


def metrics(connection: sqlite3.Connection, run: int) -> dict[str, int]:
    """Return the series of a run that have points, by key."""
    rows = connection.execute(
        "select metric.key, series.id from series join metric on metric.id = series.metric "
        "where run = ? and count > 0",
        (run,),
    )
    return {row["key"]: row["id"] for row in rows}


def series_of(connection: sqlite3.Connection, run: int, key: str) -> int:
    """Return the series of a run's metric, made when it is new."""
    connection.execute("insert or ignore into metric (key) values (?)", (key,))
    connection.execute(
        "insert or ignore into series (run, metric) select ?, id from metric where key = ?",
        (run, key),
    )
    row = connection.execute(
        "select series.id from series join metric on metric.id = series.metric "
        "where run = ? and key = ?",
        (run, key),
    ).fetchone()
    found: int = row["id"]
    return found


def move(connection: sqlite3.Connection, old: int, new: int) -> None:
    """Give the points of one series to another, which has none."""
    for table, columns in (("point", _POINT), ("block", _BLOCK)):
        # A copy in order and the deletion of a range: much quicker than an update of each key.
        connection.execute(
            f"insert into {table} (series, {columns}) "
            f"select ?, {columns} from {table} where series = ? order by {_ORDER[table]}",
            (new, old),
        )
        connection.execute(f"delete from {table} where series = ?", (old,))
    totals.rebuild(connection, old)
    totals.rebuild(connection, new)


def put_aside(connection: sqlite3.Connection, series: int) -> dict[str, Any]:
    """Take all points from a series; return what they were, and where a blob keeps them."""
    before = _summary(connection, series) | {"points": _keep_points(connection, series)}
    for table in ("point", "block"):
        connection.execute(f"delete from {table} where series = ?", (series,))
    totals.rebuild(connection, series)
    return before


def _summary(connection: sqlite3.Connection, series: int) -> dict[str, Any]:
    row = connection.execute(
        "select count, last, last_step from series where id = ?", (series,)
    ).fetchone()
    last = _number(row["last"])
    return {
        "count": row["count"],
        "last": last if math.isfinite(last) else str(last),
        "last_step": row["last_step"],
    }


def _keep_points(connection: sqlite3.Connection, series: int) -> str:
    """Put a copy of all points aside, some at a time as they may be many; return its digest."""
    compressor, digest, content = zlib.compressobj(1), hashlib.sha256(), bytearray()
    cursor = connection.cursor()
    cursor.row_factory = None  # plain tuples
    cursor.execute(
        "select coalesce(execution, 0), step, ts, value from point where series = ? "
        "order by step, seq",
        (series,),
    )
    while rows := cursor.fetchmany(_AT_ONCE):
        records = b"".join([_KEPT.pack(e, s, t, _number(v)) for e, s, t, v in rows])
        digest.update(records)
        content += compressor.compress(records)
    content += compressor.flush()
    connection.execute("insert or ignore into blob values (?, ?)", (digest.hexdigest(), content))
    return digest.hexdigest()


def bring_back(connection: sqlite3.Connection, series: int, digest: str) -> bool:
    """Give a series the points that were put aside; False if they are gone."""
    row = connection.execute("select content from blob where digest = ?", (digest,)).fetchone()
    if row is not None:
        insert_points(connection, _kept_points(series, row["content"]))
    return row is not None


def _kept_points(series: int, content: bytes) -> Iterator[Point]:
    for record in _KEPT.iter_unpack(zlib.decompress(content)):
        yield (series, *record)


def _number(stored: float | None) -> float:
    return math.nan if stored is None else stored
