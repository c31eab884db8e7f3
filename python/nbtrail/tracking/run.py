"""A run that is being recorded, and which one is current: the process's, or that of a ``with``.

The recorder takes part as the observer: it says which cell is running, opens implicit runs, and
decides which open run a new one may replace.
"""

from __future__ import annotations

import os
import threading
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Protocol

from nbtrail.artifacts import ArtifactRepository
from nbtrail.entities import Param, ParamOrigin, Run, RunData, RunInfo, RunKind, Status
from nbtrail.store import Store
from nbtrail.tracking import checks
from nbtrail.tracking.failures import in_one_line


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
    """What is the same for the whole process: its open runs, one observer, the running cell."""

    def __init__(self) -> None:
        self.runs: list[ActiveRun] = []
        self.last_run_id: str | None = None
        self.observer: Observer | None = None
        self.execution: int | None = None

    @property
    def run(self) -> ActiveRun | None:
        """The run that was started last and is open."""
        return self.runs[-1] if self.runs else None

    def forget(self, run: ActiveRun) -> None:
        """Take a run off the open ones."""
        self.last_run_id = run.run_id
        self.runs = [other for other in self.runs if other is not run]


process = _Process()
override: ContextVar[ActiveRun | None] = ContextVar("nbtrail_run", default=None)


class ActiveRun:
    """A run that is being recorded; leaving its ``with`` block ends it.

    Args:
        store: where it is recorded.
        info: as the store gave it.
        borrowed: another process owns it and will end it.

    Attributes:
        logged_in: the last execution that logged something.
        outcome: how the run's last cell ended; what an open run ends as with the process.
        entered: it is a ``with`` block's, and other tasks may have theirs beside it.
    """

    def __init__(self, store: Store, info: RunInfo, borrowed: bool = False) -> None:
        self.store = store
        self.run_id = info.run_id
        self.kind: RunKind = info.kind
        self.borrowed = borrowed
        self.logged_in: int | None = None
        self.outcome: tuple[Status, str | None] = ("FINISHED", None)
        self._info = info
        self._pid = os.getpid()
        self._series: dict[str, int] = {}
        self.entered = False
        self._overridden: ActiveRun | None = None

    def __repr__(self) -> str:
        return f"<ActiveRun {self._info.run_name} ({self.run_id})>"

    @property
    def info(self) -> RunInfo:
        """What is stored of this run now."""
        return self._stored().info

    @property
    def data(self) -> RunData:
        """Metrics, params and tags that are stored of this run now."""
        return self._stored().data

    @property
    def name(self) -> str:
        """The run's name."""
        return self._info.run_name

    @property
    def experiment_id(self) -> str:
        """The id of the run's experiment."""
        return self._info.experiment_id

    def _stored(self) -> Run:
        self.store.drain()
        return self.store.runs.get(self.run_id)

    def log_metric(
        self, key: str, value: float, step: int | None = None, timestamp: int | None = None
    ) -> None:
        """Record one metric point; see `nbtrail.log_metric`."""
        number = checks.number(key, value)
        at, moment = checks.step(step), checks.timestamp(timestamp)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = self.store.metrics.series_id(self.run_id, key)
        execution = self.logged_in = process.execution
        self.store.log_point(series, execution, at, moment, number)

    def log_params(self, params: dict[str, Any], origin: ParamOrigin = "explicit") -> None:
        """Record params in one transaction."""
        records = [
            Param(str(key), str(value), value, origin, process.execution)
            for key, value in params.items()
        ]
        self.store.runs.log_params(self.run_id, records)
        self.logged_in = process.execution

    def set_tags(self, tags: dict[str, Any]) -> None:
        """Set tags in one transaction."""
        self.store.runs.set_tags(self.run_id, {str(k): str(v) for k, v in tags.items()})
        self.logged_in = process.execution

    def write_artifact(self, path: str, data: bytes) -> None:
        """Keep a file."""
        self.artifacts.write(path, data)
        self.logged_in = process.execution

    def upload_artifact(self, local: str | os.PathLike[str], path: str = "") -> None:
        """Keep a local file, or what is in a directory, in the folder `path`."""
        self.artifacts.upload(local, path)
        self.logged_in = process.execution

    @property
    def artifacts(self) -> ArtifactRepository:
        """The run's artifacts."""
        return ArtifactRepository(self._info.artifact_uri)

    @property
    def metric_keys(self) -> set[str]:
        """The metrics that were logged through this object."""
        return set(self._series)

    def end(self, status: Status = "FINISHED", error: str | None = None) -> None:
        """Give the run its final status, unless another process owns it.

        What was current before it is current again.
        """
        after_fork = self._pid != os.getpid()
        if process.observer is not None and not after_fork:
            process.observer.ended(self)
        if not self.borrowed and not after_fork:
            self.store.drain()
            self.store.runs.end(self.run_id, status, error)
        process.forget(self)
        if override.get() is self:
            override.set(self._overridden)

    def make_current(self) -> None:
        """Be the process's run; in a thread other than the main one, only that one's."""
        main = threading.current_thread() is threading.main_thread()
        if main:
            process.runs.append(self)
        if not main or override.get() is not None:
            self._override_current()

    def _override_current(self) -> None:
        self._overridden = override.get()
        override.set(self)

    def __enter__(self) -> ActiveRun:
        self.entered = True
        if override.get() is not self:
            self._override_current()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for run in self._opened_within():
            run.end(*outcome(error))

    def _opened_within(self) -> list[ActiveRun]:
        """Return the open runs of this ``with`` block, innermost first; none if it has ended."""
        found: list[ActiveRun] = []
        run = override.get()
        while run is not None:
            found.append(run)
            if run is self:
                return found
            run = run._overridden
        return []


def outcome(error: BaseException | None) -> tuple[Status, str | None]:
    """Return the status and the one-line reason that an exception (or none) gives a run."""
    if error is None or (isinstance(error, SystemExit) and not error.code):
        return "FINISHED", None
    status: Status = "KILLED" if isinstance(error, KeyboardInterrupt) else "FAILED"
    return status, in_one_line(error)


def active_run() -> ActiveRun | None:
    """Return the current run of this thread or task, or None."""
    return override.get() or process.run
