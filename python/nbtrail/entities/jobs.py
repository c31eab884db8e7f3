"""Jobs: what is executed in the background."""

from __future__ import annotations

from typing import Any, Literal

from nbtrail.entities.base import Record

JobKind = Literal["notebook", "reproduction", "rerun", "project", "sweep"]
JobState = Literal["queued", "running", "finished", "failed", "stopped"]


class JobRun(Record, frozen=True):
    """One execution of a job, which is a run once it has started.

    `position` counts from 1. `cell` is the first line of the cell that runs, `outcome` that of a
    reproduction, or the best value of a sweep so far. Of a sweep, `cells_done` and `cells_total`
    count its trials. Its process has `pid` while it runs.
    """

    position: int
    parameters: dict[str, Any]
    state: JobState
    run_id: str | None = None
    cells_done: int = 0
    cells_total: int | None = None
    cell: str | None = None
    started: int | None = None
    ended: int | None = None
    outcome: str | None = None
    error: str | None = None
    pid: int | None = None


class Job(Record, frozen=True):
    """Something to execute, once or for several sets of parameters.

    `notebook` is the path of a file, `target` the run that is executed once more. `options` are
    what else belongs to the kind of job. At most `parallel` of its runs go on at once. `counts`
    are its runs by state; `cells_total` counts those of the runs that have started. `outcome` is
    that of its run, where there is one.
    """

    job_id: str
    kind: JobKind
    name: str
    notebook: str | None
    target: str | None
    experiment: str | None
    options: dict[str, Any]
    parallel: int | None
    user: str
    state: JobState
    stopping: bool
    created: int
    started: int | None
    ended: int | None
    error: str | None
    counts: dict[str, int]
    cells_done: int
    cells_total: int
    outcome: str | None
