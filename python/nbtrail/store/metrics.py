"""Metric points: series ids for the hot path, bulk writes, whole histories."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable

from nbtrail.entities import Metric
from nbtrail.errors import NotFound
from nbtrail.store.database import Database
from nbtrail.store.keys import check_key
from nbtrail.store.points import insert_points


class Metrics:
    """The metric points of one store. Callers drain the journals before they read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def series_id(self, run_id: str, key: str) -> int:
        """Return the id under which points of this run and key are journaled; made when new.

        Raises:
            NotFound: there is no such run.
            InvalidValue: the key cannot name a metric.
        """
        check_key(key, "metric")
        with self._database.write() as connection:
            series = _series_id(connection, run_id, key)
            if series is None:
                run = _run_row(connection, run_id)
                series = _series_ids(connection, run, [key])[key]
        return series

    def series_ids(self, run_id: str, keys: Iterable[str]) -> dict[str, int]:
        """Return the ids of several metrics of a run in one transaction; see `series_id`."""
        names = sorted({check_key(key, "metric") for key in keys})
        with self._database.write() as connection:
            return _series_ids(connection, _run_row(connection, run_id), names)

    def log(self, run_id: str, metrics: Iterable[Metric]) -> None:
        """Store points in one transaction, past the journal; for batches.

        Raises:
            NotFound: there is no such run.
            InvalidValue: a key cannot name a metric; nothing is stored then.
        """
        metrics = list(metrics)
        keys = sorted({check_key(metric.key, "metric") for metric in metrics})
        with self._database.write() as connection:
            ids = _series_ids(connection, _run_row(connection, run_id), keys)
            insert_points(
                connection,
                [(ids[m.key], m.execution or 0, m.step, m.timestamp, m.value) for m in metrics],
            )

    def history(self, run_id: str, key: str) -> list[Metric]:
        """Return every point of a metric, by step, repeated steps in order of arrival."""
        with self._database.read() as connection:
            rows = connection.execute(
                "select step, ts, value, execution from point where series = "
                "(select series.id from series join run on run.id = series.run "
                "join metric on metric.id = series.metric where run.uuid = ? and metric.key = ?) "
                "order by step, seq",
                (run_id, key),
            ).fetchall()
        return [
            Metric(key, _number(row["value"]), row["ts"], row["step"], execution=row["execution"])
            for row in rows
        ]


def _run_row(connection: sqlite3.Connection, run_id: str) -> int:
    row = connection.execute("select id from run where uuid = ?", (run_id,)).fetchone()
    if row is None:
        raise NotFound(f"There is no run '{run_id}' in this store.")
    found: int = row["id"]
    return found


_NEW_SERIES = """
insert into series (run, metric) select run.id, metric.id from run, metric
where run.uuid = ? and metric.key = ? on conflict (run, metric) do nothing returning id
"""
_SERIES = """
select series.id from series join run on run.id = series.run
join metric on metric.id = series.metric where run.uuid = ? and metric.key = ?
"""


def _series_id(connection: sqlite3.Connection, run_id: str, key: str) -> int | None:
    """Return the id of a series that is made if it is new; None without its run or metric."""
    row = connection.execute(_NEW_SERIES, (run_id, key)).fetchone()
    row = row or connection.execute(_SERIES, (run_id, key)).fetchone()
    return None if row is None else row["id"]


def _series_ids(connection: sqlite3.Connection, run: int, keys: list[str]) -> dict[str, int]:
    """Return the ids of many series, made where they are new."""
    names = json.dumps(keys)
    # `cross join` keeps the order of tables: the planner would compare all series with all names.
    connection.execute(
        "insert or ignore into metric (key) select value from json_each(?)", (names,)
    )
    connection.execute(
        "insert or ignore into series (run, metric) "
        "select ?, metric.id from json_each(?) as name cross join metric "
        "on metric.key = name.value",
        (run, names),
    )
    found = connection.execute(
        "select metric.key, series.id from json_each(?) as name "
        "cross join metric on metric.key = name.value "
        "cross join series on series.run = ? and series.metric = metric.id",
        (names, run),
    )
    return {row["key"]: row["id"] for row in found}


def _number(stored: float | None) -> float:
    return math.nan if stored is None else stored
