"""From journal to tables. The same function is recovery: any process may drain any journal."""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from pathlib import Path

from nbtrail.errors import StoreError
from nbtrail.store import cells, job_rows, journal, params, records
from nbtrail.store.database import Database
from nbtrail.store.journal import RECORD, JournalFile
from nbtrail.store.points import insert_columns

CHUNK_RECORDS = 8192

_log = logging.getLogger("nbtrail")


class Damaged(Exception):
    """A journal is shorter than what was read of it."""


def drain(database: Database, path: Path, *, patient: bool = True) -> int:
    """Move what a journal holds into the tables.

    Args:
        database: where to.
        path: the journal; nothing is done if it is not there, or is not known.
        patient: wait while others write; else their writing is an error at once.

    Returns:
        how many points and params were of a metric or run that is not there, and were left out.

    Raises:
        Damaged: the file was cut off; what it had more is lost.
        StoreError: the database cannot be written just now.
    """
    lost = 0
    while _waiting(database, path):
        with database.write(patient=patient) as connection:
            data = _next_records(connection, path)
            piece = records.read(data)
            lost += insert_columns(connection, piece.points)
            lost += _insert_texts(connection, piece.texts, path.name) if piece.texts else 0
            connection.execute(
                "update journal set applied = applied + ? where uuid = ?", (piece.size, path.name)
            )
        if len(data) < CHUNK_RECORDS * RECORD.size:
            break
    return lost


def _insert_texts(connection: sqlite3.Connection, texts: list[bytes], journal: str) -> int:
    """Insert what a journal says in words; what cells did first, which params refer to."""
    events = [text for text in texts if cells.is_event(text)]
    others = [text for text in texts if not cells.is_event(text)]
    lost = cells.insert(connection, events, journal)
    return lost + (params.insert(connection, others) if others else 0)


def recover(database: Database, folder: Path, own: str | None = None) -> None:
    """Drain every journal, and close the books of those whose process is dead.

    A dead process's running runs become KILLED, in the transaction that deletes its
    journal's row; a file without a row has been applied already and is only unlinked.

    Args:
        database: where to.
        folder: where the journals are.
        own: the journal of this process, which is alive.
    """
    for path in journals(folder):
        if path.name == own:
            drain(database, path)
        elif not database.networked or _of_this_boot(database, path.name):
            _recover(database, path)


def journals(folder: Path) -> list[Path]:
    """Return the journals that are there, whoever's they are."""
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    return [
        path
        for path in found
        if journal.NAME.fullmatch(path.name) and path.is_file() and not path.is_symlink()
    ]


def _of_this_boot(database: Database, uuid: str) -> bool:
    """Say whether a journal is of this machine: what others lock, or write, may not be seen."""
    with database.read() as connection:
        row = connection.execute(
            "select host, boot from journal where uuid = ?", (uuid,)
        ).fetchone()
    return row is None or (row["host"], row["boot"]) == (journal.host(), journal.boot_id())


def _recover(database: Database, path: Path) -> None:
    # Within a transaction nothing is done that its end may undo: the file stays.
    orphan = None if database.in_transaction else JournalFile.take_over(path)
    try:
        damage = exhaust(database, path)
        if orphan is not None:
            close_books(database, path.name, "The process that recorded this run died.")
            database.sync()  # the file is what a power loss would bring it back from
            put_away(database, orphan, damage)
    finally:
        if orphan is not None:
            orphan.let_go()


def exhaust(database: Database, path: Path) -> str:
    """Drain a journal; return in words what is wrong with it, or nothing."""
    try:
        lost = drain(database, path)
    except Damaged as error:
        return str(error)
    return f"{lost} of its records are of metrics or runs that are not there" if lost else ""


def put_away(database: Database, file: JournalFile, damage: str) -> None:
    """Remove a journal that is in the tables; keep it aside, and say so, if it is damaged.

    Raises:
        StoreError: what is in the tables may still be undone: the journal stays where it is.
    """
    if not database.is_committed:
        raise StoreError(f"The journal {file.path} is kept: what it held is not committed.")
    if damage:
        kept = file.set_aside()
        _log.warning("nbtrail found a damaged journal: %s. It is kept as %s.", damage, kept)
    else:
        file.discard()


def hand_over(database: Database, uuid: str, successor: str) -> None:
    """Forget a journal; what belongs to its process belongs to the successor from now on."""
    with database.write() as connection:
        for table in ("run", "session", "job"):
            connection.execute(
                f"update {table} set journal = ? where journal = ?", (successor, uuid)
            )
        connection.execute("delete from journal where uuid = ?", (uuid,))


def close_books(database: Database, uuid: str, reason: str) -> None:
    """End what a journal's process left running, and forget the journal."""
    now = int(time.time() * 1000)
    with database.write() as connection:
        connection.execute(
            "update execution set status = 'killed' where status = 'running' and session in "
            "(select id from session where journal = ?)",
            (uuid,),
        )
        connection.execute(
            "update run set status = 'KILLED', error = ?, journal = null, "
            "ended = max(started, min(?, "
            "coalesce((select max(last_ts) from series where series.run = run.id), ?))) "
            "where journal = ? and status = 'RUNNING'",
            (reason, now, now, uuid),
        )
        job_rows.close_books(connection, uuid)
        connection.execute("delete from journal where uuid = ?", (uuid,))


def _waiting(database: Database, path: Path) -> bool:
    """Look, without a lock, whether whole records wait."""
    with database.read() as connection:
        applied = _applied(connection, path.name)
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return False
    if applied is not None and size < applied:
        raise Damaged(f"it has {size} bytes, and {applied} had been read")
    return applied is not None and size - applied >= RECORD.size


def _applied(connection: sqlite3.Connection, uuid: str) -> int | None:
    row = connection.execute("select applied from journal where uuid = ?", (uuid,)).fetchone()
    return None if row is None else row["applied"]


def _next_records(connection: sqlite3.Connection, path: Path) -> bytes:
    applied = _applied(connection, path.name)
    if applied is None:
        return b""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return b""
    try:
        data = os.pread(descriptor, CHUNK_RECORDS * RECORD.size, applied)
    finally:
        os.close(descriptor)
    return data[: len(data) - len(data) % RECORD.size]
