"""Params of a run: which of two values for one key stays."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

import msgspec

from nbtrail.entities import Param
from nbtrail.errors import InvalidValue
from nbtrail.store.keys import PARAM_LIMIT, check_key, check_text

_MOST_CONTAINERS = 500  # deeper than SQLite and msgspec read is what nobody will compare
_SCALARS = {str, int, float, bool, type(None)}
_RANK = {"autolog": 0, "inherited": 1, "inferred": 1, "injected": 2, "explicit": 3}


def write(connection: sqlite3.Connection, run: int, params: Iterable[Param]) -> None:
    """Record params of the run in this row; explicit ones are immutable and beat all others.

    Raises:
        InvalidValue: an explicit param had another explicit value, a bad key, or a value that
            is too long.
    """
    params = [_checked(param) for param in params]
    known = _known(connection, run, [param.key for param in params])
    chosen: dict[str, Param] = {}
    for param in params:
        if _is_stronger(param, known.get(param.key)):
            known[param.key] = param.value, param.origin
            chosen[param.key] = param
    connection.executemany(
        "insert or replace into param values (?, ?, ?, ?, ?, ?)",
        [(run, p.key, p.value, _to_json(p.typed), p.origin, p.execution) for p in chosen.values()],
    )


def _checked(param: Param) -> Param:
    check_key(param.key, "param")
    check_text(param.value, PARAM_LIMIT, f"value of param '{param.key}'")
    return param


def _known(connection: sqlite3.Connection, run: int, keys: list[str]) -> dict[str, tuple[str, str]]:
    """Return value and origin of the params that are there, of these keys."""
    if len(keys) == 1:
        query, values = "key = ?", (run, keys[0])
    else:
        query, values = "key in (select value from json_each(?))", (run, json.dumps(keys))
    rows = connection.execute(
        f"select key, value, origin from param where run = ? and {query}", values
    )
    return {key: (value, origin) for key, value, origin in rows}


def _is_stronger(param: Param, old: tuple[str, str] | None) -> bool:
    if old is None:
        return True
    value, origin = old
    if origin != "explicit" or param.origin != "explicit":
        return _RANK[param.origin] >= _RANK[origin]
    if param.value != value:
        raise InvalidValue(
            f"The param '{param.key}' is '{value:.80}' already and cannot become "
            f"'{param.value:.80}': params are fixed within a run. Start another run, or "
            "log a metric if the value changes over time."
        )
    return False


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
