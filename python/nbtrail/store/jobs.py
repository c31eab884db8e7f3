"""Jobs: the queue of what is executed in the background, and how far it has come.

A supervisor adopts the jobs that wait. They are then its own, as runs are their process's: when
the lock of its journal is free, they have failed (see drain.py).
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

from nbtrail.entities import Job, JobKind, JobRun, JobState
from nbtrail.errors import InvalidState, InvalidValue, NotFound, did_you_mean
from nbtrail.store import job_rows
from nbtrail.store.database import Database
from nbtrail.store.keys import check_name, row_id

_STATES: tuple[str, ...] = get_args(JobState)
_JOB = (
    "kind, name, notebook, target, experiment, options, parallel, user, state, stopping, created, "
    "started, ended, error"
)
_RUN = (
    "position, parameters, state, run, cells_done, cells_total, cell, started, ended, outcome, "
    "error, pid"
)
_LONGEST_LINE = 200  # characters of a cell's first line, or of a mistake


class Jobs:
    """The jobs of one store. `owner` gives the journal whose lock tells that we are alive."""

    def __init__(self, database: Database, owner: Callable[[], str]) -> None:
        self._database = database
        self._owner = owner

    def create(
        self,
        kind: JobKind,
        name: str,
        runs: Sequence[Mapping[str, Any]],
        *,
        notebook: str | None = None,
        target: str | None = None,
        experiment: str | None = None,
        options: Mapping[str, Any] | None = None,
        parallel: int | None = None,
        user: str = "",
    ) -> Job:
        """Queue a job, with the parameters of each of its runs; see `Job` for the others.

        Raises:
            InvalidValue: the name is not acceptable.
        """
        name = check_name(name, "a job")
        values = (kind, name, notebook, target, experiment, _text(options or {}), parallel, user)
        with self._database.write() as connection:
            made = connection.execute(
                "insert into job (kind, name, notebook, target, experiment, options, parallel, "
                "user, created) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*values, _now()),
            ).lastrowid
            connection.executemany(
                "insert into job_run (job, position, parameters) values (?, ?, ?)",
                [(made, number, _text(given)) for number, given in enumerate(runs, start=1)],
            )
            return self.get(str(made))

    def get(self, job_id: str) -> Job:
        """Return one job.

        Raises:
            NotFound: there is none with that id.
        """
        with self._database.read() as connection:
            found = _jobs(connection, "where id = ?", (row_id(job_id),))
        if not found:
            raise NotFound(f"There is no job {job_id:.40}. 'nbtrail jobs list' shows them.")
        return found[0]

    def runs(self, job_id: str) -> list[JobRun]:
        """Return the runs of a job, by position."""
        rows = self._database.look_up(
            f"select {_RUN} from job_run where job = ? order by position", (row_id(job_id),)
        )
        return [_run(row) for row in rows]

    def list(
        self, states: Sequence[str] = (), max_results: int = 100, before: str | None = None
    ) -> list[Job]:
        """Return the newest jobs.

        Args:
            states: only those in one of these; all when empty.
            max_results: how many at most.
            before: the id of a job: only older ones.

        Raises:
            InvalidValue: there is no such state.
        """
        if unknown := next((one for one in states if one not in _STATES), None):
            raise InvalidValue(
                f"'{unknown:.40}' is no state of a job: it is one of {', '.join(_STATES)}."
                f"{did_you_mean(unknown, _STATES)}"
            )
        wanted = list(states) or list(_STATES)
        marks = ", ".join("?" * len(wanted))
        until = None if before is None else row_id(before)
        which = f"where (? is null or id < ?) and state in ({marks}) order by id desc limit ?"
        with self._database.read() as connection:
            return _jobs(connection, which, (until, until, *wanted, max_results))

    def run(self, job_id: str, position: int) -> JobRun:
        """Return one run of a job that has it."""
        query = f"select {_RUN} from job_run where job = ? and position = ?"
        return _run(self._database.look_up(query, (row_id(job_id), position))[0])

    def stop(self, job_id: str) -> Job:
        """Ask for a job's end: what waits is not started, and its supervisor ends what runs.

        Raises:
            NotFound: there is no such job.
        """
        with self._database.write() as connection:
            job = row_id(self.get(job_id).job_id)
            running = "state in ('queued', 'running')"
            connection.execute(f"update job set stopping = 1 where id = ? and {running}", (job,))
            connection.execute(
                "update job_run set state = 'stopped', ended = ? where job = ? and "
                "state = 'queued'",
                (_now(), job),
            )
            job_rows.settle(connection, job)
            return self.get(job_id)

    def retry(self, job_id: str) -> Job:
        """Queue once more what has failed or was stopped of a job that has ended.

        Raises:
            NotFound: there is no such job.
            InvalidState: it has not ended, or all of it has finished.
        """
        with self._database.write() as connection:
            job = self.get(job_id)
            if job.ended is None:
                raise InvalidState(f"The job {job_id} is {job.state}: stop it, or wait for it.")
            if job.state == "finished":
                raise InvalidState(f"All runs of the job {job_id} have finished.")
            row = row_id(job_id)
            connection.execute("update job set stopping = 0 where id = ?", (row,))
            connection.execute(
                "update job_run set state = 'queued', run = null, pid = null, started = null, "
                "ended = null, cells_done = 0, cells_total = null, cell = null, outcome = null, "
                "error = null where job = ? and state in ('failed', 'stopped')",
                (row,),
            )
            job_rows.settle(connection, row)
            return self.get(job_id)

    # What a supervisor does.

    def adopt(self) -> None:
        """Make the jobs that wait this process's own."""
        orphans = "state in ('queued', 'running') and journal is null"
        if self._database.look_up(f"select 1 from job where {orphans} limit 1"):
            self._owner()  # the journal's row is there before anything refers to it
            with self._database.write() as connection:
                connection.execute(f"update job set journal = ? where {orphans}", (self._owner(),))

    def fail_waiting(self, reason: str) -> None:
        """End the jobs that nobody has adopted."""
        with self._database.write() as connection:
            job_rows.fail_waiting(connection, reason)

    def begin(self) -> tuple[str, int] | None:
        """Mark the next run whose turn it is as running; return its job's id and its position.

        It is this process's; none of a job of which as many run as shall run at once.
        """
        turn = self._database.look_up(
            "select id, (select min(position) from job_run where job = id and state = 'queued') "
            "as next from job where journal = ? and next is not null and (parallel is null or "
            "parallel > (select count(*) from job_run where job = id and state = 'running')) "
            "order by id limit 1",
            (self._owner(),),
        )
        return next(((str(job), place) for job, place in turn if self._begin(job, place)), None)

    def _begin(self, job: int, position: int) -> bool:
        with self._database.write() as connection:
            begun = connection.execute(
                "update job_run set state = 'running', started = ? "
                "where job = ? and position = ? and state = 'queued'",
                (_now(), job, position),
            )
            job_rows.settle(connection, job)
        return bool(begun.rowcount)

    def has_waiting(self) -> bool:
        """Say whether anything waits, for whomever."""
        waiting = "select 1 from job where state in ('queued', 'running') and journal is null"
        return bool(self._database.look_up(f"{waiting} limit 1"))

    def stopping(self) -> set[str]:
        """Return the ids of the jobs that are to be stopped and have not ended."""
        wanted = "select id from job where state = 'running' and stopping"
        return {str(row["id"]) for row in self._database.look_up(wanted)}

    # What the process of a run does.

    def claim(self, job_id: str, position: int, pid: int) -> bool:
        """Note which process a run has; False when it has one, or is not to run any more."""
        return self._update(job_id, position, "pid is null", pid=pid)

    def note(self, job_id: str, position: int, pid: int, **progress: object) -> bool:
        """Note how far the run of a process has come; False when it is not its own any more.

        Args:
            job_id: of the job.
            position: of its run.
            pid: of the process.
            progress: new values of `run`, `cells_done`, `cells_total`, `cell`, `outcome`.
        """
        return self._update(job_id, position, f"pid = {pid:d}", **_short(progress))

    def end(
        self, job_id: str, position: int, pid: int, state: JobState, error: str | None = None
    ) -> None:
        """Note the end of the run of a process, unless it has one; a stopped job's is `stopped`."""
        with self._database.write() as connection:
            if state == "failed" and self.get(job_id).stopping:
                state, error = "stopped", None
            values = {"state": state, "error": error, "ended": _now(), "cell": None}
            self._update(job_id, position, f"pid is null or pid = {pid:d}", **values)
            job_rows.settle(connection, row_id(job_id))

    def _update(self, job_id: str, position: int, condition: str, **values: object) -> bool:
        columns = ", ".join(f"{column} = ?" for column in values)
        with self._database.write() as connection:
            changed = connection.execute(
                f"update job_run set {columns} where job = ? and position = ? and "
                f"state = 'running' and ({condition})",
                (*values.values(), row_id(job_id), position),
            )
        return bool(changed.rowcount)


