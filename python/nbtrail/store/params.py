"""Params of a run: which of two values for one key stays, and the way through the journal.

A param is in the journal when `Params.log` returns, as a metric point is, and whoever drains the
journal inserts it. What contradicts a value that is known here is refused at once; of what two
processes log at the same time the first stays, and whoever drains the second tells that.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import msgspec

from nbtrail.entities import Param
from nbtrail.errors import InvalidValue
from nbtrail.store import bulk, journal, run_ids
from nbtrail.store.database import Database
from nbtrail.store.keys import PARAM_LIMIT, check_key, check_text

_MOST_CONTAINERS = 500  # deeper than SQLite and msgspec read is what nobody will compare
_MOST_RECENT = 10_000
_SCALARS = {str, int, float, bool, type(None)}
_RANK = {"autolog": 0, "inherited": 1, "inferred": 1, "injected": 2, "explicit": 3}

Fields = tuple[str, str, str | None, str, int | None]
"""key, value, typed value as JSON, origin, execution."""
Row = tuple[int, *Fields]
"""The run's row, and the fields."""

_log = logging.getLogger("nbtrail")
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[str, list[Fields]]).decode


class Params:
    """The params of one store, on their way through the journal.

    Args:
        database: where they end up.
        append: writes to this process's journal.
        drain_all: moves what all journals hold into the tables.
    """

    def __init__(
        self, database: Database, append: Callable[[bytes], None], drain_all: Callable[[], None]
    ) -> None:
        self._database = database
        self._append = append
        self._drain_all = drain_all
        self._recent: dict[tuple[str, str], str] = {}

    def log(self, run_id: str, params: Sequence[Param]) -> None:
        """Record params that `check` has passed: they survive the process when this returns.

        Raises:
            NotFound: there is no such run.
            InvalidValue: an explicit param has another explicit value, or the run is deleted;
                nothing is recorded then.
        """
        if new := self._new(run_id, params):
            text = _encode((run_id, [_fields(param) for param in new]))
            if len(text) <= journal.MOST_TEXT:
                self._append(journal.pack_text(text))
            else:
                with self._database.write() as connection:
                    self._drain_all()  # the cell that they are of may be in the journal still
                    write(connection, run_ids.active(connection, run_id), new)
            self._remember(run_id, new)

    def _new(self, run_id: str, params: Sequence[Param]) -> list[Param]:
        """Return the params that the tables do not have yet, if all of them may be recorded."""
        new, recent = self._not_stored(run_id, params), self._recent
        for param in new:
            if recent.get((run_id, param.key), param.value) != param.value:
                self._drain_all()  # the other value is in a journal, or was deleted since
                return self._not_stored(run_id, params)
        return new

    def _not_stored(self, run_id: str, params: Sequence[Param]) -> list[Param]:
        stored = self._stored(run_id, [param.key for param in params])
        new = []
        for param in params:
            value = stored.get(param.key)
            if value is None or param.origin != "explicit":
                new.append(param)
            elif value != param.value:
                _refuse(param.key, value, param.value)
        return new

    def _stored(self, run_id: str, keys: list[str]) -> dict[str, str]:
        """Return what the tables have of these explicit params, of a run that is there."""
        if len(keys) == 1:  # to unfold a list takes longer than to look one up
            rows = self._database.look_up(_ONE, (keys[0], run_id))
        else:
            rows = self._database.look_up(_SOME, (bulk.as_list(keys), run_id))
        if not rows or rows[0][0] != "active":
            with self._database.read() as connection:
                run_ids.active(connection, run_id)
        return {key: value for _, key, value in rows if key is not None}

    def _remember(self, run_id: str, params: Iterable[Param]) -> None:
        recent = self._recent
        for param in params:
            if param.origin == "explicit":
                recent[run_id, param.key] = param.value
        if len(recent) > _MOST_RECENT:
            for key in list(recent)[: _MOST_RECENT // 2]:
                recent.pop(key, None)


_STORED = (
    "select run.lifecycle_stage, param.key, param.value from run left join param "
    "on param.run = run.id and param.origin = 'explicit' and param.key {} where run.uuid = ?"
)
_ANY_OF = "in (select value from json_each(?))"
_ONE, _SOME = _STORED.format("= ?"), _STORED.format(_ANY_OF)


def check(param: Param) -> Param:
    """Return a param that can be recorded.

    Raises:
        InvalidValue: a bad key, or a value that is too long.
    """
    check_key(param.key, "param")
    if len(param.value) > PARAM_LIMIT or not param.value.isascii():
        check_text(param.value, PARAM_LIMIT, f"value of param '{param.key}'")
    return param


def write(connection: sqlite3.Connection, run: int, params: Iterable[Param]) -> None:
    """Insert params that `check` has passed; explicit ones are immutable and beat all others.

    Args:
        connection: in a transaction, which is to be undone if this fails.
        run: the run's row.
        params: what `check` has passed.

    Raises:
        InvalidValue: an explicit param has another explicit value.
    """
    _put(
        connection,
        [(run, *_fields(param)) for param in params],
        lambda _, *values: _refuse(*values),
    )


def insert(connection: sqlite3.Connection, texts: Iterable[bytes]) -> int:
    """Insert what a journal has of params; of what contradicts the first stays, which is told.

    Returns:
        how many were of a run that is not there, and were left out.
    """
    read = [_decode(text) for text in texts]
    runs = dict(_there(connection, "uuid", "run", {run_id for run_id, _ in read}))
    cells = dict(
        _there(connection, "id", "execution", {row[-1] for _, rows in read for row in rows})
    )
    found = [
        (runs[run_id], *values, cells.get(cell))
        for run_id, rows in read
        if run_id in runs
        for *values, cell in rows
    ]
    _put(connection, found, partial(_tell, connection))
    return sum(len(rows) for run_id, rows in read if run_id not in runs)


def _there(connection: sqlite3.Connection, column: str, table: str, wanted: set[Any]) -> Any:
    """Return those of the wanted rows that are there, with their ids."""
    query = f"select {column}, id from {table} where {column} {_ANY_OF}"
    return connection.execute(query, (bulk.as_list(list(wanted)),)).fetchall()


Contradict = Callable[[int, str, str, str], None]
"""Is told the run's row and the key of a param, its value, and the one that it cannot have."""


def _put(connection: sqlite3.Connection, rows: Sequence[Row], contradict: Contradict) -> None:
    """Insert rows of params; most of them are not there yet, and need no look at what is."""
    if _insert(connection, rows, "do nothing") < len(rows):
        by_run: dict[int, list[Row]] = {}
        for row in rows:
            by_run.setdefault(row[0], []).append(row)
        for run, its in by_run.items():
            _insert(connection, _stronger(connection, run, its, contradict), _REPLACE)


_REPLACE = """
(run, key) do update set value = excluded.value, typed = excluded.typed,
origin = excluded.origin, execution = excluded.execution
"""


def _insert(connection: sqlite3.Connection, rows: Sequence[Row], otherwise: str) -> int:
    if not rows:
        return 0
    columns = list(zip(*rows, strict=True))
    template = "({0}, {1}, {2}, {3}, {4}, {5})"
    return bulk.insert(connection, "param", template, (), columns, f" on conflict {otherwise}")


def _stronger(
    connection: sqlite3.Connection,
    run: int,
    rows: Iterable[Row],
    contradict: Contradict,
) -> list[Row]:
    """Return those rows of a run that stand, or are to stand, in place of what there is."""
    known = _known(connection, run, [row[1] for row in rows])
    chosen: dict[str, Row] = {}
    for row in rows:
        _, key, value, _, origin, _ = row
        there, its_origin = known[key]
        if origin == its_origin == "explicit":
            if value != there:
                contradict(run, key, there, value)
        elif _RANK[origin] >= _RANK[its_origin]:
            known[key] = value, origin
            chosen[key] = row
    return list(chosen.values())


def _known(connection: sqlite3.Connection, run: int, keys: list[str]) -> dict[str, tuple[str, str]]:
    """Return value and origin of the params that are there, of these keys."""
    rows = connection.execute(
        f"select key, value, origin from param where run = ? and key {_ANY_OF}",
        (run, bulk.as_list(keys)),
    )
    return {key: (value, origin) for key, value, origin in rows}


def _refuse(key: str, value: str, new: str) -> None:
    raise InvalidValue(
        f"The param '{key}' is '{value:.80}' already and cannot become '{new:.80}': params are "
        "fixed within a run. Start another run, or log a metric if the value changes over time."
    )


def _tell(connection: sqlite3.Connection, run: int, key: str, value: str, new: str) -> None:
    (run_id,) = connection.execute("select uuid from run where id = ?", (run,)).fetchone()
    _log.warning(
        "nbtrail: two processes gave the param '%s' of the run %s a value. It stays '%.80s'; "
        "'%.80s' came later and is left out.",
        key, run_id, value, new,
    )  # fmt: skip


def _fields(param: Param) -> Fields:
    return param.key, param.value, _to_json(param.typed), param.origin, param.execution


def _to_json(value: Any) -> str | None:
    """Return a typed value as JSON; None for what JSON cannot say, or hardly anyone could read."""
    try:
        if type(value) in _SCALARS:
            return msgspec.json.encode(value).decode()
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        text.encode()
    except (TypeError, ValueError, RecursionError):
        return None
    return text if text.count("[") + text.count("{") <= _MOST_CONTAINERS else None
