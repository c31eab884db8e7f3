"""Registered models and versions brought back, from what the history kept when they were deleted.

The entries that tell it are those of making them, so that the history reads as what happened.
"""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from nbtrail.store.chain import By, append
from nbtrail.store.model_rows import put_tag


def model(connection: sqlite3.Connection, by: By, name: str, kept: dict[str, Any]) -> None:
    """Fill a model that was made anew with what it had."""
    versions = kept.get("versions", [])
    numbers = [int(one["version"]) for one in versions]
    connection.execute(
        "update registered_model set description = ?, last_version = ? where name = ?",
        (kept.get("description", ""), kept.get("last_version", max(numbers, default=0)), name),
    )
    if kept.get("description"):
        append(connection, by, "describe", name, before="", after=kept["description"])
    for key, value in kept.get("tags", {}).items():
        put_tag(connection, "registered_model_tag", {"name": name}, key, value)
        append(connection, by, "tag", name, key=key, after=value)
    for one in versions:
        version(connection, by, name, one)


def version(connection: sqlite3.Connection, by: By, name: str, kept: dict[str, Any]) -> None:
    """Bring a version back under its number; an alias that another has by now stays there."""
    number, now = int(kept["version"]), int(time.time() * 1000)
    facts = kept.get("facts", [None] * 4)
    connection.execute(
        "insert into model_version (name, version, source, run, model_id, description, status, "
        "created, updated, stage, flavor, algorithm, columns, size) "
        "values (?, ?, ?, ?, ?, ?, 'READY', ?, ?, ?, ?, ?, ?, ?)",
        (
            *(name, number, kept["source"], kept["run_id"], kept.get("model_id")),
            *(kept["description"], kept.get("created", now), now, kept["stage"], *facts),
        ),
    )
    for key, value in kept["tags"].items():
        put_tag(connection, "model_version_tag", {"name": name, "version": number}, key, value)
    after = {key: kept[key] for key in ("source", "run_id", "description", "tags", "stage")}
    append(connection, by, "restore", name, number, after=after)
    for alias in kept["aliases"]:
        made = connection.execute(
            "insert or ignore into model_alias values (?, ?, ?)", (name, alias, number)
        )
        if made.rowcount:
            append(connection, by, "alias", name, number, key=alias, after=str(number))
