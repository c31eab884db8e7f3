"""Anything that can be run, executed as a job in a process of its own, and a handle to it."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from nbtrail import config
from nbtrail.entities import Job, JobRun, JobState, Record, Run, Task
from nbtrail.errors import ExecutionFailed, InvalidValue
from nbtrail.projects import sources
from nbtrail.projects.asked import Asked, options_of
from nbtrail.projects.background import jobs
from nbtrail.projects.finding import found
from nbtrail.projects.grid import combinations
from nbtrail.projects.works import NotebookWork
from nbtrail.store import Store
from nbtrail.tracking import context, current_store

_PERIOD = 0.1  # seconds between looks
_ENDED = frozenset({"finished", "failed", "stopped"})


class Progress(Record, frozen=True):
    """How far a run has come: cells (of a pipeline: steps), and what is executed just now."""

    done: int
    total: int | None
    now: str | None


class Handle:
    """Something that is executed in a process of its own; it goes on when this one ends.

    Args:
        store: where it is recorded.
        job_id: the job that it is; see `nbtrail jobs`.
    """

    def __init__(self, store: Store, job_id: str) -> None:
        self._store = store
        self.job_id = job_id

    def __repr__(self) -> str:
        return f"<Handle job={self.job_id} status={self.status} run_id={self.run_id}>"

    @property
    def run_id(self) -> str | None:
        """The id of its run, as soon as there is the run."""
        return self._row().run_id

    @property
    def status(self) -> JobState:
        """`queued`, `running`, `finished`, `failed` or `stopped`."""
        return self._row().state

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        row = self._row()
        return Progress(row.cells_done, row.cells_total, row.cell)

    def logs(self) -> str:
        """Return what it has told so far: what starts, and what that prints."""
        text, offset = "", 0
        while True:
            piece = jobs.read_log(self._store, self.job_id, offset)
            text, offset = text + piece.text, piece.offset
            if offset >= piece.size or not piece.text:
                return text

    def cancel(self) -> None:
        """Ask for its end; it interrupts what runs, and `wait` waits for that."""
        self._store.jobs.stop(self.job_id)

    def wait(self, timeout: float | None = None) -> Run:
        """Return the run when it has ended.

        Args:
            timeout: seconds after which it is enough.

        Raises:
            ExecutionFailed: it did not get to its end, or was stopped.
            TimeoutError: it still goes on.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while (row := self._row()).state not in _ENDED:
            if until is not None and time.monotonic() >= until:
                raise TimeoutError(f"The job {self.job_id} is still {row.state}.")
            time.sleep(_PERIOD)
        if row.state != "finished" or row.run_id is None:
            why = row.error or f"The job {self.job_id} was stopped."
            raise ExecutionFailed(why, row.run_id or "")
        return self._store.runs.get(row.run_id)

    def _row(self) -> JobRun:
        self._store.drain()  # which tells of a supervisor that died
        return self._store.jobs.run(self.job_id, 1)


def submit(
    asked: Asked, target: str, entry_point: str | None = None, version: str | None = None
) -> Handle:
    """Have something executed in the background, checked now.

    Raises:
        NotFound, InvalidValue: the target or a parameter is not as it must be; nothing was
            queued.
    """
    store = asked.store or current_store()
    return Handle(store, queue(store, task_of(asked, target, entry_point, version)).job_id)


def task_of(asked: Asked, target: str, entry_point: str | None, version: str | None) -> Task:
    """Return what is to be queued, checked.

    Raises:
        NotFound, InvalidValue: the target or a parameter is not as it must be.
    """
    if not asked.delivery.records:
        raise InvalidValue("What runs in the background is recorded: wait for it, or track it.")
    with found(asked, target, entry_point, version) as work:
        name = asked.run_name or _shown(target)
        notebook = work.plan.path if isinstance(work, NotebookWork) else None
        if sources.is_here(target):
            target = str(Path(target).absolute())
        output = work.plan.delivery.output if isinstance(work, NotebookWork) else None
        asked = replace(asked, delivery=replace(asked.delivery, output=output))
    options = {
        **options_of(asked),
        "parameters": {},
        "experiment": asked.experiment or config.experiment_name(),
        "target": target,
        "entry_point": entry_point,
        "version": version,
        "directory": os.getcwd(),  # noqa: PTH109 - what relative paths are relative to
    }
    [parameters] = combinations(asked.parameters, None)
    return Task(name, str(notebook) if notebook else None, asked.experiment, options, parameters)


def queue(store: Store, task: Task) -> Job:
    """Have a task executed, as soon as its turn comes."""
    job = created(store, task)
    jobs.wake(store)
    return job


def created(store: Store, task: Task) -> Job:
    """Put a task into the queue, without seeing to it that somebody works that off."""
    return store.jobs.create(
        "project",
        task.name,
        [task.parameters],
        notebook=task.notebook,
        experiment=task.experiment,
        options=task.options,
        user=context.user(),
    )


def _shown(target: str) -> str:
    place = target
    with suppress(ValueError):
        place = Path(target).absolute().name if sources.is_here(target) else target
    return place.rstrip("/").rpartition("/")[2] or target
