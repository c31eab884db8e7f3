"""Which params, metrics and tags runs have, how many of them, and whether the values differ.

To count half a million rows takes a quarter of a second, and the answer is for a person who
chooses columns: so the figures are of the newest runs, and of others spread over the rest.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import msgspec

from nbtrail.store import bulk, search

MOST_KEYS = 2000
MOST_ROWS = 40_000  # that are counted, of metrics, params and tags together
MOST_RUNS, FEWEST_RUNS = 1000, 20


class KeyUse(msgspec.Struct, frozen=True):
    """A key, how many of the runs that were looked at have it, and how many values it has there."""

    key: str
    runs: int
    distinct: int


class Keys(msgspec.Struct, frozen=True):
    """The keys of runs, the most frequent first; the figures are of `looked_at` of the `runs`."""

    runs: int
    looked_at: int
    params: list[KeyUse]
    metrics: list[KeyUse]
    tags: list[KeyUse]
    truncated: bool


def keys_of(connection: sqlite3.Connection, question: search.Question) -> Keys:
    """Return the keys of the runs that a question leaves."""
    every = search.matches(connection, question)
    newest = f"select id from ({every.sql}) order by id desc"
    ids = [row[0] for row in connection.execute(newest, every.values)]
    chosen = _chosen(ids, _rows_of_a_run(connection, ids))
    found = [_used(connection, query, chosen) for query in (_PARAMS, _METRICS, _TAGS)]
    truncated = any(len(uses) > MOST_KEYS for uses in found)
    params, metrics, tags = (uses[:MOST_KEYS] for uses in found)
    return Keys(len(ids), len(chosen), params, metrics, tags, truncated)


def _chosen(ids: Sequence[int], rows: float) -> list[int]:
    """Return so many runs that their rows are counted at once: half the newest, half spread."""
    most = int(min(MOST_RUNS, max(FEWEST_RUNS, MOST_ROWS / rows)))
    if len(ids) <= most:
        return list(ids)
    newest, rest = ids[: most // 2], ids[most // 2 :]
    others = most - len(newest)
    return [*newest, *(rest[number * len(rest) // others] for number in range(others))]


def _rows_of_a_run(connection: sqlite3.Connection, ids: Sequence[int]) -> float:
    """Return how many keys the latest runs have, on average; at least one."""
    some = ids[:FEWEST_RUNS]
    rows: int = connection.execute(_ROWS, {"wanted": bulk.as_list(some)}).fetchone()[0]
    return max(1.0, rows / max(1, len(some)))


def _used(connection: sqlite3.Connection, query: str, ids: Sequence[int]) -> list[KeyUse]:
    rows = connection.execute(query, (bulk.as_list(ids), MOST_KEYS + 1))
    return [KeyUse(*row) for row in rows]


_ROWS = "select " + " + ".join(
    f"(select count(*) from {table} where run in (select value from json_each(:wanted)))"
    for table in ("series", "param", "tag")
)
_OWN = (
    "select {0}.key, count(*), count(distinct {0}.value) from json_each(?) as wanted "
    "cross join {0} on {0}.run = wanted.value group by {0}.key order by 2 desc, 1 limit ?"
)
_PARAMS, _TAGS = _OWN.replace("{0}", "param"), _OWN.replace("{0}", "tag")
# A NaN is null, which `distinct` does not count.
_METRICS = """
select metric.key, runs, different from (
    select metric, count(*) as runs, count(distinct last) + (count(last) < count(*)) as different
    from json_each(?) as wanted cross join series on series.run = wanted.value
    where count > 0 group by metric
) join metric on metric.id = metric order by 2 desc, 1 limit ?
"""
