"""The rows of registered models: made, numbered and tagged, within a transaction."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping

from nbtrail.store.chain import By, append
from nbtrail.store.keys import check_key, check_text

DESCRIPTION_LIMIT, REGISTRY_TAG_LIMIT = 100_000, 100_000


def next_number(connection: sqlite3.Connection, name: str, by: By) -> int:
    """Return the number of the next version of a model, which is made if it is new."""
    make_model(connection, name, by)
    row = connection.execute(
        "update registered_model set last_version = last_version + 1, updated = ? "
        "where name = ? returning last_version",
        (int(time.time() * 1000), name),
    ).fetchone()
    number: int = row["last_version"]
    return number


def make_model(connection: sqlite3.Connection, name: str, by: By) -> bool:
    """Make a registered model, unless it is there; return whether it was made."""
    now = int(time.time() * 1000)
    made = connection.execute(
        "insert or ignore into registered_model (name, created, updated) values (?, ?, ?)",
        (name, now, now),
    )
    if made.rowcount:
        append(connection, by, "create_model", name)
    return bool(made.rowcount)


def put_tag(
    connection: sqlite3.Connection,
    table: str,
    owner: Mapping[str, object],
    key: str,
    value: str | None,
) -> str | None:
    """Set a tag, or delete it where the value is None; return what it was.

    Raises:
        InvalidValue: the key or the value is not acceptable.
    """
    check_key(key, "tag")
    mine = " and ".join(f"{column} = ?" for column in owner)
    found = connection.execute(
        f"select value from {table} where {mine} and key = ?", (*owner.values(), key)
    ).fetchone()
    if value is None:
        connection.execute(f"delete from {table} where {mine} and key = ?", (*owner.values(), key))
    else:
        check_text(value, REGISTRY_TAG_LIMIT, f"value of tag '{key}'")
        marks = ", ".join("?" * len(owner))
        connection.execute(
            f"insert or replace into {table} values ({marks}, ?, ?)", (*owner.values(), key, value)
        )
    return None if found is None else found[0]
