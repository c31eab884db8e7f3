"""Many rows at once, to and from the tables.

SQLite spends more on starting a statement than on a row: one that inserts 64 rows of values takes
less than half of what `executemany` takes for them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

SIZES = (64, 8, 1)


def insert(
    connection: sqlite3.Connection,
    table: str,
    template: str,
    shared: Sequence[object],
    columns: Sequence[Sequence[object]],
) -> None:
    """Insert rows.

    Args:
        connection: in a transaction.
        table: the table, with its columns if need be.
        template: the values of one row: `{0}`, `{1}` … stand for the row's own, ``?1``, ``?2`` …
            for the shared ones.
        shared: values that all rows have.
        columns: what differs, a sequence for each placeholder, all of one length.
    """
    width, start = len(columns), 0
    values: list[object] = [None] * (width * len(columns[0]))
    for place, column in enumerate(columns):
        values[place::width] = column
    for size in SIZES:
        statement = _statement(table, template, len(shared), width, size)
        while len(values) - start >= size * width:
            end = start + size * width
            connection.execute(statement, (*shared, *values[start:end]))
            start = end


def columns(
    connection: sqlite3.Connection, query: str, values: Sequence[object]
) -> list[tuple[Any, ...]]:
    """Return what a query finds, in columns; an empty list if that is nothing."""
    cursor = connection.cursor()
    cursor.row_factory = None  # plain tuples: names cost as much as the rows
    return list(zip(*cursor.execute(query, values).fetchall(), strict=True))


@lru_cache(maxsize=64)
def _statement(table: str, template: str, shared: int, width: int, size: int) -> str:
    rows = (
        template.format(*(f"?{shared + 1 + row * width + column}" for column in range(width)))
        for row in range(size)
    )
    return f"insert into {table} values {', '.join(rows)}"
