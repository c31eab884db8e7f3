"""Which metrics and params there are, so that a misspelt one is told and not just never found."""

from __future__ import annotations

import difflib
import sqlite3
from dataclasses import replace

from nbtrail.errors import InvalidValue
from nbtrail.store.search.grammar import PARTS, Key

NO_ROW = -1
MOST_KNOWN = 5000
CLOSE = 0.8  # of difflib's ratio

_METRIC = (
    "select id from metric where key = ? "
    "and exists (select 1 from series where series.metric = metric.id and count > 0)"
)
_PARAM = "select 1 from param where key = ? limit 1"
_METRICS = (
    "select key from metric where exists "
    f"(select 1 from series where series.metric = metric.id and count > 0) limit {MOST_KNOWN}"
)
# One step of the index per key, however many runs have it.
_PARAMS = (
    "with recursive known(key) as (select min(key) from param union all "
    "select (select min(key) from param where param.key > known.key) from known "
    f"where known.key is not null) select key from known where key is not null limit {MOST_KNOWN}"
)


class Names:
    """The keys of one store. `lenient` takes any unknown one for absent."""

    def __init__(self, connection: sqlite3.Connection, *, lenient: bool = False) -> None:
        self._connection = connection
        self._lenient = lenient

    def metric(self, key: Key) -> tuple[int, str]:
        """Return the row of a metric, and which column of its series is meant.

        ``loss.min`` is the lowest value of ``loss``, unless there is a metric of that name.

        Raises:
            InvalidValue: no run has it, and another's name is close.
        """
        row = None if key.part else self._row(key.name)
        if row is not None:
            return row, "last"
        whole, dot, part = key.name.rpartition(".")
        if dot and not key.quoted and part.lower() in PARTS:
            key = replace(key, name=whole, part=part.lower())
        row = self._row(key.name)
        if row is None:
            self._refuse_close(key, _METRICS)
        return NO_ROW if row is None else row, key.part or "last"

    def _row(self, name: str) -> int | None:
        row = self._connection.execute(_METRIC, (name,)).fetchone()
        return None if row is None else row[0]

    def param(self, key: Key) -> str:
        """Return the name of a param.

        Raises:
            InvalidValue: no run has it, and another's name is close.
        """
        if self._connection.execute(_PARAM, (key.name,)).fetchone() is None:
            self._refuse_close(key, _PARAMS)
        return key.name

    def of(self, name: str) -> str:
        """Return a hint if a metric or a param has this name."""
        if self._row(name) is not None:
            return f" Did you mean 'metrics.{name}'?"
        if self._connection.execute(_PARAM, (name,)).fetchone() is not None:
            return f" Did you mean 'params.{name}'?"
        return ""

    def _refuse_close(self, key: Key, known: str) -> None:
        if self._lenient:
            return
        names = (name for (name,) in self._connection.execute(known))
        close = difflib.get_close_matches(key.name, names, n=1, cutoff=CLOSE)
        if close:
            raise InvalidValue(
                f"No run has the {key.kind} '{key.name}' (character {key.at + 1}). "
                f"Did you mean '{close[0]}'?"
            )