def _jobs(connection: sqlite3.Connection, which: str, values: Sequence[object]) -> list[Job]:
    rows = connection.execute(f"select id, {_JOB} from job {which}", values).fetchall()
    if not rows:
        return []
    sums: dict[int, list[sqlite3.Row]] = {row["id"]: [] for row in rows}
    marks = ", ".join("?" * len(sums))
    for row in connection.execute(
        "select job, state, count(*) as runs, sum(cells_done) as done, sum(cells_total) as total, "
        f"max(outcome) as outcome from job_run where job in ({marks}) group by job, state",
        list(sums),
    ):
        sums[row["job"]].append(row)
    return [_job(row, sums[row["id"]]) for row in rows]


def _job(row: sqlite3.Row, sums: Sequence[sqlite3.Row]) -> Job:
    columns = {name: row[name] for name in _JOB.split(", ")}
    return Job(
        **columns
        | {
            "job_id": str(row["id"]),
            "options": json.loads(row["options"]),
            "stopping": bool(row["stopping"]),
            "counts": dict.fromkeys(_STATES, 0) | {one["state"]: one["runs"] for one in sums},
            "cells_done": sum(one["done"] for one in sums),
            "cells_total": sum(one["total"] or 0 for one in sums),
            "outcome": next((one["outcome"] for one in sums if one["outcome"]), None),
        }
    )


def _run(row: sqlite3.Row) -> JobRun:
    columns = {name: row[name] for name in JobRun.__struct_fields__ if name != "run_id"}
    return JobRun(**columns | {"run_id": row["run"], "parameters": json.loads(row["parameters"])})


def _text(values: Mapping[str, Any]) -> str:
    return json.dumps(values)


def _short(values: Mapping[str, object]) -> dict[str, object]:
    return {k: v[:_LONGEST_LINE] if isinstance(v, str) else v for k, v in values.items()}


def _now() -> int:
    return int(time.time() * 1000)
