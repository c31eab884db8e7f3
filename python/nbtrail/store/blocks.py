"""Blocks: what is known of consecutive points, so that no chart and no statistic reads them all.

Blocks of 16 points cover the beginning of each history without a gap, and each of 256 is made of
whole ones of 16. The last few points are in none: a block is made once it is full. A late point
falls into a block, which is made anew, and divided when it has doubled.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import pairwise
from math import dist, isnan, nan
from typing import Any, NamedTuple

from nbtrail.store import bulk, charts

SMALL, LARGE = 16, 256
_SMALL_IN_LARGE = LARGE // SMALL

Key = tuple[int, int]
"""step, seq: the order of a history."""

BEFORE_ALL: Key = (-(2**63), -1)
AFTER_ALL: Key = (2**63 - 1, 2**63 - 1)


class Rows(NamedTuple):
    """Points of one history, in columns and in order."""

    steps: Sequence[int]
    seqs: Sequence[int]
    times: Sequence[int]
    values: Sequence[float]

    def followed_by(self, more: Rows) -> Rows:
        """Return these points and then those."""
        return Rows(
            [*self.steps, *more.steps],
            [*self.seqs, *more.seqs],
            [*self.times, *more.times],
            [*self.values, *more.values],
        )


class Block(NamedTuple):
    """A row of the table, but for the series and the size.

    `n` counts NaN points too. `sum` and `spread` (the sum of the squared deviations from the
    mean) are without them; infinities may make NaN, a null, of these two. `chart` is packed:
    see charts.py.
    """

    step: int
    seq: int
    last_step: int
    last_seq: int
    n: int
    nnan: int
    min: float | None
    max: float | None
    sum: float | None
    spread: float | None
    chart: bytes

    @property
    def start(self) -> Key:
        """Where its first point stands."""
        return self.step, self.seq

    @property
    def end(self) -> Key:
        """Where its last point stands."""
        return self.last_step, self.last_seq


def fills(before: int, after: int) -> bool:
    """Say whether a history that grows from so many points to so many gets another block."""
    return before // SMALL != after // SMALL


def loose(connection: sqlite3.Connection, series: int) -> Rows:
    """Return the last few points, which no block covers."""
    return _points(connection, series, _end(connection, series, SMALL), AFTER_ALL)


def extend(
    connection: sqlite3.Connection, series: int, rows: Rows, before: int, after: int
) -> None:
    """Make blocks at the end of a history, which grew from `before` to `after` points.

    Args:
        connection: in a transaction.
        series: the history.
        rows: all points that no block covers yet, in order.
        before: its points when blocks were last made.
        after: its points now.
    """
    made = _fold_all(rows)
    if before // LARGE != after // LARGE:
        waiting = _blocks(connection, series, _end(connection, series, LARGE), AFTER_ALL)
        _insert(connection, series, LARGE, _merge_all([*waiting, *made]))
    _insert(connection, series, SMALL, made)


def absorb(connection: sqlite3.Connection, series: int, late: Sequence[Key]) -> None:
    """Bring the blocks that late points fell into up to date; the points are stored already."""
    end = _end(connection, series, SMALL)
    keys = sorted(key for key in late if key <= end)
    touched: dict[Key, tuple[Key, Key]] = {}
    while keys:
        block = _block_at(connection, series, SMALL, keys[0])
        following = _next_start(connection, series, block.end)
        inside = [key for key in keys if key < following]
        first, last = min(block.start, inside[0]), max(block.end, inside[-1])
        _touch(connection, series, touched, block.start, first)
        rows = _points(connection, series, _before(first), last)
        parts = _parts(len(rows.steps), len(rows.steps) // SMALL)
        made = [_fold(rows, start, end) for start, end in parts]
        _replace(connection, series, SMALL, block.start, made)
        keys = keys[len(inside) :]
    for start, (first, following) in touched.items():
        within = _blocks(connection, series, _before(first), _before(following))
        wanted = sum(block.n for block in within) // LARGE
        made = [_merge(within[begin:end]) for begin, end in _parts(len(within), wanted)]
        _replace(connection, series, LARGE, start, made)


def _touch(
    connection: sqlite3.Connection,
    series: int,
    touched: dict[Key, tuple[Key, Key]],
    small: Key,
    first: Key,
) -> None:
    """Note the large block that has the small one at `small`, and where its small ones lie."""
    if small > _end(connection, series, LARGE):
        return
    large = _block_at(connection, series, LARGE, small)
    known = touched.get(large.start)
    following = known[1] if known else _next_start(connection, series, large.end)
    touched[large.start] = min(known[0] if known else large.start, first), following


def rebuild(connection: sqlite3.Connection, series: int) -> None:
    """Make all blocks of a history from its points."""
    connection.execute("delete from block where series = ?", (series,))
    cursor = connection.execute(_POINTS, (series, *BEFORE_ALL, *AFTER_ALL))
    waiting: list[Block] = []
    while found := cursor.fetchmany(LARGE * SMALL):
        made = _fold_all(_rows(list(zip(*found, strict=True))))
        _insert(connection, series, SMALL, made)
        waiting += made
        merged = _merge_all(waiting)
        _insert(connection, series, LARGE, merged)
        del waiting[: len(merged) * _SMALL_IN_LARGE]


def within(
    connection: sqlite3.Connection, series: int, size: int, after: Key, upto: Key
) -> tuple[Key, Key, Key] | None:
    """Return where the blocks of a size that lie in a stretch start, and where the last ends.

    Returns:
        the first start, the last start and the last end; None if no block lies in it.
    """
    values = (series, size, *after, *upto)
    first = connection.execute(f"{_WITHIN} order by step, seq limit 1", values).fetchone()
    lasts = connection.execute(f"{_WITHIN} order by step desc, seq desc limit 2", values)
    for step, seq, *end in lasts:
        if (end[0], end[1]) <= upto:
            return (first["step"], first["seq"]), (step, seq), (end[0], end[1])
    return None


def _fold_all(rows: Rows) -> list[Block]:
    """Return the blocks that points fill; the last few may fill none."""
    full = range(0, len(rows.steps) - SMALL + 1, SMALL)
    return [_fold(rows, start, start + SMALL) for start in full]


def _fold(rows: Rows, start: int, end: int) -> Block:
    steps, seqs, times, every = rows
    values = every[start:end]
    total = sum(values)
    if isnan(total):  # there is one in it, or infinities of both signs
        values = [value for value in values if not isnan(value)]
        total = sum(values)
    n, last = end - start, end - 1
    low, high = (min(values), max(values)) if values else (None, None)
    return Block(
        steps[start], seqs[start], steps[last], seqs[last], n, n - len(values),
        low, high, total, _spread(values, total),
        charts.pack(steps[last], times[last], n, every[start], every[last], low, high),
    )  # fmt: skip


def _spread(values: Sequence[float], total: float) -> float:
    """Return the sum of squared deviations from the mean; what infinities make of it is unused.

    A difference of sums of squares would do, but drown the deviations of what is far from zero.
    """
    if not values:
        return 0.0
    deviation = dist(values, [total / len(values)] * len(values))
    return deviation * deviation


def _merge_all(blocks: Sequence[Block]) -> list[Block]:
    """Return the large blocks that small ones fill; the last few may fill none."""
    full = range(0, len(blocks) - _SMALL_IN_LARGE + 1, _SMALL_IN_LARGE)
    return [_merge(blocks[start : start + _SMALL_IN_LARGE]) for start in full]


def _merge(blocks: Sequence[Block]) -> Block:
    first, last = blocks[0], blocks[-1]
    n, nnan = sum(block.n for block in blocks), sum(block.nnan for block in blocks)
    total = sum(_number(block.sum) for block in blocks)
    low = min((block.min for block in blocks if block.min is not None), default=None)
    high = max((block.max for block in blocks if block.max is not None), default=None)
    (_, first_value, _), (time, _, last_value) = charts.ends(first.chart), charts.ends(last.chart)
    return Block(
        first.step, first.seq, last.last_step, last.last_seq, n, nnan,
        low, high, total, _merged_spread(blocks, total / ((n - nnan) or 1)),
        charts.pack(last.last_step, time, n, first_value, last_value, low, high),
    )  # fmt: skip


def _merged_spread(blocks: Sequence[Block], mean: float) -> float:
    spread = 0.0
    for block in blocks:
        if count := block.n - block.nnan:
            away = _number(block.sum) / count - mean
            spread += _number(block.spread) + count * away * away
    return spread


def _parts(length: int, wanted: int) -> list[tuple[int, int]]:
    """Divide a range into as many parts of about the same length; at least one."""
    wanted = max(wanted, 1)
    return list(pairwise(number * length // wanted for number in range(wanted + 1)))


_POINTS = """
select step, seq, ts, value from point
where series = ? and (step, seq) > (?, ?) and (step, seq) <= (?, ?) order by step, seq
"""
_COLUMNS = ", ".join(Block._fields)
_BLOCKS = f"select {_COLUMNS} from block where series = ? and size = ?"
_WITHIN = """
select step, seq, last_step, last_seq from block
where series = ? and size = ? and (step, seq) > (?, ?) and (step, seq) <= (?, ?)
"""


def _points(connection: sqlite3.Connection, series: int, after: Key, upto: Key) -> Rows:
    return _rows(bulk.columns(connection, _POINTS, (series, *after, *upto)))


def _rows(columns: Sequence[Sequence[Any]]) -> Rows:
    steps, seqs, times, values = columns or ((),) * 4
    return Rows(steps, seqs, times, [_number(value) for value in values])


def _blocks(connection: sqlite3.Connection, series: int, after: Key, upto: Key) -> list[Block]:
    """Return the small blocks that start after one place and up to another."""
    query = f"{_BLOCKS} and (step, seq) > (?, ?) and (step, seq) <= (?, ?) order by step, seq"
    found = connection.execute(query, (series, SMALL, *after, *upto))
    return [Block(*row) for row in found]


def _block_at(connection: sqlite3.Connection, series: int, size: int, key: Key) -> Block:
    """Return the last block that starts at a place or before, or else the first."""
    row = connection.execute(
        f"{_BLOCKS} and (step, seq) <= (?, ?) order by step desc, seq desc limit 1",
        (series, size, *key),
    ).fetchone()
    if row is None:
        query = f"{_BLOCKS} order by step, seq limit 1"
        row = connection.execute(query, (series, size)).fetchone()
    return Block(*row)


def _next_start(connection: sqlite3.Connection, series: int, key: Key) -> Key:
    """Return where the first small block after a place starts; the end of all if there is none."""
    row = connection.execute(
        "select step, seq from block where series = ? and size = ? and (step, seq) > (?, ?) "
        "order by step, seq limit 1",
        (series, SMALL, *key),
    ).fetchone()
    return (row[0], row[1]) if row else AFTER_ALL


def _end(connection: sqlite3.Connection, series: int, size: int) -> Key:
    """Return the place up to which there are blocks of a size."""
    row = connection.execute(
        "select last_step, last_seq from block where series = ? and size = ? "
        "order by step desc, seq desc limit 1",
        (series, size),
    ).fetchone()
    return (row[0], row[1]) if row else BEFORE_ALL


def _insert(
    connection: sqlite3.Connection, series: int, size: int, blocks: Sequence[Block]
) -> None:
    if not blocks:
        return
    values = ", ".join(f"{{{column}}}" for column in range(len(Block._fields)))
    table = f"block (series, size, {_COLUMNS})"
    bulk.insert(
        connection, table, f"(?1, ?2, {values})", (series, size), list(zip(*blocks, strict=True))
    )


def _replace(
    connection: sqlite3.Connection, series: int, size: int, start: Key, blocks: Sequence[Block]
) -> None:
    connection.execute(
        "delete from block where series = ? and size = ? and step = ? and seq = ?",
        (series, size, *start),
    )
    _insert(connection, series, size, blocks)


def _before(key: Key) -> Key:
    return key[0], key[1] - 1


def _number(stored: float | None) -> float:
    return nan if stored is None else stored
