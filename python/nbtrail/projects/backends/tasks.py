"""A trial as the task of a cluster: on a worker, executed by a process of its own.

Only a process can be interrupted; the cluster's own may have other tasks.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from nbtrail.errors import NbtrailError
from nbtrail.projects.backends.messages import Order, Told
from nbtrail.projects.backends.processes import Processes
from nbtrail.projects.backends.protocol import Assignment, Event
from nbtrail.store import open_store

PERIOD = 0.5  # seconds between looks of a task at whether it is to stop
# Ray kills the children of a task whose client is gone. The process is one of a shell instead: it
# finds that nobody listens any more, and ends what it executes.
_ASIDE = ("sh", "-c", '"$@"; exit "$?"', "sh")


@dataclass(frozen=True)
class Work:
    """What all tasks of a pool need to know: an `Assignment` in plain data."""

    store: str
    target: str
    entry_point: str | None
    log: Path
    directory: str

    @classmethod
    def of(cls, assignment: Assignment) -> Self:
        """Return the work of an assignment."""
        return cls(
            assignment.store.uri,
            assignment.target,
            assignment.entry_point,
            assignment.log.absolute(),
            os.getcwd(),  # noqa: PTH109 - what relative paths are relative to
        )


def executed(
    work: Work, trial: int, order: Order, is_to_stop: Callable[[str | None], bool]
) -> Event:
    """Execute a trial in a process; return how it has ended.

    Args:
        work: what the tasks of its pool have in common.
        trial: its number.
        order: what its run is called, and what it is given.
        is_to_stop: is asked again and again, and told the trial's run as soon as there is one.
    """
    store = open_store(work.store, create=False)
    assignment = Assignment(store, work.target, work.entry_point, 1, work.log)
    command = (*_ASIDE, *assignment.command())
    with closing(Processes(assignment, command, work.directory)) as pool:
        pool.begin(trial, order)
        while True:
            if ended := pool.events(PERIOD):
                return ended[0]
            if is_to_stop(pool.running[trial]):
                pool.stop(trial)


def failed(trial: int, run_id: str | None, error: BaseException) -> Event:
    """Return what became of a trial whose task raised."""
    why = str(error) if isinstance(error, NbtrailError) else f"{type(error).__name__}: {error}"
    return Event(trial, Told("failed", run_id, why))
