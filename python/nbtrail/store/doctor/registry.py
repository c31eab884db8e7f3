"""The registry's history: whether its chain holds, and all that is registered is in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from nbtrail.store import chain
from nbtrail.store.doctor.problem import Problem

_ADVICE = (
    "It cannot be made good: compare with a backup to see what was changed, and ask who could "
    "write the store."
)


def history(connection: sqlite3.Connection) -> Iterator[Problem]:
    """Find where the chain breaks, and versions that came around it."""
    for place in chain.breaks(connection):
        yield Problem("registry history", place, _ADVICE)
    rows = connection.execute("select name, version from model_version order by 1, 2").fetchall()
    known: dict[str, set[int]] = {}
    for name, version in rows:
        if name not in known:
            known[name] = chain.told(connection, name)
        if version not in known[name]:
            what = f"version {version} of the model '{name:.80}' is not in it"
            yield Problem("registry history", what, _ADVICE)


def triggers(connection: sqlite3.Connection) -> Iterator[Problem]:
    """Find triggers that keep the history from being changed, and are gone."""
    rows = connection.execute(
        "select name from sqlite_master where type = 'trigger' and tbl_name = 'model_change'"
    ).fetchall()
    missing = sorted(set(chain.TRIGGERS) - {row[0] for row in rows})
    if missing:
        yield Problem(
            "registry history",
            f"nothing guards it any more: {', '.join(missing)}",
            "makes the triggers again",
            lambda: chain.guard(connection),
        )
