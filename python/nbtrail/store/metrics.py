"""Metric points: series ids for the hot path, bulk writes, whole histories."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Sequence

from nbtrail.entities import Metric
from nbtrail.store import bulk, run_ids
from nbtrail.store.database import Database
from nbtrail.store.keys import check_key, is_text
from nbtrail.store.points import Columns, insert_columns, insert_first


class Metrics:
    """The metric points of one store. Callers drain the journals before they read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def series_id(self, run_id: str, key: str) -> int:
        """Return the id under which points of this run and key are journaled; made when new.

        Raises:
            NotFound: there is no such run.
            InvalidValue: the run is deleted, or the key cannot name a metric.
        """
        check_key(key, "metric")
        with self._database.write() as connection:
            series = _series_id(connection, run_id, key)
            if series is None:
                run = run_ids.active(connection, run_id)
                series = _series_ids(connection, run, [key])[key]
        return series

    def series_ids(self, run_id: str, keys: Iterable[str]) -> dict[str, int]:
        """Return the ids of several metrics of a run in one transaction; see `series_id`."""
        names = sorted({check_key(key, "metric") for key in keys})
        with self._database.write() as connection:
            return _series_ids(connection, run_ids.active(connection, run_id), names)

    def log(self, run_id: str, metrics: Iterable[Metric]) -> None:
        """Store points in one transaction, past the journal; for batches.

        Raises:
            NotFound: there is no such run.
            InvalidValue: the run is deleted, or a key cannot name a metric; nothing is stored then.
        """
        metrics = list(metrics)
        keys = [check_key(metric.key, "metric") for metric in metrics]
        with self._database.write() as connection:
            run = run_ids.active(connection, run_id)
            ids = _known(connection, run, keys)
            if ids or len(set(keys)) < len(keys):
                ids = _series_ids(connection, run, sorted(set(keys)))
                insert_columns(connection, _columns([ids[key] for key in keys], metrics))
            else:
                series = _new_ids(connection, len(keys))
                names = _metric_ids(connection, keys)
                first = _columns(series, metrics)
                insert_first(connection, run, [names[key] for key in keys], first)

    def history(self, run_id: str, key: str) -> list[Metric]:
        """Return every point of a metric, by step, repeated steps in order of arrival."""
        with self._database.read() as connection:
            rows = connection.execute(
                "select step, ts, value, execution from point where series = "
                "(select series.id from series join run on run.id = series.run "
                "join metric on metric.id = series.metric where run.uuid = ? and metric.key = ?) "
                "order by step, seq",
                (run_id, key if is_text(key) else None),
            ).fetchall()
        return [
            Metric(key, _number(row["value"]), row["ts"], row["step"], execution=row["execution"])
            for row in rows
        ]


_NEW_SERIES = """
insert into series (run, metric) select run.id, metric.id from run, metric
where run.uuid = ? and run.lifecycle_stage = 'active' and metric.key = ?
on conflict (run, metric) do nothing returning id
"""
_SERIES = """
select series.id from series join run on run.id = series.run
join metric on metric.id = series.metric
where run.uuid = ? and run.lifecycle_stage = 'active' and metric.key = ?
"""


def _series_id(connection: sqlite3.Connection, run_id: str, key: str) -> int | None:
    """Return the id of a series that is made if it is new; None without its run or metric."""
    row = connection.execute(_NEW_SERIES, (run_id, key)).fetchone()
    row = row or connection.execute(_SERIES, (run_id, key)).fetchone()
    return None if row is None else row["id"]


# `cross join` keeps the order of tables: the planner would compare all series with all names.
_NAMED = "from json_each(?1) as name cross join metric on metric.key = name.value "
_NAME = "insert or ignore into metric (key) select value from json_each(?)"
_ALL_NEW = (
    f"insert into series (metric, run) select metric.id, ?2 {_NAMED} where true "
    "on conflict (run, metric) do nothing "
    "returning (select key from metric where metric.id = series.metric), id"
)
_KNOWN = (
    f"select metric.key, series.id {_NAMED} "
    "cross join series on series.run = ?2 and series.metric = metric.id"
)


def _series_ids(connection: sqlite3.Connection, run: int, keys: list[str]) -> dict[str, int]:
    """Return the ids of many series, made where they are new."""
    names = bulk.as_list(keys)
    found = dict(connection.execute(_ALL_NEW, (names, run)).fetchall())
    if len(found) < len(keys):  # some are there already, or nobody had such a metric before
        connection.execute(_NAME, (names,))
        connection.execute(_ALL_NEW, (names, run)).fetchall()
        found = _known(connection, run, keys)
    return found


def _known(connection: sqlite3.Connection, run: int, keys: Sequence[str]) -> dict[str, int]:
    """Return the ids of those series that are there."""
    return dict(connection.execute(_KNOWN, (bulk.as_list(keys), run)).fetchall())


def _metric_ids(connection: sqlite3.Connection, keys: Sequence[str]) -> dict[str, int]:
    """Return the ids of metrics, made where they are new."""
    names = bulk.as_list(keys)
    connection.execute(_NAME, (names,))
    return dict(connection.execute(f"select metric.key, metric.id {_NAMED}", (names,)).fetchall())


def _new_ids(connection: sqlite3.Connection, count: int) -> list[int]:
    """Return ids that no series ever had."""
    found = connection.execute("select max(seq) from sqlite_sequence where name = 'series'")
    last = found.fetchone()[0] or 0
    return list(range(last + 1, last + 1 + count))


def _columns(series: list[int], metrics: Sequence[Metric]) -> Columns:
    return Columns(
        series,
        [metric.execution or 0 for metric in metrics],
        [metric.step for metric in metrics],
        [metric.timestamp for metric in metrics],
        [metric.value for metric in metrics],
    )


def _number(stored: float | None) -> float:
    return math.nan if stored is None else stored
