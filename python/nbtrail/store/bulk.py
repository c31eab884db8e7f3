"""Many rows at once, to and from the tables.

SQLite spends more on starting a statement than on a row: one that inserts 64 rows of values takes
less than half of what `executemany` takes for them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec

SIZES = (64, 8)
_encode = msgspec.json.Encoder().encode


def insert(
    connection: sqlite3.Connection,
    table: str,
    template: str,
    shared: Sequence[object],
    columns: Sequence[Sequence[object]],
    unless: str = "",
) -> int:
    """Insert rows, and return how many.

    Args:
        connection: in a transaction.
        table: the table, with its columns if need be.
        template: the values of one row: `{0}`, `{1}` … stand for the row's own, ``?1``, ``?2`` …
            for the shared ones.
        shared: values that all rows have.
        columns: what differs, a sequence for each placeholder, all of one length.
        unless: an ``on conflict`` clause, for rows that may be there.
    """
    width, count, done, inserted = len(columns), len(columns[0]), 0, 0
    values: list[object] = [None] * (width * count)
    for place, column in enumerate(columns):
        values[place::width] = column
    while done < count:
        size = _at_once(count - done)
        statement = _statement(table, template, len(shared), width, size) + unless
        its = values[done * width : (done + size) * width]
        inserted += connection.execute(statement, (*shared, *its)).rowcount
        done += size
    return inserted


def _at_once(left: int) -> int:
    """Return how many rows the next statement has: one for each number would fill the cache."""
    for size in SIZES:
        if size <= left:
            return size
    return left


def as_list(values: Sequence[object]) -> str:
    """Return values in the form that ``json_each(?)`` unfolds."""
    return _encode(values).decode()


def columns(
    connection: sqlite3.Connection, query: str, values: Sequence[object]
) -> list[tuple[Any, ...]]:
    """Return what a query finds, in columns; an empty list if that is nothing."""
    cursor = connection.cursor()
    cursor.row_factory = None  # plain tuples: names cost as much as the rows
    return list(zip(*cursor.execute(query, values).fetchall(), strict=True))


@lru_cache(maxsize=128)
def _statement(table: str, template: str, shared: int, width: int, size: int) -> str:
    rows = (
        template.format(*(f"?{shared + 1 + row * width + column}" for column in range(width)))
        for row in range(size)
    )
    return f"insert into {table} values {', '.join(rows)}"
