"""Deleting for good what was deleted softly. Rows only: whoever calls deletes the artifacts.

Artifacts go first, then the rows: a collection that is interrupted can be begun again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from nbtrail import config
from nbtrail.entities import Record
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.store import audit, locations
from nbtrail.store.database import Database
from nbtrail.store.keys import row_id


class DoomedRun(Record, frozen=True):
    """A run to be deleted for good; `folders` are the URIs of all that it has as files."""

    run_id: str
    name: str
    folders: list[str]


class DoomedExperiment(Record, frozen=True):
    """An experiment to be deleted for good. `folders` are below the store, never elsewhere."""

    experiment_id: str
    name: str
    folders: list[str]


class Plan(Record, frozen=True):
    """What a collection would delete; `kept` has a sentence for each run that it would not."""

    runs: list[DoomedRun]
    experiments: list[DoomedExperiment]
    kept: list[str] = []


class Swept(Record, frozen=True):
    """How many rows were deleted that nothing refers to."""

    executions: int
    datasets: int
    blobs: int


class Collector:
    """Deletes for good from one store.

    `drain_all` moves what the journals hold into the tables, within a transaction of ours: a
    point that waited would find its series gone.
    """

    def __init__(
        self, database: Database, artifact_root: Path, drain_all: Callable[[], None]
    ) -> None:
        self._database = database
        self._artifact_root = artifact_root
        self._drain_all = drain_all

    def plan(
        self,
        before: int,
        run_ids: Collection[str] | None = None,
        experiment_ids: Collection[str] | None = None,
    ) -> Plan:
        """Return what was deleted softly until `before`, and is to be deleted for good.

        Args:
            before: a time in milliseconds.
            run_ids: only these runs, if given.
            experiment_ids: only these experiments with all of their runs, if given.

        Raises:
            NotFound: one of the ids is not there.
            InvalidValue: one of them is not deleted.
        """
        all_of_them = run_ids is None and experiment_ids is None
        with self._database.read() as connection:
            _check_deleted(connection, "run", "uuid", list(run_ids or ()))
            rows = [str(row_id(one)) for one in experiment_ids or ()]
            _check_deleted(connection, "experiment", "cast(id as text)", rows)
            names = {
                "before": before,
                "all": all_of_them,
                "runs": json.dumps(list(run_ids or ())),
                "experiments": json.dumps(rows),
            }
            found = connection.execute(_DOOMED_RUNS, names).fetchall()
            kept = {run["id"]: why for run in found if (why := self._needed(connection, run))}
            runs = [self._run(connection, run) for run in found if run["id"] not in kept]
            needed = {run["experiment"] for run in found if run["id"] in kept}
            experiments = [
                self._experiment(row)
                for row in connection.execute(_DOOMED_EXPERIMENTS, names).fetchall()
                if row["id"] not in needed
            ]
        return Plan(runs, experiments, list(kept.values()))

    def _needed(self, connection: sqlite3.Connection, run: sqlite3.Row) -> str | None:
        """Return why a run must stay, if it must."""
        for owner, uri in self._owned(connection, run):
            if not uri.endswith(_own(owner)):
                return (
                    f"The run {run['uuid'][:8]} ({run['name']}) is kept: its files are said to be "
                    f"at {uri}, which nbtrail did not make. Delete those yourself."
                )
        return _registered(connection, run)

    def _owned(self, connection: sqlite3.Connection, run: sqlite3.Row) -> Iterator[tuple[str, str]]:
        """Yield who has artifacts, the run and its models, and where these are."""
        models = connection.execute(
            "select id, artifact_uri from logged_model where run = ?", (run["id"],)
        )
        for owner, stored in ((run["uuid"], run["artifact_uri"]), *map(tuple, models)):
            yield owner, locations.absolute(self._artifact_root, stored)

    def _run(self, connection: sqlite3.Connection, run: sqlite3.Row) -> DoomedRun:
        # One folder is the owner's alone; the artifacts are one below it.
        folders = [uri.removesuffix("/artifacts") for _, uri in self._owned(connection, run)]
        folders.append(str(self._artifact_root.with_name(config.SWEEPS) / run["uuid"]))
        return DoomedRun(run["uuid"], run["name"], folders)

    def _experiment(self, row: sqlite3.Row) -> DoomedExperiment:
        own = str(self._artifact_root / str(row["id"]))
        return DoomedExperiment(str(row["id"]), row["name"], [own])

    def check_deleted(self, run_id: str) -> None:
        """Make sure that a run is deleted still.

        Raises:
            NotFound: there is no such run.
            InvalidValue: it is not deleted, or not any more.
        """
        with self._database.read() as connection:
            _check_deleted(connection, "run", "uuid", [run_id])

    def forget_run(self, run_id: str, who: str | None = None) -> None:
        """Delete the rows of a deleted run; the audit keeps that it was there.

        Raises:
            NotFound: there is no such run.
            InvalidValue: it is not deleted, or not any more.
        """
        with self._database.write() as connection:
            self._drain_all()
            _check_deleted(connection, "run", "uuid", [run_id])
            row = connection.execute(
                "select id, name, experiment from run where uuid = ?", (run_id,)
            ).fetchone()
            for statement in _OF_A_RUN:
                connection.execute(statement, (row["id"],))
            before = {"name": row["name"], "experiment": str(row["experiment"])}
            audit.write(connection, "gc", "run", run_id, before=before, who=who)

    def forget_experiment(self, experiment_id: str, who: str | None = None) -> None:
        """Delete the row of a deleted experiment whose runs are gone.

        Raises:
            NotFound: there is no such experiment.
            InvalidValue: it is not deleted, or has runs.
        """
        row = row_id(experiment_id)
        with self._database.write() as connection:
            _check_deleted(connection, "experiment", "cast(id as text)", [experiment_id])
            if connection.execute("select 1 from run where experiment = ?", (row,)).fetchone():
                raise InvalidValue(f"The experiment '{experiment_id}' has runs still.")
            name = connection.execute("select name from experiment where id = ?", (row,)).fetchone()
            for statement in _OF_AN_EXPERIMENT:
                connection.execute(statement, (row,))
            audit.write(
                connection,
                "gc",
                "experiment",
                experiment_id,
                before={"name": name["name"]},
                who=who,
            )

    def sweep(self, before: int) -> Swept:
        """Delete what nothing refers to: executions that ended before, datasets, blobs.

        Points that an edit took away before `before` cannot come back after this.
        """
        with self._database.write() as connection:
            connection.execute(_OUTPUTS, (before,))
            executions = connection.execute(_EXECUTIONS, (before,)).rowcount
            connection.execute(_SESSIONS, (before,))
            datasets = connection.execute(_DATASETS).rowcount
            for statement in _CONTEXTS:
                connection.execute(statement)
            blobs = connection.execute(_BLOBS, (before,)).rowcount
        return Swept(executions, datasets, blobs)


_DOOMED_RUNS = """
select run.id, run.uuid, run.name, run.experiment, run.artifact_uri
from run join experiment on experiment.id = run.experiment
where (run.lifecycle_stage = 'deleted' and coalesce(run.deleted, 0) <= :before
    and (:all or run.uuid in (select value from json_each(:runs))))
