"""The least that could do the work: sqlite3 by hand, in the tables that nbtrail keeps."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.worker import timed

TABLES = """
create table run (id integer primary key, started integer, ended integer, status text);
create table param (run integer, key text, value text, primary key (run, key)) without rowid;
create table metric (id integer primary key, key text not null unique);
create table series (id integer primary key, run integer, metric integer, unique (run, metric));
create table point (series integer, step integer, seq integer, ts integer, value real,
    execution integer, primary key (series, step, seq)) without rowid;
"""

Row = tuple[int, int, int, int, float, None]

_new = not Path("bare.db").exists()
_connection = sqlite3.connect("bare.db", isolation_level=None)
_connection.execute("pragma journal_mode = wal")
_connection.execute("pragma synchronous = normal")
if _new:
    _connection.executescript(TABLES)
_run = 0
_series: dict[str, int] = {}
_rows: list[Row] = []


def start() -> None:
    """Insert the run."""
    global _run  # noqa: PLW0603
    _series.clear()
    insert = "insert into run (started, status) values (?, 'RUNNING') returning id"
    _run = _connection.execute(insert, (_now(),)).fetchone()[0]


def log(key: str, value: float, step: int) -> None:
    """Keep the row for `finish`; what that costs is counted, too."""
    series = _series.get(key) or _series_id(key)
    _rows.append((series, step, 0, _now(), value, None))


def _series_id(key: str) -> int:
    _connection.execute("insert or ignore into metric (key) values (?)", (key,))
    insert = "insert into series (run, metric) select ?, id from metric where key = ? returning id"
    found = _series[key] = _connection.execute(insert, (_run, key)).fetchone()[0]
    return int(found)


def param(key: str, value: object) -> None:
    """Insert one param, committed."""
    _connection.execute("insert into param values (?, ?, ?)", (_run, key, str(value)))


def finish() -> None:
    """Insert the points and end the run, in one transaction."""
    _connection.execute("begin immediate")
    _connection.executemany("insert into point values (?, ?, ?, ?, ?, ?)", _rows)
    _connection.execute(
        "update run set status = 'FINISHED', ended = ? where id = ?", (_now(), _run)
    )
    _connection.execute("commit")
    _rows.clear()


def points() -> int:
    return int(_connection.execute("select count(*) from point").fetchone()[0])


def prepare_batch(metrics: dict[str, float], params: dict[str, str]) -> Callable[[], None]:
    """Return a transaction of everything, series included."""
    keys = [(key,) for key in metrics]
    texts = [(_run, key, text) for key, text in params.items()]

    def work() -> None:
        _connection.execute("begin immediate")
        _connection.executemany("insert or ignore into metric (key) values (?)", keys)
        _connection.executemany(
            f"insert into series (run, metric) select {_run}, id from metric where key = ?", keys
        )
        ids = dict(
            _connection.execute(
                "select key, series.id from series join metric on metric.id = metric "
                "where run = ?", (_run,)
            )
        )  # fmt: skip
        rows = [(ids[key], 0, 0, _now(), value, None) for key, value in metrics.items()]
        _connection.executemany("insert into point values (?, ?, ?, ?, ?, ?)", rows)
        _connection.executemany("insert into param values (?, ?, ?)", texts)
        _connection.execute("commit")

    return work


def executemany(count: int) -> tuple[float, float]:
    """Return the seconds of inserting rows that are ready, and of committing them."""
    start()
    series, now = _series_id("loss"), _now()
    rows = [(series, step, 0, now, step / 2, None) for step in range(count)]

    def work() -> None:
        _connection.execute("begin immediate")
        _connection.executemany("insert into point values (?, ?, ?, ?, ?, ?)", rows)
        _connection.execute("commit")

    return timed(work)


def _now() -> int:
    return time.time_ns() // 1_000_000
