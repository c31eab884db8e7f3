"""The current run: the process's, overridden inside ``with`` for that thread or task.

The recorder takes part as the observer: it says which cell is running, opens implicit runs, and
decides which open run a new one may replace.
"""

from __future__ import annotations

import threading
import time
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Protocol

from nbtrail import config
from nbtrail.artifacts import ArtifactRepository
from nbtrail.entities import Param, ParamOrigin, Run, RunData, RunInfo, RunKind, Status
from nbtrail.errors import InvalidState, InvalidValue
from nbtrail.store import Store
from nbtrail.tracking import context, names
from nbtrail.tracking.place import place


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
    """What is the same for the whole process: one run, one observer, the running cell."""

    run: ActiveRun | None = None
    last_run_id: str | None = None
    observer: Observer | None = None
    execution: int | None = None


process = _Process()
_override: ContextVar[ActiveRun | None] = ContextVar("nbtrail_run", default=None)


class ActiveRun:
    """A run that is being recorded; leaving its ``with`` block ends it.

    Args:
        store: where it is recorded.
        info: as the store gave it.
        borrowed: another process owns it and will end it.

    Attributes:
        logged_in: the last execution that logged something.
        outcome: how the run's last cell ended; what an open run ends as with the process.
    """

    def __init__(self, store: Store, info: RunInfo, borrowed: bool = False) -> None:
        self.store = store
        self.run_id = info.run_id
        self.kind: RunKind = info.kind
        self.borrowed = borrowed
        self.logged_in: int | None = None
        self.outcome: tuple[Status, str | None] = ("FINISHED", None)
        self._info = info
        self._series: dict[str, int] = {}
        self._process_run: ActiveRun | None = None
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
        number, at = _number(key, value), _step(step)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = self.store.metrics.series_id(self.run_id, key)
        execution = self.logged_in = process.execution
        self.store.log_point(
            series, execution, at, timestamp or time.time_ns() // 1_000_000, number
        )

    def log_params(self, params: dict[str, Any], origin: ParamOrigin = "explicit") -> None:
        """Record params in one transaction."""
        self.logged_in = process.execution
        records = [
            Param(str(key), str(value), value, origin, process.execution)
            for key, value in params.items()
        ]
        self.store.runs.log_params(self.run_id, records)

    def set_tags(self, tags: dict[str, Any]) -> None:
        """Set tags in one transaction."""
        self.store.runs.set_tags(self.run_id, {str(k): str(v) for k, v in tags.items()})

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
        if process.observer is not None:
            process.observer.ended(self)
        if not self.borrowed:
            self.store.drain()
            self.store.runs.end(self.run_id, status, error)
        process.last_run_id = self.run_id
        if process.run is self:
            process.run = self._process_run
        if _override.get() is self:
            _override.set(self._overridden)

    def make_current(self) -> None:
        """Be the process's run; in a thread other than the main one, that thread's."""
        if threading.current_thread() is threading.main_thread():
            self._process_run, process.run = process.run, self
        else:
            self._override_current()

    def _override_current(self) -> None:
        self._overridden = _override.get()
        _override.set(self)

    def __enter__(self) -> ActiveRun:
        if process.run is self:
            process.run = self._process_run
            self._override_current()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if active_run() is self:
            self.end(*outcome(error))


def outcome(error: BaseException | None) -> tuple[Status, str | None]:
    """Return the status and the one-line reason that an exception (or none) gives a run."""
    if error is None:
        return "FINISHED", None
    line = f"{type(error).__name__}: {error}".split("\n", 1)[0]
    return ("KILLED" if isinstance(error, KeyboardInterrupt) else "FAILED"), line[:500]


def active_run() -> ActiveRun | None:
    """Return the current run of this thread or task, or None."""
    return _override.get() or process.run


def last_active_run() -> Run | None:
    """Return the current run, or the one that ended last in this process, or None."""
    current = active_run()
    run_id = current.run_id if current else process.last_run_id
    if run_id is None:
        return None
    store = current.store if current else place.store()
    store.drain()
    return store.runs.get(run_id)


def require_run() -> ActiveRun:
    """Return the current run; without one, start one (in a notebook, an implicit one)."""
    current = active_run()
    if current is None:
        current = process.observer.open_run() if process.observer is not None else start_run()
    # Whoever requires a run is about to log a result of the running cell.
    current.logged_in = process.execution
    return current


