"""Histories of metrics in few points: from blocks where they are long, exact in every bucket."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from nbtrail.entities import GroupStatistics, SeriesPoints
from nbtrail.errors import InvalidValue, did_you_mean
from nbtrail.store import blocks, bulk, charts, statistics, zoom
from nbtrail.store.blocks import LARGE, SMALL, Key
from nbtrail.store.charts import Pieces
from nbtrail.store.database import Database
from nbtrail.store.folds import fold
from nbtrail.store.keys import shown

AXES = ("step", "time", "relative")
_LAST_SEQ = 2**63 - 1
_COARSE, _ENOUGH, _LOOKS = 32, 16, 8


class History:
    """The down-sampled histories of one store. Callers drain the journals before they read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def buckets(
        self,
        run_ids: Sequence[str],
        keys: Sequence[str],
        points: int = 2000,
        x: str = "step",
        first_step: int | None = None,
        last_step: int | None = None,
        first_x: float | None = None,
        last_x: float | None = None,
    ) -> list[SeriesPoints]:
        """Return histories, in at most `points` buckets of consecutive points each.

        Args:
            run_ids: runs; what they do not have is left out.
            keys: metrics.
            points: most buckets of each history; a shorter one is given as it is.
            x: the axis: ``step``, ``time`` (ms since the epoch), ``relative`` (seconds since the
                run's start), or another metric, of which the value at that step counts, else
                the last one before it (NaN where there is none).
            first_step: leave out what is before.
            last_step: leave out what is after.
            first_x: leave out what is before on the axis, but for a little.
            last_x: leave out what is after on the axis, but for a little.

        Raises:
            InvalidValue: `points` is not positive, or no run has the metric that `x` names.
        """
        _check_points(points)
        after = blocks.BEFORE_ALL if first_step is None else (first_step, -1)
        upto = blocks.AFTER_ALL if last_step is None else (last_step, _LAST_SEQ)
        with self._database.read() as connection:
            axis = _axis(connection, x, run_ids)
            found = _series(connection, run_ids, keys)
            if first_x is None and last_x is None:
                return [_history(connection, one, points, axis, after, upto) for one in found]
            window = (
                -math.inf if first_x is None else first_x,
                math.inf if last_x is None else last_x,
            )
            parts = [_part(connection, one, axis, after, upto, window) for one in found]
            return [
                _history(connection, one, points, axis, *part)
                for one, part in zip(found, parts, strict=True)
            ]

    def statistics(
        self,
        groups: Mapping[str, Sequence[str]],
        key: str,
        points: int = 500,
        x: str = "step",
    ) -> list[GroupStatistics]:
        """Return a metric's mean, spread and extremes over groups of runs, exact.

        Args:
            groups: the ids of the runs in each group, by its name.
            key: the metric.
            points: most buckets; they have the same places on the axis for all groups.
            x: the axis, as for `buckets`.

        Raises:
            InvalidValue: `points` is not positive, or no run has the metric that `x` names.
        """
        _check_points(points)
        runs = sorted({run_id for group in groups.values() for run_id in group})
        with self._database.read() as connection:
            axis = _axis(connection, x, runs)
            ids = {one.run_id: one.id for one in _series(connection, runs, [key])}
            known = {
                name: [ids[run] for run in dict.fromkeys(group) if run in ids]
                for name, group in groups.items()
            }
            return statistics.over_groups(connection, known, key, points, axis)

    def metrics_of(self, run_ids: Sequence[str]) -> dict[str, set[str]]:
        """Return which metrics these runs have; a run that is not there is left out."""
        with self._database.read() as connection:
            rows = connection.execute(
                "select run.uuid, metric.key from run "
                "left join series on series.run = run.id and series.count > 0 "
                "left join metric on metric.id = series.metric "
                "where run.uuid in (select value from json_each(?))",
                (json.dumps(list(run_ids)),),
            ).fetchall()
        found: dict[str, set[str]] = {}
        for run_id, key in rows:
            found.setdefault(run_id, set()).update([] if key is None else [key])
        return found


class _Series(NamedTuple):
    id: int
    run: int
    run_id: str
    key: str
    points: int
    started: int


def _series(
    connection: sqlite3.Connection, run_ids: Sequence[str], keys: Sequence[str]
) -> list[_Series]:
    rows = connection.execute(
        "select series.id, run.id, run.uuid, metric.key, series.count, run.started "
        "from run join series on series.run = run.id join metric on metric.id = series.metric "
        "where run.uuid in (select value from json_each(?)) "
        "and metric.key in (select value from json_each(?)) and series.count > 0 "
        "order by series.id",
        (json.dumps(list(run_ids)), json.dumps(list(keys))),
    )
    return [_Series(*row) for row in rows]