or (experiment.lifecycle_stage = 'deleted' and coalesce(experiment.deleted, 0) <= :before
    and (:all or cast(experiment.id as text) in (select value from json_each(:experiments))))
order by run.id
"""
_DOOMED_EXPERIMENTS = """
select id, name from experiment
where lifecycle_stage = 'deleted' and coalesce(deleted, 0) <= :before
    and (:all or cast(id as text) in (select value from json_each(:experiments)))
order by id
"""

_SERIES = "(select id from series where run = ?)"
_MODELS = "(select id from logged_model where run = ?)"
_KEYED_BY_RUN = (
    "param", "tag", "input", "run_execution", "run_file",
    "document_cell", "run_document", "finding", "run_verdict",
)  # fmt: skip
_OF_A_RUN = (
    f"delete from point where series in {_SERIES}",
    f"delete from block where series in {_SERIES}",
    "delete from series where run = ?",
    *(f"delete from {table} where run = ?" for table in _KEYED_BY_RUN),
    f"delete from model_metric where model in {_MODELS}",
    "delete from logged_model where run = ?",
    "delete from run where id = ?",
)
_OF_AN_EXPERIMENT = (
    "delete from model_metric where model in (select id from logged_model where experiment = ?)",
    "delete from logged_model where experiment = ?",
    "delete from experiment where id = ?",
)

# The trail of a living session is there for its next run.
_DEAD = "coalesce(journal, '') not in (select uuid from journal)"
_UNUSED = (
    f"session in (select id from session where {_DEAD}) and started <= ? "
    "and id not in (select execution from run_execution) "
    "and id not in (select execution from param where execution is not null)"
)
_OUTPUTS = f"delete from output where execution in (select id from execution where {_UNUSED})"
_EXECUTIONS = f"delete from execution where {_UNUSED}"
_SESSIONS = (
    f"delete from session where {_DEAD} and started <= ? "
    "and id not in (select session from execution)"
)
_DATASETS = (
    "delete from dataset where id not in (select dataset from input) "
    "and id not in (select dataset from model_metric where dataset is not null)"
)
_USED_CONTEXTS = "select context from run where context is not null"
_CONTEXTS = (
    f"delete from context_document where context not in ({_USED_CONTEXTS})",
    f"delete from context where id not in ({_USED_CONTEXTS})",
)
_BLOBS = (
    "delete from blob where digest not in (select digest from output) "
    "and digest not in (select digest from context_document) "
    "and digest not in (select digest from document_cell) "
    "and digest not in (select json_extract(before, '$.points') from audit "
    "where action = 'delete_metric' and at > ?)"
)


def _check_deleted(
    connection: sqlite3.Connection, table: str, column: str, wanted: list[str]
) -> None:
    for one in wanted:
        row = connection.execute(
            f"select lifecycle_stage from {table} where {column} = ?", (one,)
        ).fetchone()
        if row is None:
            raise NotFound(f"There is no {table} '{one}' in this store.")
        if row["lifecycle_stage"] != "deleted":
            raise InvalidValue(
                f"The {table} '{one}' is not deleted. Delete it first: "
                f"nbtrail {table}s delete {one}"
            )


def _registered(connection: sqlite3.Connection, run: sqlite3.Row) -> str | None:
    """Return why a run must stay: a registered model is one of its."""
    version = connection.execute(
        "select name, version from model_version where run = ? "
        "or model_id in (select id from logged_model where run = ?)",
        (run["uuid"], run["id"]),
    ).fetchone()
    if version is None:
        return None
    return (
        f"The run {run['uuid'][:8]} ({run['name']}) is kept: "
        f"it made version {version['version']} of the model '{version['name']}'."
    )


def _own(owner: str) -> str:
    """Return how the place ends that nbtrail gives to the artifacts of a run or a model."""
    return f"/{owner}/artifacts"
