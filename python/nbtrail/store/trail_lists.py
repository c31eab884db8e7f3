"""A run's trail as a list to look through: what each cell gave to the run, and no outputs.

One query for each kind of thing, however many cells there are; outputs are asked for by cell.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping

import msgspec

from nbtrail.entities import CellStatus
from nbtrail.errors import NotFound
from nbtrail.store.cells import Role
from nbtrail.store.database import Database

Given = Mapping[int, list[str]]


class CellSummary(msgspec.Struct, frozen=True):
    """A cell as it ran, without its outputs (see `CellExecution`), and what it gave to the run.

    `metrics` are those whose latest point it has logged; `artifacts` are paths, `models` ids and
    `datasets` names.
    """

    id: int
    session_id: str
    ordinal: int
    cell_id: str | None
    source: str
    execution_count: int | None
    started: int
    duration: float | None
    status: CellStatus
    error: str | None
    role: Role
    tags: list[str]
    opaque: str | None
    reads: dict[str, int | None]
    writes: list[str]
    output_count: int
    params: list[str]
    metrics: list[str]
    artifacts: list[str]
    models: list[str]
    datasets: list[str]


class TrailLists:
    """The trails of one store's runs, as lists."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def cells(self, run_id: str) -> list[CellSummary]:
        """Return a run's own executions and its prelude, in the order they ran.

        Raises:
            NotFound: there is no such run.
        """
        with self._database.read() as connection:
            run = _run(connection, run_id)
            rows = connection.execute(_CELLS, (run,)).fetchall()
            given = {name: _given(connection, query, run) for name, query in _GIVEN.items()}
        return [_summary(row, given) for row in rows]

    def outputs(self, run_id: str, execution: int | None = None) -> dict[int, list[msgspec.Raw]]:
        """Return the outputs of a run's executions, or of one, as JSON; by execution.

        Raises:
            NotFound: there is no such run, or it has no such execution.
        """
        with self._database.read() as connection:
            run = _run(connection, run_id)
            if execution is not None and not _has(connection, run, execution):
                raise NotFound(f"The run '{run_id}' has no cell execution {execution}.")
            rows = connection.execute(_OUTPUTS, {"run": run, "execution": execution}).fetchall()
        found: dict[int, list[msgspec.Raw]] = defaultdict(list)
        for one, content in rows:
            found[one].append(msgspec.Raw(content))
        return found


def _run(connection: sqlite3.Connection, run_id: str) -> int:
    row = connection.execute("select id from run where uuid = ?", (run_id,)).fetchone()
    if row is None:
        raise NotFound(f"There is no run '{run_id}' in this store.")
    number: int = row["id"]
    return number


def _has(connection: sqlite3.Connection, run: int, execution: int) -> bool:
    query = "select 1 from run_execution where run = ? and execution = ?"
    return connection.execute(query, (run, execution)).fetchone() is not None


def _given(connection: sqlite3.Connection, query: str, run: int) -> Given:
    found: dict[int, list[str]] = defaultdict(list)
    for execution, name in connection.execute(query, (run,)):
        found[execution].append(name)
    return found


def _summary(row: sqlite3.Row, given: Mapping[str, Given]) -> CellSummary:
    read = {name: json.loads(row[name]) for name in ("tags", "reads", "writes")}
    lists = {name: one.get(row["id"], []) for name, one in given.items()}
    return msgspec.convert(dict(row) | read | lists, CellSummary)


_CELLS = """
select execution.id, session.uuid as session_id, ordinal, cell_id, source, execution_count,
    execution.started, duration, status, error, run_execution.role, tags, opaque, reads, writes,
    (select count(*) from output where output.execution = execution.id) as output_count
from run_execution join execution on execution.id = run_execution.execution
join session on session.id = execution.session
where run_execution.run = ? order by session.id, ordinal
"""
_OUTPUTS = """
select run_execution.execution, content from run_execution
join output on output.execution = run_execution.execution join blob using (digest)
where run = :run and (:execution is null or run_execution.execution = :execution)
order by run_execution.execution, position
"""
_KNOWN = "where run = ? and execution is not null order by"
# What a cell gave to the run.
_GIVEN = {
    "params": f"select execution, key from param {_KNOWN} key",
    "metrics": "select last_execution, key from series join metric on metric.id = series.metric "
    "where run = ? and last_execution is not null and count > 0 order by key",
    "artifacts": f"select execution, path from run_file {_KNOWN} path",
    "models": f"select execution, id from logged_model {_KNOWN} created, id",
    "datasets": "select distinct execution, name from input "
    f"join dataset on dataset.id = input.dataset {_KNOWN} name",
}
