"""Which run is current: the process's, or in a thread or task that of a ``with`` block.

The recorder takes part as the observer: it says which cell is running, opens implicit runs, and
decides which open run a new one may replace.
"""

from __future__ import annotations

import os
import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol
from weakref import WeakKeyDictionary

from nbtrail.tracking import inheritance

if TYPE_CHECKING:
    from nbtrail.entities import LoggedModel
    from nbtrail.tracking.run import ActiveRun


class Observer(Protocol):
    """What the recorder does for the runs of a notebook."""

    def open_run(self) -> ActiveRun:
        """Open the implicit run that a first result asks for."""

    def makes_way(self, current: ActiveRun) -> bool:
        """End `current` if a run that starts now may replace it; say whether it was."""

    def started(self, run: ActiveRun) -> None:
        """Take note of a run that the user's code started."""

    def ended(self, run: ActiveRun) -> None:
        """Take note of a run that the user's code ended; called while it is still RUNNING."""


class _Process:
    """What is the same for the whole process: its open runs, one observer, the running cell.

    `last` is the run that ended last; `left` has the threads that were alive when theirs ended;
    `settled` says that this process has looked for a run to inherit. `logged_model` is the model
    that it has logged last.
    """

    def __init__(self) -> None:
        self.runs: list[ActiveRun] = []
        self.last: ActiveRun | None = None
        self.left: WeakKeyDictionary[threading.Thread, ActiveRun] = WeakKeyDictionary()
        self.settled = False
        self.observer: Observer | None = None
        self.execution: int | None = None
        self.logged_model: LoggedModel | None = None
        inheritance.withdraw()

    @property
    def run(self) -> ActiveRun | None:
        """The run that was started last and is open."""
        return self.runs[-1] if self.runs else None

    def add(self, run: ActiveRun) -> None:
        """Make a run that of the process, and of the child processes to come."""
        self.runs.append(run)
        self._bequeath()

    def _bequeath(self) -> None:
        left = self.run
        if left is None:
            inheritance.bequeath(run=None, run_uri=None)
        else:
            inheritance.bequeath(run=left.run_id, run_uri=left.store.uri)

    def forget(self, run: ActiveRun) -> None:
        """Take a run off the open ones."""
        self.last = run
        if run in self.runs:
            self.runs = [other for other in self.runs if other is not run]
            here = {threading.current_thread(), threading.main_thread()}
            self.left.update((thread, run) for thread in {*threading.enumerate()} - here)
            self._bequeath()


process = _Process()
override: ContextVar[ActiveRun | None] = ContextVar("nbtrail_run", default=None)


def active_run() -> ActiveRun | None:
    """Return the current run of this thread or task, or None."""
    run = override.get()
    while run is not None:
        if not run.ended:
            return run
        run = run.below  # in a task, after the `with` that it was started in
    runs = process.runs
    return runs[-1] if runs else None


def _after_fork() -> None:
    # A child runs no cells: its parent's recorder is not to be asked.
    process.observer = None


os.register_at_fork(after_in_child=_after_fork)
