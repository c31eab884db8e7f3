"""Metric points: series ids for the hot path, bulk writes, histories, down-sampled histories."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Sequence

from nbtrail.entities import Metric, SeriesPoints
from nbtrail.errors import NotFound
from nbtrail.store.database import Database
from nbtrail.store.drain import insert_points
from nbtrail.store.keys import check_key


class Metrics:
    """The metric points of one store. Callers drain the journals before they read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def series_id(self, run_id: str, key: str) -> int:
        """Return the id under which points of this run and key are journaled; made when new."""
        with self._database.write() as connection:
            return _series_id(connection, _run_row(connection, run_id), key)

    def log(self, run_id: str, metrics: Iterable[Metric]) -> None:
        """Store points in one transaction, past the journal; for batches."""
        with self._database.write() as connection:
            run = _run_row(connection, run_id)
            ids: dict[str, int] = {}
            points = []
            for m in metrics:
                series = ids.get(m.key) or _series_id(connection, run, m.key)
                ids[m.key] = series
                points.append((series, m.execution or 0, m.step, m.timestamp, m.value))
            insert_points(connection, points)

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
            Metric(key, _number(row["value"]), row["ts"], row["step"], row["execution"])
            for row in rows
        ]

    def sample(
        self, run_ids: Sequence[str], keys: Sequence[str], points: int = 500
    ) -> list[SeriesPoints]:
        """Return histories, folded in the database where they are longer than `points`.

        A bucket gives its last point, and the lowest and highest value in it.
        """
        with self._database.read() as connection:
            found = connection.execute(
                "select series.id, run.uuid, metric.key, series.count "
                "from series join run on run.id = series.run "
                "join metric on metric.id = series.metric "
                f"where run.uuid in ({_marks(run_ids)}) and metric.key in ({_marks(keys)}) "
                "order by series.id",
                (*run_ids, *keys),
            ).fetchall()
            return [_sample(connection, row, points) for row in found if row["count"]]


_BUCKETS = """
with numbered as (
    select step, ts, value, row_number() over (order by step, seq) - 1 as place
    from point where series = ?
), bucket as (
    select min(place) as start, max(place) as place, min(value) as low, max(value) as high,
        count(*) as n
    from numbered group by place * ? / ?
)
select numbered.step, numbered.ts, numbered.value, low, high, opening.value as first, n
from bucket join numbered using (place) join numbered as opening on opening.place = start
order by numbered.place
"""


def _sample(connection: sqlite3.Connection, series: sqlite3.Row, points: int) -> SeriesPoints:
    if series["count"] <= points:
        rows = connection.execute(
            "select step, ts, value, value as low, value as high, value as first, 1 as n "
            "from point where series = ? order by step, seq",
            (series["id"],),
        ).fetchall()
    else:
        rows = connection.execute(_BUCKETS, (series["id"], points, series["count"])).fetchall()
    return SeriesPoints(
        run_id=series["uuid"],
        key=series["key"],
        total=series["count"],
        x=[float(row["step"]) for row in rows],
        step=[row["step"] for row in rows],
        timestamp=[row["ts"] for row in rows],
        value=[_number(row["value"]) for row in rows],
        first=[_number(row["first"]) for row in rows],
        low=[_number(row["low"]) for row in rows],
        high=[_number(row["high"]) for row in rows],
        count=[row["n"] for row in rows],
    )


def _run_row(connection: sqlite3.Connection, run_id: str) -> int:
    row = connection.execute("select id from run where uuid = ?", (run_id,)).fetchone()
    if row is None:
        raise NotFound(f"There is no run '{run_id}' in this store.")
    found: int = row["id"]
    return found


def _series_id(connection: sqlite3.Connection, run: int, key: str) -> int:
    check_key(key, "metric")
    connection.execute("insert or ignore into metric (key) values (?)", (key,))
    connection.execute(
        "insert or ignore into series (run, metric) select ?, id from metric where key = ?",
        (run, key),
    )
    found: int = connection.execute(
        "select id from series where run = ? and metric = (select id from metric where key = ?)",
        (run, key),
    ).fetchone()["id"]
    return found


def _number(stored: float | None) -> float:
    return math.nan if stored is None else stored


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
