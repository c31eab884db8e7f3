"""Histories of metrics, and statistics over them, as charts draw them."""

from __future__ import annotations

from nbtrail.entities.base import Record


class SeriesPoints(Record, frozen=True):
    """A metric's history, or its buckets when it was longer than asked for.

    The columns are of equal length, one entry a bucket: `step`, `timestamp` and `value` are of
    its last point, `first` is its first value, `low` and `high` are its extremes without NaN
    (NaN when there is nothing else), `count` its number of points. `x` is the axis that was
    asked for. `total` is the number of points in the store.
    """

    run_id: str
    key: str
    total: int
    x: list[float]
    step: list[int]
    timestamp: list[int]
    value: list[float]
    first: list[float]
    low: list[float]
    high: list[float]
    count: list[int]


class GroupStatistics(Record, frozen=True):
    """A metric over several runs, exact: one entry a bucket of the axis, all columns as long.

    `runs` is how many runs have points in the bucket, `count` how many points those are (NaN
    ones not counted); `mean`, `std` (of the population), `low` and `high` are over the points.
    """

    group: str
    key: str
    x: list[float]
    runs: list[int]
    count: list[int]
    mean: list[float]
    std: list[float]
    low: list[float]
    high: list[float]
