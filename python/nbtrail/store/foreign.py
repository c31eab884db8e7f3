"""What another program keeps: a store is never put into it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from nbtrail.errors import StoreError
from nbtrail.store import schema
from nbtrail.store.forks import Handle, Visit

_SHOWN = 4  # tables
_OURS = {"experiment", "run", "series", "journal"}


def refuse(directory: Path, database: Path) -> None:
    """Look whether a store can be where it is to be, and leave what is there as it is.

    Args:
        directory: where its artifacts and journals are, or will be.
        database: its file, which may be new.

    Raises:
        StoreError: the database, or the directory, belongs to another program.
    """
    if not database.exists():
        _refuse_mlruns(directory)
    elif tables := _foreign_tables(database):
        shown = ", ".join(tables[:_SHOWN]) + (", …" if len(tables) > _SHOWN else "")
        raise StoreError(
            f"{database} belongs to another program (it has the tables {shown}), and is left as it "
            "is. Choose another file for nbtrail, or a directory."
        )


def _foreign_tables(database: Path) -> list[str]:
    """Return the tables of a database that nbtrail did not make.

    Read as if nobody wrote to it: no lock is taken, no file beside it made or taken away. What
    nbtrail has just made may not be in the file yet; nothing there is nobody's.
    """
    uri = f"{database.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        with Visit(Handle()), closing(sqlite3.connect(uri, uri=True)) as connection:
            rows = connection.execute("select name from sqlite_master where type = 'table'")
            tables = {name for (name,) in rows.fetchall()}
            ours = bool(tables & _OURS) and schema.version_of(connection) > 0
    except sqlite3.DatabaseError:
        return []  # whoever opens it for good says what is wrong
    return [] if ours else sorted(tables)


def _refuse_mlruns(directory: Path) -> None:
    if any(directory.glob("*/meta.yaml")):
        raise StoreError(
            f"{directory} is a directory of MLflow's (an experiment there has a meta.yaml), and is "
            "left as it is. Choose another directory for nbtrail."
        )
