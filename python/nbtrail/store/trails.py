"""Sessions, cell executions and outputs, which run they belong to, and what they say of it."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from nbtrail.entities import (
    CellExecution,
    CellStatus,
    Document,
    DocumentCell,
    Finding,
    Session,
    Verdict,
)
from nbtrail.errors import NotFound
from nbtrail.store import cells
from nbtrail.store.cells import (
    Attached,
    CellBegun,
    CellEnded,
    CellLog,
    CellNames,
    Role,
    RunDocumented,
    RunJudged,
)
from nbtrail.store.database import Database

REPRODUCTION = "nbtrail.reproduction"
"""The tag of a run that has been reproduced: the outcome of the latest time."""


class Trails:
    """The executions of one store; a run refers to them, they are never copied."""

    def __init__(self, database: Database, owner: Callable[[], str], log: CellLog) -> None:
        self._database = database
        self._owner = owner
        self._log = log

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
            (execution,) = cells.reserve(connection, 1)
            told = cells.as_json(list(tags))
            begun = CellBegun(execution, session_id, ordinal, cell_id, source, started, told)
            cells.carry_out(connection, begun, self._owner())
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
        fingerprints: Mapping[str, str] | None = None,
    ) -> None:
        """Record how a cell ended, what it put out, and the names it read and wrote."""
        texts = [cells.output_json(output) for output in outputs]
        self._log.carry_out(
            CellEnded(execution, status, execution_count, duration, error, texts),
            CellNames.of(execution, reads, writes, opaque, fingerprints or {}),
        )

    def attach(self, run_id: str, executions: Iterable[int], role: Role) -> None:
        """Make executions part of a run's trail; what is its own already stays so."""
        self._log.carry_out(Attached(run_id, list(executions), role))

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
            run = _run(connection, run_id)
            rows = connection.execute(
                "select execution.*, session.uuid as session_uuid, run_execution.role "
                "from run_execution join execution on execution.id = run_execution.execution "
                "join session on session.id = execution.session "
                "where run_execution.run = ? order by session.id, ordinal",
                (run,),
            ).fetchall()
            return [_entity(connection, run, row) for row in rows]

    def session_executions(self, session_id: str) -> list[CellExecution]:
        """Return all that a session has executed, in order, whichever runs have it.

        What an execution gave to a run (`role`, `params`, `metrics`) is told by `executions`.
        """
        with self._database.read() as connection:
            rows = connection.execute(
                "select execution.*, session.uuid as session_uuid, 'own' as role "
                "from execution join session on session.id = execution.session "
                "where session.uuid = ? order by ordinal",
                (session_id,),
            ).fetchall()
            return [_entity(connection, None, row) for row in rows]

    def put_document(self, run_id: str, document: Document) -> None:
        """Record the notebook as it is now, in place of what was recorded of it for this run.

        Raises:
            NotFound: there is no such run.
        """
        with self._database.write() as connection:
            _run(connection, run_id)
            self._log.carry_out(RunDocumented(run_id, document))

    def document(self, run_id: str) -> Document | None:
        """Return the notebook as it was when the run's last execution ended.

        None where nothing but the executions tells of it (see trail.document.assumed).

        Raises:
            NotFound: there is no such run.
        """
        with self._database.read() as connection:
            run = _run(connection, run_id)
            found = connection.execute(
                "select origin, saved from run_document where run = ?", (run,)
            ).fetchone()
            if found is None:
                return None
            rows = connection.execute(
                "select cell_id, kind, content, tags from document_cell join blob using (digest) "
                "where run = ? order by position",
                (run,),
            )
            cells = [
                DocumentCell(cell_id, kind, content.decode(), json.loads(tags))
                for cell_id, kind, content, tags in rows
            ]
            return Document(found["origin"], cells, found["saved"])

    def put_verdict(self, run_id: str, verdict: Verdict) -> None:
        """Record what the trail says of a run, in place of what was recorded before.

        Raises:
            NotFound: there is no such run.
        """
        with self._database.write() as connection:
            _run(connection, run_id)
            self._log.carry_out(RunJudged(run_id, verdict))

    def verdict(self, run_id: str) -> Verdict | None:
        """Return what the trail says of a run; None where none of its cells has been judged.

        Raises:
            NotFound: there is no such run.
        """
        with self._database.read() as connection:
            run = _run(connection, run_id)
            found = connection.execute(
                "select verdict, origin from run_verdict where run = ?", (run,)
            ).fetchone()
            if found is None:
                return None
            rows = connection.execute(
                "select kind, text, executions from finding where run = ? order by position", (run,)
            )
            findings = [Finding(kind, text, json.loads(ids)) for kind, text, ids in rows]
            return Verdict(found["verdict"], findings, found["origin"])


def _run(connection: sqlite3.Connection, run_id: str) -> int:
    row = connection.execute("select id from run where uuid = ?", (run_id,)).fetchone()
    if row is None:
        raise NotFound(f"There is no run '{run_id}' in this store.")
    number: int = row["id"]
    return number


def _entity(connection: sqlite3.Connection, run: int | None, row: sqlite3.Row) -> CellExecution:
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
    artifacts = connection.execute(
        "select path from run_file where run = ? and execution = ? and kept order by path",
        (run, row["id"]),
    ).fetchall()
    datasets = connection.execute(
        "select distinct name from input join dataset on dataset.id = input.dataset "
        "where run = ? and execution = ? order by name",
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
        fingerprints=json.loads(row["fingerprints"]),
        artifacts=[path for (path,) in artifacts],
        datasets=[name for (name,) in datasets],
    )
