"""Values of many runs by key, column by column: what a table of runs shows.

Few runs of a large store are looked up one by one; else each key's index is read through, which
costs a fifth for each value.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from nbtrail.errors import InvalidValue, did_you_mean
from nbtrail.store import bulk
from nbtrail.store.search.conditions import Compiler
from nbtrail.store.search.grammar import Key
from nbtrail.store.search.names import Names
from nbtrail.store.search.subjects import PREFIXES, RUN

FEW_OF = 6  # one run in so many is few
_PREFIXES = [prefix for prefix in PREFIXES if prefix != "datasets"]
Values = list[Any]


def parse(text: str) -> Key:
    """Return what a column is: ``metrics.loss``, ``params.lr``, ``tags.x``, ``attributes.status``.

    Raises:
        InvalidValue: it is none of these.
    """
    prefix, dot, name = text.partition(".")
    if not dot or not name or prefix not in _PREFIXES:
        hint = did_you_mean(prefix, _PREFIXES)
        raise InvalidValue(
            f"'{text:.80}' is no column.{hint} Write {', '.join(f'{p}.…' for p in _PREFIXES)}."
        )
    return Key(PREFIXES[prefix], name, len(prefix) + 1)


class Columns:
    """The values of some runs.

    Args:
        connection: in a transaction.
        ids: the numbers of the runs, in the order of the columns.
        root: where the store's artifacts are.
    """

    def __init__(self, connection: sqlite3.Connection, ids: Sequence[int], root: str) -> None:
        self._connection = connection
        self._ids = bulk.as_list(ids)
        self._runs = ids
        last = connection.execute("select max(id) from run").fetchone()[0] or 0
        self._through = len(ids) * FEW_OF > last
        self._names = Names(connection, lenient=True)
        self._compiler = Compiler(RUN, self._names, root, "run.id")

    def of(self, key: Key) -> Values:
        """Return the value that each run has; None for none. NaN is NaN.

        Raises:
            InvalidValue: there is no such attribute.
        """
        read: dict[str, Callable[[Key], Values]] = {
            "attribute": self._attribute,
            "metric": self._metric,
        }
        return read.get(key.kind, self._text)(key)

    def attributes(self, names: Sequence[str]) -> list[Values]:
        """Return several attributes at once.

        Raises:
            InvalidValue: there is no such attribute.
        """
        columns = [self._compiler.attribute(Key("attribute", name, 0)) for name in names]
        query = (
            f"select {', '.join(column.sql for column in columns)} from json_each(?) as wanted "
            "cross join run on run.id = wanted.value order by wanted.key"
        )
        values = [value for column in columns for value in column.values]
        found = bulk.columns(self._connection, query, (*values, self._ids))
        return [list(column) for column in found] or [[] for _ in names]

    def _attribute(self, key: Key) -> Values:
        return self.attributes([key.name])[0]

    def _metric(self, key: Key) -> Values:
        metric, column = self._names.metric(key)
        return self._spread("series", column, "metric = ? and count > 0", metric)

    def _text(self, key: Key) -> Values:
        return self._spread(key.kind, "value", f"{key.kind}.key = ?", key.name)

    def _spread(self, table: str, column: str, mine: str, key: object) -> Values:
        """Return what the runs have in a table with a row a run. A null there is a NaN."""
        values: tuple[object, ...] = (key,)
        query = f"select run, {table}.{column} from {table} where {mine}"
        if not self._through:
            values = (self._ids, key)
            query = (
                f"select run, {table}.{column} from json_each(?) as wanted "
                f"cross join {table} on {table}.run = wanted.value where {mine}"
            )
        cursor = self._connection.cursor()
        cursor.row_factory = None
        rows: dict[int, Any] = dict(cursor.execute(query, values))
        found = [rows.get(run, _ABSENT) for run in self._runs]
        return [None if one is _ABSENT else math.nan if one is None else one for one in found]


_ABSENT = object()
