"""Histories of metrics in few points: from blocks where they are long, exact in every bucket."""

from __future__ import annotations

import json
import math
import sqlite3
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from operator import itemgetter, sub
from typing import Any, NamedTuple

from nbtrail.entities import GroupStatistics, SeriesPoints
from nbtrail.errors import InvalidValue, did_you_mean
from nbtrail.store import blocks, bulk, statistics
from nbtrail.store.blocks import LARGE, SMALL, Key
from nbtrail.store.database import Database

AXES = ("step", "time", "relative")
_LAST_SEQ = 2**63 - 1


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

        Raises:
            InvalidValue: `points` is not positive, or no run has the metric that `x` names.
        """
        _check_points(points)
        after = blocks.BEFORE_ALL if first_step is None else (first_step, -1)
        upto = blocks.AFTER_ALL if last_step is None else (last_step, _LAST_SEQ)
        with self._database.read() as connection:
            axis = _axis(connection, x, run_ids)
            found = _series(connection, run_ids, keys)
            return [_history(connection, one, points, axis, after, upto) for one in found]

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
            f"The x axis is {', '.join(AXES)} or a metric of these runs, not '{x:.80}'."
            + did_you_mean(x, [*AXES, *known])
        )
    metric: int = known[x]
    return metric


def _check_points(points: int) -> None:
    if points < 1:
        raise InvalidValue(f"A history has at least one point, not {points}.")


class _Pieces(NamedTuple):
    """Consecutive pieces of a history in columns: blocks, or single points. A null is NaN."""

    steps: Sequence[int]
    times: Sequence[int]
    counts: Sequence[int]
    first: Sequence[float | None]
    last: Sequence[float | None]
    low: Sequence[float | None]
    high: Sequence[float | None]

    def followed_by(self, more: _Pieces) -> _Pieces:
        if not (self.steps and more.steps):
            return self if self.steps else more
        return _Pieces(
            (*self.steps, *more.steps),
            (*self.times, *more.times),
            (*self.counts, *more.counts),
            (*self.first, *more.first),
            (*self.last, *more.last),
            (*self.low, *more.low),
            (*self.high, *more.high),
        )


def _history(
    connection: sqlite3.Connection,
    series: _Series,
    points: int,
    axis: str | int,
    after: Key,
    upto: Key,
) -> SeriesPoints:
    folded = _fold(_pieces(connection, series, points, after, upto), points)
    return SeriesPoints(
        run_id=series.run_id,
        key=series.key,
        total=series.points,
        x=_places(connection, series, axis, folded),
        step=list(folded.steps),
        timestamp=list(folded.times),
        value=_numbers(folded.last),
        first=_numbers(folded.first),
        low=_numbers(folded.low),
        high=_numbers(folded.high),
        count=list(folded.counts),
    )


def _pieces(
    connection: sqlite3.Connection, series: _Series, points: int, after: Key, upto: Key
) -> _Pieces:
    """Return a history in the coarsest pieces that are at least as many as `points`."""
    for sizes in ((LARGE, SMALL), (SMALL,)):
        if series.points // sizes[0] >= points:
            pieces = _cover(connection, series.id, sizes, after, upto)
            if len(pieces.steps) >= points:
                return pieces
    return _cover(connection, series.id, (), after, upto)


def _cover(
    connection: sqlite3.Connection, series: int, sizes: tuple[int, ...], after: Key, upto: Key
) -> _Pieces:
    """Return a stretch in blocks of the first size, and its ends in finer ones."""
    if not sizes:
        return _points(connection, series, after, upto)
    size, finer = sizes[0], sizes[1:]
    found = blocks.within(connection, series, size, after, upto)
    if found is None:
        return _cover(connection, series, finer, after, upto)
    start, last, end = found
    if (after, upto) == (blocks.BEFORE_ALL, blocks.AFTER_ALL):
        inside = bulk.columns(connection, _EVERY, (series, size))
    else:
        inside = bulk.columns(connection, _INSIDE, (series, size, *start, *last))
    middle = _Pieces(*inside)
    before = _cover(connection, series, finer, after, (start[0], start[1] - 1))
    return before.followed_by(middle).followed_by(_cover(connection, series, finer, end, upto))


_BLOCKS = """
select last_step, last_ts, n, first, last, min, max from block
where series = ? and size = ? {inside} order by step, seq
"""
_INSIDE = _BLOCKS.format(inside="and (step, seq) >= (?, ?) and (step, seq) <= (?, ?)")
_EVERY = _BLOCKS.format(inside="")  # SQLite compares each row with bounds: a fifth of the time
_POINTS = """
select step, ts, value from point
where series = ? and (step, seq) > (?, ?) and (step, seq) <= (?, ?) order by step, seq
"""


def _points(connection: sqlite3.Connection, series: int, after: Key, upto: Key) -> _Pieces:
    found = bulk.columns(connection, _POINTS, (series, *after, *upto))
    steps, times, values = found or ((), (), ())
    return _Pieces(steps, times, (1,) * len(steps), values, values, values, values)


class _Cut:
    """Where buckets of consecutive pieces begin and end."""

    def __init__(self, cuts: Sequence[int]) -> None:
        starts, ends = cuts[:-1], cuts[1:]
        self.lengths = list(map(sub, ends, starts))
        self.stretches = list(zip(starts, ends, strict=True))
        self.first = _picker(starts)
        self.last = _picker([end - 1 for end in ends])
        # Two stretches of `reach` pieces that overlap and fill a bucket: `map` is faster than
        # a slice a bucket.
        self.reach = 1 << (min(self.lengths).bit_length() - 1)
        self.overlap = max(self.lengths) <= 2 * self.reach
        self.tail = _picker([end - self.reach for end in ends])

    def extremes(
        self, extreme: Callable[..., Any], values: Sequence[float | None]
    ) -> Sequence[float | None]:
        """Return the extreme of each bucket, without NaN."""
        if None in values:
            known = (
                [v for v in values[start:end] if v is not None] for start, end in self.stretches
            )
            return [extreme(some) if some else None for some in known]
        if not self.overlap:
            return [extreme(values[start:end]) for start, end in self.stretches]
        reached, found = 1, values
        while reached < self.reach:
            found = list(map(extreme, found, found[reached:]))
            reached *= 2
        return list(map(extreme, self.first(found), self.tail(found)))


def _picker(places: Sequence[int]) -> Callable[[Sequence[Any]], Sequence[Any]]:
    if len(places) == 1:
        return lambda values: (values[places[0]],)
    return itemgetter(*places)


def _fold(pieces: _Pieces, points: int) -> _Pieces:
    """Put consecutive pieces together until they are few enough."""
    if len(pieces.steps) <= points:
        return pieces
    if pieces.counts.count(pieces.counts[0]) == len(pieces.counts):
        cut = _even(len(pieces.counts), points)
        counts = [pieces.counts[0] * length for length in cut.lengths]
    else:
        cut = _uneven(pieces.counts, points)
        counts = [sum(pieces.counts[start:end]) for start, end in cut.stretches]
    return _Pieces(
        steps=cut.last(pieces.steps),
        times=cut.last(pieces.times),
        counts=counts,
        first=cut.first(pieces.first),
        last=cut.last(pieces.last),
        low=cut.extremes(min, pieces.low),
        high=cut.extremes(max, pieces.high),
    )


@lru_cache(maxsize=32)
def _even(pieces: int, points: int) -> _Cut:
    """Return buckets of about as many pieces each; many histories are equally long."""
    return _Cut([number * pieces // points for number in range(points + 1)])


def _uneven(counts: Sequence[int], points: int) -> _Cut:
    """Return buckets of about as many points each."""
    until = list(accumulate(counts))
    wanted = (number * until[-1] / points for number in range(1, points))
    return _Cut(sorted({0, len(counts), *(bisect_left(until, place) + 1 for place in wanted)}))


def _places(
    connection: sqlite3.Connection, series: _Series, axis: str | int, folded: _Pieces
) -> list[float]:
    if axis == "step":
        return [float(step) for step in folded.steps]
    if axis == "time":
        return [float(time) for time in folded.times]
    if axis == "relative":
        return [(time - series.started) / 1000 for time in folded.times]
    rows = connection.execute(_VALUES_AT, (series.run, axis, json.dumps(list(folded.steps))))
    return _numbers([row[0] for row in rows])


_VALUES_AT = """
select (
    select value from point where series = (select id from series where run = ? and metric = ?)
    and step <= place.value order by step desc, seq desc limit 1
) from json_each(?) as place order by place.key
"""


def _numbers(stored: Sequence[float | None]) -> list[float]:
    if None not in stored:
        return list(stored)  # type: ignore[arg-type]
    return [math.nan if value is None else value for value in stored]