def start_run(
    run_id: str | None = None,
    experiment_id: str | None = None,
    run_name: str | None = None,
    nested: bool = False,
    parent_run_id: str | None = None,
    tags: dict[str, Any] | None = None,
    description: str | None = None,
) -> ActiveRun:
    """Start a run, or go on with the one whose `run_id` is given, and make it current.

    Args:
        run_id: an existing run to resume.
        experiment_id: where a new run goes; else the current experiment.
        run_name: else one is made up.
        nested: allow this while a run is active, which becomes the parent.
        parent_run_id: the parent of a new run.
        tags: tags of a new run.
        description: a note, kept as the tag ``mlflow.note.content``.

    Returns:
        the run, to be used in ``with`` or ended by `end_run`.

    Raises:
        InvalidState: a run is active and `nested` is not given.
        NotFound: there is no such run or experiment.
    """
    current = _make_way(nested)
    asked = run_id or (config.run_id() if current is None and not process.last_run_id else None)
    if current is not None and current.borrowed and not (nested or run_id):
        return _lend(current)
    if asked:
        run = _resume(asked, borrowed=run_id is None)
    else:
        given = {str(key): str(value) for key, value in (tags or {}).items()}
        parent = parent_run_id or (current.run_id if current else None)
        if parent:
            given["mlflow.parentRunId"] = parent
        if description:
            given["mlflow.note.content"] = description
        run = create_run("explicit", experiment_id, run_name, given)
    run.make_current()
    if process.observer is not None:
        process.observer.started(run)
    return run


def create_run(
    kind: RunKind,
    experiment_id: str | None = None,
    run_name: str | None = None,
    tags: dict[str, str] | None = None,
) -> ActiveRun:
    """Record a new run of this process without making it current."""
    store = place.store()
    name = run_name or names.run_name()
    run = store.runs.create(
        experiment_id or place.experiment_id(),
        name,
        kind,
        context.notebook_path(),
        {**context.source_tags(name), **(tags or {})},
        context.user(),
    )
    return ActiveRun(store, run.info)


def adopt_run(run_id: str) -> ActiveRun:
    """Make current a run that another process started, owns and will end."""
    run = _resume(run_id, borrowed=True)
    run.make_current()
    return run


def _make_way(nested: bool) -> ActiveRun | None:
    """Return the run that becomes the parent; end those that may be replaced.

    Only the main thread is told that a run is active already: another thread that starts
    one without nesting gets its own.
    """
    current = active_run()
    if current is None or current.borrowed:
        return current
    if process.observer is not None and process.observer.makes_way(current):
        return _make_way(nested)
    if nested:
        return current
    if threading.current_thread() is not threading.main_thread() and _override.get() is None:
        return None
    raise InvalidState(
        f"Run with UUID {current.run_id} is already active. To start a new run, first end the "
        "current run with nbtrail.end_run(). To start a nested run, call start_run with nested=True"
    )


def _lend(current: ActiveRun) -> ActiveRun:
    """Hand out the run that this process was started for; its owner is the one to end it."""
    run = ActiveRun(current.store, current.info, borrowed=True)
    run.make_current()
    return run


def _resume(run_id: str, *, borrowed: bool) -> ActiveRun:
    store = place.store()
    store.drain()
    info = store.runs.get(run_id).info
    if info.lifecycle_stage != "active":
        raise InvalidValue(f"The run '{run_id}' is deleted; restore it before you go on with it.")
    if not borrowed:
        store.runs.reopen(run_id)
    return ActiveRun(store, info, borrowed)


def _step(step: int | None) -> int:
    if step is None:
        return 0
    try:
        whole = int(step)
    except (TypeError, ValueError, OverflowError):
        raise InvalidValue(f"A metric's step must be an integer, not {step!r:.80}.") from None
    if not -(2**63) <= whole < 2**63:
        raise InvalidValue(f"A metric's step must fit 64 bits; {whole} does not.")
    return whole


def _number(key: str, value: Any) -> float:
    if isinstance(value, str | bytes):
        raise InvalidValue(_NOT_A_NUMBER.format(key=key, value=value))
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        raise InvalidValue(_NOT_A_NUMBER.format(key=key, value=value)) from None


_NOT_A_NUMBER = "The metric '{key}' needs a number, not {value!r:.80}. Text goes into log_param."


def close_at_exit(error: BaseException | None) -> None:
    """End the runs that the process leaves open; an implicit one is ended after each cell.

    In a notebook the last cell's end says how; else `error`, which ended the process.
    """
    while (run := process.run) is not None and run.kind == "explicit":
        run.end(*(outcome(error) if error is not None else run.outcome))
