"""Statistics of a metric over groups of runs: every point counts, read from blocks where it can."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Mapping, Sequence

from nbtrail.entities import GroupStatistics
from nbtrail.store.blocks import SMALL


def over_groups(
    connection: sqlite3.Connection,
    groups: Mapping[str, Sequence[int]],
    key: str,
    points: int,
    axis: str | int,
) -> list[GroupStatistics]:
    """Return the statistics of groups of series, in buckets that are the same for all.

    Args:
        connection: in a transaction.
        groups: the series of each group, by its name.
        key: their metric.
        points: at most so many buckets.
        axis: ``step``, ``time``, ``relative``, or the id of a metric.
    """
    place = _PLACES.get(axis, _OF_METRIC)
    everything = [series for group in groups.values() for series in group]
    values: dict[str, object] = {"series": json.dumps(everything), "metric": axis}
    span = _STEPS if axis == "step" else _RANGE.format(place=place)
    low, high = connection.execute(span, values).fetchone()
    if low is None:
        return [_columns(name, key, (), ()) for name in groups]
    width = _width(low, high, points)
    ends = [min(low + (number + 1) * width - (axis == "step"), high) for number in range(points)]
    parts = _FROM_BLOCKS if axis == "step" and width >= SMALL else _FROM_POINTS
    query = _STATISTICS.format(parts=parts.format(place=place))
    values |= {"low": low, "width": width, "last": points - 1}
    return [
        _columns(name, key, _rows(connection, query, values, group), ends)
        for name, group in groups.items()
    ]


def _rows(
    connection: sqlite3.Connection, query: str, values: dict[str, object], group: Sequence[int]
) -> list[sqlite3.Row]:
    return connection.execute(query, values | {"series": json.dumps(list(group))}).fetchall()


def _width(low: float, high: float, points: int) -> float:
    """Return how long a bucket is on the axis; steps are whole numbers, and so are theirs.

    Buckets of more than a few steps are as long as blocks: those of a history without gaps
    are then not divided.
    """
    if isinstance(low, float):
        return (high - low) / points or 1.0
    width = (high - low) // points + 1
    width += -width % SMALL if width > SMALL else 0
    return min(width, 2**63 - 1)


_PLACES: dict[str | int, str] = {
    "step": "point.step",
    "time": "cast(point.ts as real)",
    "relative": "(point.ts - run.started) / 1000.0",
}
_OF_METRIC = """(
    select cast(other.value as real) from point as other where other.series =
        (select id from series as of where of.run = series.run and of.metric = :metric)
    and other.step <= point.step order by other.step desc, other.seq desc limit 1
)"""

_POINTS_OF_SERIES = """
from series join run on run.id = series.run join point on point.series = series.id
where series.id in (select value from json_each(:series))
"""
_RANGE = f"select min({{place}}), max({{place}}) {_POINTS_OF_SERIES}"
# A series is in the order of its steps: its first point and its last one tell.
_STEPS = """
select
    min((select step from point where series = one.value order by step, seq limit 1)),
    max((select step from point where series = one.value order by step desc, seq desc limit 1))
from json_each(:series) as one
"""

_BUCKET = "min(cast(({place} - :low) / :width as integer), :last)"
_POINT = "value is not null as n, value as total, 0.0 as spread, value as low, value as high"

_FROM_POINTS = f"""
select {_BUCKET} as bucket, series.id as series, {_POINT}
{_POINTS_OF_SERIES} and {{place}} is not null
"""

# The blocks that lie in one bucket, the points of those that do not, the points in no block.
_STEP = _BUCKET.format(place="point.step")
_FROM_BLOCKS = f"""
with chosen as not materialized (
    select series, step, seq, last_step, last_seq, n, nnan, sum, spread, min, max,
        {_BUCKET.format(place="step")} as bucket,
        {_BUCKET.format(place="step")} = {_BUCKET.format(place="last_step")} as whole
    from block where size = {SMALL} and series in (select value from json_each(:series))
), covered as (
    select value as series,
        (select last_step from block where series = one.value and size = {SMALL}
        order by step desc, seq desc limit 1) as step,
        (select last_seq from block where series = one.value and size = {SMALL}
        order by step desc, seq desc limit 1) as seq
    from json_each(:series) as one
)
select bucket, series, n - nnan as n, sum as total, spread, min as low, max as high
from chosen where whole
union all
select {_STEP}, point.series, {_POINT}
from chosen join point on point.series = chosen.series
    and (point.step, point.seq) >= (chosen.step, chosen.seq)
    and (point.step, point.seq) <= (chosen.last_step, chosen.last_seq)
where not whole
union all
select {_STEP}, point.series, {_POINT}
from covered join point on point.series = covered.series
    and (point.step, point.seq) > (covered.step, covered.seq)
where covered.step is not null
union all
select {_STEP}, point.series, {_POINT}
from covered join point on point.series = covered.series where covered.step is null
"""

# Deviations from the mean in a second pass: a difference of sums of squares would drown them.
# That pass looks the means up, which are few, and not the parts.
_STATISTICS = """
with parts as materialized ({parts}), means as materialized (
    select bucket, count(distinct series) as runs, sum(n) as count, sum(total) / sum(n) as mean,
        min(low) as low, max(high) as high
    from parts group by bucket
), spreads as (
    select bucket, sum(spread + n * (total / n - mean) * (total / n - mean)) as spread
    from parts cross join means using (bucket) group by bucket
)
select bucket, runs, count, mean, spread, low, high
from means join spreads using (bucket) order by bucket
"""


def _columns(
    group: str, key: str, rows: Sequence[sqlite3.Row], axis: Sequence[float]
) -> GroupStatistics:
    lows = [math.nan if row["low"] is None else row["low"] for row in rows]
    highs = [math.nan if row["high"] is None else row["high"] for row in rows]
    return GroupStatistics(
        group=group,
        key=key,
        x=[axis[row["bucket"]] for row in rows],
        runs=[row["runs"] for row in rows],
        count=[row["count"] for row in rows],
        mean=[_mean(row, low, high) for row, low, high in zip(rows, lows, highs, strict=True)],
        std=[_std(row, low, high) for row, low, high in zip(rows, lows, highs, strict=True)],
        low=lows,
        high=highs,
    )


def _mean(row: sqlite3.Row, low: float, high: float) -> float:
    infinite = low + high  # NaN if both are, and if there is no number
    return row["mean"] if math.isfinite(low) and math.isfinite(high) else infinite


def _std(row: sqlite3.Row, low: float, high: float) -> float:
    if not (math.isfinite(low) and math.isfinite(high)):
        return math.nan
    return math.sqrt(row["spread"] / row["count"])
