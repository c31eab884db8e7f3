"""Metric points into the tables, with what is maintained of each history: totals and blocks."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Sequence
from operator import lt
from typing import NamedTuple

from nbtrail.store import blocks, bulk

Point = tuple[int, int, int, int, float]
"""series, execution (0: none), step, timestamp in ms, value."""


class _Totals(NamedTuple):
    """The maintained columns of one series."""

    points: int
    max_step: int | None
    last: float | None
    last_step: int | None
    last_ts: int | None
    last_execution: int | None
    min: float | None
    max: float | None


class Columns(NamedTuple):
    """Points in the order of their arrival; columns, for a tuple a point is work for the GC."""

    series: list[int]
    executions: list[int]
    steps: list[int]
    times: list[int]
    values: list[float]

    def places(self) -> dict[int, Sequence[int]]:
        """Return where the points of each series stand."""
        if len(set(self.series)) == 1:
            return {self.series[0]: range(len(self.series))}
        found: dict[int, list[int]] = {}
        for place, series in enumerate(self.series):
            found.setdefault(series, []).append(place)
        return dict(found)

    def at(self, places: Sequence[int]) -> Columns:
        """Return the points at these places."""
        if len(places) == len(self.series):
            return self
        return Columns(
            [self.series[place] for place in places],
            [self.executions[place] for place in places],
            [self.steps[place] for place in places],
            [self.times[place] for place in places],
            [self.values[place] for place in places],
        )


def insert_points(connection: sqlite3.Connection, points: Iterable[Point]) -> int:
    """Insert points and bring their series up to date; see `insert_columns`."""
    columns = [list(column) for column in zip(*points, strict=True)]
    return insert_columns(connection, Columns(*columns)) if columns else 0


def insert_columns(connection: sqlite3.Connection, points: Columns) -> int:
    """Insert points and bring their series up to date.

    Returns:
        how many points were of a series that is not there, and were left out.
    """
    places = points.places()
    known = _load(connection, list(places))
    singles, totals = [], []
    for series, before in known.items():
        first = places[series][0]
        if len(places[series]) == 1 and _is_plain(before, points.steps[first]):
            singles.append(first)
            totals.append((*_with_one(before, points, first), series))
        else:
            added = points.at(places[series])
            _add(connection, series, before, added)
            totals.append((*_totals(before, added), series))
    _insert_singles(connection, points.at(singles))
    connection.executemany(_UPDATE, totals)
    return sum(len(of) for series, of in places.items() if series not in known)


def insert_first(
    connection: sqlite3.Connection, run: int, metrics: Sequence[int], points: Columns
) -> None:
    """Insert new series of a run with the first point of each: half the work of one by one.

    Args:
        connection: in a transaction.
        run: the run's row.
        metrics: the metric of each point.
        points: one of each series, under an id that no series has had.
    """
    executions = [execution or None for execution in points.executions]
    # The last value is the least and the greatest, too, but for a NaN, which is stored as null.
    totals = points.steps, points.values, points.steps, points.times, executions
    columns = points.series, metrics, *totals, points.values, points.values
    table = f"series (id, run, metric, {', '.join(_NAMES)})"
    template = "({0}, ?1, {1}, 1, {2}, {3}, {4}, {5}, {6}, {7}, {8})"
    bulk.insert(connection, table, template, (run,), columns)
    _insert_singles(connection, points)


def _is_plain(before: _Totals, step: int) -> bool:
    """Say whether a point comes in order, at a step of its own, and fills no block."""
    rises = before.max_step is None or step > before.max_step
    return rises and not blocks.fills(before.points, before.points + 1)


def _with_one(before: _Totals, points: Columns, place: int) -> _Totals:
    """Return totals with a point that is `_is_plain`."""
    step, value = points.steps[place], points.values[place]
    execution = points.executions[place] or None
    low, high = before.min, before.max
    if not math.isnan(value):
        low = value if low is None or value < low else low
        high = value if high is None or value > high else high
    return _Totals(before.points + 1, step, value, step, points.times[place], execution, low, high)


def _insert_singles(connection: sqlite3.Connection, points: Columns) -> None:
    """Insert one point of each of many series, all at once."""
    if points.steps:
        executions = [execution or None for execution in points.executions]
        columns = (points.series, points.steps, points.times, points.values, executions)
        bulk.insert(connection, "point", "({0}, {1}, 0, {2}, {3}, {4})", (), columns)


_NAMES = ("count", *_Totals._fields[1:])
_SELECT = f"""
select id, {", ".join(_NAMES)} from series where id in (select value from json_each(?))
"""
_UPDATE = f"update series set {', '.join(f'{name} = ?' for name in _NAMES)} where id = ?"


def _load(connection: sqlite3.Connection, series: list[int]) -> dict[int, _Totals]:
    cursor = connection.cursor()
    cursor.row_factory = None
    rows = cursor.execute(_SELECT, (bulk.as_list(series),))
    return {series: _Totals._make(columns) for series, *columns in rows}


def _add(connection: sqlite3.Connection, series: int, before: _Totals, added: Columns) -> None:
    """Insert points of one series, and make the blocks that they fill or fall into."""
    rises = all(map(lt, added.steps, added.steps[1:])) and (
        before.max_step is None or added.steps[0] > before.max_step
    )
    seqs = [0] * len(added.steps) if rises else _seqs(before, added.steps)
    rows = blocks.Rows(added.steps, seqs, added.times, added.values)
    after = before.points + len(added.steps)
    full = blocks.fills(before.points, after)
    loose = blocks.loose(connection, series) if full and rises else None
    _insert(connection, series, added.executions, rows)
    if not rises:
        blocks.absorb(connection, series, list(zip(added.steps, seqs, strict=True)))
    if full:
        fresh = blocks.loose(connection, series) if loose is None else loose.followed_by(rows)
        blocks.extend(connection, series, fresh, before.points, after)


def _seqs(before: _Totals, steps: Sequence[int]) -> list[int]:
    """Return what keeps late and repeated steps in their order of arrival."""
    highest, seqs = before.max_step, []
    for count, step in enumerate(steps, start=before.points):
        later = highest is None or step > highest
        seqs.append(0 if later else count)
        highest = step if later else highest
    return seqs


def _insert(
    connection: sqlite3.Connection, series: int, executions: Sequence[int], rows: blocks.Rows
) -> None:
    """Insert rows; SQLite makes a null of a NaN."""
    template = "(?1, {0}, {1}, {2}, {3}, ?2)"
    if executions[0] == executions[-1] and len(set(executions)) == 1:
        bulk.insert(connection, "point", template, (series, executions[0] or None), rows)
    else:
        known = [execution or None for execution in executions]
        bulk.insert(connection, "point", "(?1, {0}, {1}, {2}, {3}, {4})", (series,), (*rows, known))


def _totals(before: _Totals, added: Columns) -> _Totals:
    steps, values = added.steps, added.values
    highest = max(steps)
    last, last_step, last_ts, last_execution = before[2:6]
    if last_step is None or highest >= last_step:
        at = len(steps) - 1 - steps[::-1].index(highest)
        last, last_step, last_ts = values[at], highest, added.times[at]
        last_execution = added.executions[at] or None
    if math.isnan(sum(values)):
        values = [value for value in values if not math.isnan(value)]
    known = [value for value in before[6:] if value is not None]
    return _Totals(
        before.points + len(steps),
        highest if before.max_step is None else max(highest, before.max_step),
        last, last_step, last_ts, last_execution,
        min((*values, *known), default=None), max((*values, *known), default=None),
    )  # fmt: skip
