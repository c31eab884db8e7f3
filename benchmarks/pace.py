"""How quick the machine is just now, against the one on which the goals were set.

A machine that is shared is at times half as quick as at others. Whoever set the goals measured
one plain query there, too: `REFERENCE`. The same query beside each figure says what a figure of
here would be there.
"""

from __future__ import annotations

import sqlite3
from functools import cache

from benchmarks.worker import timed

RUNS, POINTS, BUCKETS = 100, 10_000, 500
REFERENCE = 0.41
"""Seconds that the GROUP BY took where the goals were set."""

_FILL = f"""
pragma journal_mode = wal;
create table point (series integer, step integer, seq integer, ts integer, value real,
    execution integer, primary key (series, step, seq)) without rowid;
with recursive run (n) as (values (0) union all select n + 1 from run where n < {RUNS - 1}),
    step (n) as (values (0) union all select n + 1 from step where n < {POINTS - 1})
insert into point select run.n, step.n, 0, step.n, step.n / 7.0, null from run, step;
"""
_FOLD = (
    "select series, max(step), min(value), max(value) from point "
    f"group by series, step / {POINTS // BUCKETS}"
)


@cache
def _connection() -> sqlite3.Connection:
    """Open the table, in the folder of whoever measures."""
    return sqlite3.connect("pace.db", isolation_level=None)


def build() -> None:
    """Fill the table that is queried, and read it once."""
    _connection().executescript(_FILL)
    times_slower()


def times_slower() -> float:
    """Return how many times slower this machine is now than that of the goals."""
    return timed(lambda: _connection().execute(_FOLD).fetchall())[0] / REFERENCE
