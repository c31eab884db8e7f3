"""The database itself: pages, references from row to row, views."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from functools import partial

from nbtrail.errors import StoreError
from nbtrail.store import views
from nbtrail.store.database import Database
from nbtrail.store.doctor.problem import Problem

RESTORE = "Restore a backup, or move the store away to start afresh."

# What is missing is made again where rows worth keeping hang on it.
_MADE_AGAIN = {
    "experiment": "insert into experiment (id, name, artifact_location, created, updated) "
    "select distinct {column}, 'Recovered ' || {column}, {column}, 0, 0 from {table} where {lost}",
    "session": "insert into session (id, uuid, started) "
    "select distinct {column}, 'recovered-' || {column}, 0 from {table} where {lost}",
    "metric": "insert into metric (id, key) "
    "select distinct {column}, 'recovered-' || {column} from {table} where {lost}",
    "registered_model": "insert into registered_model (name, created, updated) "
    "select distinct {column}, 0, 0 from {table} where {lost}",
}


def pages(database: Database) -> Iterator[Problem]:
    """Have SQLite look at every page, in no transaction: it could not be ended where one is bad."""
    try:
        found = [row[0] for row in database.look_up("pragma quick_check(10)")]
    except StoreError as error:
        found = [str(error.__cause__)]
    for problem in found:
        if problem != "ok":
            yield Problem("database", problem, RESTORE)


def references(connection: sqlite3.Connection) -> Iterator[Problem]:
    """Find rows that refer to rows that are not there."""
    tables = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
    for (table,) in tables:
        nullable = {
            row["name"]
            for row in connection.execute(f"pragma table_info({table})")
            if not row["notnull"]
        }
        for key in connection.execute(f"pragma foreign_key_list({table})").fetchall():
            yield from _lost(connection, table, key, key["from"] in nullable)


def _lost(
    connection: sqlite3.Connection, table: str, key: sqlite3.Row, nullable: bool
) -> Iterator[Problem]:
    column, parent = key["from"], key["table"]
    lost = f"{column} is not null and {column} not in (select {key['to']} from {parent})"
    count = connection.execute(f"select count(*) from {table} where {lost}").fetchone()[0]
    if not count:
        return
    names = {"table": table, "column": column, "lost": lost}
    if nullable:
        advice, repair = "forgets the reference", "update {table} set {column} = null where {lost}"
    elif parent in _MADE_AGAIN:
        advice, repair = f"makes the {parent} again", _MADE_AGAIN[parent]
    else:
        advice, repair = "deletes them", "delete from {table} where {lost}"
    yield Problem(
        "references",
        f"{count} of {table} refer to a {parent} that is not there",
        advice,
        partial(_execute, connection, repair.format(**names)),
    )


def definitions(connection: sqlite3.Connection) -> Iterator[Problem]:
    """Find views that are missing or changed."""
    if names := views.wrong(connection):
        yield Problem(
            "views",
            f"not as this nbtrail makes them: {', '.join(names)}",
            "makes them anew",
            partial(views.create, connection),
        )


def _execute(connection: sqlite3.Connection, statement: str) -> None:
    connection.execute(statement)
