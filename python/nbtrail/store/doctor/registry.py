"""The registry's history: whether its chain holds, and tells of all that is registered."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from functools import partial

from nbtrail.store import chain, replay
from nbtrail.store.doctor.problem import Problem
from nbtrail.store.replay import THERE, Difference

_AREA = "registry history"
_ADVICE = (
    "It cannot be made good: compare with a backup to see what was changed, and ask who could "
    "write the store."
)


def history(connection: sqlite3.Connection) -> Iterator[Problem]:
    """Find where the chain breaks; what a broken one tells is not held against anything."""
    broken = list(chain.breaks(connection))
    for place in broken:
        yield Problem(_AREA, place, _ADVICE)
    for one in [] if broken else replay.differences(connection):
        yield Problem(
            _AREA,
            _said(one),
            "notes in the history that it is so; put it right with nbtrail if it should not be",
            partial(replay.note, connection, one),
        )


def _said(one: Difference) -> str:
    version, kind, key = one.fact
    model = f"the model '{one.name:.80}'"
    what = model if version is None else f"version {version} of {model}"
    if kind == THERE:
        return f"{what} is not in it" if one.found else f"{what} is gone, and it does not say so"
    name = f"{kind} '{key:.80}'" if key else kind
    told, found = ("none" if value is None else f"'{value!s:.80}'" for value in one[2:])
    return f"the {name} of {what} is {found}, and by its history {told}"


def triggers(connection: sqlite3.Connection) -> Iterator[Problem]:
    """Find triggers that keep the history from being changed, and are gone."""
    rows = connection.execute(
        "select name from sqlite_master where type = 'trigger' and tbl_name = 'model_change'"
    ).fetchall()
    missing = sorted(set(chain.TRIGGERS) - {row[0] for row in rows})
    if missing:
        yield Problem(
            _AREA,
            f"nothing guards it any more: {', '.join(missing)}",
            "makes the triggers again",
            lambda: chain.guard(connection),
        )
