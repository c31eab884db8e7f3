"""Sessions, cell executions and their outputs, and which run they belong to."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import uuid
from collections.abc import Callable, Iterable
from typing import Any, Literal

from nbtrail.entities import CellExecution, CellStatus, Session
from nbtrail.errors import NotFound
from nbtrail.store.database import Database

Role = Literal["own", "prelude"]


class Trails:
    """The executions of one store; a run refers to them, they are never copied."""

    def __init__(self, database: Database, owner: Callable[[], str]) -> None:
        self._database = database
        self._owner = owner

    def start_session(self, started: int, notebook: str | None, kernel: str | None) -> Session:
        """Record that a kernel's recorder is on."""
        session = Session(uuid.uuid4().hex, started, notebook, kernel)
        self._owner()
        with self._database.write() as connection:
            connection.execute(
                "insert into session (uuid, started, notebook, kernel, journal) "
                "values (?, ?, ?, ?, ?)",
                (session.session_id, started, notebook, kernel, self._owner()),
            )
        return session

    def begin(
        self,
        session_id: str,
        ordinal: int,
        cell_id: str | None,
        source: str,
        started: int,
        tags: Iterable[str] = (),
    ) -> int:
        """Record that a cell has started; return the id of its execution."""
        with self._database.write() as connection:
            row = connection.execute(
                "insert into execution (session, ordinal, cell_id, source, started, status, tags) "
                "select id, ?, ?, ?, ?, 'running', ? from session where uuid = ? returning id",
                (ordinal, cell_id, source, started, json.dumps(list(tags)), session_id),
            ).fetchone()
        execution: int = row["id"]
        return execution

    def end(
        self,
        execution: int,
        status: CellStatus,
        *,
        execution_count: int | None,
        duration: float,
        error: str | None,
        outputs: Iterable[dict[str, Any]],
        reads: dict[str, int | None],
        writes: Iterable[str],
        opaque: str | None,
    ) -> None:
        """Record how a cell ended, what it put out, and the names it read and wrote."""
        with self._database.write() as connection:
            connection.execute(
                "update execution set status = ?, execution_count = ?, duration = ?, error = ?, "
                "reads = ?, writes = ?, opaque = ? where id = ?",
                (
                    status,
                    execution_count,
                    duration,
                    error,
                    json.dumps(reads),
                    json.dumps(sorted(writes)),
                    opaque,
                    execution,
                ),
            )
            for position, output in enumerate(outputs):
                _insert_output(connection, execution, position, output)

    def attach(self, run_id: str, executions: Iterable[int], role: Role) -> None:
        """Make executions part of a run's trail; what is its own already stays so."""
        with self._database.write() as connection:
            connection.executemany(
                "insert into run_execution select id, ?, ? from run where uuid = ? "
                "on conflict (run, execution) do update set role = excluded.role "
                "where excluded.role = 'own'",
                [(execution, role, run_id) for execution in executions],
            )

    def detach(self, run_id: str, executions: Iterable[int]) -> None:
        """Take executions off a run's trail: another run has made them its own."""
        with self._database.write() as connection:
            connection.executemany(
                "delete from run_execution where execution = ? "
                "and run = (select id from run where uuid = ?)",
                [(execution, run_id) for execution in executions],
            )

    def executions(self, run_id: str) -> list[CellExecution]:
        """Return a run's trail: its own executions and its prelude, in the order they ran.

        Raises:
            NotFound: there is no such run.
        """
        with self._database.read() as connection:
            run = connection.execute("select id from run where uuid = ?", (run_id,)).fetchone()
            if run is None:
                raise NotFound(f"There is no run '{run_id}' in this store.")
            rows = connection.execute(
                "select execution.*, session.uuid as session_uuid, run_execution.role "
                "from run_execution join execution on execution.id = run_execution.execution "
                "join session on session.id = execution.session "
                "where run_execution.run = ? order by session.id, ordinal",
                (run["id"],),
            ).fetchall()
            return [_entity(connection, run["id"], row) for row in rows]


def _insert_output(
    connection: sqlite3.Connection, execution: int, position: int, output: dict[str, Any]
) -> None:
    content = json.dumps(output, sort_keys=True).encode()
    digest = hashlib.sha256(content).hexdigest()
    connection.execute("insert or ignore into blob values (?, ?)", (digest, content))
    connection.execute(
        "insert or replace into output values (?, ?, ?)", (execution, position, digest)
    )


def _entity(connection: sqlite3.Connection, run: int, row: sqlite3.Row) -> CellExecution:
    outputs = connection.execute(
        "select content from output join blob using (digest) where execution = ? order by position",
        (row["id"],),
    ).fetchall()
    params = connection.execute(
        "select key from param where run = ? and execution = ? order by key", (run, row["id"])
    ).fetchall()
    metrics = connection.execute(
        "select key from metric join series on series.metric = metric.id "
        "where run = ? and last_execution = ? order by key",
        (run, row["id"]),
    ).fetchall()
    return CellExecution(
        id=row["id"],
        session_id=row["session_uuid"],
        ordinal=row["ordinal"],
        cell_id=row["cell_id"],
        source=row["source"],
        execution_count=row["execution_count"],
        started=row["started"],
        duration=row["duration"],
        status=row["status"],
        error=row["error"],
        outputs=[json.loads(content) for (content,) in outputs],
        reads=json.loads(row["reads"]),
        writes=json.loads(row["writes"]),
        tags=json.loads(row["tags"]),
        opaque=row["opaque"],
        role=row["role"],
        params=[key for (key,) in params],
        metrics=[key for (key,) in metrics],
    )