def _axis(connection: sqlite3.Connection, x: str, run_ids: Sequence[str]) -> str | int:
    """Return an axis by its name, or the metric that is one."""
    if x in AXES:
        return x
    metrics = connection.execute(
        "select distinct metric.key, metric.id from run join series on series.run = run.id "
        "join metric on metric.id = series.metric "
        "where run.uuid in (select value from json_each(?)) and series.count > 0",
        (json.dumps(list(run_ids)),),
    )
    known = {row["key"]: row["id"] for row in metrics}
    if x not in known:
        raise InvalidValue(
            f"The x axis is {', '.join(AXES)} or a metric of these runs, not {shown(x)}."
            + did_you_mean(str(x), [*AXES, *known])
        )
    metric: int = known[x]
    return metric


def _check_points(points: int) -> None:
    if points < 1:
        raise InvalidValue(f"A history has at least one point, not {points}.")


def _history(
    connection: sqlite3.Connection,
    series: _Series,
    points: int,
    axis: str | int,
    after: Key,
    upto: Key,
) -> SeriesPoints:
    folded = fold(_pieces(connection, series, points, after, upto), points)
    return SeriesPoints(
        run_id=series.run_id,
        key=series.key,
        total=series.points,
        x=_places(connection, series, axis, folded),
        step=folded.steps,
        timestamp=folded.times,
        value=folded.last,
        first=folded.first,
        low=folded.low,
        high=folded.high,
        count=folded.counts,
    )


def _part(
    connection: sqlite3.Connection,
    series: _Series,
    axis: str | int,
    after: Key,
    upto: Key,
    window: tuple[float, float],
) -> tuple[Key, Key]:
    """Return the stretch of a history that is in a window of the axis, and its neighbours.

    Found in a few coarse buckets, then in the buckets of those, until most of them are in it.
    """
    for _ in range(_LOOKS):
        coarse = _history(connection, series, _COARSE, axis, after, upto)
        found = zoom.crossing(coarse.x, *window)
        if found is None:
            return upto, upto
        first, last = found
        narrower = (coarse.step[first - 1], _LAST_SEQ) if first else after
        after, upto = max(after, narrower), min(upto, (coarse.step[last], _LAST_SEQ))
        if last - first >= _ENOUGH or len(coarse.x) < _COARSE:
            break
    return after, upto


def _pieces(
    connection: sqlite3.Connection, series: _Series, points: int, after: Key, upto: Key
) -> Pieces:
    """Return a history in the coarsest pieces that are at least as many as `points`."""
    for sizes in ((LARGE, SMALL), (SMALL,)):
        if series.points // sizes[0] >= points:
            pieces = _cover(connection, series.id, sizes, after, upto)
            if len(pieces.steps) >= points:
                return pieces
    return _cover(connection, series.id, (), after, upto)


def _cover(
    connection: sqlite3.Connection, series: int, sizes: tuple[int, ...], after: Key, upto: Key
) -> Pieces:
    """Return a stretch in blocks of the first size, and its ends in finer ones."""
    if not sizes:
        return _points(connection, series, after, upto)
    size, finer = sizes[0], sizes[1:]
    found = blocks.within(connection, series, size, after, upto)
    if found is None:
        return _cover(connection, series, finer, after, upto)
    start, last, end = found
    before = _cover(connection, series, finer, after, (start[0], start[1] - 1))
    inside = _blocks(connection, series, size, start, last)
    return before.followed_by(inside).followed_by(_cover(connection, series, finer, end, upto))


def _blocks(
    connection: sqlite3.Connection, series: int, size: int, start: Key, last: Key
) -> Pieces:
    """Return the blocks that start from one place up to another."""
    row = connection.execute(_BLOCKS, (series, size, *start, *last)).fetchone()
    return charts.unpack(row[0] or b"")


# A blob is a text whose bytes nobody looks at: `group_concat` has no other way to take one.
_BLOCKS = """
select cast(group_concat(chart, '') as blob) from (
    select chart from block where series = ? and size = ?
    and (step, seq) >= (?, ?) and (step, seq) <= (?, ?) order by step, seq
)
"""
_POINTS = """
select step, ts, value from point
where series = ? and (step, seq) > (?, ?) and (step, seq) <= (?, ?) order by step, seq
"""


def _points(connection: sqlite3.Connection, series: int, after: Key, upto: Key) -> Pieces:
    found = bulk.columns(connection, _POINTS, (series, *after, *upto)) or ((), (), ())
    steps, times, values = list(found[0]), list(found[1]), _numbers(found[2])
    ones = [1] * len(steps)
    return Pieces(steps, times, ones, values, values.copy(), values.copy(), values.copy())


def _places(
    connection: sqlite3.Connection, series: _Series, axis: str | int, folded: Pieces
) -> list[float]:
    if axis == "step":
        return list(map(float, folded.steps))
    if axis == "time":
        return list(map(float, folded.times))
    if axis == "relative":
        return [(time - series.started) / 1000 for time in folded.times]
    rows = connection.execute(_VALUES_AT, (series.run, axis, json.dumps(folded.steps)))
    return _numbers(row[0] for row in rows)


_VALUES_AT = """
select (
    select value from point where series = (select id from series where run = ? and metric = ?)
    and step <= place.value order by step desc, seq desc limit 1
) from json_each(?) as place order by place.key
"""


def _numbers(stored: Iterable[float | None]) -> list[float]:
    return [math.nan if value is None else value for value in stored]
