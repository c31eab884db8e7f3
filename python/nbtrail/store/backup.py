"""A copy of the database while others read and write it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from nbtrail.store import drain, job_rows
from nbtrail.store.database import Database

PAGES_AT_ONCE = 1024
_REASON = "This run was going on when the backup was made."
_WAITED = "This job was waiting when the backup was made: retry it."


def copy(database: Database, target: Path, tell: Callable[[int], object]) -> None:
    """Copy a database to a new file, all as of one moment.

    Runs that are going on are KILLED in the copy, and endpoints are not in it: the processes
    behind them belong to the original.

    Args:
        database: the original; callers drain the journals before.
        target: the new file, for this user only.
        tell: is told how many bytes each step has copied.

    Raises:
        FileExistsError: there is a file of that name.
    """
    target.touch(mode=0o600, exist_ok=False)
    _copy_pages(database.path, target, tell)
    _settle(target)


def _copy_pages(source: Path, target: Path, tell: Callable[[int], object]) -> None:
    """Copy in steps, within one read transaction: else each commit would start it anew."""
    with _opened(source) as original, _opened(target) as copied:
        original.execute("begin")
        original.execute("select count(*) from sqlite_master")
        page_size = original.execute("pragma page_size").fetchone()[0]
        seen = 0

        def step(_status: int, left: int, total: int) -> None:
            nonlocal seen
            tell((total - left - seen) * page_size)
            seen = total - left

        original.backup(copied, pages=PAGES_AT_ONCE, progress=step)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database beside the store's own connections, so that ctrl-C ends a long copy."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def _settle(path: Path) -> None:
    """End in the copy what lives only in the original."""
    database = Database(path)
    with database.write() as connection:
        for row in connection.execute("select uuid from journal").fetchall():
            drain.close_books(database, row["uuid"], _REASON)
        job_rows.fail_waiting(connection, _WAITED)
        for table in ("endpoint_key", "endpoint_revision", "endpoint"):
            connection.execute(f"delete from {table}")
    database.close()
